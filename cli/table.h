// Columns of text for people.
//
// Cells pass TerminalSafe() here, so callers hand over what the coordinator said as it is. Threads:
// one at a time.
#ifndef HOMEPORT_CLI_TABLE_H_
#define HOMEPORT_CLI_TABLE_H_

#include <string>
#include <vector>

namespace homeport {

class Table {
 public:
  // Without a header the table has no first line of titles.
  Table() = default;
  explicit Table(std::vector<std::string> header) { AddRow(std::move(header)); }

  // Rows may differ in length. An empty cell is shown as "-".
  void AddRow(std::vector<std::string> cells);

  // Two spaces between columns, none at the ends of lines. Empty without rows.
  std::string Format() const;

 private:
  std::vector<std::vector<std::string>> rows_;  // terminal-safe
};

}  // namespace homeport

#endif  // HOMEPORT_CLI_TABLE_H_
