#include "tests/raw_ssh/signing_key.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_replace.h"
#include "base/file.h"
#include "base/ssh_wire.h"
#include "gtest/gtest.h"
#include "tests/raw_ssh/session_keys.h"

namespace homeport::raw_ssh {
namespace {

constexpr char kEd25519[] = "ssh-ed25519";
constexpr char kEcdsa[] = "ecdsa-sha2-nistp256";
constexpr char kRsa[] = "rsa-sha2-512";
constexpr char kSecurityKey[] = "sk-ssh-ed25519@openssh.com";
constexpr char kCertificate[] = "ssh-ed25519-cert-v01@openssh.com";
constexpr char kApplication[] = "ssh:";
constexpr uint32_t kUserCertificate = 1;
constexpr size_t kKeyBytes = 32;  // of Ed25519, either half

std::string RawPublicOf(const TestKey& key) {
  const std::string blob = key.PublicBlob();
  return blob.substr(blob.size() - kKeyBytes);
}

// The second part of a signature blob.
std::string RawSignature(const std::string& signature) {
  WireReader reader(signature);
  reader.String();
  return std::string(reader.String());
}

}  // namespace

SigningKey SigningKey::Ed25519() {
  const TestKey key(kEd25519);
  return SigningKey(key, kEd25519, key.PublicBlob());
}

SigningKey SigningKey::Rsa(int bits) {
  const TestKey key("ssh-rsa", bits);
  return SigningKey(key, kRsa, key.PublicBlob());
}

SigningKey SigningKey::Ecdsa() {
  const TestKey key(kEcdsa);
  return SigningKey(key, kEcdsa, key.PublicBlob());
}

SigningKey SigningKey::SecurityKey() {
  const TestKey key(kEd25519);
  return SigningKey(
      key, kSecurityKey,
      WireWriter().String(kSecurityKey).String(RawPublicOf(key)).String(kApplication).bytes());
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
  const TestKey key = TestKey::FromEd25519Seed(secret.String().substr(0, kKeyBytes));
  EXPECT_TRUE(secret.ok()) << path << " is no unencrypted private key";
  return SigningKey(key, kEd25519, key.PublicBlob());
}

std::string SigningKey::Sign(absl::string_view data, const std::string& algorithm) const {
  if (algorithm == kSecurityKey) return SignAsSecurityKey(data, kUserPresent, 1);
  return WireWriter().String(algorithm).String(RawSignature(key_.Sign(data, algorithm))).bytes();
}

std::string SigningKey::SignAsSecurityKey(absl::string_view data, uint8_t flags,
                                          uint32_t counter) const {
  const std::string statement =
      WireWriter().Raw(Sha256(kApplication)).Byte(flags).Uint32(counter).Raw(Sha256(data)).bytes();
  return WireWriter()
      .String(kSecurityKey)
      .String(RawSignature(key_.Sign(statement)))
      .Byte(flags)
      .Uint32(counter)
      .bytes();
}

std::string SigningKey::Certificate(const SigningKey& authority,
                                    const std::string& authority_blob) const {
  const std::string body = WireWriter()
                               .String(kCertificate)
                               .String(std::string(32, 'n'))  // a nonce
                               .String(RawPublicOf(key_))
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
