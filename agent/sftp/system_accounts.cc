#include "agent/sftp/system_accounts.h"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <cstdlib>

namespace homeport::agent::sftp {
namespace {

// A client may ask about every number there is.
constexpr size_t kMostRemembered = 4096;

}  // namespace

const std::string& SystemAccounts::Remember(Cache& cache, uint32_t id,
                                            const std::function<std::string()>& look_up) {
  const auto known = cache.find(id);
  if (known != cache.end()) return known->second;
  if (cache.size() >= kMostRemembered) cache.clear();
  return cache.emplace(id, look_up()).first->second;
}

const std::string& SystemAccounts::UserName(uid_t id) {
  return Remember(users_, id, [id]() -> std::string {
    const passwd* account = getpwuid(id);
    return account == nullptr ? "" : account->pw_name;
  });
}

const std::string& SystemAccounts::GroupName(gid_t id) {
  return Remember(groups_, id, [id]() -> std::string {
    const group* account = getgrgid(id);
    return account == nullptr ? "" : account->gr_name;
  });
}

std::optional<std::string> SystemAccounts::HomeOf(const std::string& user) {
  const char* own_name = getenv("USER");
  const char* own_home = getenv("HOME");
  const bool own = user.empty() || (own_name != nullptr && user == own_name);
  if (own && own_home != nullptr && *own_home != '\0') return own_home;
  const passwd* account = user.empty() ? getpwuid(geteuid()) : getpwnam(user.c_str());
  if (account == nullptr) return std::nullopt;
  return account->pw_dir;
}

}  // namespace homeport::agent::sftp
