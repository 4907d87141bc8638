#include "coordinator/pki/certificate_authority.h"

#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"

namespace homeport {
namespace {

// A clock that is a little behind must not find a certificate from the future.
constexpr absl::Duration kClockLeeway = absl::Hours(1);

bool SetTime(ASN1_TIME* field, absl::Time time) {
  return ASN1_TIME_set(field, absl::ToTimeT(time)) != nullptr;
}

bool SetRandomSerial(X509* certificate) {
  unsigned char bytes[16];
  if (RAND_bytes(bytes, sizeof(bytes)) != 1) return false;
  bytes[0] &= 0x7f;  // positive (RFC 5280, 4.1.2.2)
  bytes[0] |= 0x40;  // and not zero
  const std::unique_ptr<BIGNUM, decltype(&BN_free)> number(BN_bin2bn(bytes, sizeof(bytes), nullptr),
                                                           BN_free);
  return number != nullptr &&
         BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

// Adds an extension in OpenSSL's notation (x509v3_config).
bool AddExtension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> extension(
      X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()), X509_EXTENSION_free);
  return extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1;
}

// Everything but extensions and signature.
absl::StatusOr<Certificate> Draft(const PrivateKey& key, const std::string& common_name,
                                  absl::Duration lifetime) {
  Certificate draft(X509_new());
  const absl::Time now = absl::Now();
  if (draft.get() == nullptr || X509_set_version(draft.get(), X509_VERSION_3) != 1 ||
      !SetRandomSerial(draft.get()) ||
      !SetTime(X509_getm_notBefore(draft.get()), now - kClockLeeway) ||
      !SetTime(X509_getm_notAfter(draft.get()), now + lifetime) ||
      X509_set_pubkey(draft.get(), key.get()) != 1 ||
      X509_NAME_add_entry_by_txt(X509_get_subject_name(draft.get()), "CN", MBSTRING_UTF8,
                                 reinterpret_cast<const unsigned char*>(common_name.c_str()), -1,
                                 -1, 0) != 1) {
    return OpenSslError("cannot make a certificate");
  }
  return draft;
}

}  // namespace

absl::StatusOr<CertificateAuthority> CertificateAuthority::Make(PrivateKey key) {
  absl::StatusOr<Certificate> made = Draft(key, "Homeport CA", kCaLifetime);
  if (!made.ok()) return made.status();
  X509* const ca = made->get();
  if (X509_set_issuer_name(ca, X509_get_subject_name(ca)) != 1 ||
      !AddExtension(ca, ca, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") ||
      !AddExtension(ca, ca, NID_key_usage, "critical,keyCertSign,cRLSign") ||
      !AddExtension(ca, ca, NID_subject_key_identifier, "hash") ||
      X509_sign(ca, key.get(), EVP_sha256()) == 0) {
    return OpenSslError("cannot make the CA's certificate");
  }
  return CertificateAuthority(std::move(key), *std::move(made));
}

absl::StatusOr<CertificateAuthority> CertificateAuthority::FromParts(PrivateKey key,
                                                                     Certificate certificate) {
  if (!certificate.Fits(key)) {
    return absl::InvalidArgumentError("the CA's certificate and its key do not belong together");
  }
  return CertificateAuthority(std::move(key), std::move(certificate));
}

absl::StatusOr<Certificate> CertificateAuthority::IssueForServer(
    const PrivateKey& server_key, const std::vector<std::string>& names) const {
  absl::StatusOr<Certificate> made = Draft(server_key, "Homeport coordinator", kServingLifetime);
  if (!made.ok()) return made.status();
  const std::string alternatives =
      absl::StrJoin(names, ",", [](std::string* out, const std::string& name) {
        absl::StrAppend(out, IsIpAddress(name) ? "IP:" : "DNS:", name);
      });
  X509* const issuer = certificate_.get();
  X509* const server = made->get();
  if (X509_set_issuer_name(server, X509_get_subject_name(issuer)) != 1 ||
      !AddExtension(server, issuer, NID_basic_constraints, "critical,CA:FALSE") ||
      !AddExtension(server, issuer, NID_key_usage, "critical,digitalSignature") ||
      !AddExtension(server, issuer, NID_ext_key_usage, "serverAuth") ||
      !AddExtension(server, issuer, NID_subject_alt_name, alternatives) ||
      !AddExtension(server, issuer, NID_authority_key_identifier, "keyid") ||
      X509_sign(server, key_.get(), EVP_sha256()) == 0) {
    return OpenSslError(absl::StrCat("cannot issue a certificate for ", alternatives));
  }
  return made;
}

}  // namespace homeport
