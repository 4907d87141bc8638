#include "coordinator/store/sqlite_backup.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <memory>

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "base/unique_fd.h"
#include "coordinator/store/sql_audit.h"
#include "coordinator/store/sqlite_database.h"

namespace homeport {
namespace {

absl::Status Sync(const std::string& path) {
  const UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd.valid() && fsync(fd.get()) == 0) return absl::OkStatus();
  return ErrnoStatus(errno, absl::StrCat("cannot sync ", path));
}

std::string FolderOf(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

// Reads the whole copy again. Closing it leaves one file.
absl::StatusOr<AuditVerification> Verify(const std::string& path, const std::string& audit_key) {
  const auto database = SqliteDatabase::Open(path, nullptr);
  if (!database.ok()) return database.status();
  return (*database)->Read([&](soci::session& session) -> absl::StatusOr<AuditVerification> {
    return VerifyAuditLines(session, audit_key);
  });
}

absl::StatusOr<AuditVerification> WriteCopy(const std::string& file, const std::string& temporary,
                                            const std::string& audit_key) {
  const auto database = SqliteDatabase::Open(file, nullptr);
  if (!database.ok()) return database.status();
  if (absl::Status status = (*database)->CopyInto(temporary); !status.ok()) return status;
  absl::StatusOr<AuditVerification> verified = Verify(temporary, audit_key);
  if (!verified.ok()) return verified;
  if (absl::Status status = Sync(temporary); !status.ok()) return status;
  return verified;
}

}  // namespace

absl::StatusOr<AuditVerification> BackUpSqlite(const std::string& file, const std::string& to,
                                               const std::string& audit_key) {
  if (access(file.c_str(), F_OK) != 0) {
    return absl::NotFoundError(absl::StrCat("there is no database ", file));
  }
  std::string temporary = absl::StrCat(to, ".XXXXXX");
  UniqueFd made(mkstemp(temporary.data()));
  if (!made.valid()) return ErrnoStatus(errno, absl::StrCat("cannot write ", to));
  made.Reset();
  absl::StatusOr<AuditVerification> verified = WriteCopy(file, temporary, audit_key);
  // A link and not a new name, which would take the place of what is there.
  if (verified.ok() && link(temporary.c_str(), to.c_str()) != 0) {
    verified =
        errno == EEXIST
            ? absl::AlreadyExistsError(absl::StrCat(to, " is there already; name another file"))
            : ErrnoStatus(errno, absl::StrCat("cannot write ", to));
  }
  for (const char* end : {"", "-wal", "-shm"}) unlink(absl::StrCat(temporary, end).c_str());
  if (!verified.ok()) return verified;
  if (absl::Status status = Sync(FolderOf(to)); !status.ok()) return status;
  return verified;
}

}  // namespace homeport
