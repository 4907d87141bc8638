#include "coordinator/pki/x509.h"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>

#include "absl/strings/str_cat.h"

namespace homeport {
namespace {

using Bio = std::unique_ptr<BIO, decltype(&BIO_free_all)>;

Bio ReadFrom(absl::string_view text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), BIO_free_all);
}

// What `write` puts into a memory BIO.
template <typename Write>
absl::StatusOr<std::string> WriteTo(Write write, absl::string_view what) {
  const Bio bio(BIO_new(BIO_s_mem()), BIO_free_all);
  if (bio == nullptr || write(bio.get()) != 1) return OpenSslError(what);
  char* data = nullptr;
  const auto size = static_cast<size_t>(BIO_get_mem_data(bio.get(), &data));
  return std::string(data, size);
}

// Never asks a terminal for the password of an encrypted file.
int NoPassword(char*, int, int, void*) { return -1; }

}  // namespace

absl::Status OpenSslError(absl::string_view what) {
  char reason[256] = "no reason given";
  if (const unsigned long code = ERR_get_error(); code != 0) {
    ERR_error_string_n(code, reason, sizeof(reason));
  }
  ERR_clear_error();
  return absl::InternalError(absl::StrCat(what, ": ", reason));
}

absl::StatusOr<PrivateKey> PrivateKey::Generate() {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  if (key == nullptr) return OpenSslError("cannot generate a key");
  return PrivateKey(key);
}

absl::StatusOr<PrivateKey> PrivateKey::FromPem(absl::string_view pem) {
  const Bio bio = ReadFrom(pem);
  EVP_PKEY* key = PEM_read_bio_PrivateKey(bio.get(), nullptr, NoPassword, nullptr);
  ERR_clear_error();
  if (key == nullptr) {
    return absl::InvalidArgumentError("holds no unencrypted private key in PEM form");
  }
  return PrivateKey(key);
}

absl::StatusOr<std::string> PrivateKey::ToPem() const {
  return WriteTo(
      [this](BIO* bio) {
        return PEM_write_bio_PrivateKey(bio, get(), nullptr, nullptr, 0, nullptr, nullptr);
      },
      "cannot write a private key");
}

absl::StatusOr<Certificate> Certificate::FromPem(absl::string_view pem) {
  const Bio bio = ReadFrom(pem);
  X509* certificate = PEM_read_bio_X509(bio.get(), nullptr, NoPassword, nullptr);
  ERR_clear_error();
  if (certificate == nullptr) {
    return absl::InvalidArgumentError("holds no certificate in PEM form");
  }
  return Certificate(certificate);
}

absl::StatusOr<std::string> Certificate::ToPem() const {
  return WriteTo([this](BIO* bio) { return PEM_write_bio_X509(bio, get()); },
                 "cannot write a certificate");
}

absl::Time Certificate::expire_time() const {
  std::tm parts = {};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(get()), &parts) != 1) return absl::InfinitePast();
  return absl::FromTM(parts, absl::UTCTimeZone());
}

bool Certificate::Fits(const PrivateKey& key) const {
  const bool fits = X509_check_private_key(get(), key.get()) == 1;
  ERR_clear_error();
  return fits;
}

bool Certificate::Signed(const Certificate& other) const {
  const bool is = X509_check_issued(get(), other.get()) == X509_V_OK &&
                  X509_verify(other.get(), X509_get0_pubkey(get())) == 1;
  ERR_clear_error();
  return is;
}

bool Certificate::Covers(const std::vector<std::string>& names) const {
  return std::all_of(names.begin(), names.end(), [this](const std::string& name) {
    return IsIpAddress(name) ? X509_check_ip_asc(get(), name.c_str(), 0) == 1
                             : X509_check_host(get(), name.data(), name.size(), 0, nullptr) == 1;
  });
}

bool IsIpAddress(const std::string& name) {
  in6_addr address = {};
  return inet_pton(AF_INET, name.c_str(), &address) == 1 ||
         inet_pton(AF_INET6, name.c_str(), &address) == 1;
}

}  // namespace homeport
