// What a caller may ask for.
#ifndef HOMEPORT_CLI_WHO_SEES_H_
#define HOMEPORT_CLI_WHO_SEES_H_

#include <algorithm>

#include "proto/homeport/v1/user.pb.h"

namespace homeport {

// Whether the token may ask for everybody's workspaces and sessions, and not only for its user's.
inline bool SeesEverybodys(const v1::Caller& caller) {
  // An older coordinator says only what the user may.
  const auto& roles = caller.roles_size() > 0 ? caller.roles() : caller.user().roles();
  return std::any_of(roles.begin(), roles.end(), [](int role) {
    return role == v1::ROLE_SITE_MANAGER || role == v1::ROLE_AUDITOR;
  });
}

}  // namespace homeport

#endif  // HOMEPORT_CLI_WHO_SEES_H_
