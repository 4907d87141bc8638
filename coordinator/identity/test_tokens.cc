#include "coordinator/identity/test_tokens.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace homeport {

std::string Base64Url(absl::string_view bytes) {
  std::string text = absl::WebSafeBase64Escape(bytes);
  while (!text.empty() && text.back() == '=') text.pop_back();
  return text;
}

SigningKey::SigningKey(std::string id, Kind kind, int rsa_bits)
    : id_(std::move(id)),
      kind_(kind),
      key_(kind == Kind::kRsa ? EVP_RSA_gen(static_cast<unsigned>(rsa_bits)) : EVP_EC_gen("P-256"),
           EVP_PKEY_free) {
  EXPECT_NE(key_, nullptr);
}

std::string SigningKey::Number(const char* name, int size) const {
  BIGNUM* number = nullptr;
  EXPECT_EQ(EVP_PKEY_get_bn_param(key_.get(), name, &number), 1);
  std::string bytes(static_cast<size_t>(size > 0 ? size : BN_num_bytes(number)), '\0');
  EXPECT_GE(BN_bn2binpad(number, reinterpret_cast<unsigned char*>(bytes.data()),
                         static_cast<int>(bytes.size())),
            0);
  BN_free(number);
  return bytes;
}

nlohmann::json SigningKey::Jwk() const {
  if (kind_ == Kind::kRsa) {
    return {{"use", "sig"},
            {"kty", "RSA"},
            {"kid", id_},
            {"alg", "RS256"},
            {"n", Base64Url(Number(OSSL_PKEY_PARAM_RSA_N, 0))},
            {"e", Base64Url(Number(OSSL_PKEY_PARAM_RSA_E, 0))}};
  }
  return {{"use", "sig"},
          {"kty", "EC"},
          {"kid", id_},
          {"alg", "ES256"},
          {"crv", "P-256"},
          {"x", Base64Url(Number(OSSL_PKEY_PARAM_EC_PUB_X, 32))},
          {"y", Base64Url(Number(OSSL_PKEY_PARAM_EC_PUB_Y, 32))}};
}

std::string SigningKey::PublicPem() const {
  const std::unique_ptr<BIO, decltype(&BIO_free_all)> bio(BIO_new(BIO_s_mem()), BIO_free_all);
  EXPECT_EQ(PEM_write_bio_PUBKEY(bio.get(), key_.get()), 1);
  char* data = nullptr;
  const auto size = static_cast<size_t>(BIO_get_mem_data(bio.get(), &data));
  return std::string(data, size);
}

std::string SigningKey::Sign(const std::string& text) const {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        EVP_MD_CTX_free);
  std::string signature(static_cast<size_t>(EVP_PKEY_get_size(key_.get())), '\0');
  size_t size = signature.size();
  EXPECT_EQ(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()), 1);
  EXPECT_EQ(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                           reinterpret_cast<const unsigned char*>(text.data()), text.size()),
            1);
  signature.resize(size);
  if (kind_ == Kind::kRsa) return signature;
  const auto* at = reinterpret_cast<const unsigned char*>(signature.data());
  const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> pair(
      d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(size)), ECDSA_SIG_free);
  std::string joined(64, '\0');
  auto* bytes = reinterpret_cast<unsigned char*>(joined.data());
  EXPECT_EQ(BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), bytes, 32), 32);
  EXPECT_EQ(BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), bytes + 32, 32), 32);
  return joined;
}

std::string KeySetJson(const std::vector<const SigningKey*>& keys) {
  nlohmann::json set = {{"keys", nlohmann::json::array()}};
  for (const SigningKey* key : keys) set["keys"].push_back(key->Jwk());
  return set.dump();
}

nlohmann::json TokenPayload(const PodIdentity& pod, absl::Time now) {
  const int64_t seconds = absl::ToUnixSeconds(now);
  return {{"iss", kTestIssuer},
          {"aud", nlohmann::json::array({"homeport"})},
          {"sub", absl::StrCat("system:serviceaccount:", pod.name_space, ":", pod.service_account)},
          {"iat", seconds},
          {"nbf", seconds},
          {"exp", seconds + 3600},
          {"kubernetes.io",
           {{"namespace", pod.name_space},
            {"pod", {{"name", pod.pod}, {"uid", pod.pod_uid}}},
            {"serviceaccount", {{"name", pod.service_account}, {"uid", "account-uid"}}},
            {"warnafter", seconds + 3607}}}};
}

nlohmann::json TokenHeader(const SigningKey& key) {
  return {{"alg", key.algorithm()}, {"kid", key.id()}};
}

std::string MakeToken(const SigningKey& key, const nlohmann::json& header,
                      const nlohmann::json& payload) {
  const std::string text = absl::StrCat(Base64Url(header.dump()), ".", Base64Url(payload.dump()));
  return absl::StrCat(text, ".", Base64Url(key.Sign(text)));
}

}  // namespace homeport
