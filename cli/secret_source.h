// Where a secret that the person gives comes from: a file, standard input or the terminal, never
// the command line.
//
// Threads: one at a time.
#ifndef HOMEPORT_CLI_SECRET_SOURCE_H_
#define HOMEPORT_CLI_SECRET_SOURCE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace homeport {

// From the file `path`, which others must not be able to read; from the first line of standard
// input if it is `-`; else asked for with `question`. `option` is the option that names the file.
// FAILED_PRECONDITION with what to do if that is not possible, INVALID_ARGUMENT if it is empty.
absl::StatusOr<std::string> ReadSecret(const std::string& path, absl::string_view question,
                                       absl::string_view option);

// The same for a new password, which is asked for twice.
absl::StatusOr<std::string> ReadNewPassword(const std::string& path, absl::string_view option);

}  // namespace homeport

#endif  // HOMEPORT_CLI_SECRET_SOURCE_H_
