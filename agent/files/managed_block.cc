#include "agent/files/managed_block.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace homeport::agent {
namespace {

constexpr char kKeyCommentPrefix[] = "homeport:";
// So much of a comment line of ours is no line of somebody else's.
constexpr size_t kTellingLength = 12;

struct Line {
  absl::string_view whole;  // with its newline, if it has one
  absl::string_view text;   // without newline and without blanks at its end
};

class LineReader {
 public:
  explicit LineReader(absl::string_view content, size_t position = 0)
      : content_(content), position_(position) {}

  bool AtEnd() const { return position_ == content_.size(); }
  size_t position() const { return position_; }
  Line Next() {
    const size_t newline = content_.find('\n', position_);
    const size_t end = newline == absl::string_view::npos ? content_.size() : newline + 1;
    Line line;
    line.whole = content_.substr(position_, end - position_);
    line.text = line.whole;
    while (!line.text.empty() &&
           absl::string_view("\n\r\t ").find(line.text.back()) != absl::string_view::npos) {
      line.text.remove_suffix(1);
    }
    position_ = end;
    return line;
  }

 private:
  absl::string_view content_;
  size_t position_;
};

// Behind the END that belongs to the START at whose end `from` is; npos without one.
size_t EndOfBlock(absl::string_view content, size_t from, const BlockStyle& style) {
  LineReader reader(content, from);
  while (!reader.AtEnd()) {
    const absl::string_view text = reader.Next().text;
    if (text == style.end) return reader.position();
    if (text == style.start) break;
  }
  return absl::string_view::npos;
}

bool IsName(absl::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  });
}

Whose OfEnvironment(absl::string_view line) {
  const size_t equals = line.find('=');
  return equals != absl::string_view::npos && IsName(line.substr(0, equals)) ? Whose::kPerhapsOurs
                                                                             : Whose::kForeign;
}

Whose OfKeys(absl::string_view line) {
  const size_t type_end = line.find(' ');
  if (type_end == absl::string_view::npos) return Whose::kForeign;
  const size_t blob_end = line.find(' ', type_end + 1);
  return blob_end != absl::string_view::npos &&
                 absl::StartsWith(line.substr(blob_end + 1), kKeyCommentPrefix)
             ? Whose::kOurs
             : Whose::kForeign;
}

// Puts together what stays and where the block goes.
class Repair {
 public:
  Repair(absl::string_view content, const BlockStyle& style, const std::vector<std::string>& body)
      : reader_(content),
        content_(content),
        style_(style),
        body_(body),
        written_(body.begin(), body.end()) {}

  std::string Run() {
    while (!reader_.AtEnd()) {
      const Line line = reader_.Next();
      if (line.text == style_.start) {
        TakeBlock();
      } else if (line.text != style_.end) {
        Keep(line);
      }
    }
    const size_t place = whole_ != kNowhere ? whole_ : broken_ != kNowhere ? broken_ : 0;
    const bool needs_newline = place > 0 && kept_[place - 1] != '\n';
    kept_.insert(place, absl::StrCat(needs_newline ? "\n" : "", Block()));
    return std::move(kept_);
  }

 private:
  static constexpr size_t kNowhere = std::string::npos;

  void Keep(const Line& line) { kept_.append(line.whole.data(), line.whole.size()); }

  void TakeBlock() {
    const size_t end = EndOfBlock(content_, reader_.position(), style_);
    if (end == absl::string_view::npos) {
      TakeBrokenBlock();
    } else {
      if (whole_ == kNowhere) whole_ = kept_.size();
      reader_ = LineReader(content_, end);
    }
  }

  void TakeBrokenBlock() {
    bool explained = false;  // the line before was an explanatory one
    while (!reader_.AtEnd()) {
      const LineReader before = reader_;
      const Line line = reader_.Next();
      const bool blank_of_ours = line.text.empty() && explained && style_.blank_lines;
      explained = std::find(style_.explanation.begin(), style_.explanation.end(), line.text) !=
                  style_.explanation.end();
      if (explained || blank_of_ours || IsOurs(line)) continue;
      if (line.text == style_.start || line.text == style_.end ||
          style_.whose(line.text) == Whose::kForeign) {
        reader_ = before;
        break;
      }
      Keep(line);
    }
    if (broken_ == kNowhere) broken_ = kept_.size();
  }

  bool IsOurs(const Line& line) const {
    if (line.text.empty()) return false;
    if (style_.whose(line.text) == Whose::kOurs) return true;
    absl::string_view exact = line.whole;
    const bool cut_off = !absl::ConsumeSuffix(&exact, "\n");
    absl::ConsumeSuffix(&exact, "\r");
    return written_.count(exact) != 0 || (cut_off && IsBeginning(exact));
  }
  // Whether it is the beginning of a line that we write, and nothing of worth without the rest.
  bool IsBeginning(absl::string_view text) const {
    if (text.size() >= kTellingLength) {
      for (const absl::string_view line : style_.explanation) {
        if (absl::StartsWith(line, text)) return true;
      }
      if (absl::StartsWith(style_.end, text)) return true;
    }
    if (text.find_first_of("= ") != absl::string_view::npos) return false;
    return std::any_of(body_.begin(), body_.end(),
                       [&](const std::string& line) { return absl::StartsWith(line, text); });
  }

  std::string Block() const {
    std::string block = absl::StrCat(style_.start, "\n");
    for (const absl::string_view line : style_.explanation) absl::StrAppend(&block, line, "\n");
    const absl::string_view gap = style_.blank_lines ? "\n" : "";
    block.append(gap.data(), gap.size());
    for (const std::string& line : body_) absl::StrAppend(&block, line, "\n");
    absl::StrAppend(&block, gap, style_.end, "\n");
    return block;
  }

  LineReader reader_;
  const absl::string_view content_;
  const BlockStyle& style_;
  const std::vector<std::string>& body_;
  const absl::flat_hash_set<absl::string_view> written_;  // body_
  std::string kept_;
  size_t whole_ = kNowhere;   // where in `kept_` the first whole block was
  size_t broken_ = kNowhere;  // where the first broken one ended
};

}  // namespace

const BlockStyle& EnvironmentBlockStyle() {
  static constexpr BlockStyle kStyle = {
      "# --------- START CODER ENVIRONMENT VARIABLES ----------",
      {"# The following has been auto-generated at workspace startup",
       "# You should not hand-edit this section unless you are deleting it."},
      "# ----------------- END CODER -----------------------",
      true,
      OfEnvironment};
  return kStyle;
}

const BlockStyle& KeysBlockStyle() {
  static constexpr BlockStyle kStyle = {
      "# --------- START CODER SSH KEYS ----------",
      {"# The following is written by the workspace's agent (homeport-agent): the owner's keys.",
       "# You should not hand-edit this section; keys of your own may stand above or below it."},
      "# --------- END CODER SSH KEYS ----------",
      false,
      OfKeys};
  return kStyle;
}

std::string WithBlock(absl::string_view content, const BlockStyle& style,
                      const std::vector<std::string>& body) {
  return Repair(content, style, body).Run();
}

BlockPlace FindBlock(absl::string_view content, const BlockStyle& style) {
  BlockPlace place;
  LineReader reader(content);
  while (!reader.AtEnd()) {
    const size_t begin = reader.position();
    if (reader.Next().text != style.start) continue;
    const size_t end = EndOfBlock(content, reader.position(), style);
    if (end == absl::string_view::npos) continue;
    place.found = true;
    place.begin = begin;
    place.end = end;
    return place;
  }
  return place;
}

}  // namespace homeport::agent
