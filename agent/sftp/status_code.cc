#include "agent/sftp/status_code.h"

#include <cerrno>

namespace homeport::agent::sftp {

StatusCode CodeOf(int64_t result) {
  if (result >= 0) return StatusCode::kOk;
  switch (-result) {
    case ENOENT:
    case ENOTDIR:
    case EBADF:
    case ELOOP:
      return StatusCode::kNoSuchFile;
    case EPERM:
    case EACCES:
    case EFAULT:
      return StatusCode::kPermissionDenied;
    case ENAMETOOLONG:
    case EINVAL:
      return StatusCode::kBadMessage;
    case ENOSYS:
      return StatusCode::kOpUnsupported;
    default:
      return StatusCode::kFailure;
  }
}

absl::string_view TextOf(StatusCode code) {
  switch (code) {
    case StatusCode::kOk:
      return "Success";
    case StatusCode::kEof:
      return "End of file";
    case StatusCode::kNoSuchFile:
      return "No such file";
    case StatusCode::kPermissionDenied:
      return "Permission denied";
    case StatusCode::kFailure:
      return "Failure";
    case StatusCode::kBadMessage:
      return "Bad message";
    case StatusCode::kOpUnsupported:
      return "Operation unsupported";
  }
  return "Unknown error";
}

}  // namespace homeport::agent::sftp
