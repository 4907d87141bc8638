// ssh and sync: the person's own ssh and rsync, told how to get to a workspace. They need no file
// of ssh's.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "cli/commands.h"
#include "cli/openssh/connection.h"
#include "cli/openssh/key_folder.h"
#include "cli/openssh/ssh_arguments.h"
#include "cli/resource_name.h"
#include "cli/resource_text.h"
#include "cli/ssh_identity.h"

namespace homeport {
namespace {

constexpr int kSshFailed = 255;  // as ssh(1)

// ssh's own options for one workspace, and the name that it shows.
struct Way {
  std::vector<std::string> options;
  std::string destination;
};

absl::Status CheckOpen(const v1::Workspace& workspace) {
  const std::string name = LastPart(workspace.name());
  if (!workspace.ssh_enabled()) {
    return absl::FailedPreconditionError("SSH is disabled on this workspace");
  }
  if (workspace.online()) return absl::OkStatus();
  return absl::UnavailableError(
      absl::StrCat(name, " is offline; ",
                   workspace.has_last_seen_time()
                       ? absl::StrCat("it was last seen ", TimeText(workspace.last_seen_time()))
                       : "its agent has never connected"));
}

absl::StatusOr<HostPort> FindFrontDoor(Invocation& invocation, const std::string& named,
                                       const KeyFolder& folder) {
  const absl::StatusOr<InstallationApi*> installation = invocation.Installation();
  if (!installation.ok()) return installation.status();
  const absl::StatusOr<v1::FrontDoor> front_door = (*installation)->GetFrontDoor();
  if (!front_door.ok()) return front_door.status();
  absl::StatusOr<HostPort> address = FrontDoorAddress(*front_door, named);
  if (!address.ok()) return address.status();
  const absl::StatusOr<std::string> known_hosts = KnownHostsFile(*front_door, *address);
  if (!known_hosts.ok()) return known_hosts.status();
  if (absl::Status status = folder.StoreKnownHosts(*known_hosts); !status.ok()) return status;
  return address;
}

// The front door also takes the owner's name with it, which no workspace of another name can mean.
std::string LoginOf(const std::string& caller, const std::string& workspace_name) {
  const std::string workspace = LastPart(workspace_name);
  const std::string owner = OwnerPart(workspace_name);
  if (owner == caller && workspace.rfind(absl::StrCat(caller, "-"), 0) != 0) return workspace;
  return absl::StrCat(owner, "/", workspace);
}

// `typed` is the workspace. Everything that ssh will need is in files when this returns.
absl::StatusOr<Way> FindWay(Invocation& invocation, const std::string& typed,
                            const std::string& front_door) {
  const absl::StatusOr<std::string> name = invocation.ResolveWorkspace(typed, "");
  if (!name.ok()) return name.status();
  const absl::StatusOr<PlacesApi*> places = invocation.Places();
  if (!places.ok()) return places.status();
  const absl::StatusOr<v1::Workspace> workspace = (*places)->GetWorkspace(*name);
  if (!workspace.ok()) return workspace.status();
  if (absl::Status status = CheckOpen(*workspace); !status.ok()) return status;
  const absl::StatusOr<v1::Caller> caller = invocation.Caller();
  if (!caller.ok()) return caller.status();
  const absl::StatusOr<ConfigFolder> config = ConfigFolder::Here();
  if (!config.ok()) return config.status();
  const KeyFolder folder(config->ssh_folder());
  if (absl::Status status = CheckPath(folder.path()); !status.ok()) return status;
  if (absl::Status status = MakePrivateFolder(config->path()); !status.ok()) return status;
  if (absl::Status status = folder.Prepare(); !status.ok()) return status;
  const absl::StatusOr<HostPort> address = FindFrontDoor(invocation, front_door, folder);
  if (!address.ok()) return address.status();
  const absl::StatusOr<bool> identity = FetchIdentity(invocation, caller->user(), folder);
  if (!identity.ok()) return identity.status();
  Way way;
  way.destination = absl::StrCat(LastPart(*name), ".homeport");
  const SshPaths paths = {folder.known_hosts(), *identity ? folder.identity() : "", ""};
  for (const SshOption& option :
       ConnectionOptions(*address, LoginOf(LastPart(caller->user().name()), *name), paths)) {
    way.options.push_back(absl::StrCat("-o", option.keyword, "=", QuotedValue(option.value)));
  }
  return way;
}

absl::Status ExplainMissing(const absl::Status& status, absl::string_view program) {
  if (!absl::IsNotFound(status)) return status;
  return absl::FailedPreconditionError(
      absl::StrCat("there is no ", program, " on this machine; install it, or look at your PATH"));
}

absl::Status Ssh(Invocation& invocation, const std::string& front_door) {
  invocation.set_failure_status(kSshFailed);
  const absl::StatusOr<SshArguments> arguments = ParseSshArguments(invocation.raw_arguments());
  if (!arguments.ok()) return arguments.status();
  const absl::StatusOr<Way> way = FindWay(invocation, arguments->destination, front_door);
  if (!way.ok()) return way.status();
  // For -o the first wins, so the person's go first; for -F the last.
  std::vector<std::string> argv = {"ssh", "-F", "none"};
  argv.insert(argv.end(), arguments->options.begin(), arguments->options.end());
  argv.insert(argv.end(), way->options.begin(), way->options.end());
  argv.push_back(way->destination);
  argv.insert(argv.end(), arguments->rest.begin(), arguments->rest.end());
  return ExplainMissing(invocation.Become(argv), "ssh");
}

// A word for rsync's -e, which splits at blanks and knows quotes, of which a doubled one is itself.
std::string RsyncWord(const std::string& word) {
  return absl::StrCat("'", absl::StrReplaceAll(word, {{"'", "''"}}), "'");
}

struct SyncOptions {
  std::string source;
  std::string destination;
  std::string front_door;
};

// "dev:path": the workspace; "" for a place on this machine.
std::string WorkspaceOf(const std::string& place) {
  const size_t colon = place.find(':');
  if (colon == std::string::npos) return "";
  const std::string before = place.substr(0, colon);
  return ParseWorkspace(before).ok() ? before : "";
}

absl::Status Sync(Invocation& invocation, const SyncOptions& options) {
  const std::string from = WorkspaceOf(options.source);
  const std::string to = WorkspaceOf(options.destination);
  if (from.empty() == to.empty()) {
    return absl::InvalidArgumentError(
        "one of SRC and DST is in a workspace, as in dev:path, and the other is on this machine; a "
        "file here with a colon in its name is ./a:b");
  }
  const absl::StatusOr<Way> way = FindWay(invocation, from.empty() ? to : from, options.front_door);
  if (!way.ok()) return way.status();
  std::string shell = "ssh -F none";
  for (const std::string& option : way->options) absl::StrAppend(&shell, " ", RsyncWord(option));
  const auto place = [&way](const std::string& typed, const std::string& workspace) {
    if (workspace.empty()) return typed;
    return absl::StrCat(way->destination, typed.substr(workspace.size()));
  };
  std::vector<std::string> argv = {"rsync", "-a", "-e", shell};
  const std::vector<std::string>& more = invocation.raw_arguments();
  argv.insert(argv.end(), more.begin(), more.end());
  argv.insert(argv.end(), {"--", place(options.source, from), place(options.destination, to)});
  return ExplainMissing(invocation.Become(argv), "rsync");
}

}  // namespace

void AddSshCommands(CLI::App& app, Invocation& invocation) {
  auto front_door = std::make_shared<std::string>();  // shared by parser and actions
  auto sync_options = std::make_shared<SyncOptions>();
  CLI::App* ssh = app.add_subcommand(
      "ssh", "ssh into a workspace: homeport ssh [SSH OPTIONS] WORKSPACE [COMMAND]");
  ssh->footer(
      "What stands behind `ssh` is ssh's: its options, the workspace, the command. homeport's own "
      "options begin with -- and stand first. The exit status is the command's, or 255.");
  ssh->add_option("--front-door", *front_door, "Another front door, HOST:PORT")
      ->envname("HOMEPORT_FRONT_DOOR");
  invocation.OnCommand(ssh, [&invocation, front_door] { return Ssh(invocation, *front_door); });
  CLI::App* sync = app.add_subcommand(
      "sync", "Copy with rsync to or from a workspace: homeport sync SRC DST [-- RSYNC OPTIONS]");
  sync->footer("SRC or DST is WORKSPACE:PATH. rsync gets -a and what stands behind --.");
  sync->add_option("SRC", sync_options->source, "Where from")->required();
  sync->add_option("DST", sync_options->destination, "Where to")->required();
  sync->add_option("--front-door", sync_options->front_door, "Another front door, HOST:PORT")
      ->envname("HOMEPORT_FRONT_DOOR");
  invocation.OnCommand(sync,
                       [&invocation, sync_options] { return Sync(invocation, *sync_options); });
}

}  // namespace homeport
