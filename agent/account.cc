#include "agent/account.h"

#include <pwd.h>
#include <unistd.h>

#include <cstdlib>

#include "absl/strings/str_cat.h"

namespace homeport::agent {
namespace {

std::string Variable(const char* name) {
  const char* value = getenv(name);
  return value == nullptr ? "" : value;
}

std::string FirstExecutable(const std::string& of_account) {
  for (const std::string& shell : {of_account, Variable("SHELL"), std::string("/bin/bash")}) {
    if (!shell.empty() && shell[0] == '/' && access(shell.c_str(), X_OK) == 0) return shell;
  }
  return "/bin/sh";
}

}  // namespace

Account ThisAccount(const std::string& pinned_shell) {
  Account account;
  account.root = getuid() == 0;
  std::string shell;
  if (const passwd* entry = getpwuid(getuid()); entry != nullptr) {
    account.user = entry->pw_name;
    account.home = entry->pw_dir;
    shell = entry->pw_shell;
  } else {
    account.user = Variable("USER");
    account.home = Variable("HOME");
  }
  if (account.user.empty()) account.user = absl::StrCat("uid", getuid());
  if (account.home.empty()) account.home = "/";
  account.shell = pinned_shell.empty() ? FirstExecutable(shell) : pinned_shell;
  return account;
}

}  // namespace homeport::agent
