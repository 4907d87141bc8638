#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "cli/commands.h"
#include "cli/resource_text.h"
#include "cli/terminal_text.h"
#include "cli/time_option.h"

namespace homeport {
namespace {

struct AuditOptions {
  std::string target;
  std::string action;
  std::string actor;
  std::string address;
  std::string since;
  std::string until;
  int limit = 100;
  std::string file;
  bool force = false;
};

absl::StatusOr<v1::ListAuditEntriesRequest> Request(const AuditOptions& options) {
  v1::ListAuditEntriesRequest request;
  request.set_target(options.target);
  request.set_action(options.action);
  request.set_actor(options.actor);
  request.set_address(options.address);
  const absl::Time now = absl::Now();
  if (!options.since.empty()) {
    const absl::StatusOr<absl::Time> time = ParsePastTime(options.since, now);
    if (!time.ok()) return time.status();
    *request.mutable_start_time() = ToProto(*time);
  }
  if (!options.until.empty()) {
    const absl::StatusOr<absl::Time> time = ParsePastTime(options.until, now);
    if (!time.ok()) return time.status();
    *request.mutable_end_time() = ToProto(*time);
  }
  return request;
}

absl::Status List(Invocation& invocation, const AuditOptions& options) {
  absl::StatusOr<v1::ListAuditEntriesRequest> request = Request(options);
  if (!request.ok()) return request.status();
  const absl::StatusOr<InstallationApi*> installation = invocation.Installation();
  if (!installation.ok()) return installation.status();
  request->set_page_size(std::min(options.limit, 1000));
  std::vector<v1::AuditEntry> entries;
  absl::Status status = (*installation)->ReadAudit(*request, [&](const v1::AuditEntry& entry) {
    entries.push_back(entry);
    return entries.size() < static_cast<size_t>(options.limit);
  });
  if (!status.ok()) return status;
  Table table({"TIME", "ACTION", "ACTOR", "TARGET", "ADDRESS", "DETAIL"});
  for (const v1::AuditEntry& entry : entries) {
    table.AddRow({TimeText(entry.create_time()), entry.action(), entry.actor(), entry.target(),
                  entry.address(), entry.detail()});
  }
  return invocation.PrintList(entries, table);
}

// JSON Lines whatever --output says: it is for programs.
absl::Status Export(Invocation& invocation, const AuditOptions& options) {
  absl::StatusOr<v1::ListAuditEntriesRequest> request = Request(options);
  if (!request.ok()) return request.status();
  request->set_oldest_first(true);
  const absl::StatusOr<InstallationApi*> installation = invocation.Installation();
  if (!installation.ok()) return installation.status();
  const auto file = ReserveIfNamed(options.file, options.force);
  if (!file.ok()) return file.status();
  absl::Status trouble = absl::OkStatus();
  int64_t count = 0;
  absl::Status status = (*installation)->ReadAudit(*request, [&](const v1::AuditEntry& entry) {
    const absl::StatusOr<std::string> line = ToJsonLine(entry);
    trouble.Update(line.status());
    if (!line.ok()) return false;
    ++count;
    if (*file == nullptr) return invocation.PrintNow(*line);
    trouble.Update((*file)->Append(*line));
    return trouble.ok();
  });
  status.Update(trouble);
  if (!status.ok() || *file == nullptr) return status;
  if (absl::Status kept = (*file)->Finish(); !kept.ok()) return kept;
  invocation.Print(invocation.json()
                       ? ToJsonObject({{"file", options.file}, {"entries", absl::StrCat(count)}})
                       : absl::StrCat(count, count == 1 ? " entry is in " : " entries are in ",
                                      TerminalSafe(options.file), ".\n"));
  return absl::OkStatus();
}

absl::Status Verify(Invocation& invocation) {
  const absl::StatusOr<InstallationApi*> installation = invocation.Installation();
  if (!installation.ok()) return installation.status();
  const absl::StatusOr<v1::VerifyAuditResponse> answer = (*installation)->VerifyAudit();
  if (!answer.ok()) return answer.status();
  Table table;
  table.AddRow({"whole", answer->intact() ? "yes" : "no"});
  table.AddRow({"entries", absl::StrCat(answer->entries())});
  table.AddRow({"first", answer->first()});
  table.AddRow({"last", answer->last()});
  table.AddRow({"last hash", answer->last_hash()});
  absl::Status status = invocation.PrintResource(*answer, table);
  if (!status.ok() || answer->intact()) return status;
  return absl::DataLossError(absl::StrCat("the record is not whole: ", answer->problem()));
}

void AddFilters(CLI::App& command, AuditOptions& options) {
  command.add_option("--actor", options.actor, "Only by this actor, as in users/demo");
  command.add_option("--action", options.action,
                     "Only this action, as in key_socket.sign, or those below it, as in session.");
  command.add_option("--target", options.target,
                     "Only about this resource, as in users/demo/workspaces/dev");
  command.add_option("--address", options.address, "Only from this IP address");
  command.add_option("--since", options.since,
                     "Only from this time on: 2026-01-31, 2026-01-31T08:00:00Z, or 24h for a day "
                     "ago");
  command.add_option("--until", options.until, "Only before this time");
}

}  // namespace

void AddAuditCommands(CLI::App& app, Invocation& invocation) {
  CLI::App* audit = app.add_subcommand("audit", "Show, export and verify what was recorded");
  audit->require_subcommand(1);
  // Shared by the parser, which fills it, and the actions, which read it.
  auto options = std::make_shared<AuditOptions>();
  CLI::App* list = audit->add_subcommand("list", "List what was recorded, the newest first");
  AddFilters(*list, *options);
  list->add_option("--limit", options->limit, "At most this many")
      ->check(CLI::Range(1, 1000000))
      ->capture_default_str();
  invocation.OnCommand(list, [&invocation, options] { return List(invocation, *options); });
  CLI::App* exported =
      audit->add_subcommand("export", "Write what was recorded as JSON Lines, the oldest first");
  AddFilters(*exported, *options);
  exported->add_option("--file", options->file,
                       "Where to (mode 0600), whole or not at all; standard output if not given");
  exported->add_flag("--force", options->force, "Replace the file if it is there");
  invocation.OnCommand(exported, [&invocation, options] { return Export(invocation, *options); });
  CLI::App* verify =
      audit->add_subcommand("verify", "Look whether the record is whole; fails if it is not");
  invocation.OnCommand(verify, [&invocation] { return Verify(invocation); });
}

}  // namespace homeport
