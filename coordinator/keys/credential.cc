#include "coordinator/keys/credential.h"

#include <sodium.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "coordinator/keys/secret.h"

namespace homeport {
namespace {

constexpr size_t kIdBytes = 8;
constexpr size_t kIdLength = 2 * kIdBytes;
constexpr size_t kSecretBytes = 32;
constexpr size_t kSecretLength = 43;  // of kSecretBytes in base64url without padding
constexpr size_t kHashBytes = 32;

struct KindWords {
  CredentialKind kind;
  absl::string_view prefix;
  absl::string_view name;
};
constexpr KindWords kKinds[] = {
    {CredentialKind::kUser, "hpt_", "an API token"},
    {CredentialKind::kWorkspace, "hpa_", "a workspace's credential"},
    {CredentialKind::kProxy, "hpp_", "a proxy's credential"},
    {CredentialKind::kSignInCode, "hpc_", "a one-time code"},
    {CredentialKind::kSetUpCode, "hps_", "a set-up code"},
};

const KindWords& WordsOf(CredentialKind kind) {
  return *std::find_if(std::begin(kKinds), std::end(kKinds),
                       [kind](const KindWords& words) { return words.kind == kind; });
}

std::string RandomBytes(size_t size) {
  std::string bytes(size, '\0');
  randombytes_buf(bytes.data(), bytes.size());
  return bytes;
}

std::string Hash(absl::string_view secret) {
  std::string hash(kHashBytes, '\0');
  crypto_generichash(reinterpret_cast<unsigned char*>(hash.data()), hash.size(),
                     reinterpret_cast<const unsigned char*>(secret.data()), secret.size(), nullptr,
                     0);
  return hash;
}

NewCredential MakeCredential(CredentialKind kind, absl::string_view id, std::string secret) {
  NewCredential made;
  made.hashed = {kind, absl::BytesToHexString(id), Hash(secret)};
  made.token =
      absl::StrCat(CredentialPrefix(kind), made.hashed.id, "_", absl::WebSafeBase64Escape(secret));
  WipeSecret(secret);
  return made;
}

bool IsLowerHex(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isxdigit(static_cast<unsigned char>(c)) &&
           !absl::ascii_isupper(static_cast<unsigned char>(c));
  });
}

}  // namespace

absl::string_view CredentialPrefix(CredentialKind kind) { return WordsOf(kind).prefix; }
absl::string_view CredentialKindName(CredentialKind kind) { return WordsOf(kind).name; }

NewCredential MintCredential(CredentialKind kind) {
  return MakeCredential(kind, RandomBytes(kIdBytes), RandomBytes(kSecretBytes));
}

NewCredential DeriveCredential(CredentialKind kind, absl::string_view key) {
  return MakeCredential(kind, Hash(absl::StrCat("id ", key)).substr(0, kIdBytes),
                        Hash(absl::StrCat("secret ", key)));
}

absl::StatusOr<HashedCredential> ParseCredential(absl::string_view token) {
  for (const KindWords& words : kKinds) {
    if (!absl::StartsWith(token, words.prefix)) continue;
    const absl::string_view rest = token.substr(words.prefix.size());
    std::string secret;
    if (rest.size() == kIdLength + 1 + kSecretLength && rest[kIdLength] == '_' &&
        IsLowerHex(rest.substr(0, kIdLength)) &&
        absl::WebSafeBase64Unescape(rest.substr(kIdLength + 1), &secret) &&
        secret.size() == kSecretBytes) {
      HashedCredential hashed{words.kind, std::string(rest.substr(0, kIdLength)), Hash(secret)};
      WipeSecret(secret);
      return hashed;
    }
  }
  return absl::UnauthenticatedError(
      token.empty() ? "no credential was sent; say \"authorization: Bearer <credential>\""
                    : "what was sent is no credential of Homeport's (hpt_…, hpa_… or hpp_…)");
}

bool SameSecret(const HashedCredential& a, const HashedCredential& b) {
  return a.kind == b.kind && a.secret_hash.size() == kHashBytes &&
         b.secret_hash.size() == kHashBytes &&
         sodium_memcmp(a.secret_hash.data(), b.secret_hash.data(), kHashBytes) == 0;
}

}  // namespace homeport
