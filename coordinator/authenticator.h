// Whose credential a call shows.
//
// Workspaces' agents and proxies may show a service-account token of Kubernetes' instead of a
// credential of Homeport's, if there is a KubernetesIdentity.
//
// Threads: any; blocks, since it asks the store. Where MayBlock says so it may block for seconds.
#ifndef HOMEPORT_COORDINATOR_AUTHENTICATOR_H_
#define HOMEPORT_COORDINATOR_AUTHENTICATOR_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "coordinator/caller.h"
#include "coordinator/identity/kubernetes_identity.h"
#include "coordinator/store/store.h"

namespace homeport {

// Whose agent calls, and by what.
struct AgentCaller {
  WorkspaceRecord workspace;
  std::string credential_id;  // of a credential of Homeport's; empty: it has shown a pod's token
  std::optional<PodIdentity> pod;  // of a pod's token
};

// UNAUTHENTICATED for a missing, malformed, unknown or expired credential, and for one of a
// suspended user's; PERMISSION_DENIED for a good one of another kind.
class Authenticator {
 public:
  // `kubernetes` may be null.
  explicit Authenticator(Store& store, KubernetesIdentity* kubernetes = nullptr)
      : store_(store), kubernetes_(kubernetes) {}

  // The address is left empty.
  absl::StatusOr<Caller> User(absl::string_view token);
  // `trust` is about tokens of Kubernetes'; the store is always asked.
  absl::StatusOr<AgentCaller> Agent(absl::string_view token, Trust trust = Trust::kLately);
  absl::Status Proxy(absl::string_view token, Trust trust = Trust::kLately);

  // Whether Agent or Proxy would have to ask Kubernetes.
  bool MayBlock(absl::string_view token, Trust trust = Trust::kLately) const;

 private:
  absl::StatusOr<CredentialRecord> Verify(absl::string_view token, CredentialKind wanted);

  bool IsPodToken(absl::string_view token) const;

  Store& store_;
  KubernetesIdentity* const kubernetes_;
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_AUTHENTICATOR_H_
