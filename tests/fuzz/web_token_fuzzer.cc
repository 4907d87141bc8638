// What calls itself a service-account token, whole and as its payload alone.
#include <cstdlib>

#include "coordinator/identity/token_claims.h"
#include "coordinator/identity/web_token.h"

namespace {

void Require(bool condition) {
  if (!condition) abort();
}

// What passes leads to a pod of its namespace, and to nothing else in a path.
void CheckTaken(const homeport::TokenClaims& claims) {
  const homeport::PodIdentity& pod = claims.pod;
  for (const std::string* name : {&pod.name_space, &pod.service_account, &pod.pod}) {
    Require(homeport::IsKubernetesName(*name) && !name->empty() && name->size() <= 253);
    Require(name->find('/') == name->npos && name->find("..") == name->npos);
  }
  Require(!pod.pod_uid.empty());
  Require(claims.expire_time < absl::InfiniteFuture());
  Require(!homeport::CheckTokenClaims(claims, "", "homeport", absl::InfiniteFuture()).ok());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto token = homeport::ParseWebToken(bytes); token.ok()) {
    Require(size <= homeport::kLongestWebToken);
    Require(!token->algorithm.empty() && !token->key_id.empty());
    Require(bytes.substr(0, token->signed_text.size()) == token->signed_text);
    Require(!homeport::ParseWebToken(std::string(bytes) + ".").ok());
    Require(!homeport::ParseWebToken(std::string(bytes) + "=").ok());
    if (const auto claims = homeport::ReadTokenClaims(token->payload); claims.ok()) {
      CheckTaken(*claims);
    }
  }
  if (const auto claims = homeport::ReadTokenClaims(bytes); claims.ok()) CheckTaken(*claims);
  return 0;
}
