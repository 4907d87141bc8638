// sshd_config(5) as sshd would take it for any user, without running sshd: the first value of a
// keyword counts, Include is followed, and what a Match block says for some users alone is left
// out.
//
// Threads: one at a time.
#ifndef HOMEPORT_CLI_DOCTOR_SSHD_CONFIG_H_
#define HOMEPORT_CLI_DOCTOR_SSHD_CONFIG_H_

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace homeport::doctor {

class SshdConfig {
 public:
  // Reads /etc/ssh/sshd_config under `root`, which is put before every path. Files that cannot be
  // read are left out, as are those included more than 16 deep.
  explicit SshdConfig(const std::string& root);

  // Whether there is a configuration at all.
  bool found() const { return found_; }
  // The files that could not be read although they are there.
  const std::vector<std::string>& unreadable() const { return unreadable_; }

  // The keyword's arguments, joined by single spaces; `otherwise` if it is not set. Keywords are
  // known in any case.
  std::string Value(absl::string_view keyword, absl::string_view otherwise) const;
  // The same of a yes-or-no keyword.
  bool IsYes(absl::string_view keyword, bool otherwise) const;

 private:
  // `active` is whether the lines count; false inside of a Match block.
  void ReadFrom(const std::string& path, int depth, bool active);
  void ReadLine(absl::string_view line, int depth, bool& active);
  void Include(const std::vector<std::string>& patterns, int depth, bool active);

  const std::string root_;
  bool found_ = false;
  std::map<std::string, std::string> values_;  // by keyword in lower case
  std::vector<std::string> unreadable_;
};

// The words of one line: separated by blanks, the keyword also by one '=', quoted by double quotes;
// a comment ends them.
std::vector<std::string> SplitConfigLine(absl::string_view line);

}  // namespace homeport::doctor

#endif  // HOMEPORT_CLI_DOCTOR_SSHD_CONFIG_H_
