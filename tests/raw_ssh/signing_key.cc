#include "tests/raw_ssh/signing_key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>

#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/file.h"
#include "base/ssh_wire.h"
#include "gtest/gtest.h"
#include "tests/raw_ssh/session_keys.h"

namespace homeport::raw_ssh {
namespace {

constexpr char kEd25519[] = "ssh-ed25519";
constexpr char kSecurityKey[] = "sk-ssh-ed25519@openssh.com";
constexpr char kCertificate[] = "ssh-ed25519-cert-v01@openssh.com";
constexpr char kEcdsa[] = "ecdsa-sha2-nistp256";
constexpr char kApplication[] = "ssh:";
constexpr uint32_t kUserCertificate = 1;
constexpr size_t kSeedBytes = 32;

std::string RawPublic(EVP_PKEY* key) {
  std::string raw(32, '\0');
  size_t size = raw.size();
  EVP_PKEY_get_raw_public_key(key, reinterpret_cast<unsigned char*>(raw.data()), &size);
  return raw;
}

std::string Mpint(const BIGNUM* number) {
  std::string bytes(static_cast<size_t>(BN_num_bytes(number)), '\0');
  BN_bn2bin(number, reinterpret_cast<unsigned char*>(bytes.data()));
  return EncodeMpint(bytes);
}

std::string MpintParameter(EVP_PKEY* key, const char* name) {
  BIGNUM* number = nullptr;
  EVP_PKEY_get_bn_param(key, name, &number);
  std::string encoded = Mpint(number);
  BN_free(number);
  return encoded;
}

// RFC 5656, 3.1.2: r and s as mpints, where OpenSSL has them in DER.
std::string EcdsaNumbers(const std::string& der) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  ECDSA_SIG* signature = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()));
  std::string numbers =
      absl::StrCat(Mpint(ECDSA_SIG_get0_r(signature)), Mpint(ECDSA_SIG_get0_s(signature)));
  ECDSA_SIG_free(signature);
  return numbers;
}

}  // namespace

SigningKey SigningKey::FromEd25519(EVP_PKEY* key) {
  return SigningKey(key, kEd25519, WireWriter().String(kEd25519).String(RawPublic(key)).bytes());
}

SigningKey SigningKey::Ed25519() {
  return FromEd25519(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
}

SigningKey SigningKey::Rsa(int bits) {
  EVP_PKEY* key = EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", static_cast<size_t>(bits));
  return SigningKey(key, "rsa-sha2-512",
                    WireWriter()
                        .String("ssh-rsa")
                        .Raw(MpintParameter(key, OSSL_PKEY_PARAM_RSA_E))
                        .Raw(MpintParameter(key, OSSL_PKEY_PARAM_RSA_N))
                        .bytes());
}

SigningKey SigningKey::Ecdsa() {
  EVP_PKEY* key = EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256");
  std::string point(65, '\0');
  size_t size = 0;
  EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY,
                                  reinterpret_cast<unsigned char*>(point.data()), point.size(),
                                  &size);
  return SigningKey(
      key, kEcdsa,
      WireWriter().String(kEcdsa).String("nistp256").String(point.substr(0, size)).bytes());
}

SigningKey SigningKey::SecurityKey() {
  EVP_PKEY* key = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
  return SigningKey(
      key, kSecurityKey,
      WireWriter().String(kSecurityKey).String(RawPublic(key)).String(kApplication).bytes());
}

SigningKey SigningKey::FromFile(const std::string& path) {
  const std::string text =
      absl::StrReplaceAll(ReadFile(path).value_or(""), {{"-----BEGIN OPENSSH PRIVATE KEY-----", ""},
                                                        {"-----END OPENSSH PRIVATE KEY-----", ""},
                                                        {"\n", ""}});
  std::string bytes;
  EXPECT_TRUE(absl::Base64Unescape(text, &bytes)) << path << " is no private key";
  WireReader reader(bytes);
  reader.Raw(sizeof("openssh-key-v1"));
  for (int i = 0; i < 3; ++i) reader.String();  // cipher, key derivation, its options
  reader.Uint32();                              // how many keys
  reader.String();                              // the public one
  WireReader secret(reader.String());
  secret.Uint64();  // twice the same number, to check a passphrase by
  EXPECT_EQ(secret.String(), kEd25519) << path;
  secret.String();
  const std::string seed(secret.String().substr(0, kSeedBytes));
  EXPECT_TRUE(secret.ok()) << path << " is no unencrypted private key";
  return FromEd25519(EVP_PKEY_new_raw_private_key(
      EVP_PKEY_ED25519, nullptr, reinterpret_cast<const unsigned char*>(seed.data()), seed.size()));
}

std::string SigningKey::RawSignature(absl::string_view data, const EVP_MD* digest) const {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        &EVP_MD_CTX_free);
  const auto* bytes = reinterpret_cast<const unsigned char*>(data.data());
  size_t size = 0;
  EXPECT_EQ(EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, key_.get()), 1);
  EXPECT_EQ(EVP_DigestSign(context.get(), nullptr, &size, bytes, data.size()), 1);
  std::string signature(size, '\0');
  EXPECT_EQ(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                           bytes, data.size()),
            1);
  signature.resize(size);
  return signature;
}

std::string SigningKey::Sign(absl::string_view data, const std::string& algorithm) const {
  if (algorithm == kSecurityKey) return SignAsSecurityKey(data, kUserPresent, 1);
  std::string signature;
  if (algorithm_ == kEcdsa) {
    signature = EcdsaNumbers(RawSignature(data, EVP_sha256()));
  } else if (algorithm_ == "rsa-sha2-512") {
    signature = RawSignature(data, algorithm == "ssh-rsa"        ? EVP_sha1()
                                   : algorithm == "rsa-sha2-256" ? EVP_sha256()
                                                                 : EVP_sha512());
  } else {
    signature = RawSignature(data, nullptr);
  }
  return WireWriter().String(algorithm).String(signature).bytes();
}

std::string SigningKey::SignAsSecurityKey(absl::string_view data, uint8_t flags,
                                          uint32_t counter) const {
  const std::string statement =
      WireWriter().Raw(Sha256(kApplication)).Byte(flags).Uint32(counter).Raw(Sha256(data)).bytes();
  return WireWriter()
      .String(kSecurityKey)
      .String(RawSignature(statement, nullptr))
      .Byte(flags)
      .Uint32(counter)
      .bytes();
}

std::string SigningKey::Certificate(const SigningKey& authority,
                                    const std::string& authority_blob) const {
  const std::string body = WireWriter()
                               .String(kCertificate)
                               .String(std::string(32, 'n'))  // a nonce
                               .String(RawPublic(key_.get()))
                               .Uint64(1)  // serial number
                               .Uint32(kUserCertificate)
                               .String("everybody")
                               .String("")            // for whom: everybody
                               .Uint64(0)             // from then
                               .Uint64(~uint64_t{0})  // for ever
                               .String("")            // critical options
                               .String("")            // extensions
                               .String("")            // reserved
                               .String(authority_blob)
                               .bytes();
  return WireWriter().Raw(body).String(authority.Sign(body)).bytes();
}

}  // namespace homeport::raw_ssh
