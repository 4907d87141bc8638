// Whose credential a call shows.
//
// Threads: any; blocks, since it asks the store.
#ifndef HOMEPORT_COORDINATOR_AUTHENTICATOR_H_
#define HOMEPORT_COORDINATOR_AUTHENTICATOR_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "coordinator/caller.h"
#include "coordinator/store/store.h"

namespace homeport {

// UNAUTHENTICATED for a missing, malformed, unknown or expired credential, and for one of a
// suspended user's; PERMISSION_DENIED for a good one of another kind.
class Authenticator {
 public:
  explicit Authenticator(Store& store) : store_(store) {}

  // The address is left empty.
  absl::StatusOr<Caller> User(absl::string_view token);
  absl::StatusOr<WorkspaceRecord> Workspace(absl::string_view token);
  absl::Status Proxy(absl::string_view token);

 private:
  absl::StatusOr<CredentialRecord> Verify(absl::string_view token, CredentialKind wanted);

  Store& store_;
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_AUTHENTICATOR_H_
