#include "coordinator/keys/openssl_key.h"

#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/err.h>

#include "absl/strings/str_cat.h"

namespace homeport {
namespace {

absl::Status Failed(absl::string_view what) {
  char reason[256] = "no reason given";
  if (const unsigned long code = ERR_get_error(); code != 0) {
    ERR_error_string_n(code, reason, sizeof(reason));
  }
  ERR_clear_error();
  return absl::InternalError(absl::StrCat("OpenSSL cannot ", what, ": ", reason));
}

}  // namespace

absl::StatusOr<OpensslKey> OpensslKey::Take(EVP_PKEY* key) {
  if (key == nullptr) return Failed("generate a key");
  return OpensslKey(key);
}

absl::StatusOr<OpensslKey> OpensslKey::FromDer(int type, absl::string_view der) {
  const auto* begin = reinterpret_cast<const unsigned char*>(der.data());
  const unsigned char* at = begin;
  OpensslKey key(d2i_PrivateKey(type, nullptr, &at, static_cast<long>(der.size())));
  ERR_clear_error();
  if (key.key_ == nullptr || at != begin + der.size()) {
    return absl::DataLossError("the private key is damaged");
  }
  return key;
}

std::string OpensslKey::Der() const {
  unsigned char* der = nullptr;
  const int size = i2d_PrivateKey(key_.get(), &der);
  if (size <= 0) return "";
  std::string bytes(reinterpret_cast<const char*>(der), static_cast<size_t>(size));
  OPENSSL_clear_free(der, static_cast<size_t>(size));
  return bytes;
}

std::string OpensslKey::Number(const char* name) const {
  BIGNUM* number = nullptr;
  if (EVP_PKEY_get_bn_param(key_.get(), name, &number) != 1) {
    ERR_clear_error();
    return "";
  }
  // Positive: a zero byte goes before a first byte that would look negative.
  const auto size = static_cast<size_t>(BN_num_bytes(number));
  const bool padded = size > 0 && BN_is_bit_set(number, static_cast<int>(8 * size) - 1) == 1;
  std::string bytes(size + (padded ? 1 : 0), '\0');
  BN_bn2bin(number, reinterpret_cast<unsigned char*>(bytes.data()) + (padded ? 1 : 0));
  BN_clear_free(number);
  return bytes;
}

std::string OpensslKey::Octets(const char* name) const {
  size_t size = 0;
  std::string bytes;
  if (EVP_PKEY_get_octet_string_param(key_.get(), name, nullptr, 0, &size) == 1) {
    bytes.resize(size);
    EVP_PKEY_get_octet_string_param(key_.get(), name,
                                    reinterpret_cast<unsigned char*>(bytes.data()), size, &size);
    bytes.resize(size);
  }
  ERR_clear_error();
  return bytes;
}

absl::StatusOr<std::string> OpensslKey::Sign(const EVP_MD* hash, absl::string_view data) const {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        EVP_MD_CTX_free);
  std::string signature(static_cast<size_t>(EVP_PKEY_get_size(key_.get())), '\0');
  size_t size = signature.size();
  if (context == nullptr ||
      EVP_DigestSignInit(context.get(), nullptr, hash, nullptr, key_.get()) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                     reinterpret_cast<const unsigned char*>(data.data()), data.size()) != 1) {
    return Failed("sign");
  }
  signature.resize(size);
  return signature;
}

}  // namespace homeport
