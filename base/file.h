// Small files, read whole and written so that a crash leaves the old content or the new, never a
// mixture.
//
// Threads: any.
#ifndef HOMEPORT_BASE_FILE_H_
#define HOMEPORT_BASE_FILE_H_

#include <sys/types.h>

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace homeport {

// errno as a status whose message starts with `what`.
absl::Status ErrnoStatus(int error, absl::string_view what);

// The whole file. NOT_FOUND if there is none; INVALID_ARGUMENT past `limit_bytes`.
absl::StatusOr<std::string> ReadFile(const std::string& path, size_t limit_bytes = 1 << 20);

// A secret: as ReadFile, without white space around it. PERMISSION_DENIED if others than its
// owner, or than a group that root gave it to, may read it, INVALID_ARGUMENT if it is empty.
absl::StatusOr<std::string> ReadSecretFile(const std::string& path);

// Temporary file in the same folder, fsync, rename, fsync of the folder.
absl::Status WriteFileAtomically(const std::string& path, absl::string_view content, mode_t mode);

// Makes the folder (and those above it) with the given mode, if it is not there.
absl::Status MakeFolder(const std::string& path, mode_t mode);

}  // namespace homeport

#endif  // HOMEPORT_BASE_FILE_H_
