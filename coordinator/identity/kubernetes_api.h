// What the coordinator asks a Kubernetes API server: whose a token is, what a pod is, and which
// keys the cluster signs tokens with.
//
// It signs in with a token of its own, from a file that is read anew for each call, because the
// kubelet replaces it.
//
// Threads: any; blocks for at most Options::patience.
#ifndef HOMEPORT_COORDINATOR_IDENTITY_KUBERNETES_API_H_
#define HOMEPORT_COORDINATOR_IDENTITY_KUBERNETES_API_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "coordinator/identity/https_client.h"
#include "coordinator/identity/token_claims.h"

namespace homeport {

// A pod as far as it matters here.
struct PodFacts {
  std::string uid;
  std::string service_account;
  std::string owner;      // label homeport.dev/owner
  std::string workspace;  // label homeport.dev/workspace
  bool ending = false;    // it is being deleted, or its containers have ended
};

class KubernetesApi {
 public:
  struct Options {
    std::string url;         // https://host:port
    std::string ca_file;     // PEM
    std::string token_file;  // what to show; empty: nothing
    absl::Duration patience = absl::Seconds(5);
    absl::Duration pause = absl::Seconds(1);  // as HttpsClient's
  };

  // INVALID_ARGUMENT for a URL that cannot be used.
  static absl::StatusOr<std::unique_ptr<KubernetesApi>> Make(const Options& options);

  // TokenReview. UNAUTHENTICATED if the token is not good, or not for the audience; UNAVAILABLE if
  // the API server does not say.
  absl::StatusOr<PodIdentity> ReviewToken(absl::string_view token, absl::string_view audience);
  // NOT_FOUND if there is none of that name; UNAVAILABLE if the API server does not say.
  absl::StatusOr<PodFacts> GetPod(const PodIdentity& pod);
  // The issuer of the cluster's tokens, and its keys (a JSON web key set). UNAVAILABLE likewise.
  absl::StatusOr<std::string> PublishedIssuer();
  absl::StatusOr<std::string> PublishedKeys();

 private:
  KubernetesApi(const Options& options, HttpsClient::Options https)
      : token_file_(options.token_file), https_(std::move(https)) {}

  // The body of a good answer. NOT_FOUND for status 404, UNAVAILABLE for all others.
  absl::StatusOr<std::string> Ask(std::string path, std::string body = "");

  const std::string token_file_;
  HttpsClient https_;
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_IDENTITY_KUBERNETES_API_H_
