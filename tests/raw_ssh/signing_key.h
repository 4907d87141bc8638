// A private key that signs as an SSH client does, or as none should: with any algorithm, of any
// size, as a security key that nobody touched, under a certificate.
//
// Threads: any; immutable.
#ifndef HOMEPORT_TESTS_RAW_SSH_SIGNING_KEY_H_
#define HOMEPORT_TESTS_RAW_SSH_SIGNING_KEY_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "base/test_key.h"

namespace homeport::raw_ssh {

class SigningKey {
 public:
  // A flag of a security key's signature (OpenSSH's PROTOCOL.u2f).
  static constexpr uint8_t kUserPresent = 1;

  static SigningKey Ed25519();
  static SigningKey Rsa(int bits);
  static SigningKey Ecdsa();  // NIST P-256
  // An sk-ssh-ed25519@openssh.com key in software.
  static SigningKey SecurityKey();
  // An unencrypted Ed25519 key in OpenSSH's file format (PROTOCOL.key). The test has failed if it
  // is none.
  static SigningKey FromFile(const std::string& path);

  // The public key (RFC 4253, 6.6).
  const std::string& blob() const { return blob_; }
  // The algorithm that it signs with if no other is asked for: rsa-sha2-512 for an RSA key.
  const std::string& algorithm() const { return algorithm_; }
  // A signature blob: `string algorithm, string signature`. An RSA key signs with ssh-rsa,
  // rsa-sha2-256 and rsa-sha2-512; another only says that it has signed as `algorithm`.
  std::string Sign(absl::string_view data) const { return Sign(data, algorithm_); }
  std::string Sign(absl::string_view data, const std::string& algorithm) const;
  // A security key's signature with these flags.
  std::string SignAsSecurityKey(absl::string_view data, uint8_t flags, uint32_t counter) const;

  // A user certificate for this Ed25519 key, valid for everybody and for ever (OpenSSH's
  // PROTOCOL.certkeys). `authority_blob` is what it says of who signed it.
  std::string Certificate(const SigningKey& authority, const std::string& authority_blob) const;

 private:
  SigningKey(const TestKey& key, std::string algorithm, std::string blob)
      : key_(key), algorithm_(std::move(algorithm)), blob_(std::move(blob)) {}

  TestKey key_;
  std::string algorithm_;
  std::string blob_;
};

}  // namespace homeport::raw_ssh

#endif  // HOMEPORT_TESTS_RAW_SSH_SIGNING_KEY_H_
