// config-ssh: the person's ssh learns the workspaces by name.
#include <pwd.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/dns_label.h"
#include "cli/commands.h"
#include "cli/failure.h"
#include "cli/openssh/file_change.h"
#include "cli/openssh/host_entries.h"
#include "cli/openssh/key_folder.h"
#include "cli/openssh/user_config.h"
#include "cli/resource_name.h"
#include "cli/resource_text.h"
#include "cli/ssh_identity.h"
#include "cli/terminal_text.h"
#include "nlohmann/json.hpp"

namespace homeport {
namespace {

struct ConfigSshOptions {
  std::string suffix = "homeport";
  std::string front_door;
  std::string identity_file;
  std::vector<std::string> lines;
  bool no_control_master = false;
  bool dry_run = false;
  bool diff = false;
  bool remove = false;

  bool writes() const { return !dry_run && !diff; }
};

// Everything that one run is about.
struct Plan {
  explicit Plan(const std::string& ssh_folder)
      : user_config(ssh_folder + "/config"), folder(ssh_folder + "/homeport") {}

  std::string user_config;
  KeyFolder folder;
  std::vector<std::string> workspaces;
  std::vector<FileChange> changes;
  bool fetched_key = false;
};

absl::Status CheckOptions(const ConfigSshOptions& options) {
  if (absl::Status status = CheckSuffix(options.suffix); !status.ok()) return status;
  for (const std::string& line : options.lines) {
    if (absl::Status status = CheckOptionLine(line); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status AddChange(Plan& plan, FileChange change) {
  const absl::StatusOr<std::optional<std::string>> before = ReadIfThere(change.path);
  if (!before.ok()) return before.status();
  change.before = *before;
  if (change.changes()) plan.changes.push_back(std::move(change));
  return absl::OkStatus();
}

// The change of ~/.ssh/config. Comes first: a block that was mangled by hand stops everything.
absl::Status PlanUserConfig(Plan& plan, bool with_block) {
  FileChange change;
  change.path = plan.user_config;
  change.backup = plan.user_config + ".homeport-backup";
  const absl::StatusOr<std::optional<std::string>> before = ReadIfThere(change.path);
  if (!before.ok()) return before.status();
  if (!before->has_value() && !with_block) return absl::OkStatus();
  const std::string text = before->value_or("");
  const passwd* account = getpwuid(getuid());  // NOLINT: one thread
  absl::StatusOr<std::string> after =
      with_block ? WithHomeportBlock(text, IncludedAs(plan.folder.config(),
                                                      account == nullptr ? "" : account->pw_dir))
                 : WithoutHomeportBlock(text);
  if (!after.ok()) return after.status();
  change.after = *std::move(after);
  return AddChange(plan, std::move(change));
}

// The caller's workspaces with names that may go into a file; the others, and those that nobody
// gets into now, are said.
absl::Status CollectWorkspaces(Invocation& invocation, const std::string& user, Plan& plan) {
  const absl::StatusOr<PlacesApi*> places = invocation.Places();
  if (!places.ok()) return places.status();
  const auto workspaces = (*places)->ListWorkspaces(UserName(user));
  if (!workspaces.ok()) return workspaces.status();
  for (const v1::Workspace& workspace : *workspaces) {
    const std::string name = LastPart(workspace.name());
    if (!IsDnsLabel(name) || workspace.name() != WorkspaceName(user, name)) {
      invocation.Remark(absl::StrCat("The coordinator named a workspace \"", workspace.name(),
                                     "\", which is no name of yours; it is left out."));
      continue;
    }
    plan.workspaces.push_back(name);
    if (!workspace.ssh_enabled()) {
      invocation.Remark(absl::StrCat("SSH is disabled on ", name, "."));
    } else if (!workspace.online()) {
      invocation.Remark(
          absl::StrCat(name, " is offline; it ",
                       workspace.has_last_seen_time()
                           ? absl::StrCat("was last seen ", TimeText(workspace.last_seen_time()))
                           : "has never been seen",
                       "."));
    }
  }
  return absl::OkStatus();
}

// Which key ssh is to use: the person's, the assigned one, or "" for whatever ssh has.
absl::StatusOr<std::string> ChooseIdentity(Invocation& invocation, const v1::User& user,
                                           const ConfigSshOptions& options, Plan& plan) {
  if (!options.identity_file.empty()) {
    std::error_code error;
    const std::string path = std::filesystem::absolute(options.identity_file, error).string();
    if (access(path.c_str(), R_OK) != 0) {
      return absl::InvalidArgumentError(absl::StrCat("cannot read ", path));
    }
    return path;
  }
  if (options.writes()) {
    plan.fetched_key = !plan.folder.HasIdentity(user.public_key());
    const absl::StatusOr<bool> fetched = FetchIdentity(invocation, user, plan.folder);
    if (!fetched.ok()) return fetched.status();
    plan.fetched_key = plan.fetched_key && *fetched;
    return *fetched ? plan.folder.identity() : "";
  }
  // Downloads are recorded; one that is only planned is not worth it.
  if (!plan.folder.HasIdentity(user.public_key())) {
    FileChange key;
    key.path = plan.folder.identity();
    key.after = "(the private key)";
    key.secret = true;
    if (absl::Status status = AddChange(plan, std::move(key)); !status.ok()) return status;
  }
  return plan.folder.identity();
}

absl::StatusOr<HostEntries> MakeEntries(Invocation& invocation, const ConfigSshOptions& options,
                                        const v1::FrontDoor& front_door, Plan& plan) {
  const absl::StatusOr<v1::Caller> caller = invocation.Caller();
  if (!caller.ok()) return caller.status();
  const absl::StatusOr<std::string> user = invocation.ResolveUser("");
  if (!user.ok()) return user.status();
  HostEntries entries;
  entries.user = LastPart(*user);
  entries.suffix = options.suffix;
  entries.first_lines = options.lines;
  const absl::StatusOr<HostPort> address = FrontDoorAddress(front_door, options.front_door);
  if (!address.ok()) return address.status();
  entries.front_door = *address;
  if (absl::Status status = CollectWorkspaces(invocation, entries.user, plan); !status.ok()) {
    return status;
  }
  entries.workspaces = plan.workspaces;
  const absl::StatusOr<std::string> identity =
      ChooseIdentity(invocation, caller->user(), options, plan);
  if (!identity.ok()) return identity.status();
  entries.paths = {plan.folder.known_hosts(), *identity,
                   options.no_control_master ? "" : ControlPath(plan.folder.path())};
  if (entries.paths.control_path.empty() && !options.no_control_master) {
    invocation.Remark(
        "The path of your home is too long for shared connections; each ssh makes its own.");
  }
  for (const std::string& path : {entries.paths.known_hosts, entries.paths.identity}) {
    if (path.empty()) continue;
    if (absl::Status status = CheckPath(path); !status.ok()) return status;
  }
  return entries;
}

absl::Status PlanAll(Invocation& invocation, const ConfigSshOptions& options, Plan& plan) {
  const absl::StatusOr<InstallationApi*> installation = invocation.Installation();
  if (!installation.ok()) return installation.status();
  const absl::StatusOr<v1::FrontDoor> front_door = (*installation)->GetFrontDoor();
  if (!front_door.ok()) return front_door.status();
  Plan later = plan;  // ~/.ssh/config is looked at first and written last
  if (absl::Status status = PlanUserConfig(later, true); !status.ok()) return status;
  if (options.writes()) {
    if (absl::Status status = plan.folder.Prepare(); !status.ok()) return status;
  }
  const absl::StatusOr<HostEntries> entries = MakeEntries(invocation, options, *front_door, plan);
  if (!entries.ok()) return entries.status();
  const absl::StatusOr<std::string> known_hosts = KnownHostsFile(*front_door, entries->front_door);
  if (!known_hosts.ok()) return known_hosts.status();
  FileChange hosts;
  hosts.path = plan.folder.known_hosts();
  hosts.after = *known_hosts;
  FileChange config;
  config.path = plan.folder.config();
  config.after = FormatHostEntries(*entries);
  absl::Status status = AddChange(plan, std::move(hosts));
  if (status.ok()) status = AddChange(plan, std::move(config));
  plan.changes.insert(plan.changes.end(), later.changes.begin(), later.changes.end());
  return status;
}

// Takes away what is ours.
absl::Status PlanRemoval(Plan& plan) {
  if (absl::Status status = PlanUserConfig(plan, false); !status.ok()) return status;
  for (const std::string& path : {plan.folder.config(), plan.folder.known_hosts(),
                                  plan.folder.public_key(), plan.folder.identity()}) {
    FileChange change;
    change.path = path;
    change.secret = path == plan.folder.identity();
    if (absl::Status status = AddChange(plan, std::move(change)); !status.ok()) return status;
  }
  return absl::OkStatus();
}

std::string Report(const Invocation& invocation, const ConfigSshOptions& options,
                   const Plan& plan) {
  if (invocation.json()) {
    nlohmann::ordered_json report = {{"written", options.writes()},
                                     {"changes", nlohmann::ordered_json::array()},
                                     {"hosts", nlohmann::ordered_json::array()}};
    for (const FileChange& change : plan.changes) report["changes"].push_back(change.path);
    for (const std::string& name : plan.workspaces) {
      report["hosts"].push_back(absl::StrCat(name, ".", options.suffix));
    }
    using Json = nlohmann::ordered_json;
    return absl::StrCat(report.dump(2, ' ', false, Json::error_handler_t::replace), "\n");
  }
  std::string text;
  for (const FileChange& change : plan.changes) {
    absl::StrAppend(&text, options.diff      ? UnifiedDiff(change)
                           : options.dry_run ? absl::StrCat("Would ", DescribeChange(change), "\n")
                                             : "");
  }
  if (plan.changes.empty() && !plan.fetched_key) return "Nothing to change.\n";
  if (!options.writes()) return text;
  if (options.remove) return "Homeport is out of your ssh config.\n";
  if (plan.workspaces.empty()) return "You have no workspaces yet.\n";
  return absl::StrCat(
      plan.workspaces.size(), plan.workspaces.size() == 1 ? " workspace is" : " workspaces are",
      " in your ssh config; try: ssh ", plan.workspaces.front(), ".", options.suffix, "\n");
}

absl::Status ConfigSsh(Invocation& invocation, const ConfigSshOptions& options) {
  if (absl::Status status = CheckOptions(options); !status.ok()) return status;
  const absl::StatusOr<std::string> home = HomeFolder();
  if (!home.ok()) return home.status();
  const std::string ssh_folder = absl::StrCat(absl::StripSuffix(*home, "/"), "/.ssh");
  if (absl::Status status = CheckPath(ssh_folder); !status.ok()) return status;
  Plan plan(ssh_folder);
  if (!options.remove && options.writes()) {
    if (absl::Status status = MakePrivateFolder(ssh_folder); !status.ok()) return status;
  }
  absl::Status status = options.remove ? PlanRemoval(plan) : PlanAll(invocation, options, plan);
  if (!status.ok()) return status;
  for (const FileChange& change : plan.changes) {
    if (!options.writes()) break;
    if (absl::Status applied = Apply(change); !applied.ok()) return applied;
  }
  // With sockets of live connections in it, it stays.
  if (options.remove && options.writes()) rmdir(plan.folder.path().c_str());
  invocation.Print(Report(invocation, options, plan));
  return absl::OkStatus();
}

}  // namespace

void AddConfigSshCommand(CLI::App& app, Invocation& invocation) {
  auto options = std::make_shared<ConfigSshOptions>();  // shared by parser and action
  CLI::App* command = app.add_subcommand(
      "config-ssh", "Let ssh, scp and editors reach your workspaces as WORKSPACE.homeport");
  command->add_option("--suffix", options->suffix, "What stands behind the workspaces' names")
      ->capture_default_str();
  command->add_option("--front-door", options->front_door,
                      "Where ssh connects to, HOST:PORT; what the coordinator says if not given");
  command->add_option("--identity-file", options->identity_file,
                      "A private key of your own, instead of the assigned one");
  command->add_option("-o", options->lines, "A line for ssh, as in -o 'ForwardAgent yes'; they win")
      ->allow_extra_args(false);
  command->add_flag("--no-control-master", options->no_control_master,
                    "One connection for each ssh instead of a shared one");
  command->add_flag("--dry-run", options->dry_run, "Say what would change, and write nothing");
  command->add_flag("--diff", options->diff,
                    "Show what would change as a unified diff, and write nothing");
  command->add_flag("--remove", options->remove, "Take all of it away again");
  invocation.OnCommand(command, [&invocation, options] { return ConfigSsh(invocation, *options); });
}

}  // namespace homeport
