// completion, and what the scripts that it prints ask while somebody types.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/dns_label.h"
#include "cli/commands.h"
#include "cli/completion_script.h"
#include "cli/completion_tree.h"
#include "cli/resource_name.h"

namespace homeport {
namespace {

// Whoever presses Tab does not wait longer.
constexpr absl::Duration kPatience = absl::Seconds(2);

absl::Status Script(const CLI::App& app, Invocation& invocation, const std::string& shell) {
  const std::vector<CompletionCommand> commands = ReadCommands(app);
  invocation.Print(shell == "zsh"    ? ZshCompletion(commands)
                   : shell == "fish" ? FishCompletion(commands)
                                     : BashCompletion(commands));
  return absl::OkStatus();
}

// A name in a line, of those alone that no shell reads otherwise. In the middle of a command line
// nobody wants to read of failures.
absl::Status Workspaces(Invocation& invocation) {
  invocation.options().timeout = std::min(invocation.options().timeout, kPatience);
  const absl::StatusOr<std::string> user = invocation.ResolveUser("");
  if (!user.ok()) return absl::OkStatus();
  const absl::StatusOr<PlacesApi*> places = invocation.Places();
  if (!places.ok()) return absl::OkStatus();
  const auto workspaces = (*places)->ListWorkspaces(*user);
  if (!workspaces.ok()) return absl::OkStatus();
  for (const v1::Workspace& workspace : *workspaces) {
    const std::string name = LastPart(workspace.name());
    if (IsDnsLabel(name)) invocation.Print(absl::StrCat(name, "\n"));
  }
  return absl::OkStatus();
}

}  // namespace

void AddCompletionCommands(CLI::App& app, Invocation& invocation) {
  auto shell = std::make_shared<std::string>();  // shared by parser and action
  CLI::App* completion = app.add_subcommand(
      "completion", "Print a script that lets bash, zsh or fish complete homeport's command line");
  completion->add_option("SHELL", *shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  completion->footer(
      "bash: source <(homeport completion bash)\n"
      "zsh:  source <(homeport completion zsh), after compinit\n"
      "fish: homeport completion fish | source");
  invocation.OnCommand(completion,
                       [&app, &invocation, shell] { return Script(app, invocation, *shell); });
  CLI::App* asked = app.add_subcommand("__complete", "")->group("");
  auto what = std::make_shared<std::string>();  // shared by parser and action
  asked->add_option("WHAT", *what)->required()->check(CLI::IsMember({"workspaces"}));
  invocation.OnCommand(asked, [&invocation] { return Workspaces(invocation); });
}

}  // namespace homeport
