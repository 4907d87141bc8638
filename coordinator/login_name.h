// What the user name of an SSH sign-in may mean: `workspace`, `user/workspace` or `user-workspace`.
//
// Threads: any.
#ifndef HOMEPORT_COORDINATOR_LOGIN_NAME_H_
#define HOMEPORT_COORDINATOR_LOGIN_NAME_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace homeport {

// "The user `owner` has a workspace `workspace`": one reading of a login name.
struct LoginReading {
  std::string owner;
  std::string workspace;
};

// All readings of `login` for the user `user`, to be held against the records; at most one of them
// is a real workspace unless the name is ambiguous. INVALID_ARGUMENT, with a sentence for the
// person, if it cannot name a workspace at all. `login` comes from a client: it may hold anything.
absl::StatusOr<std::vector<LoginReading>> ReadLoginName(absl::string_view login,
                                                        absl::string_view user);

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_LOGIN_NAME_H_
