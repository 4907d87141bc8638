// workspaces rotate-credential | revoke-credential.
#include <memory>
#include <string>

#include "cli/commands.h"
#include "cli/time_option.h"
#include "cli/workspace_text.h"

namespace homeport {
namespace {

struct CredentialOptions {
  std::string name;
  std::string owner;
  std::string file;
  bool force = false;
  std::string keep_old;
};

absl::Status Rotate(Invocation& invocation, const CredentialOptions& options) {
  v1::RotateCredentialRequest request;
  if (!options.keep_old.empty()) {
    const absl::StatusOr<absl::Duration> period = ParsePeriod(options.keep_old);
    if (!period.ok()) return period.status();
    *request.mutable_old_valid_for() = ToProto(*period);
  }
  const absl::StatusOr<std::string> name = invocation.ResolveWorkspace(options.name, options.owner);
  if (!name.ok()) return name.status();
  request.set_name(*name);
  const absl::StatusOr<PlacesApi*> places = invocation.Places();
  if (!places.ok()) return places.status();
  const auto file = ReserveIfNamed(options.file, options.force);
  if (!file.ok()) return file.status();
  absl::StatusOr<v1::Workspace> workspace = (*places)->RotateCredential(request);
  if (!workspace.ok()) return workspace.status();
  absl::Status status =
      invocation.KeepSecret("credential", file->get(), workspace->mutable_credential());
  status.Update(invocation.PrintResource(*workspace, WorkspaceTable(*workspace)));
  status.Update(invocation.TellEffect(workspace->effect()));
  return status;
}

absl::Status Revoke(Invocation& invocation, const CredentialOptions& options) {
  const absl::StatusOr<std::string> name = invocation.ResolveWorkspace(options.name, options.owner);
  if (!name.ok()) return name.status();
  const absl::StatusOr<PlacesApi*> places = invocation.Places();
  if (!places.ok()) return places.status();
  const absl::StatusOr<v1::Workspace> workspace = (*places)->RevokeCredential(*name);
  if (!workspace.ok()) return workspace.status();
  absl::Status status = invocation.PrintResource(*workspace, WorkspaceTable(*workspace));
  status.Update(invocation.TellEffect(workspace->effect()));
  return status;
}

}  // namespace

void AddCredentialCommands(CLI::App& workspaces, Invocation& invocation) {
  auto options = std::make_shared<CredentialOptions>();  // shared by parser and actions
  CLI::App* rotate =
      workspaces.add_subcommand("rotate-credential", "Make another credential for its agent");
  rotate->add_option("WORKSPACE", options->name, kWorkspaceHelp)->required();
  rotate->add_option("--owner", options->owner, kWorkspaceOwnerHelp);
  rotate->add_option("--credential-file", options->file,
                     "Write the credential to this file (mode 0600) instead of showing it");
  rotate->add_flag("--force", options->force, "Replace the file if it is there");
  rotate->add_option("--keep-old", options->keep_old,
                     "How long those before it go on working, as in 1h, at most 24h; not at all, "
                     "if not given");
  invocation.OnCommand(rotate, [&invocation, options] { return Rotate(invocation, *options); });
  CLI::App* revoke = workspaces.add_subcommand("revoke-credential",
                                               "Take all its credentials away, and unbind its "
                                               "service account: its agent is disconnected and "
                                               "its sessions end");
  revoke->add_option("WORKSPACE", options->name, kWorkspaceHelp)->required();
  revoke->add_option("--owner", options->owner, kWorkspaceOwnerHelp);
  invocation.OnCommand(revoke, [&invocation, options] { return Revoke(invocation, *options); });
}

}  // namespace homeport
