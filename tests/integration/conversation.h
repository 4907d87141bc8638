// A program that a story talks to: over three pipes, or over a terminal as a person would.
//
// Threads: the test's main thread.
#ifndef HOMEPORT_TESTS_INTEGRATION_CONVERSATION_H_
#define HOMEPORT_TESTS_INTEGRATION_CONVERSATION_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/unique_fd.h"
#include "tests/integration/process.h"

namespace homeport::story {

// How a program ended; `status` as a shell's `$?`, -1 if it did not end and was killed.
struct Result {
  int status = -1;
  std::string out;
  std::string err;
};

class Conversation {
 public:
  struct Terminal {
    int rows = 24;
    int columns = 80;
    char erase = '\x7f';
    // Its size in pixels, if it tells.
    int height_pixels = 0;
    int width_pixels = 0;
  };

  // Over pipes. The command's descriptors are set here; its standard output takes this many bytes
  // that are not read, or as many as is usual.
  explicit Conversation(Process::Command command, int output_pipe_bytes = 0);
  // On a terminal of its own; what the program writes there is out().
  Conversation(Process::Command command, const Terminal& terminal);

  // Queues input.
  void Send(absl::string_view input) { absl::StrAppend(&to_send_, input); }
  // Closes the input when all of it is sent. Not for terminals.
  void CloseInput() { close_input_ = true; }
  // The terminal's new size; the kernel tells the program.
  void Resize(int rows, int columns, int height_pixels = 0, int width_pixels = 0);
  // Ends the connection of the terminal, as closing its window does.
  void HangUp();

  // Goes on until the text has come on standard output (or standard error). False, with the test
  // failed and what came instead in its message, after `limit` or when the program has ended.
  bool WaitForOutput(absl::string_view text, absl::Duration limit = absl::Seconds(20));
  bool WaitForError(absl::string_view text, absl::Duration limit = absl::Seconds(20));
  // Goes on until the program has ended and all its output is read. If it does not end, the test
  // has failed and the program is killed.
  Result WaitToEnd(absl::Duration limit = absl::Seconds(30));
  // Moves what can be moved now; waits at most `patience` for something to move.
  void Pump(absl::Duration patience);

  // What has come so far; Forget drops it, so that the next wait is for something new.
  const std::string& out() const { return out_; }
  const std::string& err() const { return err_; }
  void ForgetOutput() { out_.clear(); }

  Process& process() { return *process_; }
  // For stories that move the bytes themselves (or do not): the descriptors are the caller's from
  // now on. Non-blocking.
  UniqueFd TakeInput() { return std::move(input_); }
  UniqueFd TakeOutput() { return std::move(output_); }

 private:
  bool WaitForText(const std::string& stream, absl::string_view text, const char* where,
                   absl::Duration limit);
  void ReadInto(UniqueFd& fd, std::string& text);
  void WriteInput();

  UniqueFd input_;  // with a terminal a duplicate of output_
  UniqueFd output_;
  UniqueFd error_;
  std::string to_send_;
  bool close_input_ = false;
  std::string out_;
  std::string err_;
  std::unique_ptr<Process> process_;
};

// Runs the program with this input to its end.
Result RunToEnd(Process::Command command, absl::string_view input = "",
                absl::Duration limit = absl::Seconds(30));

}  // namespace homeport::story

#endif  // HOMEPORT_TESTS_INTEGRATION_CONVERSATION_H_
