#include "coordinator/identity/kubernetes_api.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/file.h"
#include "base/logging.h"
#include "coordinator/identity/json_fields.h"

namespace homeport {
namespace {

constexpr char kOwnerLabel[] = "homeport.dev/owner";
constexpr char kWorkspaceLabel[] = "homeport.dev/workspace";
constexpr char kPodName[] = "authentication.kubernetes.io/pod-name";
constexpr char kPodUid[] = "authentication.kubernetes.io/pod-uid";
// The kubelet's have about 1 KiB.
constexpr size_t kLongestOwnTokenBytes = 64 << 10;

absl::Status Unreadable() {
  return absl::UnavailableError("Kubernetes' API server answered what cannot be read");
}

std::string OnlyText(const nlohmann::json& object, const char* name) {
  std::vector<std::string> texts = JsonTexts(object, name);
  return texts.size() == 1 ? std::move(texts.front()) : "";
}

bool Contains(const std::vector<std::string>& texts, absl::string_view wanted) {
  return std::find(texts.begin(), texts.end(), wanted) != texts.end();
}

// "system:serviceaccount:NAMESPACE:NAME".
bool ReadUserName(absl::string_view name, PodIdentity& pod) {
  if (!absl::ConsumePrefix(&name, "system:serviceaccount:")) return false;
  const std::vector<std::string> parts = absl::StrSplit(name, ':');
  if (parts.size() != 2) return false;
  pod.name_space = parts[0];
  pod.service_account = parts[1];
  return true;
}

}  // namespace

absl::StatusOr<std::unique_ptr<KubernetesApi>> KubernetesApi::Make(const Options& options) {
  const absl::StatusOr<HttpsClient::Place> place = HttpsClient::ParseUrl(options.url);
  if (!place.ok()) return place.status();
  if (!place->path.empty() && place->path != "/") {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", options.url, "\" must be https://host[:port] without a path"));
  }
  HttpsClient::Options https;
  https.host = place->host;
  https.port = place->port;
  https.ca_file = options.ca_file;
  https.patience = options.patience;
  https.pause = options.pause;
  return std::unique_ptr<KubernetesApi>(new KubernetesApi(options, std::move(https)));
}

absl::StatusOr<std::string> KubernetesApi::Ask(std::string path, std::string body) {
  HttpRequest request;
  request.path = std::move(path);
  request.body = std::move(body);
  if (!token_file_.empty()) {
    const absl::StatusOr<std::string> token = ReadFile(token_file_, kLongestOwnTokenBytes);
    if (!token.ok()) return absl::UnavailableError(token.status().message());
    request.bearer = std::string(absl::StripAsciiWhitespace(*token));
  }
  absl::StatusOr<HttpAnswer> answer = https_.Call(request);
  if (!answer.ok()) return answer.status();
  if (answer->status == 200 || answer->status == 201) return std::move(answer->body);
  if (answer->status == 404) return absl::NotFoundError("Kubernetes has none of that name");
  // 401 and 403 are about the coordinator's own service account.
  return absl::UnavailableError(absl::StrCat("Kubernetes' API server answered ", answer->status,
                                             " to ", request.body.empty() ? "GET " : "POST ",
                                             request.path));
}

absl::StatusOr<PodIdentity> KubernetesApi::ReviewToken(absl::string_view token,
                                                       absl::string_view audience) {
  const nlohmann::json review = {{"apiVersion", "authentication.k8s.io/v1"},
                                 {"kind", "TokenReview"},
                                 {"spec",
                                  {{"token", std::string(token)},
                                   {"audiences", nlohmann::json::array({std::string(audience)})}}}};
  absl::StatusOr<std::string> body =
      Ask("/apis/authentication.k8s.io/v1/tokenreviews",
          review.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace));
  if (absl::IsNotFound(body.status())) return Unreadable();
  if (!body.ok()) return body.status();
  const std::optional<nlohmann::json> answer = ParseJsonObject(*body);
  if (!answer.has_value() || JsonText(*answer, "kind") != "TokenReview") return Unreadable();
  const nlohmann::json& status = JsonField(*answer, "status");
  const nlohmann::json& authenticated = JsonField(status, "authenticated");
  if (!authenticated.is_boolean() || !authenticated.get<bool>()) {
    return absl::UnauthenticatedError(
        absl::StrCat("Kubernetes does not know the token: ", Printable(JsonText(status, "error"))));
  }
  // An API server that knows nothing of audiences names none, and has looked at none.
  if (!Contains(JsonTexts(status, "audiences"), audience)) {
    return absl::UnauthenticatedError("Kubernetes says that the token is for another audience");
  }
  const nlohmann::json& user = JsonField(status, "user");
  const nlohmann::json& extra = JsonField(user, "extra");
  PodIdentity pod;
  if (!ReadUserName(JsonText(user, "username"), pod)) {
    return absl::UnauthenticatedError("Kubernetes says that the token is no service account's");
  }
  pod.pod = OnlyText(extra, kPodName);
  pod.pod_uid = OnlyText(extra, kPodUid);
  return pod;
}

absl::StatusOr<PodFacts> KubernetesApi::GetPod(const PodIdentity& pod) {
  if (!IsKubernetesName(pod.name_space) || !IsKubernetesName(pod.pod)) {
    return absl::NotFoundError("no pod can have that name");
  }
  absl::StatusOr<std::string> body =
      Ask(absl::StrCat("/api/v1/namespaces/", pod.name_space, "/pods/", pod.pod));
  if (!body.ok()) return body.status();
  const std::optional<nlohmann::json> answer = ParseJsonObject(*body);
  if (!answer.has_value() || JsonText(*answer, "kind") != "Pod") return Unreadable();
  const nlohmann::json& metadata = JsonField(*answer, "metadata");
  const nlohmann::json& labels = JsonField(metadata, "labels");
  PodFacts facts;
  facts.uid = JsonText(metadata, "uid");
  facts.service_account = JsonText(JsonField(*answer, "spec"), "serviceAccountName");
  facts.owner = JsonText(labels, kOwnerLabel);
  facts.workspace = JsonText(labels, kWorkspaceLabel);
  const std::string phase = JsonText(JsonField(*answer, "status"), "phase");
  facts.ending =
      !JsonText(metadata, "deletionTimestamp").empty() || phase == "Succeeded" || phase == "Failed";
  return facts;
}

absl::StatusOr<std::string> KubernetesApi::PublishedIssuer() {
  absl::StatusOr<std::string> body = Ask("/.well-known/openid-configuration");
  if (!body.ok()) return absl::UnavailableError(body.status().message());
  const std::optional<nlohmann::json> answer = ParseJsonObject(*body);
  std::string issuer = answer.has_value() ? JsonText(*answer, "issuer") : "";
  if (issuer.empty()) return Unreadable();
  return issuer;
}

absl::StatusOr<std::string> KubernetesApi::PublishedKeys() {
  absl::StatusOr<std::string> body = Ask("/openid/v1/jwks");
  if (!body.ok()) return absl::UnavailableError(body.status().message());
  return body;
}

}  // namespace homeport
