// Service-account tokens as Kubernetes makes them, and keys to sign them with; for tests.
//
// Threads: any.
#ifndef HOMEPORT_COORDINATOR_IDENTITY_TEST_TOKENS_H_
#define HOMEPORT_COORDINATOR_IDENTITY_TEST_TOKENS_H_

#include <openssl/evp.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "coordinator/identity/token_claims.h"
#include "nlohmann/json.hpp"

namespace homeport {

std::string Base64Url(absl::string_view bytes);

class SigningKey {
 public:
  enum class Kind { kRsa, kP256 };

  explicit SigningKey(std::string id, Kind kind = Kind::kRsa, int rsa_bits = 2048);

  const std::string& id() const { return id_; }
  std::string algorithm() const { return kind_ == Kind::kRsa ? "RS256" : "ES256"; }
  // RFC 7518, 6.
  nlohmann::json Jwk() const;
  std::string PublicPem() const;
  // RFC 7518, 3.3 and 3.4.
  std::string Sign(const std::string& text) const;

 private:
  std::string Number(const char* name, int size) const;

  std::string id_;
  Kind kind_;
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_;
};

std::string KeySetJson(const std::vector<const SigningKey*>& keys);

inline constexpr char kTestIssuer[] = "https://kubernetes.default.svc.cluster.local";

// The payload of a token for that pod, good for an hour from `now`.
nlohmann::json TokenPayload(const PodIdentity& pod, absl::Time now);
// A header as Kubernetes': algorithm and key, no type.
nlohmann::json TokenHeader(const SigningKey& key);
std::string MakeToken(const SigningKey& key, const nlohmann::json& header,
                      const nlohmann::json& payload);
inline std::string MakeToken(const SigningKey& key, const nlohmann::json& payload) {
  return MakeToken(key, TokenHeader(key), payload);
}

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_IDENTITY_TEST_TOKENS_H_
