#include "coordinator/identity/key_set.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/param_build.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "coordinator/identity/json_fields.h"

namespace homeport {
namespace {

constexpr size_t kMostKeys = 64;
constexpr int kLeastRsaBits = 2048;
constexpr int kMostRsaBits = 8192;
constexpr size_t kMostExponentBytes = 4;
constexpr size_t kCoordinateBytes = 32;  // of P-256
constexpr char kRs256[] = "RS256";
constexpr char kEs256[] = "ES256";

using OwnedKey = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using OwnedNumber = std::unique_ptr<BIGNUM, decltype(&BN_free)>;

const unsigned char* Bytes(const std::string& text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

OwnedNumber Number(const std::string& bytes) {
  return OwnedNumber(BN_bin2bn(Bytes(bytes), static_cast<int>(bytes.size()), nullptr), BN_free);
}

// A public key from what `fill` puts into the parameters; null if OpenSSL does not take it.
template <typename Fill>
OwnedKey MakeKey(const char* type, Fill fill) {
  const std::unique_ptr<OSSL_PARAM_BLD, decltype(&OSSL_PARAM_BLD_free)> builder(
      OSSL_PARAM_BLD_new(), OSSL_PARAM_BLD_free);
  const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(
      EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr), EVP_PKEY_CTX_free);
  EVP_PKEY* key = nullptr;
  if (builder != nullptr && context != nullptr && fill(builder.get())) {
    const std::unique_ptr<OSSL_PARAM, decltype(&OSSL_PARAM_free)> parameters(
        OSSL_PARAM_BLD_to_param(builder.get()), OSSL_PARAM_free);
    if (parameters != nullptr && EVP_PKEY_fromdata_init(context.get()) == 1) {
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get());
    }
  }
  ERR_clear_error();
  return OwnedKey(key, EVP_PKEY_free);
}

OwnedKey ReadRsa(const nlohmann::json& json) {
  OwnedKey none(nullptr, EVP_PKEY_free);
  std::string modulus, exponent;
  if (!DecodeBase64Url(JsonText(json, "n"), modulus) ||
      !DecodeBase64Url(JsonText(json, "e"), exponent) || modulus.size() > kMostRsaBits / 8 + 1 ||
      exponent.size() > kMostExponentBytes) {
    return none;
  }
  const OwnedNumber n = Number(modulus), e = Number(exponent);
  if (n == nullptr || e == nullptr) return none;
  const int bits = BN_num_bits(n.get());
  const bool good = bits >= kLeastRsaBits && bits <= kMostRsaBits && BN_is_odd(n.get()) == 1 &&
                    BN_is_odd(e.get()) == 1 && BN_is_one(e.get()) == 0;
  if (!good) return none;
  return MakeKey("RSA", [&](OSSL_PARAM_BLD* builder) {
    return OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n.get()) == 1 &&
           OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e.get()) == 1;
  });
}

OwnedKey ReadP256(const nlohmann::json& json) {
  std::string x, y;
  if (JsonText(json, "crv") != "P-256" || !DecodeBase64Url(JsonText(json, "x"), x) ||
      !DecodeBase64Url(JsonText(json, "y"), y) || x.size() != kCoordinateBytes ||
      y.size() != kCoordinateBytes) {
    return OwnedKey(nullptr, EVP_PKEY_free);
  }
  // An uncompressed point; OpenSSL refuses one that is not on the curve.
  const std::string point = absl::StrCat("\4", x, y);
  return MakeKey("EC", [&](OSSL_PARAM_BLD* builder) {
    return OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) ==
               1 &&
           OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                            point.size()) == 1;
  });
}

// The two numbers of RFC 7518, 3.4 in the form that OpenSSL takes; empty if they are none.
std::string EcdsaDer(const std::string& signature) {
  if (signature.size() != 2 * kCoordinateBytes) return "";
  const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> pair(ECDSA_SIG_new(), ECDSA_SIG_free);
  OwnedNumber r = Number(signature.substr(0, kCoordinateBytes));
  OwnedNumber s = Number(signature.substr(kCoordinateBytes));
  if (pair == nullptr || r == nullptr || s == nullptr ||
      ECDSA_SIG_set0(pair.get(), r.get(), s.get()) != 1) {
    return "";
  }
  (void)r.release();  // the pair's now
  (void)s.release();
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(pair.get(), &der);
  if (size <= 0) return "";
  std::string bytes(reinterpret_cast<const char*>(der), static_cast<size_t>(size));
  OPENSSL_free(der);
  return bytes;
}

bool IsSigned(EVP_PKEY* key, const std::string& text, const std::string& signature) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        EVP_MD_CTX_free);
  const bool is = context != nullptr &&
                  EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key) == 1 &&
                  EVP_DigestVerify(context.get(), Bytes(signature), signature.size(), Bytes(text),
                                   text.size()) == 1;
  ERR_clear_error();
  return is;
}

}  // namespace

absl::StatusOr<KeySet> KeySet::Parse(absl::string_view json) {
  const std::optional<nlohmann::json> parsed = ParseJsonObject(json);
  if (!parsed.has_value() || !JsonField(*parsed, "keys").is_array()) {
    return absl::InvalidArgumentError("this is no JSON web key set");
  }
  KeySet set;
  for (const nlohmann::json& entry : JsonField(*parsed, "keys")) {
    if (set.keys_.size() == kMostKeys) break;
    const std::string type = JsonText(entry, "kty"), use = JsonText(entry, "use");
    const std::string algorithm = JsonText(entry, "alg");
    Key key;
    key.id = JsonText(entry, "kid");
    key.algorithm = type == "RSA" ? kRs256 : type == "EC" ? kEs256 : "";
    if (key.id.empty() || key.algorithm.empty() || (!use.empty() && use != "sig") ||
        (!algorithm.empty() && algorithm != key.algorithm)) {
      continue;
    }
    key.key = type == "RSA" ? ReadRsa(entry) : ReadP256(entry);
    if (key.key != nullptr) set.keys_.push_back(std::move(key));
  }
  return set;
}

bool KeySet::Has(absl::string_view key_id) const {
  return std::any_of(keys_.begin(), keys_.end(),
                     [key_id](const Key& key) { return key.id == key_id; });
}

absl::Status KeySet::Verify(const WebToken& token) const {
  const auto key = std::find_if(keys_.begin(), keys_.end(), [&token](const Key& candidate) {
    return candidate.id == token.key_id && candidate.algorithm == token.algorithm;
  });
  if (key == keys_.end()) {
    return absl::UnauthenticatedError(
        "the token names a key and an algorithm that the cluster does not publish");
  }
  const std::string signature =
      key->algorithm == kEs256 ? EcdsaDer(token.signature) : token.signature;
  if (signature.empty() || !IsSigned(key->key.get(), token.signed_text, signature)) {
    return absl::UnauthenticatedError("the token's signature is wrong");
  }
  return absl::OkStatus();
}

}  // namespace homeport
