// Where the doctor is: this machine's files, account, environment and agent, or made-up ones.
//
// Threads: any, once made.
#ifndef HOMEPORT_CLI_DOCTOR_SURROUNDINGS_H_
#define HOMEPORT_CLI_DOCTOR_SURROUNDINGS_H_

#include <sys/types.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace homeport::doctor {

// A line of /etc/passwd.
struct Account {
  std::string user;
  std::string home;
  std::string shell;
};

// The agent of this workspace, as its process shows it.
struct AgentRun {
  int pid = 0;
  std::map<std::string, std::string> flags;  // without the dashes: "status_file"; also those it has
                                             // from its environment
};

struct Surroundings {
  std::string root;  // goes before every path; empty for the machine's own
  uid_t uid = 0;
  std::map<std::string, std::string> environment;
  std::string program;  // this program's own path
  absl::Time now;
  std::string openssh_address = "127.0.0.1:22";  // unless the agent was told another

  static Surroundings Here();

  // "" if it is not set.
  std::string Variable(const std::string& name) const;
  bool CanExecute(const std::string& path) const;
  // Of the uid; none if it has no line.
  std::optional<Account> FindAccount() const;
  std::optional<AgentRun> FindAgent() const;
  // Whether this is the inside of a workspace: an agent runs, the bundle is mounted, or the
  // environment is a workspace's.
  bool IsWorkspace() const;
};

}  // namespace homeport::doctor

#endif  // HOMEPORT_CLI_DOCTOR_SURROUNDINGS_H_
