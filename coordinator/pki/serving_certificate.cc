#include "coordinator/pki/serving_certificate.h"

#include <unistd.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "base/file.h"
#include "base/logging.h"
#include "coordinator/pki/certificate_authority.h"

namespace homeport {
namespace {

constexpr absl::Duration kRenewBefore = absl::Hours(24 * 30);

absl::Status Damaged(const std::string& path, const absl::Status& cause) {
  return absl::DataLossError(
      absl::StrCat(path, " ", cause.message(), "; restore it from a backup"));
}

template <typename T>
using Parser = absl::StatusOr<T> (*)(absl::string_view);

// What a file holds, or nothing if there is no such file. DATA_LOSS if it cannot be read.
template <typename T>
absl::StatusOr<std::optional<T>> Load(const std::string& path, Parser<T> parse) {
  const absl::StatusOr<std::string> pem = ReadFile(path);
  if (absl::IsNotFound(pem.status())) return std::optional<T>();
  if (!pem.ok()) return absl::DataLossError(pem.status().message());
  absl::StatusOr<T> parsed = parse(*pem);
  if (!parsed.ok()) return Damaged(path, parsed.status());
  return std::optional<T>(*std::move(parsed));
}

template <typename T>
absl::Status Save(const std::string& path, const T& object, mode_t mode) {
  absl::StatusOr<std::string> pem = object.ToPem();
  return pem.ok() ? WriteFileAtomically(path, *pem, mode) : pem.status();
}

// The key in `path`, made now if there is none.
absl::StatusOr<PrivateKey> LoadOrMakeKey(const std::string& path, const std::string& certificate) {
  absl::StatusOr<std::optional<PrivateKey>> found = Load<PrivateKey>(path, PrivateKey::FromPem);
  if (!found.ok()) return found.status();
  if (found->has_value()) return **std::move(found);
  if (access(certificate.c_str(), F_OK) == 0) {
    return absl::DataLossError(
        absl::StrCat(path, " is missing beside ", certificate, "; restore it from a backup"));
  }
  absl::StatusOr<PrivateKey> made = PrivateKey::Generate();
  if (!made.ok()) return made;
  if (absl::Status status = Save(path, *made, 0600); !status.ok()) return status;
  return made;
}

absl::StatusOr<CertificateAuthority> LoadOrMakeCa(const std::string& folder) {
  const std::string path = absl::StrCat(folder, "/ca.pem");
  absl::StatusOr<PrivateKey> key = LoadOrMakeKey(absl::StrCat(folder, "/ca.key"), path);
  if (!key.ok()) return key.status();
  absl::StatusOr<std::optional<Certificate>> found = Load<Certificate>(path, Certificate::FromPem);
  if (!found.ok()) return found.status();
  if (found->has_value()) {
    absl::StatusOr<CertificateAuthority> ca =
        CertificateAuthority::FromParts(*std::move(key), **std::move(found));
    if (!ca.ok()) return Damaged(path, absl::InvalidArgumentError("does not belong to ca.key"));
    return ca;
  }
  absl::StatusOr<CertificateAuthority> made = CertificateAuthority::Make(*std::move(key));
  if (!made.ok()) return made;
  if (absl::Status status = Save(path, made->certificate(), 0644); !status.ok()) return status;
  Logger("pki")->info("made a certificate authority: {}", path);
  return made;
}

std::vector<std::string> ServerNames(const std::vector<std::string>& extra_names) {
  std::vector<std::string> names = {"localhost", "127.0.0.1", "::1"};
  char host[256] = {};
  // A name that no certificate may hold (RFC 1123, 2.1) is left out: nobody reaches us by it.
  if (gethostname(host, sizeof(host) - 1) == 0 && host[0] != '\0' &&
      std::all_of(host, host + std::char_traits<char>::length(host),
                  [](unsigned char c) { return isalnum(c) != 0 || c == '-' || c == '.'; })) {
    names.emplace_back(host);
  }
  names.insert(names.end(), extra_names.begin(), extra_names.end());
  return names;
}

}  // namespace

absl::StatusOr<ServingCertificate> OwnServingCertificate(
    const std::string& folder, const std::vector<std::string>& extra_names) {
  const absl::StatusOr<CertificateAuthority> ca = LoadOrMakeCa(folder);
  if (!ca.ok()) return ca.status();
  const std::string path = absl::StrCat(folder, "/server.pem");
  const std::string key_path = absl::StrCat(folder, "/server.key");
  absl::StatusOr<PrivateKey> key = LoadOrMakeKey(key_path, path);
  if (!key.ok()) return key.status();
  absl::StatusOr<std::optional<Certificate>> found = Load<Certificate>(path, Certificate::FromPem);
  if (!found.ok()) return found.status();
  const std::vector<std::string> names = ServerNames(extra_names);
  if (found->has_value() && !(*found)->Fits(*key)) {
    return Damaged(path, absl::InvalidArgumentError("does not belong to server.key"));
  }
  if (!found->has_value() || !ca->certificate().Signed(**found) || !(*found)->Covers(names) ||
      (*found)->expire_time() < absl::Now() + kRenewBefore) {
    absl::StatusOr<Certificate> issued = ca->IssueForServer(*key, names);
    if (!issued.ok()) return issued.status();
    if (absl::Status status = Save(path, *issued, 0644); !status.ok()) return status;
    Logger("pki")->info("issued a certificate for {}", absl::StrJoin(names, ", "));
    *found = *std::move(issued);
  }
  absl::StatusOr<std::string> certificate_pem = (*found)->ToPem();
  if (!certificate_pem.ok()) return certificate_pem.status();
  absl::StatusOr<std::string> key_pem = key->ToPem();
  if (!key_pem.ok()) return key_pem.status();
  return ServingCertificate{*std::move(certificate_pem), *std::move(key_pem)};
}

absl::StatusOr<ServingCertificate> OperatorsServingCertificate(const std::string& certificate_file,
                                                               const std::string& key_file,
                                                               const std::string& ca_file) {
  const absl::StatusOr<std::string> chain = ReadFile(certificate_file);
  if (!chain.ok()) return absl::DataLossError(chain.status().message());
  const absl::StatusOr<std::string> key_pem = ReadFile(key_file);
  if (!key_pem.ok()) return absl::DataLossError(key_pem.status().message());
  const absl::StatusOr<Certificate> certificate = Certificate::FromPem(*chain);
  if (!certificate.ok()) return Damaged(certificate_file, certificate.status());
  const absl::StatusOr<PrivateKey> key = PrivateKey::FromPem(*key_pem);
  if (!key.ok()) return Damaged(key_file, key.status());
  if (!certificate->Fits(*key)) {
    return Damaged(certificate_file,
                   absl::InvalidArgumentError(absl::StrCat("does not belong to ", key_file)));
  }
  if (!ca_file.empty()) {
    const absl::StatusOr<std::optional<Certificate>> ca =
        Load<Certificate>(ca_file, Certificate::FromPem);
    if (!ca.ok()) return ca.status();
    if (!ca->has_value()) return absl::DataLossError(absl::StrCat(ca_file, " is not there"));
    const bool intermediate = chain->find("-----BEGIN CERTIFICATE-----", 1) != std::string::npos;
    if (!intermediate && !(*ca)->Signed(*certificate)) {
      return Damaged(certificate_file,
                     absl::InvalidArgumentError(absl::StrCat("was not signed by ", ca_file)));
    }
  }
  return ServingCertificate{*chain, *key_pem};
}

}  // namespace homeport
