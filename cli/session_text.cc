#include "cli/session_text.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "cli/resource_name.h"
#include "cli/resource_text.h"
#include "cli/terminal_text.h"

namespace homeport {
namespace {

std::string WorkspaceText(const v1::Session& session) {
  return absl::StrCat(OwnerPart(session.workspace()), "/", LastPart(session.workspace()));
}

// "shell, exec 2": what is open now.
std::string ChannelsText(const v1::SessionTraffic& traffic) {
  std::vector<std::string> open;
  for (const v1::ChannelCount& count : traffic.channels()) {
    if (count.open() == 0) continue;
    const std::string kind =
        EnumText(v1::ChannelKind_Name(count.kind()), "CHANNEL_KIND_", count.kind());
    open.push_back(count.open() == 1 ? kind : absl::StrCat(kind, " ", count.open()));
  }
  return absl::StrJoin(open, ", ");
}

std::string Describe(const char* what, const v1::Session& session) {
  std::string text =
      absl::StrCat(what, "  ", LastPart(session.name()), "  ", LastPart(session.user()), " at ",
                   WorkspaceText(session), " from ", session.client_address());
  if (session.has_traffic()) {
    absl::StrAppend(&text, ", ", BytesText(session.traffic().bytes_to_user()), " down, ",
                    BytesText(session.traffic().bytes_to_workspace()), " up");
  }
  return TerminalSafe(text);
}

}  // namespace

std::string BytesText(int64_t bytes) {
  constexpr const char* kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  auto amount = static_cast<double>(bytes);
  size_t unit = 0;
  while (amount >= 1024 && unit + 1 < std::size(kUnits)) {
    amount /= 1024;
    ++unit;
  }
  return unit == 0 ? absl::StrCat(bytes, " B") : absl::StrFormat("%.1f %s", amount, kUnits[unit]);
}

Table SessionTable(const std::vector<v1::Session>& sessions) {
  Table table({"SESSION", "USER", "WORKSPACE", "PROVIDER", "FROM", "KEY", "BACKEND", "SINCE",
               "OPEN", "DOWN", "UP"});
  for (const v1::Session& session : sessions) {
    table.AddRow(
        {LastPart(session.name()), LastPart(session.user()), WorkspaceText(session),
         LastPart(session.provider()), session.client_address(), session.key_name(),
         session.backend() == v1::BACKEND_KIND_UNSPECIFIED ? "" : BackendText(session.backend()),
         session.has_start_time() ? TimeText(session.start_time()) : "",
         session.opening() ? "opening" : ChannelsText(session.traffic()),
         BytesText(session.traffic().bytes_to_user()),
         BytesText(session.traffic().bytes_to_workspace())});
  }
  return table;
}

std::string EventText(const v1::SessionEvent& event) {
  switch (event.event_case()) {
    case v1::SessionEvent::kStarted:
      return Describe("started", event.started());
    case v1::SessionEvent::kUpdated:
      return Describe("updated", event.updated());
    case v1::SessionEvent::kEnded:
      return event.reason().empty() ? Describe("ended  ", event.ended())
                                    : absl::StrCat(Describe("ended  ", event.ended()), ": ",
                                                   TerminalSafe(event.reason()));
    default:
      return "";
  }
}

}  // namespace homeport
