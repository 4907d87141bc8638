#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "cli/clipboard.h"
#include "cli/commands.h"
#include "cli/known_hosts.h"
#include "cli/resource_name.h"
#include "cli/resource_text.h"
#include "cli/terminal_text.h"

namespace homeport {
namespace {

absl::StatusOr<v1::User> GetUser(Invocation& invocation, const std::string& typed) {
  if (typed.empty()) {
    absl::StatusOr<v1::Caller> caller = invocation.Caller();
    if (!caller.ok()) return caller.status();
    return caller->user();
  }
  absl::StatusOr<std::string> id = ParseUserId(typed);
  if (!id.ok()) return id.status();
  absl::StatusOr<PeopleApi*> people = invocation.People();
  if (!people.ok()) return people.status();
  return (*people)->GetUser(UserName(*id));
}

absl::Status Show(Invocation& invocation, const std::string& typed) {
  const absl::StatusOr<v1::User> user = GetUser(invocation, typed);
  if (!user.ok()) return user.status();
  if (invocation.json()) {
    invocation.Print(ToJsonObject({{"name", user->name()}, {"public_key", user->public_key()}}));
  } else {
    invocation.Print(absl::StrCat(TerminalSafe(user->public_key()), "\n"));
  }
  return absl::OkStatus();
}

absl::Status Copy(Invocation& invocation) {
  const absl::StatusOr<v1::User> user = GetUser(invocation, "");
  if (!user.ok()) return user.status();
  // Somebody is going to paste it somewhere.
  if (absl::Status status = CopyToClipboard(TerminalSafe(user->public_key())); !status.ok()) {
    return status;
  }
  invocation.Print(invocation.json() ? ToJsonObject({{"copied", user->public_key()}})
                                     : "Your public key is in the clipboard.\n");
  return absl::OkStatus();
}

absl::Status List(Invocation& invocation, const std::string& typed) {
  const absl::StatusOr<v1::User> user = GetUser(invocation, typed);
  if (!user.ok()) return user.status();
  const absl::StatusOr<PeopleApi*> people = invocation.People();
  if (!people.ok()) return people.status();
  absl::StatusOr<std::vector<v1::PublicKey>> keys = (*people)->ListPublicKeys(user->name());
  if (!keys.ok()) return keys.status();
  // The assigned key first; it has no resource of its own.
  v1::PublicKey assigned;
  assigned.set_name(user->name());
  assigned.set_display_name("assigned");
  assigned.set_public_key(user->public_key());
  assigned.set_fingerprint(user->key_fingerprint());
  if (user->has_key_create_time()) *assigned.mutable_create_time() = user->key_create_time();
  if (user->has_key_last_used_time()) {
    *assigned.mutable_last_used_time() = user->key_last_used_time();
  }
  keys->insert(keys->begin(), assigned);
  Table table({"NAME", "FOR", "FINGERPRINT", "ADDED", "LAST USED"});
  for (const v1::PublicKey& key : *keys) {
    table.AddRow({&key == &keys->front() ? "" : LastPart(key.name()), key.display_name(),
                  key.fingerprint(), key.has_create_time() ? TimeText(key.create_time()) : "",
                  key.has_last_used_time() ? TimeText(key.last_used_time()) : "never"});
  }
  return invocation.PrintList(*keys, table);
}

// Where a person's key goes when they do not say: a name that no other program uses.
absl::StatusOr<std::string> DefaultKeyFile(const std::string& user) {
  const absl::StatusOr<std::string> home = HomeFolder();
  if (!home.ok()) {
    return absl::InvalidArgumentError("HOME is not set; name the file with --file");
  }
  const std::string folder = absl::StrCat(*home, "/.ssh");
  if (absl::Status status = MakePrivateFolder(folder); !status.ok()) return status;
  return absl::StrCat(folder, "/homeport_", user);
}

absl::Status Download(Invocation& invocation, std::string path, bool force) {
  const absl::StatusOr<v1::User> user = GetUser(invocation, "");
  if (!user.ok()) return user.status();
  const absl::StatusOr<PeopleApi*> people = invocation.People();
  if (!people.ok()) return people.status();
  if (path.empty()) {
    // It becomes part of a file's name.
    if (absl::Status status = ParseUserId(user->name()).status(); !status.ok()) return status;
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
  absl::StatusOr<std::string> key = (*people)->DownloadPrivateKey(user->name());
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
  const absl::StatusOr<InstallationApi*> installation = invocation.Installation();
  if (!installation.ok()) return installation.status();
  absl::StatusOr<v1::FrontDoor> front_door = (*installation)->GetFrontDoor();
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
  CLI::App* keys = app.add_subcommand("keys", "Show, add, replace and download SSH keys");
  keys->require_subcommand(1);
  // Shared by the parser, which fills them, and the actions, which read them.
  auto user = std::make_shared<std::string>();
  auto file = std::make_shared<std::string>();
  auto force = std::make_shared<bool>(false);
  auto where = std::make_shared<std::vector<std::string>>();
  CLI::App* show = keys->add_subcommand("show", "Show a public key, for authorized_keys");
  show->add_option("USER", *user, "Whose; yours if not given");
  invocation.OnCommand(show, [&invocation, user] { return Show(invocation, *user); });
  CLI::App* list = keys->add_subcommand("list", "List the keys that open the front door");
  list->add_option("USER", *user, "Whose; yours if not given");
  invocation.OnCommand(list, [&invocation, user] { return List(invocation, *user); });
  CLI::App* copy = keys->add_subcommand("copy", "Put your public key into the clipboard");
  invocation.OnCommand(copy, [&invocation] { return Copy(invocation); });
  AddKeyChanges(*keys, invocation);
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
