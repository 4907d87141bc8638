// A key pair that a test signs with, made and used by OpenSSL alone.
//
// Threads: any; immutable.
#ifndef HOMEPORT_BASE_TEST_KEY_H_
#define HOMEPORT_BASE_TEST_KEY_H_

#include <memory>
#include <string>

#include "absl/strings/string_view.h"

struct evp_pkey_st;

namespace homeport {

class TestKey {
 public:
  // By the name of its algorithm: ssh-ed25519, ecdsa-sha2-nistp256, -nistp384, -nistp521, or
  // ssh-rsa with so many bits.
  explicit TestKey(const std::string& algorithm, int rsa_bits = 2048);
  // An Ed25519 key of this private half (32 bytes).
  static TestKey FromEd25519Seed(absl::string_view seed);

  // RFC 4253, 6.6.
  std::string PublicBlob() const;
  // A signature blob. `rsa_algorithm` is what an RSA key signs with, "ssh-rsa" (SHA-1) too.
  std::string Sign(absl::string_view data, const std::string& rsa_algorithm = "rsa-sha2-512") const;

 private:
  TestKey(const std::string& algorithm, evp_pkey_st* key);
  std::string Number(const char* name) const;

  std::string algorithm_;
  std::shared_ptr<evp_pkey_st> key_;  // shared by the copies of this object
};

}  // namespace homeport

#endif  // HOMEPORT_BASE_TEST_KEY_H_
