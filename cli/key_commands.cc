#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "cli/commands.h"
#include "cli/failure.h"
#include "cli/known_hosts.h"
#include "cli/resource_name.h"
#include "cli/terminal_text.h"

namespace homeport {
namespace {

absl::Status Show(Invocation& invocation, const std::string& typed) {
  std::string id;
  if (!typed.empty()) {
    absl::StatusOr<std::string> parsed = ParseUserId(typed);
    if (!parsed.ok()) return parsed.status();
    id = *std::move(parsed);
  }
  absl::StatusOr<AdminApi*> admin = invocation.Admin();
  if (!admin.ok()) return admin.status();
  absl::StatusOr<v1::User> user =
      id.empty() ? (*admin)->GetCaller() : (*admin)->GetUser(UserName(id));
  if (!user.ok()) return user.status();
  if (invocation.json()) {
    invocation.Print(ToJsonObject({{"name", user->name()}, {"public_key", user->public_key()}}));
  } else {
    invocation.Print(absl::StrCat(TerminalSafe(user->public_key()), "\n"));
  }
  return absl::OkStatus();
}

// Where a person's key goes when they do not say: a name that no other program uses.
absl::StatusOr<std::string> DefaultKeyFile(const std::string& user) {
  const char* home = getenv("HOME");  // NOLINT: before any thread of ours
  if (home == nullptr || *home != '/') {
    return absl::InvalidArgumentError("HOME is not set; name the file with --file");
  }
  const std::string folder = absl::StrCat(home, "/.ssh");
  if (absl::Status status = MakeFolder(folder, 0700); !status.ok()) return LocalFailure(status);
  return absl::StrCat(folder, "/homeport_", user);
}

absl::Status Download(Invocation& invocation, std::string path, bool force) {
  absl::StatusOr<AdminApi*> admin = invocation.Admin();
  if (!admin.ok()) return admin.status();
  absl::StatusOr<v1::User> user = (*admin)->GetCaller();
  if (!user.ok()) return user.status();
  if (path.empty()) {
    absl::StatusOr<std::string> chosen = DefaultKeyFile(LastPart(user->name()));
    if (!chosen.ok()) return chosen.status();
    path = *std::move(chosen);
  }
  std::unique_ptr<SecretFile> file;
  if (path != "-") {
    auto reserved = SecretFile::Reserve(path, force);
    if (!reserved.ok()) return reserved.status();
    file = *std::move(reserved);
  }
  absl::StatusOr<std::string> key = (*admin)->DownloadPrivateKey(user->name());
  if (!key.ok()) return key.status();
  if (file == nullptr) {
    invocation.Print(*key);
    return absl::OkStatus();
  }
  if (absl::Status status = file->Write(*key); !status.ok()) return status;
  if (invocation.json()) {
    invocation.Print(ToJsonObject({{"name", user->name()}, {"file", path}}));
  } else {
    invocation.Print(absl::StrCat("The private key of ", TerminalSafe(LastPart(user->name())),
                                  " is in ", TerminalSafe(path), ".\n"));
  }
  return absl::OkStatus();
}

// `where` is empty, or HOST and PORT.
absl::Status FrontDoor(Invocation& invocation, const std::vector<std::string>& where) {
  int port = 0;
  if (!where.empty() && !absl::SimpleAtoi(where[1], &port)) {
    return absl::InvalidArgumentError(absl::StrCat("\"", where[1], "\" is no port number"));
  }
  absl::StatusOr<AdminApi*> admin = invocation.Admin();
  if (!admin.ok()) return admin.status();
  absl::StatusOr<v1::FrontDoor> front_door = (*admin)->GetFrontDoor();
  if (!front_door.ok()) return front_door.status();
  if (invocation.json() && where.empty()) return invocation.PrintJson(ToJson(*front_door));
  std::string lines;
  for (const std::string& key : front_door->host_public_keys()) {
    if (absl::Status status = CheckPublicKey(key); !status.ok()) return status;
    absl::StatusOr<std::string> line = key;
    if (!where.empty()) line = KnownHostsLine(where[0], port, key);
    if (!line.ok()) return line.status();
    absl::StrAppend(&lines, *line, "\n");
  }
  if (lines.empty()) return absl::FailedPreconditionError("the front door has no host key yet");
  invocation.Print(invocation.json() ? ToJsonObject({{"known_hosts", lines}}) : lines);
  return absl::OkStatus();
}

}  // namespace

void AddKeyCommands(CLI::App& app, Invocation& invocation) {
  CLI::App* keys = app.add_subcommand("keys", "Show and download SSH keys");
  keys->require_subcommand(1);
  // Shared by the parser, which fills them, and the actions, which read them.
  auto user = std::make_shared<std::string>();
  auto file = std::make_shared<std::string>();
  auto force = std::make_shared<bool>(false);
  auto where = std::make_shared<std::vector<std::string>>();
  CLI::App* show = keys->add_subcommand("show", "Show a public key, for authorized_keys");
  show->add_option("USER", *user, "Whose; yours if not given");
  invocation.OnCommand(show, [&invocation, user] { return Show(invocation, *user); });
  CLI::App* download = keys->add_subcommand("download", "Download your private key");
  download->add_option("--file", *file,
                       "Where to (mode 0600); ~/.ssh/homeport_USER if not given, - for standard "
                       "output");
  download->add_flag("--force", *force, "Replace the file if it is there");
  invocation.OnCommand(download,
                       [&invocation, file, force] { return Download(invocation, *file, *force); });

  CLI::App* front_door =
      app.add_subcommand("front-door", "Show the host keys of the address that ssh connects to");
  front_door->add_option("--known-hosts", *where, "HOST PORT: as lines of known_hosts for these")
      ->expected(2)
      ->type_name("HOST PORT");
  invocation.OnCommand(front_door, [&invocation, where] { return FrontDoor(invocation, *where); });
}

}  // namespace homeport
