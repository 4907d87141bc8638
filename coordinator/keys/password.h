// Passwords of people: Argon2id (RFC 9106) by libsodium.
//
// Hashing and verifying take kPasswordMemoryBytes and a few tenths of a second of CPU each, on
// purpose: not on a thread that others wait for, and only so many at once as memory allows.
//
// Threads: any.
#ifndef HOMEPORT_COORDINATOR_KEYS_PASSWORD_H_
#define HOMEPORT_COORDINATOR_KEYS_PASSWORD_H_

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace homeport {

inline constexpr size_t kLeastPasswordBytes = 12;
inline constexpr size_t kMostPasswordBytes = 256;

// What libsodium calls interactive: two passes over 64 MiB.
inline constexpr unsigned long long kPasswordPasses = 2;
inline constexpr size_t kPasswordMemoryBytes = 64 << 20;

// Whether it may become a password: kLeastPasswordBytes to kMostPasswordBytes and no zero byte.
// INVALID_ARGUMENT says the rule that it breaks, and never the password.
absl::Status CheckPasswordRules(absl::string_view password);

// As it is stored: algorithm, limits, salt and hash in one line of ASCII. The rules are the
// caller's to check. RESOURCE_EXHAUSTED if there is no memory for it.
absl::StatusOr<std::string> HashPassword(absl::string_view password);

// Whether `hash` was made from it. False too for what is no hash and where there is no memory.
bool VerifyPassword(absl::string_view hash, absl::string_view password);

// Whether the hash was made with other limits than HashPassword's: to be made again at the next
// sign-in. True too for what is no hash.
bool NeedsRehash(absl::string_view hash);

// For an account that there is not, or that has no password: takes as long as VerifyPassword, so
// that the time does not tell who is known. False.
bool VerifyAgainstNobody(absl::string_view password);

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_KEYS_PASSWORD_H_
