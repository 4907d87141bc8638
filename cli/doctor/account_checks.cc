#include "cli/doctor/account_checks.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "absl/strings/str_cat.h"

namespace homeport::doctor {
namespace {

// What the agent was told with a flag; empty if nothing.
std::string Told(const std::optional<AgentRun>& agent, const std::string& flag) {
  if (!agent.has_value() || agent->flags.count(flag) == 0) return "";
  return agent->flags.at(flag);
}

std::string HomeOf(const Surroundings& here, const std::optional<AgentRun>& agent) {
  if (const std::string home = Told(agent, "home"); !home.empty()) return home;
  const std::optional<Account> account = here.FindAccount();
  std::string home = account.has_value() ? account->home : here.Variable("HOME");
  return home.empty() ? "/" : home;
}

Finding Missing(std::string name, std::string what, std::string why, std::string fix) {
  return {std::move(name), Finding::State::kMissing, std::move(what), std::move(why),
          std::move(fix)};
}

bool OthersMayWrite(const struct stat& about) { return (about.st_mode & (S_IWGRP | S_IWOTH)) != 0; }

}  // namespace

Finding CheckHome(const Surroundings& here, const std::optional<AgentRun>& agent) {
  const std::string home = HomeOf(here, agent);
  const std::string path = here.root + home;
  constexpr char kWhy[] =
      "the agent cannot keep your key and environment there: OpenSSH lets nobody in, and the key "
      "socket is missing";
  struct stat about = {};
  if (stat(path.c_str(), &about) != 0 || !S_ISDIR(about.st_mode)) {
    return Missing("home", absl::StrCat("the home ", home, " is no folder"), kWhy,
                   absl::StrCat("make it in the image or mount a volume at ", home,
                                ", owned by uid ", here.uid));
  }
  if (access(path.c_str(), W_OK | X_OK) != 0) {
    return Missing(
        "home", absl::StrCat("the home ", home, " cannot be written to: ", strerror(errno)), kWhy,
        absl::StrCat("give it to uid ", here.uid, " (chown), or mount a volume there"));
  }
  return Ok("home", absl::StrCat(home, " can be written to"));
}

Finding CheckKeys(const Surroundings& here, const std::optional<AgentRun>& agent) {
  const std::string home = HomeOf(here, agent);
  constexpr char kWhy[] =
      "OpenSSH (StrictModes) then ignores the keys, and sign-ins fall back to the "
      "embedded server";
  for (const std::string& path : {home, home + "/.ssh", home + "/.ssh/authorized_keys"}) {
    struct stat about = {};
    if (stat((here.root + path).c_str(), &about) != 0) continue;
    if (OthersMayWrite(about)) {
      return Missing("keys", path + " may be written to by others than its owner", kWhy,
                     "chmod go-w " + path);
    }
    if (about.st_uid != here.uid && about.st_uid != 0) {
      return Missing(
          "keys", absl::StrCat(path, " belongs to uid ", about.st_uid, ", not to uid ", here.uid),
          kWhy, absl::StrCat("chown ", here.uid, " ", path));
    }
  }
  return Ok("keys", "~/.ssh is the account's alone");
}

Finding CheckShell(const Surroundings& here, const std::optional<AgentRun>& agent) {
  const std::optional<Account> account = here.FindAccount();
  std::string own = Told(agent, "shell");
  if (own.empty() && account.has_value()) own = account->shell;
  if (here.CanExecute(own)) return Ok("shell", own);
  // As the agent goes on.
  for (const std::string& shell :
       {here.Variable("SHELL"), std::string("/bin/bash"), std::string("/bin/sh")}) {
    if (!here.CanExecute(shell)) continue;
    if (own.empty()) return Ok("shell", shell);
    return {"shell", Finding::State::kNote,
            absl::StrCat("the account's shell ", own, " is not in the image; sessions get ", shell),
            "OpenSSH has no such way out and refuses to sign in an account without its shell",
            absl::StrCat("install ", own, ", or change the account: usermod --shell ", shell)};
  }
  return Missing("shell", "there is no shell: not the account's, not $SHELL, not /bin/sh",
                 "ssh can run nothing here; only sftp and scp work",
                 "put a shell into the image (a static busybox is enough) and name it in SHELL");
}

}  // namespace homeport::doctor
