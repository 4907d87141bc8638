// A file for a secret that is shown once, or for something else that others need not read: reserved
// before it is asked for, so that a path that cannot be written is found out while nothing is lost
// yet.
//
// Mode 0600 from the first moment; appears whole under its name or not at all. What was reserved
// and not written is removed. Threads: one at a time.
#ifndef HOMEPORT_CLI_SECRET_FILE_H_
#define HOMEPORT_CLI_SECRET_FILE_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/unique_fd.h"

namespace homeport {

class SecretFile {
 public:
  // FAILED_PRECONDITION if there is a file already and `replace` is false, or if the folder cannot
  // be written.
  static absl::StatusOr<std::unique_ptr<SecretFile>> Reserve(const std::string& path, bool replace);
  ~SecretFile();
  SecretFile(const SecretFile&) = delete;
  SecretFile& operator=(const SecretFile&) = delete;

  // The whole, once. A line break is added if the secret does not end with one.
  absl::Status Write(absl::string_view secret);

  // Or piece by piece; the file appears at the end.
  absl::Status Append(absl::string_view piece);
  absl::Status Finish();

  const std::string& path() const { return path_; }

 private:
  SecretFile(std::string path, bool replace, std::string temporary, int fd);
  absl::Status MoveIntoPlace();

  const std::string path_;
  const bool replace_;
  const std::string temporary_;
  UniqueFd fd_;
};

}  // namespace homeport

#endif  // HOMEPORT_CLI_SECRET_FILE_H_
