#include "coordinator/identity/kubernetes_source.h"

#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/dns_label.h"
#include "base/file.h"
#include "coordinator/identity/published_keys.h"
#include "coordinator/identity/token_reviewer.h"

namespace homeport {
namespace {

absl::Status SplitAccount(const std::string& account, KubernetesIdentity::Options& options) {
  if (account.empty()) return absl::OkStatus();
  const std::vector<std::string> parts = absl::StrSplit(account, '/');
  if (parts.size() != 2 || !IsDnsLabel(parts[0]) || !IsKubernetesName(parts[1])) {
    return absl::InvalidArgumentError(absl::StrCat("--kubernetes_proxy_service_account: \"",
                                                   account, "\" is not NAMESPACE/NAME"));
  }
  options.proxy_name_space = parts[0];
  options.proxy_service_account = parts[1];
  return absl::OkStatus();
}

absl::Status Named(absl::string_view flag, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat(flag, ": ", status.message()));
}

}  // namespace

absl::StatusOr<std::unique_ptr<TokenVerifier>> KubernetesSource::MakeVerifier(
    const KubernetesOptions& options) {
  KubernetesApi& api = *api_;
  if (options.tokens == KubernetesOptions::Tokens::kReview) {
    return std::make_unique<TokenReviewer>(api, options.issuer, options.audience);
  }
  PublishedKeys::Source keys = [&api] { return api.PublishedKeys(); };
  if (absl::StrContains(options.keys, "://")) {
    const absl::StatusOr<HttpsClient::Place> place = HttpsClient::ParseUrl(options.keys);
    if (!place.ok()) return Named("--kubernetes_keys", place.status());
    HttpsClient::Options https;
    https.host = place->host;
    https.port = place->port;
    https.patience = options.api.patience;
    keys_client_ = std::make_unique<HttpsClient>(https);
    keys = [client = keys_client_.get(), path = place->path]() -> absl::StatusOr<std::string> {
      absl::StatusOr<HttpAnswer> answer = client->Call({path.empty() ? "/" : path, "", ""});
      if (!answer.ok()) return answer.status();
      if (answer->status == 200) return std::move(answer->body);
      return absl::UnavailableError(absl::StrCat("the keys' server answered ", answer->status));
    };
  } else if (!options.keys.empty()) {
    keys = [path = options.keys] { return ReadFile(path); };
  }
  PublishedKeys::Source issuer = [&api] { return api.PublishedIssuer(); };
  if (!options.issuer.empty()) {
    issuer = [known = options.issuer] { return absl::StatusOr<std::string>(known); };
  }
  return std::make_unique<PublishedKeys>(std::move(keys), std::move(issuer), options.audience);
}

absl::StatusOr<std::unique_ptr<KubernetesSource>> KubernetesSource::Make(
    const KubernetesOptions& options, Store& store,
    std::function<void(absl::string_view result)> on_result) {
  if (options.tokens == KubernetesOptions::Tokens::kOff) return nullptr;
  if (options.audience.empty()) {
    return absl::InvalidArgumentError("--kubernetes_audience must not be empty");
  }
  KubernetesIdentity::Options identity;
  identity.on_result = std::move(on_result);
  absl::Status status = SplitAccount(options.proxy_service_account, identity);
  if (!status.ok()) return status;
  auto source = std::unique_ptr<KubernetesSource>(new KubernetesSource);
  absl::StatusOr<std::unique_ptr<KubernetesApi>> api = KubernetesApi::Make(options.api);
  if (!api.ok()) return Named("--kubernetes_api", api.status());
  source->api_ = *std::move(api);
  absl::StatusOr<std::unique_ptr<TokenVerifier>> verifier = source->MakeVerifier(options);
  if (!verifier.ok()) return verifier.status();
  KubernetesIdentity::Sources sources;
  sources.pod = [api = source->api_.get()](const PodIdentity& pod) { return api->GetPod(pod); };
  sources.workspace = [&store](absl::string_view owner, absl::string_view name) {
    return store.GetWorkspace(owner, name);
  };
  sources.provider = [&store](absl::string_view name) { return store.GetProvider(name); };
  source->identity_ = std::make_unique<KubernetesIdentity>(*std::move(verifier), std::move(sources),
                                                           std::move(identity));
  return source;
}

}  // namespace homeport
