// The accounts of this machine. The session's own user is who the environment says (HOME, USER), as
// in images whose user has no line in /etc/passwd.
//
// Threads: one at a time.
#ifndef HOMEPORT_AGENT_SFTP_SYSTEM_ACCOUNTS_H_
#define HOMEPORT_AGENT_SFTP_SYSTEM_ACCOUNTS_H_

#include <functional>
#include <optional>
#include <string>
#include <unordered_map>

#include "agent/sftp/accounts.h"

namespace homeport::agent::sftp {

class SystemAccounts : public Accounts {
 public:
  // The name stays where it is until the next call.
  const std::string& UserName(uid_t id) override;
  const std::string& GroupName(gid_t id) override;
  std::optional<std::string> HomeOf(const std::string& user) override;

 private:
  using Cache = std::unordered_map<uint32_t, std::string>;
  static const std::string& Remember(Cache& cache, uint32_t id,
                                     const std::function<std::string()>& look_up);

  Cache users_;
  Cache groups_;
};

}  // namespace homeport::agent::sftp

#endif  // HOMEPORT_AGENT_SFTP_SYSTEM_ACCOUNTS_H_
