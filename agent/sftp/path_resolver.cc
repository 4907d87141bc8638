#include "agent/sftp/path_resolver.h"

#include <cerrno>
#include <climits>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace homeport::agent::sftp {
namespace {

// As the kernel's own limit.
constexpr int kMostLinks = 40;

// Takes the part before the first slash, and the slash, off `rest`.
std::string TakePart(std::string& rest, bool& slash_follows) {
  const size_t slash = rest.find('/');
  slash_follows = slash != std::string::npos;
  const std::string part = rest.substr(0, slash);
  rest.erase(0, slash_follows ? slash + 1 : slash);
  return part;
}

void DropLastPart(std::string& path) { path.erase(path.rfind('/')); }

}  // namespace

int PathResolver::Resolve(const std::string& path, std::string& resolved) {
  if (path.size() >= PATH_MAX) return -ENAMETOOLONG;
  std::string rest = path;
  std::string done;  // "" is the root; parts are added with a slash in front
  if (rest.empty() || rest[0] != '/') {
    if (const int result = files_.CurrentFolder(done); result < 0) return result;
    if (done == "/") done.clear();
  }
  int links = 0;
  bool slash_follows = false;
  while (!rest.empty()) {
    const std::string part = TakePart(rest, slash_follows);
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      if (!done.empty()) DropLastPart(done);
      continue;
    }
    absl::StrAppend(&done, "/", part);
    if (done.size() >= PATH_MAX) return -ENAMETOOLONG;
    struct stat file = {};
    const bool last = rest.empty() && !slash_follows;
    const int result = files_.Stat(FileSystem::Target::Link(done), file);
    if (result == -ENOENT && last) break;
    if (result < 0) return result;
    if (!S_ISLNK(file.st_mode)) continue;
    if (++links > kMostLinks) return -ELOOP;
    std::string target;
    if (const int read = files_.ReadLink(done, target); read < 0) return read;
    if (!target.empty() && target[0] == '/') {
      done.clear();
    } else {
      DropLastPart(done);
    }
    rest = slash_follows ? absl::StrCat(target, "/", rest) : target;
    if (rest.size() >= PATH_MAX) return -ENAMETOOLONG;
  }
  resolved = done.empty() ? "/" : done;
  return 0;
}

int PathResolver::Expand(const std::string& path, std::string& resolved) {
  if (path.empty() || path[0] != '~') return Resolve(path, resolved);
  std::string rest = path.substr(1);
  bool slash_follows = false;
  const std::string user = TakePart(rest, slash_follows);
  if (user.empty()) return Resolve(rest, resolved);
  const auto home = accounts_.HomeOf(user);
  if (!home.has_value()) return kNoSuchUser;
  return Resolve(absl::StrCat(*home, "/", rest), resolved);
}

}  // namespace homeport::agent::sftp
