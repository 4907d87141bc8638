#include "coordinator/kubernetes_flags.h"

#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "base/address.h"

namespace homeport {
namespace {

// Where Kubernetes puts a pod's own (kubernetes.io, "Accessing the Kubernetes API from a Pod").
constexpr char kOwnCa[] = "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt";
constexpr char kOwnToken[] = "/var/run/secrets/kubernetes.io/serviceaccount/token";

// The API server, as a pod is told; empty outside of one.
std::string OwnApi() {
  const char* host = std::getenv("KUBERNETES_SERVICE_HOST");
  const char* port = std::getenv("KUBERNETES_SERVICE_PORT");
  if (host == nullptr || *host == '\0') return "";
  const int number = port == nullptr ? 443 : std::atoi(port);
  return absl::StrCat("https://", FormatHostPort({host, number}));
}

}  // namespace

void KubernetesFlags::AddTo(Flags& flags) {
  flags
      .Add(
          "--kubernetes_tokens", tokens_,
          "Whether pods sign in with projected service-account tokens: off; review (the API server "
          "says whether one is good); keys (the cluster's published keys do)")
      ->check(CLI::IsMember({"off", "review", "keys"}));
  flags.Add("--kubernetes_api", options_.api.url,
            "The API server, https://host:port; empty for that of the pod that this runs in");
  flags.Add("--kubernetes_ca", options_.api.ca_file,
            "CA of the API server, PEM; empty for the pod's");
  flags.Add("--kubernetes_token_file", options_.api.token_file,
            "Token to ask the API server with, read anew each time; empty for the pod's");
  flags.Add("--kubernetes_audience", options_.audience, "Audience that tokens must be for");
  flags.Add("--kubernetes_issuer", options_.issuer,
            "Issuer that tokens must be of; empty for what the API server says");
  flags.Add("--kubernetes_keys", options_.keys,
            "Published keys (JSON web key set), a file or https://…; empty for the API server's");
  flags.Add("--kubernetes_proxy_service_account", options_.proxy_service_account,
            "Service account whose pods are proxies, NAMESPACE/NAME; empty for none");
  flags.Add("--kubernetes_recheck", options_.recheck,
            "How often the pod of an agent that is connected is looked at");
}

absl::Status KubernetesFlags::Complete(KubernetesOptions& options) const {
  options = options_;
  if (tokens_ == "off") {
    if (options.proxy_service_account.empty()) return absl::OkStatus();
    return absl::InvalidArgumentError(
        "--kubernetes_proxy_service_account goes with --kubernetes_tokens=review or keys");
  }
  options.tokens =
      tokens_ == "keys" ? KubernetesOptions::Tokens::kKeys : KubernetesOptions::Tokens::kReview;
  if (options.recheck < absl::Seconds(1)) {
    return absl::InvalidArgumentError("--kubernetes_recheck must be at least 1s");
  }
  if (options.tokens == KubernetesOptions::Tokens::kReview && !options.keys.empty()) {
    return absl::InvalidArgumentError("--kubernetes_keys goes with --kubernetes_tokens=keys");
  }
  if (options.api.url.empty()) options.api.url = OwnApi();
  if (options.api.url.empty()) {
    return absl::InvalidArgumentError(
        "--kubernetes_tokens needs --kubernetes_api, since this is not in a pod of Kubernetes'");
  }
  if (options.api.ca_file.empty()) options.api.ca_file = kOwnCa;
  if (options.api.token_file.empty()) options.api.token_file = kOwnToken;
  return absl::OkStatus();
}

}  // namespace homeport
