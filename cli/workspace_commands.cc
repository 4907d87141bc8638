#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/commands.h"
#include "cli/resource_name.h"
#include "cli/resource_text.h"
#include "cli/who_sees.h"
#include "cli/workspace_fields.h"
#include "cli/workspace_text.h"

namespace homeport {
namespace {

// What the commands' options fill.
struct WorkspaceOptions {
  std::string name;
  std::string owner;
  std::string provider;
  std::string credential_file;
  bool force = false;
  WorkspaceFields fields;
};

absl::Status Create(Invocation& invocation, const WorkspaceOptions& options) {
  absl::StatusOr<std::string> provider = ParseProviderId(options.provider);
  if (!provider.ok()) return provider.status();
  absl::StatusOr<std::string> name = invocation.ResolveWorkspace(options.name, options.owner);
  if (!name.ok()) return name.status();
  absl::StatusOr<PlacesApi*> places = invocation.Places();
  if (!places.ok()) return places.status();
  const auto file = ReserveIfNamed(options.credential_file, options.force);
  if (!file.ok()) return file.status();
  v1::CreateWorkspaceRequest request;
  request.set_parent(UserName(OwnerPart(*name)));
  request.set_workspace_id(LastPart(*name));
  request.mutable_workspace()->set_provider(ProviderName(*provider));
  options.fields.Apply(*request.mutable_workspace());
  absl::StatusOr<v1::Workspace> workspace = (*places)->CreateWorkspace(request);
  if (!workspace.ok()) return workspace.status();
  absl::Status status =
      invocation.KeepSecret("credential", file->get(), workspace->mutable_credential());
  status.Update(invocation.PrintResource(*workspace, WorkspaceTable(*workspace)));
  return status;
}

absl::Status Get(Invocation& invocation, const WorkspaceOptions& options) {
  absl::StatusOr<std::string> name = invocation.ResolveWorkspace(options.name, options.owner);
  if (!name.ok()) return name.status();
  absl::StatusOr<PlacesApi*> places = invocation.Places();
  if (!places.ok()) return places.status();
  absl::StatusOr<v1::Workspace> workspace = (*places)->GetWorkspace(*name);
  if (!workspace.ok()) return workspace.status();
  return invocation.PrintResource(*workspace, WorkspaceTable(*workspace));
}

absl::Status Update(Invocation& invocation, const WorkspaceOptions& options) {
  if (options.fields.empty()) {
    return absl::InvalidArgumentError(
        "what is to change? Name it, for example with --backend or --image-tag");
  }
  absl::StatusOr<std::string> name = invocation.ResolveWorkspace(options.name, options.owner);
  if (!name.ok()) return name.status();
  absl::StatusOr<PlacesApi*> places = invocation.Places();
  if (!places.ok()) return places.status();
  v1::UpdateWorkspaceRequest request;
  request.mutable_workspace()->set_name(*name);
  *request.mutable_update_mask() = options.fields.Apply(*request.mutable_workspace());
  absl::StatusOr<v1::Workspace> workspace = (*places)->UpdateWorkspace(request);
  if (!workspace.ok()) return workspace.status();
  absl::Status status = invocation.PrintResource(*workspace, WorkspaceTable(*workspace));
  status.Update(invocation.TellEffect(workspace->effect()));
  return status;
}

absl::Status List(Invocation& invocation, const WorkspaceOptions& options) {
  std::string parent;
  if (!options.owner.empty()) {
    absl::StatusOr<std::string> owner = ParseUserId(options.owner);
    if (!owner.ok()) return owner.status();
    parent = UserName(*owner);
  }
  absl::StatusOr<PlacesApi*> places = invocation.Places();
  if (!places.ok()) return places.status();
  if (parent.empty()) {
    absl::StatusOr<v1::Caller> caller = invocation.Caller();
    if (!caller.ok()) return caller.status();
    if (!SeesEverybodys(*caller)) parent = caller->user().name();
  }
  absl::StatusOr<std::vector<v1::Workspace>> workspaces = (*places)->ListWorkspaces(parent);
  if (!workspaces.ok()) return workspaces.status();
  Table table({"NAME", "OWNER", "PROVIDER", "ONLINE", "SSH", "SESSIONS", "BACKENDS", "LAST SEEN"});
  for (const v1::Workspace& workspace : *workspaces) {
    table.AddRow({LastPart(workspace.name()), OwnerPart(workspace.name()),
                  LastPart(workspace.provider()), workspace.online() ? "yes" : "no",
                  workspace.ssh_enabled() ? "on" : "off", absl::StrCat(workspace.live_sessions()),
                  BackendsText(workspace),
                  workspace.has_last_seen_time() ? TimeText(workspace.last_seen_time()) : ""});
  }
  return invocation.PrintList(*workspaces, table);
}

absl::Status Delete(Invocation& invocation, const WorkspaceOptions& options) {
  absl::StatusOr<std::string> name = invocation.ResolveWorkspace(options.name, options.owner);
  if (!name.ok()) return name.status();
  absl::StatusOr<PlacesApi*> places = invocation.Places();
  if (!places.ok()) return places.status();
  absl::StatusOr<v1::Effect> effect = (*places)->DeleteWorkspace(*name);
  if (!effect.ok()) return effect.status();
  return invocation.PrintDeleted(*name, *effect);
}

}  // namespace

void AddWorkspaceCommands(CLI::App& app, Invocation& invocation) {
  CLI::App* workspaces =
      app.add_subcommand("workspaces", "Create, show, change and delete workspaces");
  workspaces->require_subcommand(1);
  // Shared by the parser, which fills it, and the actions, which read it.
  auto options = std::make_shared<WorkspaceOptions>();
  CLI::App* create =
      workspaces->add_subcommand("create", "Create a workspace and the credential of its agent");
  create->add_option("WORKSPACE", options->name, kWorkspaceHelp)->required();
  create->add_option("--owner", options->owner, kWorkspaceOwnerHelp);
  create->add_option("--provider", options->provider, "Where it runs")->required();
  create->add_option("--credential-file", options->credential_file,
                     "Write the agent's credential to this file (mode 0600) instead of showing it");
  create->add_flag("--force", options->force, "Replace the file if it is there");
  options->fields.AddOptions(*create);
  invocation.OnCommand(create, [&invocation, options] { return Create(invocation, *options); });
  CLI::App* get = workspaces->add_subcommand("get", "Show a workspace and its agent");
  get->alias("show");
  get->add_option("WORKSPACE", options->name, kWorkspaceHelp)->required();
  get->add_option("--owner", options->owner, kWorkspaceOwnerHelp);
  invocation.OnCommand(get, [&invocation, options] { return Get(invocation, *options); });
  CLI::App* update = workspaces->add_subcommand(
      "update", "Change a workspace; what is not named stays as it is, and \"\" empties a field");
  update->add_option("WORKSPACE", options->name, kWorkspaceHelp)->required();
  update->add_option("--owner", options->owner, kWorkspaceOwnerHelp);
  options->fields.AddOptions(*update);
  invocation.OnCommand(update, [&invocation, options] { return Update(invocation, *options); });
  CLI::App* list = workspaces->add_subcommand("list", "List workspaces");
  list->add_option("--owner", options->owner,
                   "Only this user's; if not given, all that you may see");
  invocation.OnCommand(list, [&invocation, options] { return List(invocation, *options); });
  AddCredentialCommands(*workspaces, invocation);
  CLI::App* remove = workspaces->add_subcommand(
      "delete", "Delete a workspace; its agent is disconnected and its sessions end");
  remove->add_option("WORKSPACE", options->name, kWorkspaceHelp)->required();
  remove->add_option("--owner", options->owner, kWorkspaceOwnerHelp);
  invocation.OnCommand(remove, [&invocation, options] { return Delete(invocation, *options); });
}

}  // namespace homeport
