// The account that the agent runs as: sessions sign in as it.
//
// Threads: any; look it up before threads start (getpwuid is not thread-safe).
#ifndef HOMEPORT_AGENT_ACCOUNT_H_
#define HOMEPORT_AGENT_ACCOUNT_H_

#include <string>

namespace homeport::agent {

struct Account {
  std::string user;   // never empty
  std::string home;   // "/" if the account has none
  std::string shell;  // an executable file, by its absolute path
  bool root = false;
};

// Looks the account up. Containers often run as a uid without a name: then $USER is the name, and
// without that "uid<number>". The shell is `pinned_shell` if it is not empty, else the first of the
// account's, $SHELL, /bin/bash and /bin/sh that can be executed.
Account ThisAccount(const std::string& pinned_shell);

}  // namespace homeport::agent

#endif  // HOMEPORT_AGENT_ACCOUNT_H_
