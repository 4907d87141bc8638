#include <memory>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/resource_text.h"

namespace homeport {
namespace {

struct ListOptions {
  std::string target;
  std::string action;
  int limit = 100;
};

absl::Status List(Invocation& invocation, const ListOptions& options) {
  absl::StatusOr<AdminApi*> admin = invocation.Admin();
  if (!admin.ok()) return admin.status();
  v1::ListAuditEntriesRequest request;
  request.set_target(options.target);
  request.set_action(options.action);
  absl::StatusOr<std::vector<v1::AuditEntry>> entries =
      (*admin)->ListAuditEntries(request, options.limit);
  if (!entries.ok()) return entries.status();
  Table table({"TIME", "ACTION", "ACTOR", "TARGET", "ADDRESS", "DETAIL"});
  for (const v1::AuditEntry& entry : *entries) {
    table.AddRow({TimeText(entry.create_time()), entry.action(), entry.actor(), entry.target(),
                  entry.address(), entry.detail()});
  }
  return invocation.PrintList(*entries, table);
}

}  // namespace

void AddAuditCommands(CLI::App& app, Invocation& invocation) {
  CLI::App* audit = app.add_subcommand("audit", "Show what was recorded");
  audit->require_subcommand(1);
  // Shared by the parser, which fills it, and the action, which reads it.
  auto options = std::make_shared<ListOptions>();
  CLI::App* list = audit->add_subcommand(
      "list", "List signatures of key sockets, refusals and changed host keys, the newest first");
  list->add_option("--target", options->target,
                   "Only about this resource, as in users/demo/workspaces/dev");
  list->add_option("--action", options->action, "Only this action, as in key_socket.sign");
  list->add_option("--limit", options->limit, "At most this many")
      ->check(CLI::Range(1, 1000000))
      ->capture_default_str();
  invocation.OnCommand(list, [&invocation, options] { return List(invocation, *options); });
}

}  // namespace homeport
