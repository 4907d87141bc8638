#include "cli/openssh/user_config.h"

#include <cstddef>
#include <optional>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

namespace homeport {
namespace {

constexpr char kBeginMark[] = "# BEGIN homeport";
constexpr char kEndMark[] = "# END homeport";
constexpr char kFirstLine[] =
    "# BEGIN homeport: made by homeport config-ssh, which replaces what is between these lines";

// Where the block is: bytes, its last line break included.
struct Range {
  size_t begin = 0;
  size_t end = 0;
};

struct Line {
  absl::string_view text;  // without white space around it
  size_t begin = 0;
  size_t end = 0;  // behind its line break
};

std::vector<Line> SplitLines(absl::string_view config) {
  std::vector<Line> lines;
  size_t begin = 0;
  while (begin < config.size()) {
    const size_t line_break = config.find('\n', begin);
    const size_t end = line_break == config.npos ? config.size() : line_break + 1;
    lines.push_back({absl::StripAsciiWhitespace(config.substr(begin, end - begin)), begin, end});
    begin = end;
  }
  return lines;
}

absl::Status Mangled(size_t line, absl::string_view what) {
  return absl::FailedPreconditionError(
      absl::StrCat("line ", line, " of your ssh config: ", what,
                   "; nothing was written. Take homeport's block, from \"", kBeginMark, "\" to \"",
                   kEndMark, "\", out by hand and run this again"));
}

// In any home that the block may have been made for.
bool IsOurInclude(absl::string_view line) {
  return absl::StartsWith(line, "Include ") &&
         absl::EndsWith(absl::StripSuffix(line, "\""), "homeport/config");
}

// None if there is no block. Lines are counted from 1.
absl::StatusOr<std::optional<Range>> FindBlock(const std::vector<Line>& lines) {
  std::optional<Range> found;
  size_t open = 0;  // the line of the begin, 0 outside
  for (size_t i = 0; i < lines.size(); ++i) {
    const bool begins = absl::StartsWith(lines[i].text, kBeginMark);
    const bool ends = absl::StartsWith(lines[i].text, kEndMark);
    if (begins && (open != 0 || found.has_value())) {
      return Mangled(i + 1, "homeport's block begins a second time");
    }
    if (ends && open == 0) return Mangled(i + 1, "homeport's block ends without a beginning");
    if (begins) open = i + 1;
    if (ends) {
      found = Range{lines[open - 1].begin, lines[i].end};
      open = 0;
    }
    if (open != 0 && !begins && !lines[i].text.empty() && !IsOurInclude(lines[i].text)) {
      return Mangled(i + 1, "somebody wrote into homeport's block");
    }
  }
  if (open != 0) return Mangled(open, "homeport's block begins and has no end");
  return found;
}

bool IsKeyword(absl::string_view line, absl::string_view keyword) {
  return absl::StartsWithIgnoreCase(line, keyword) &&
         (line.size() == keyword.size() || line[keyword.size()] == '=' ||
          line[keyword.size()] == '"' ||
          absl::ascii_isspace(static_cast<unsigned char>(line[keyword.size()])));
}

bool IsBehindAHost(const std::vector<Line>& lines, const Range& block) {
  for (const Line& line : lines) {
    if (line.begin >= block.begin) return false;
    if (IsKeyword(line.text, "Host") || IsKeyword(line.text, "Match")) return true;
  }
  return false;
}

// With the line breaks that the file has.
std::string BlockFor(absl::string_view config, absl::string_view file) {
  const size_t first = config.find('\n');
  const bool crlf = first != config.npos && first > 0 && config[first - 1] == '\r';
  const std::string block = absl::StrCat(kFirstLine, "\nInclude ", file, "\n", kEndMark, "\n");
  return crlf ? absl::StrReplaceAll(block, {{"\n", "\r\n"}}) : block;
}

std::string Without(absl::string_view config, const Range& block) {
  return absl::StrCat(config.substr(0, block.begin), config.substr(block.end));
}

}  // namespace

std::string IncludedAs(const std::string& path, absl::string_view account_home) {
  if (path == absl::StrCat(absl::StripSuffix(account_home, "/"), "/.ssh/homeport/config")) {
    return "homeport/config";
  }
  return absl::StrContains(path, ' ') ? absl::StrCat("\"", path, "\"") : path;
}

absl::StatusOr<std::string> WithHomeportBlock(absl::string_view config, absl::string_view file) {
  const std::vector<Line> lines = SplitLines(config);
  const absl::StatusOr<std::optional<Range>> found = FindBlock(lines);
  if (!found.ok()) return found.status();
  const std::string block = BlockFor(config, file);
  if (!found->has_value()) return absl::StrCat(block, config);
  const Range& range = **found;
  if (IsBehindAHost(lines, range)) return absl::StrCat(block, Without(config, range));
  return absl::StrCat(config.substr(0, range.begin), block, config.substr(range.end));
}

absl::StatusOr<std::string> WithoutHomeportBlock(absl::string_view config) {
  const absl::StatusOr<std::optional<Range>> found = FindBlock(SplitLines(config));
  if (!found.ok()) return found.status();
  if (!found->has_value()) return std::string(config);
  return Without(config, **found);
}

}  // namespace homeport
