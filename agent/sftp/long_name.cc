#include "agent/sftp/long_name.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace homeport::agent::sftp {
namespace {

constexpr time_t kHalfAYear = 365 * 24 * 60 * 60 / 2;

char TypeLetter(mode_t mode) {
  switch (mode & S_IFMT) {
    case S_IFREG:
      return '-';
    case S_IFDIR:
      return 'd';
    case S_IFLNK:
      return 'l';
    case S_IFBLK:
      return 'b';
    case S_IFCHR:
      return 'c';
    case S_IFIFO:
      return 'p';
    case S_IFSOCK:
      return 's';
    default:
      return '?';
  }
}

// The letter for executable: also says whether the special bit is there.
char ExecuteLetter(bool executable, bool special, char both) {
  if (!special) return executable ? 'x' : '-';
  return executable ? both : static_cast<char>(both - 'a' + 'A');
}

std::string ModeText(mode_t mode) {
  std::string text(1, TypeLetter(mode));
  for (const int shift : {6, 3, 0}) {
    const mode_t bits = mode >> shift;
    text += (bits & 4) != 0 ? 'r' : '-';
    text += (bits & 2) != 0 ? 'w' : '-';
    const bool executable = (bits & 1) != 0;
    if (shift == 6) {
      text += ExecuteLetter(executable, (mode & S_ISUID) != 0, 's');
    } else if (shift == 3) {
      text += ExecuteLetter(executable, (mode & S_ISGID) != 0, 's');
    } else {
      text += ExecuteLetter(executable, (mode & S_ISVTX) != 0, 't');
    }
  }
  return text + ' ';  // where some systems mark access control lists
}

std::string TimeText(time_t time, time_t now) {
  struct tm local = {};
  if (localtime_r(&time, &local) == nullptr) return "";
  const bool recent = time <= now && now - time < kHalfAYear;
  char text[64];
  const size_t size = strftime(text, sizeof(text), recent ? "%b %e %H:%M" : "%b %e  %Y", &local);
  return std::string(text, size);
}

std::string NameOrNumber(const std::string& name, uint32_t number) {
  return name.empty() ? absl::StrCat(number) : name;
}

}  // namespace

std::string LongName(const std::string& name, const struct stat& file, const std::string& user,
                     const std::string& group, time_t now) {
  return absl::StrFormat("%s %3u %-8s %-8s %8u %s %s", ModeText(file.st_mode),
                         static_cast<unsigned>(file.st_nlink), NameOrNumber(user, file.st_uid),
                         NameOrNumber(group, file.st_gid), static_cast<uint64_t>(file.st_size),
                         TimeText(file.st_mtime, now), name);
}

}  // namespace homeport::agent::sftp
