// The agent's block in a text file of the user's: what the file is to hold, given what it holds.
//
//   START                  a comment line, exactly
//   explanatory lines      comment lines, exactly
//   …                      the body
//   END                    a comment line, exactly
//
// Lines outside the block stay byte for byte, in their order, whatever they hold: CR, NUL, no final
// newline. A file without a block gets one at its beginning: there, what the user has written wins
// (sshd takes the last value of a variable), and a last line without a newline needs none.
//
// Whose line is it?
// - From START to the next END, with no other START between: ours, all of it, as the text says.
//   Of several such blocks the first place is kept.
// - START without END (half-written, or END was deleted by hand): START, the explanatory lines and
//   the blank line behind them are ours. Of the lines that follow directly, those are ours that are
//   exactly what we write now or that BlockStyle::whose knows for ours, and a last line that was
//   cut off before it says anything. Others are kept, the user's perhaps: the new block is put
//   behind those that BlockStyle::whose takes for what an older block may have held, so that it
//   wins, and the search ends at the first foreign line.
// - END without START: a marker of ours, taken away.
// A marker that an editor has given a CR or blanks at its end is still one.
//
// So no line is lost that the user wrote outside the markers, and a block that is whole is written
// again as it is.
//
// Threads: any.
#ifndef HOMEPORT_AGENT_FILES_MANAGED_BLOCK_H_
#define HOMEPORT_AGENT_FILES_MANAGED_BLOCK_H_

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace homeport::agent {

// A line in a block that has no end.
enum class Whose { kOurs, kPerhapsOurs, kForeign };

struct BlockStyle {
  absl::string_view start;
  std::array<absl::string_view, 2> explanation;
  absl::string_view end;
  bool blank_lines = false;  // one before and one behind the body
  Whose (*whose)(absl::string_view line) = nullptr;
};

// ~/.ssh/environment: the markers that people know. Old values cannot be told from the user's own,
// so that no assignment is certainly ours.
const BlockStyle& EnvironmentBlockStyle();
// ~/.ssh/authorized_keys. A key whose comment says that it is Homeport's is ours: one that was
// taken from the owner must not stay because a marker was lost.
const BlockStyle& KeysBlockStyle();

// The content with the block in it. `body` holds lines without their newlines; none is a marker.
std::string WithBlock(absl::string_view content, const BlockStyle& style,
                      const std::vector<std::string>& body);

// What stands between the first whole block's markers, and where. `found` is false without one.
struct BlockPlace {
  bool found = false;
  size_t begin = 0;  // of START
  size_t end = 0;    // behind END's newline
};
BlockPlace FindBlock(absl::string_view content, const BlockStyle& style);

}  // namespace homeport::agent

#endif  // HOMEPORT_AGENT_FILES_MANAGED_BLOCK_H_
