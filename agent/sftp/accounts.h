// Who the numbers and names of users are: the account database, as the server needs it.
//
// Threads: the server's only.
#ifndef HOMEPORT_AGENT_SFTP_ACCOUNTS_H_
#define HOMEPORT_AGENT_SFTP_ACCOUNTS_H_

#include <sys/types.h>

#include <optional>
#include <string>

namespace homeport::agent::sftp {

class Accounts {
 public:
  virtual ~Accounts() = default;
  // Empty if nobody has the number.
  virtual const std::string& UserName(uid_t id) = 0;
  virtual const std::string& GroupName(gid_t id) = 0;
  // The home folder of `user`, or of this process's user if that is empty.
  virtual std::optional<std::string> HomeOf(const std::string& user) = 0;
};

}  // namespace homeport::agent::sftp

#endif  // HOMEPORT_AGENT_SFTP_ACCOUNTS_H_
