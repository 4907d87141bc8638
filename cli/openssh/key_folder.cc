#include "cli/openssh/key_folder.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/file.h"
#include "cli/openssh/file_change.h"

namespace homeport {
namespace {

absl::Status Failed(const absl::Status& status) {
  if (status.ok()) return status;
  return absl::FailedPreconditionError(status.message());
}

absl::Status Remove(const std::string& path) {
  if (unlink(path.c_str()) == 0 || errno == ENOENT) return absl::OkStatus();
  return Failed(ErrnoStatus(errno, absl::StrCat("cannot remove ", path)));
}

}  // namespace

absl::Status KeyFolder::Prepare() const {
  if (absl::Status status = MakeFolder(path_, 0700); !status.ok()) return Failed(status);
  if (chmod(path_.c_str(), 0700) == 0) return absl::OkStatus();
  return Failed(ErrnoStatus(errno, absl::StrCat("cannot make the folder private: ", path_)));
}

bool KeyFolder::HasIdentity(absl::string_view public_key_line) const {
  const absl::StatusOr<std::string> stored = ReadFile(public_key());
  return stored.ok() && !public_key_line.empty() &&
         absl::StripSuffix(*stored, "\n") == public_key_line &&
         access(identity().c_str(), R_OK) == 0;
}

absl::Status KeyFolder::StoreIdentity(absl::string_view public_key_line,
                                      absl::string_view private_key) const {
  if (absl::StrContains(public_key_line, "\n")) {
    return absl::InternalError("the coordinator sent a public key of several lines");
  }
  if (!absl::StartsWith(private_key, "-----BEGIN ")) {
    return absl::InternalError("the coordinator sent something else than a private key");
  }
  // The public half says that the private one is there: it goes first and comes last.
  if (absl::Status status = Remove(public_key()); !status.ok()) return status;
  absl::Status status = WriteFileAtomically(identity(), private_key, 0600);
  status.Update(WriteFileAtomically(public_key(), absl::StrCat(public_key_line, "\n"), 0600));
  return Failed(status);
}

absl::Status KeyFolder::RemoveIdentity() const {
  absl::Status status = Remove(public_key());
  status.Update(Remove(identity()));
  return status;
}

absl::Status KeyFolder::StoreKnownHosts(const std::string& content) const {
  FileChange change;
  change.path = known_hosts();
  const absl::StatusOr<std::optional<std::string>> before = ReadIfThere(change.path);
  if (!before.ok()) return before.status();
  change.before = *before;
  change.after = content;
  return Apply(change);
}

}  // namespace homeport
