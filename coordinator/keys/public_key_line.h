// A public key as a person pastes it: one line of authorized_keys without options, with a key of
// those that CheckPublicKeyBlob takes.
//
// Threads: any.
#ifndef HOMEPORT_COORDINATOR_KEYS_PUBLIC_KEY_LINE_H_
#define HOMEPORT_COORDINATOR_KEYS_PUBLIC_KEY_LINE_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "coordinator/keys/public_key_blob.h"

namespace homeport {

inline constexpr size_t kMostCommentBytes = 100;

struct PublicKeyLine {
  std::string algorithm;
  std::string blob;     // RFC 4253, 6.6
  std::string comment;  // printable UTF-8, at most kMostCommentBytes; may be empty
};

// Blanks before and after do not matter, and a comment may have some; bytes in it that are no UTF-8
// become question marks. INVALID_ARGUMENT says in a sentence what is wrong. It repeats nothing of
// the line, which might hold a secret.
absl::StatusOr<PublicKeyLine> ParsePublicKeyLine(absl::string_view line);

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_KEYS_PUBLIC_KEY_LINE_H_
