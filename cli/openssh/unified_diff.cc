// The diff of cli/openssh/file_change.h.
#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "cli/openssh/file_change.h"

namespace homeport {
namespace {

constexpr size_t kContextLines = 3;
// Beyond it, what is between the first and the last difference is shown as replaced: the table
// below would take too much memory.
constexpr size_t kMostCells = size_t{16} << 20;

using Lines = std::vector<absl::string_view>;

// With their line breaks, so that one that is missing is a difference too.
Lines Split(const std::optional<std::string>& text) {
  Lines lines;
  if (!text.has_value()) return lines;
  absl::string_view rest = *text;
  while (!rest.empty()) {
    const size_t line_break = rest.find('\n');
    const size_t size = line_break == rest.npos ? rest.size() : line_break + 1;
    lines.push_back(rest.substr(0, size));
    rest.remove_prefix(size);
  }
  return lines;
}

struct Edit {
  char sign;  // ' ', '-' or '+'
  absl::string_view line;
};

// The shortest edits between what differs, by the longest common subsequence.
void Compare(const Lines& before, const Lines& after, std::vector<Edit>& edits) {
  const size_t rows = before.size();
  const size_t columns = after.size();
  std::vector<uint32_t> common;  // of the rests from (row, column) on
  const bool affordable = columns == 0 || rows < kMostCells / (columns + 1);
  if (affordable) common.assign((rows + 1) * (columns + 1), 0);
  const auto cell = [&](size_t row, size_t column) -> uint32_t& {
    return common[row * (columns + 1) + column];
  };
  for (size_t row = affordable ? rows : 0; row-- > 0;) {
    for (size_t column = columns; column-- > 0;) {
      cell(row, column) = before[row] == after[column]
                              ? cell(row + 1, column + 1) + 1
                              : std::max(cell(row + 1, column), cell(row, column + 1));
    }
  }
  size_t row = 0;
  size_t column = 0;
  while (row < rows || column < columns) {
    if (affordable && row < rows && column < columns && before[row] == after[column]) {
      edits.push_back({' ', before[row++]});
      ++column;
    } else if (row < rows && (column == columns || !affordable ||
                              cell(row + 1, column) >= cell(row, column + 1))) {
      edits.push_back({'-', before[row++]});
    } else {
      edits.push_back({'+', after[column++]});
    }
  }
}

std::vector<Edit> AllEdits(Lines before, Lines after) {
  std::vector<Edit> edits;
  size_t same = 0;
  while (same < before.size() && same < after.size() && before[same] == after[same]) {
    edits.push_back({' ', before[same++]});
  }
  Lines tail;
  while (before.size() > same && after.size() > same && before.back() == after.back()) {
    tail.push_back(before.back());
    before.pop_back();
    after.pop_back();
  }
  before.erase(before.begin(), before.begin() + static_cast<std::ptrdiff_t>(same));
  after.erase(after.begin(), after.begin() + static_cast<std::ptrdiff_t>(same));
  Compare(before, after, edits);
  for (auto line = tail.rbegin(); line != tail.rend(); ++line) edits.push_back({' ', *line});
  return edits;
}

// "12,3" as in `@@ -12,3 +12,4 @@`; lines count from 1, and an empty range names the line before.
std::string RangeText(size_t lines_before, size_t count) {
  return absl::StrCat(count == 0 ? lines_before : lines_before + 1, ",", count);
}

// One hunk: the edits [begin, end), with that many lines before them in either file.
std::string Hunk(const std::vector<Edit>& edits, size_t begin, size_t end) {
  size_t skipped_old = 0;
  size_t skipped_new = 0;
  for (size_t i = 0; i < begin; ++i) {
    skipped_old += edits[i].sign != '+';
    skipped_new += edits[i].sign != '-';
  }
  size_t old_lines = 0;
  size_t new_lines = 0;
  std::string body;
  for (size_t i = begin; i < end; ++i) {
    old_lines += edits[i].sign != '+';
    new_lines += edits[i].sign != '-';
    absl::StrAppend(&body, std::string(1, edits[i].sign), edits[i].line);
    if (!absl::EndsWith(edits[i].line, "\n")) {
      absl::StrAppend(&body, "\n\\ No newline at end of file\n");
    }
  }
  return absl::StrCat("@@ -", RangeText(skipped_old, old_lines), " +",
                      RangeText(skipped_new, new_lines), " @@\n", body);
}

}  // namespace

std::string UnifiedDiff(const FileChange& change) {
  if (!change.changes()) return "";
  if (change.secret) return absl::StrCat("# ", DescribeChange(change), " (a secret)\n");
  const std::vector<Edit> edits = AllEdits(Split(change.before), Split(change.after));
  std::string text =
      absl::StrCat("--- ", change.before.has_value() ? change.path : "/dev/null", "\n+++ ",
                   change.after.has_value() ? change.path : "/dev/null", "\n");
  size_t i = 0;
  while (i < edits.size()) {
    if (edits[i].sign == ' ') {
      ++i;
      continue;
    }
    const size_t begin = i - std::min(i, kContextLines);
    size_t last = i;  // the last difference with no more than twice the context to the next
    for (size_t j = i; j < edits.size() && j <= last + 2 * kContextLines; ++j) {
      if (edits[j].sign != ' ') last = j;
    }
    const size_t end = std::min(edits.size(), last + 1 + kContextLines);
    absl::StrAppend(&text, Hunk(edits, begin, end));
    i = end;
  }
  return text;
}

}  // namespace homeport
