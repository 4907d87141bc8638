#include "coordinator/keys/password.h"

#include <sodium.h>

#include "absl/strings/str_cat.h"

namespace homeport {
namespace {

static_assert(kPasswordPasses == crypto_pwhash_OPSLIMIT_INTERACTIVE);
static_assert(kPasswordMemoryBytes == crypto_pwhash_MEMLIMIT_INTERACTIVE);

// Of nobody's password: salt and hash are random bytes. Its limits are those of HashPassword.
constexpr char kNobody[] =
    "$argon2id$v=19$m=65536,t=2,p=1$8Tew0kQcDWeFc0KbHPVqUw$"
    "eM+33miAK3UaCXGbPHk4y94IISIM595Vn6whHWEleQk";

bool Matches(const std::string& hash, absl::string_view password) {
  return crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
}

// Only what crypto_pwhash_str can have made: its functions read up to a zero byte.
bool IsHash(absl::string_view hash) {
  return !hash.empty() && hash.size() < crypto_pwhash_STRBYTES &&
         hash.find('\0') == absl::string_view::npos;
}

}  // namespace

absl::Status CheckPasswordRules(absl::string_view password) {
  if (password.size() < kLeastPasswordBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("a password has at least ", kLeastPasswordBytes, " characters"));
  }
  if (password.size() > kMostPasswordBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("a password has at most ", kMostPasswordBytes, " bytes"));
  }
  if (password.find('\0') != absl::string_view::npos) {
    return absl::InvalidArgumentError("a password has no zero byte");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> HashPassword(absl::string_view password) {
  char hash[crypto_pwhash_STRBYTES] = {};
  if (crypto_pwhash_str(hash, password.data(), password.size(), kPasswordPasses,
                        kPasswordMemoryBytes) != 0) {
    return absl::ResourceExhaustedError("there is no memory to hash a password");
  }
  return std::string(hash);
}

bool VerifyPassword(absl::string_view hash, absl::string_view password) {
  // Too long to have become one. It costs the same as a wrong one.
  if (!IsHash(hash) || password.size() > kMostPasswordBytes) return VerifyAgainstNobody(password);
  return Matches(std::string(hash), password);
}

bool NeedsRehash(absl::string_view hash) {
  return !IsHash(hash) || crypto_pwhash_str_needs_rehash(std::string(hash).c_str(), kPasswordPasses,
                                                         kPasswordMemoryBytes) != 0;
}

bool VerifyAgainstNobody(absl::string_view password) {
  static_cast<void>(Matches(kNobody, password.substr(0, kMostPasswordBytes)));
  return false;
}

}  // namespace homeport
