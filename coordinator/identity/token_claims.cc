#include "coordinator/identity/token_claims.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/dns_label.h"
#include "coordinator/identity/json_fields.h"

namespace homeport {
namespace {

constexpr size_t kLongestName = 253;
constexpr size_t kLongestUid = 64;

absl::Status Refused(absl::string_view what) {
  return absl::UnauthenticatedError(absl::StrCat("the token ", what));
}

bool IsUid(absl::string_view uid) {
  return !uid.empty() && uid.size() <= kLongestUid &&
         std::all_of(uid.begin(), uid.end(), [](char c) {
           return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-';
         });
}

absl::StatusOr<PodIdentity> ReadPod(const nlohmann::json& claims) {
  const nlohmann::json& kubernetes = JsonField(claims, "kubernetes.io");
  const nlohmann::json& pod = JsonField(kubernetes, "pod");
  PodIdentity identity;
  identity.name_space = JsonText(kubernetes, "namespace");
  identity.service_account = JsonText(JsonField(kubernetes, "serviceaccount"), "name");
  identity.pod = JsonText(pod, "name");
  identity.pod_uid = JsonText(pod, "uid");
  if (!IsDnsLabel(identity.name_space) || !IsKubernetesName(identity.service_account)) {
    return Refused("names no service account of Kubernetes'");
  }
  if (!IsKubernetesName(identity.pod) || !IsUid(identity.pod_uid)) {
    return Refused("is bound to no pod");
  }
  const std::string subject =
      absl::StrCat("system:serviceaccount:", identity.name_space, ":", identity.service_account);
  if (JsonText(claims, "sub") != subject) return Refused("names two different subjects");
  return identity;
}

}  // namespace

bool operator==(const PodIdentity& a, const PodIdentity& b) {
  return a.name_space == b.name_space && a.service_account == b.service_account && a.pod == b.pod &&
         a.pod_uid == b.pod_uid;
}

std::string DescribePod(const PodIdentity& pod) {
  return absl::StrCat("pod=", pod.name_space, "/", pod.pod,
                      " service_account=", pod.service_account);
}

bool IsKubernetesName(absl::string_view name) {
  if (name.size() > kLongestName) return false;
  const std::vector<absl::string_view> labels = absl::StrSplit(name, '.');
  return std::all_of(labels.begin(), labels.end(), [](absl::string_view label) {
    // A pod's label may be longer than DNS allows.
    return !label.empty() && label.front() != '-' && label.back() != '-' &&
           std::all_of(label.begin(), label.end(), [](char c) {
             return absl::ascii_islower(static_cast<unsigned char>(c)) ||
                    absl::ascii_isdigit(static_cast<unsigned char>(c)) || c == '-';
           });
  });
}

absl::StatusOr<TokenClaims> ReadTokenClaims(absl::string_view payload) {
  const std::optional<nlohmann::json> json = ParseJsonObject(payload);
  if (!json.has_value()) return Refused("has a payload that is no JSON object");
  TokenClaims claims;
  claims.issuer = JsonText(*json, "iss");
  claims.audiences = JsonTexts(*json, "aud");
  const std::optional<absl::Time> expires = JsonTime(*json, "exp");
  if (!expires.has_value()) return Refused("does not say until when it is good");
  claims.expire_time = *expires;
  claims.start_time = absl::UnixEpoch();
  for (const char* name : {"nbf", "iat"}) {
    if (!json->contains(name)) continue;
    const std::optional<absl::Time> start = JsonTime(*json, name);
    if (!start.has_value()) return Refused("does not say since when it is good");
    claims.start_time = std::max(claims.start_time, *start);
  }
  absl::StatusOr<PodIdentity> pod = ReadPod(*json);
  if (!pod.ok()) return pod.status();
  claims.pod = *std::move(pod);
  return claims;
}

absl::Status CheckTokenClaims(const TokenClaims& claims, absl::string_view issuer,
                              absl::string_view audience, absl::Time now) {
  if (!issuer.empty() && claims.issuer != issuer) return Refused("is another issuer's");
  if (std::find(claims.audiences.begin(), claims.audiences.end(), audience) ==
      claims.audiences.end()) {
    return Refused("is for another audience");
  }
  if (claims.expire_time + kClockLeeway <= now) return Refused("has expired");
  if (claims.start_time - kClockLeeway > now) return Refused("is not good yet");
  return absl::OkStatus();
}

}  // namespace homeport
