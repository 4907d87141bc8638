// Who calls AdminService: a person, with what the call's token may do at most.
#ifndef HOMEPORT_COORDINATOR_CALLER_H_
#define HOMEPORT_COORDINATOR_CALLER_H_

#include <string>

#include "coordinator/store/records.h"

namespace homeport {

// The roles that a token may be limited to (TokenDetails), and how the audit calls them.
inline constexpr char kRoleMember[] = "member";
inline constexpr char kRoleAuditor[] = "auditor";
inline constexpr char kRoleSiteManager[] = "site-manager";

struct Caller {
  UserRecord user;
  CredentialRecord token;
  // The user's roles, or fewer if the token is limited. Site managers may do what auditors may.
  bool site_manager = false;
  bool auditor = false;
  std::string address;  // where the call came from, host:port
};

// Whether the token may do less than its user. It must not be a way to more.
inline bool IsLimited(const Caller& caller) {
  return caller.site_manager != caller.user.site_manager || caller.auditor != caller.user.auditor;
}

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_CALLER_H_
