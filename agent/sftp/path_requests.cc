#include "agent/sftp/path_requests.h"

#include <cerrno>

#include "agent/sftp/attribute_changes.h"
#include "agent/sftp/status_code.h"

namespace homeport::agent::sftp {
namespace {

using Target = FileSystem::Target;

constexpr mode_t kDefaultFolderMode = 0777;
constexpr mode_t kPermissionBits = 07777;

}  // namespace

Outcome PathRequests::Stat(Request& request) {
  const std::string path = request.Path();
  return SendAttributes(request, Target::Path(path));
}

Outcome PathRequests::Lstat(Request& request) {
  const std::string path = request.Path();
  return SendAttributes(request, Target::Link(path));
}

Outcome PathRequests::SendAttributes(Request& request, const Target& target) {
  if (!request.ok()) return StatusCode::kBadMessage;
  struct stat file = {};
  const int result = services_.files.Stat(target, file);
  if (result < 0) return CodeOf(result);
  services_.replies.Attrs(request.id(), AttributesOf(file));
  return kAnswered;
}

Outcome PathRequests::Setstat(Request& request) {
  const std::string path = request.Path();
  const Attributes attributes = request.Attributes();
  if (!request.ok()) return StatusCode::kBadMessage;
  return ApplyAttributes(services_.files, Target::Path(path), attributes);
}

Outcome PathRequests::Lsetstat(Request& request) {
  const std::string path = request.Path();
  const Attributes attributes = request.Attributes();
  // A link's size is that of what it says.
  if (!request.ok() || attributes.size_bytes.has_value()) return StatusCode::kBadMessage;
  return ApplyAttributes(services_.files, Target::Link(path), attributes);
}

Outcome PathRequests::Mkdir(Request& request) {
  const std::string path = request.Path();
  const Attributes attributes = request.Attributes();
  if (!request.ok()) return StatusCode::kBadMessage;
  const mode_t mode = attributes.mode.value_or(kDefaultFolderMode) & kPermissionBits;
  return CodeOf(services_.files.MakeFolder(path, mode));
}

Outcome PathRequests::Rmdir(Request& request) {
  const std::string path = request.Path();
  if (!request.ok()) return StatusCode::kBadMessage;
  return CodeOf(services_.files.RemoveFolder(path));
}

Outcome PathRequests::Remove(Request& request) {
  const std::string path = request.Path();
  if (!request.ok()) return StatusCode::kBadMessage;
  return CodeOf(services_.files.Remove(path));
}

Outcome PathRequests::Rename(Request& request) {
  const std::string from = request.Path();
  const std::string to = request.Path();
  if (!request.ok()) return StatusCode::kBadMessage;
  return CodeOf(RenameToFreeName(from, to));
}

int PathRequests::RenameToFreeName(const std::string& from, const std::string& to) {
  struct stat file = {};
  const int result = services_.files.Stat(Target::Link(from), file);
  if (result < 0) return result;
  if (S_ISREG(file.st_mode)) return RenameRegularFile(from, to);
  if (services_.files.Stat(Target::Path(to), file) >= 0) return -EEXIST;
  return services_.files.Rename(from, to);
}

// A second name and then the loss of the first: unlike looking first and renaming then, this
// never replaces a file that somebody makes at the same time.
int PathRequests::RenameRegularFile(const std::string& from, const std::string& to) {
  FileSystem& files = services_.files;
  const int linked = files.HardLink(from, to);
  if (linked == -EOPNOTSUPP || linked == -ENOSYS || linked == -EXDEV || linked == -EPERM) {
    // A file system without hard links, or a file that may not get one.
    struct stat file = {};
    return files.Stat(Target::Path(to), file) >= 0 ? -EEXIST : files.Rename(from, to);
  }
  if (linked < 0) return linked;
  const int removed = files.Remove(from);
  if (removed < 0) files.Remove(to);
  return removed;
}

Outcome PathRequests::PosixRename(Request& request) {
  const std::string from = request.Path();
  const std::string to = request.Path();
  if (!request.ok()) return StatusCode::kBadMessage;
  return CodeOf(services_.files.Rename(from, to));
}

Outcome PathRequests::HardLink(Request& request) {
  const std::string from = request.Path();
  const std::string to = request.Path();
  if (!request.ok()) return StatusCode::kBadMessage;
  return CodeOf(services_.files.HardLink(from, to));
}

Outcome PathRequests::Symlink(Request& request) {
  const std::string target = request.Path();
  const std::string link = request.Path();
  if (!request.ok()) return StatusCode::kBadMessage;
  return CodeOf(services_.files.SymbolicLink(target, link));
}

Outcome PathRequests::Readlink(Request& request) {
  const std::string path = request.Path();
  if (!request.ok()) return StatusCode::kBadMessage;
  std::string target;
  const int result = services_.files.ReadLink(path, target);
  if (result < 0) return CodeOf(result);
  services_.replies.Name(request.id(), target);
  return kAnswered;
}

Outcome PathRequests::Realpath(Request& request) {
  const std::string path = request.Path();
  if (!request.ok()) return StatusCode::kBadMessage;
  std::string resolved;
  const int result = resolver_.Resolve(path, resolved);
  if (result < 0) return CodeOf(result);
  services_.replies.Name(request.id(), resolved);
  return kAnswered;
}

Outcome PathRequests::ExpandPath(Request& request) {
  const std::string path = request.Path();
  if (!request.ok()) return StatusCode::kBadMessage;
  std::string resolved;
  const int result = resolver_.Expand(path, resolved);
  if (result == PathResolver::kNoSuchUser) {
    services_.replies.Status(request.id(), StatusCode::kNoSuchFile, "no such user");
    return kAnswered;
  }
  if (result < 0) return CodeOf(result);
  services_.replies.Name(request.id(), resolved);
  return kAnswered;
}

}  // namespace homeport::agent::sftp
