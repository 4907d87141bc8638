// How a replica of sshproxy may call itself.
#ifndef HOMEPORT_COORDINATOR_REPLICA_NAME_H_
#define HOMEPORT_COORDINATOR_REPLICA_NAME_H_

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace homeport {

// INVALID_ARGUMENT with the name of the field unless it is 1 to 255 printable ASCII characters.
inline absl::Status CheckReplicaName(absl::string_view field, absl::string_view name) {
  const bool printable = std::all_of(name.begin(), name.end(), [](char c) {
    return absl::ascii_isgraph(static_cast<unsigned char>(c));
  });
  if (!name.empty() && name.size() <= 255 && printable) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(field, " must be 1 to 255 printable ASCII characters without spaces"));
}

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_REPLICA_NAME_H_
