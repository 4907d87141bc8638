#include "base/test_key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "absl/strings/match.h"
#include "base/ssh_wire.h"

namespace homeport {
namespace {

constexpr absl::string_view kEcdsa = "ecdsa-sha2-";

bool IsEcdsa(absl::string_view algorithm) { return absl::StartsWith(algorithm, kEcdsa); }

// "nistp256" of "ecdsa-sha2-nistp256".
std::string Curve(const std::string& algorithm) { return algorithm.substr(kEcdsa.size()); }

EVP_PKEY* Generate(const std::string& algorithm, int rsa_bits) {
  if (IsEcdsa(algorithm)) return EVP_EC_gen(("P-" + Curve(algorithm).substr(5)).c_str());
  if (algorithm == "ssh-rsa") return EVP_RSA_gen(static_cast<unsigned>(rsa_bits));
  return EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
}

// As an mpint without its length (RFC 4251, 5).
std::string Mpint(const BIGNUM* number) {
  std::string bytes(static_cast<size_t>(BN_num_bytes(number)), '\0');
  BN_bn2bin(number, reinterpret_cast<unsigned char*>(bytes.data()));
  return (bytes.front() & 0x80) != 0 ? std::string(1, '\0') + bytes : bytes;
}

const EVP_MD* Hash(const std::string& algorithm) {
  if (algorithm == "ssh-rsa") return EVP_sha1();
  if (algorithm == "rsa-sha2-256" || algorithm == "ecdsa-sha2-nistp256") return EVP_sha256();
  if (algorithm == "ecdsa-sha2-nistp384") return EVP_sha384();
  return algorithm == "ssh-ed25519" ? nullptr : EVP_sha512();
}

}  // namespace

TestKey::TestKey(const std::string& algorithm, evp_pkey_st* key)
    : algorithm_(algorithm), key_(key, EVP_PKEY_free) {}

TestKey::TestKey(const std::string& algorithm, int rsa_bits)
    : TestKey(algorithm, Generate(algorithm, rsa_bits)) {}

TestKey TestKey::FromEd25519Seed(absl::string_view seed) {
  return TestKey("ssh-ed25519",
                 EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr,
                                              reinterpret_cast<const unsigned char*>(seed.data()),
                                              seed.size()));
}

std::string TestKey::Number(const char* name) const {
  BIGNUM* number = nullptr;
  EVP_PKEY_get_bn_param(key_.get(), name, &number);
  const std::string bytes = Mpint(number);
  BN_free(number);
  return bytes;
}

std::string TestKey::PublicBlob() const {
  WireWriter blob;
  blob.String(algorithm_);
  if (algorithm_ == "ssh-rsa") {
    blob.String(Number(OSSL_PKEY_PARAM_RSA_E)).String(Number(OSSL_PKEY_PARAM_RSA_N));
    return blob.bytes();
  }
  std::string point(256, '\0');
  auto* bytes = reinterpret_cast<unsigned char*>(point.data());
  size_t size = point.size();
  if (IsEcdsa(algorithm_)) {
    EVP_PKEY_get_octet_string_param(key_.get(), OSSL_PKEY_PARAM_PUB_KEY, bytes, size, &size);
    blob.String(Curve(algorithm_));
  } else {
    EVP_PKEY_get_raw_public_key(key_.get(), bytes, &size);
  }
  return blob.String(point.substr(0, size)).bytes();
}

std::string TestKey::Sign(absl::string_view data, const std::string& rsa_algorithm) const {
  const std::string& algorithm = algorithm_ == "ssh-rsa" ? rsa_algorithm : algorithm_;
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        EVP_MD_CTX_free);
  std::string raw(static_cast<size_t>(EVP_PKEY_get_size(key_.get())), '\0');
  size_t size = raw.size();
  EVP_DigestSignInit(context.get(), nullptr, Hash(algorithm), nullptr, key_.get());
  EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(raw.data()), &size,
                 reinterpret_cast<const unsigned char*>(data.data()), data.size());
  raw.resize(size);
  if (IsEcdsa(algorithm)) {
    const auto* at = reinterpret_cast<const unsigned char*>(raw.data());
    ECDSA_SIG* numbers = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(size));
    raw = WireWriter()
              .String(Mpint(ECDSA_SIG_get0_r(numbers)))
              .String(Mpint(ECDSA_SIG_get0_s(numbers)))
              .bytes();
    ECDSA_SIG_free(numbers);
  }
  return WireWriter().String(algorithm).String(raw).bytes();
}

}  // namespace homeport
