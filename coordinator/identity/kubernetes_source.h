// A KubernetesIdentity with all that it needs, as the coordinator's flags describe it.
//
// Threads: Make from one; the identity is for any.
#ifndef HOMEPORT_COORDINATOR_IDENTITY_KUBERNETES_SOURCE_H_
#define HOMEPORT_COORDINATOR_IDENTITY_KUBERNETES_SOURCE_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "coordinator/identity/https_client.h"
#include "coordinator/identity/kubernetes_api.h"
#include "coordinator/identity/kubernetes_identity.h"
#include "coordinator/store/store.h"

namespace homeport {

struct KubernetesOptions {
  enum class Tokens {
    kOff,     // none are taken
    kReview,  // the API server says whether one is good
    kKeys,    // the cluster's published keys do
  };

  Tokens tokens = Tokens::kOff;
  KubernetesApi::Options api;
  std::string audience = "homeport";
  std::string issuer;                 // empty: as the API server says
  std::string keys;                   // a file, or https://…; empty: the API server's
  std::string proxy_service_account;  // NAMESPACE/NAME; empty: proxies have credentials
  // How often a connected agent's pod is looked at.
  absl::Duration recheck = absl::Minutes(5);
};

class KubernetesSource {
 public:
  // INVALID_ARGUMENT names the option that cannot be used. Null for kOff. `store` outlives the
  // source; `on_result` is KubernetesIdentity's.
  static absl::StatusOr<std::unique_ptr<KubernetesSource>> Make(
      const KubernetesOptions& options, Store& store,
      std::function<void(absl::string_view result)> on_result);

  KubernetesIdentity& identity() { return *identity_; }

 private:
  KubernetesSource() = default;

  absl::StatusOr<std::unique_ptr<TokenVerifier>> MakeVerifier(const KubernetesOptions& options);

  std::unique_ptr<KubernetesApi> api_;
  std::unique_ptr<HttpsClient> keys_client_;  // of keys at a URL
  std::unique_ptr<KubernetesIdentity> identity_;
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_IDENTITY_KUBERNETES_SOURCE_H_
