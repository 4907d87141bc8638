#include "tests/integration/account_home.h"

#include <pwd.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/file.h"

namespace homeport::story {

AccountHome::AccountHome(const std::string& folder, const std::string& home) {
  const passwd* account = getpwuid(geteuid());
  if (account == nullptr) {
    why_not_ = "the account has no record";
    return;
  }
  std::string content = absl::StrCat(account->pw_name, ":x:", account->pw_uid, ":", account->pw_gid,
                                     "::", home, ":/bin/sh\n");
  const std::string all = ReadFile("/etc/passwd").value_or("");
  for (const absl::string_view line : absl::StrSplit(all, '\n', absl::SkipEmpty())) {
    if (!absl::StartsWith(line, absl::StrCat(account->pw_name, ":"))) {
      absl::StrAppend(&content, line, "\n");
    }
  }
  const std::string file = folder + "/passwd";
  if (!WriteFileAtomically(file, content, 0644).ok() || unshare(CLONE_NEWNS) != 0 ||
      mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
      mount(file.c_str(), "/etc/passwd", nullptr, MS_BIND, nullptr) != 0) {
    why_not_ = absl::StrCat("another home needs the right to mount: ", strerror(errno));
  }
}

AccountHome::~AccountHome() {
  if (why_not_.empty()) umount2("/etc/passwd", MNT_DETACH);
}

}  // namespace homeport::story
