// Rules for what people type into the fields of requests.
//
// Threads: any.
#ifndef HOMEPORT_COORDINATOR_TEXT_RULES_H_
#define HOMEPORT_COORDINATOR_TEXT_RULES_H_

#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace homeport {

// The longest name for people, as in "laptop".
inline constexpr size_t kMostNameBytes = 100;

// INVALID_ARGUMENT with the field unless `text` is one line of at most `most_bytes`.
absl::Status CheckLine(absl::string_view field, absl::string_view text, size_t most_bytes);

// INVALID_ARGUMENT with the field unless `email` looks like an address.
absl::Status CheckEmail(absl::string_view field, absl::string_view email);

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_TEXT_RULES_H_
