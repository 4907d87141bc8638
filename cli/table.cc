#include "cli/table.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "cli/terminal_text.h"

namespace homeport {

void Table::AddRow(std::vector<std::string> cells) {
  for (std::string& cell : cells) cell = cell.empty() ? "-" : TerminalSafe(cell);
  rows_.push_back(std::move(cells));
}

std::string Table::Format() const {
  std::vector<size_t> widths;
  for (const std::vector<std::string>& row : rows_) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], CountCharacters(row[i]));
    }
  }
  std::string text;
  for (const std::vector<std::string>& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) {
      absl::StrAppend(&text, row[i]);
      if (i + 1 == row.size()) break;
      text.append(widths[i] - CountCharacters(row[i]) + 2, ' ');
    }
    absl::StrAppend(&text, "\n");
  }
  return text;
}

}  // namespace homeport
