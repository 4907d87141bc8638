// Whose credential a call shows.
//
// Threads: any; blocks, since it asks the store.
#ifndef HOMEPORT_COORDINATOR_AUTHENTICATOR_H_
#define HOMEPORT_COORDINATOR_AUTHENTICATOR_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "coordinator/store/store.h"

namespace homeport {

// UNAUTHENTICATED for a missing, malformed or unknown credential, PERMISSION_DENIED for a good one
// of another kind.
class Authenticator {
 public:
  explicit Authenticator(Store& store) : store_(store) {}

  absl::StatusOr<UserRecord> User(absl::string_view token);
  absl::StatusOr<WorkspaceRecord> Workspace(absl::string_view token);
  absl::Status Proxy(absl::string_view token);

 private:
  absl::StatusOr<CredentialRecord> Verify(absl::string_view token, CredentialKind wanted);

  Store& store_;
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_AUTHENTICATOR_H_
