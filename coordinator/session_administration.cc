#include "coordinator/session_administration.h"

#include <tuple>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "coordinator/audit_line.h"
#include "coordinator/page.h"
#include "coordinator/text_rules.h"

namespace homeport {
namespace {

constexpr char kListing[] = "sessions";
constexpr size_t kMostReasonBytes = 200;

// What the people of the sessions are told.
std::string Sentence(const Caller& caller, const std::string& reason) {
  const std::string what = caller.site_manager ? "A site manager ended this session"
                                               : "You ended this session from elsewhere";
  if (reason.empty()) return absl::StrCat(what, ".");
  return absl::StrCat(what, ": ", reason, absl::EndsWith(reason, ".") ? "" : ".");
}

// What the audit says was to be ended, and about what.
AuditDetail Describe(const v1::EndSessionsRequest& request) {
  AuditDetail detail = AuditDetail::object();
  const v1::SessionFilter& filter = request.filter();
  for (const auto& [name, value] :
       {std::pair("session", &filter.session()), std::pair("user", &filter.user()),
        std::pair("workspace", &filter.workspace()), std::pair("provider", &filter.provider()),
        std::pair("reason", &request.reason())}) {
    if (!value->empty()) detail[name] = *value;
  }
  return detail;
}

// The narrowest thing that the filter names.
const std::string& Target(const v1::SessionFilter& filter) {
  if (!filter.session().empty()) return filter.session();
  if (!filter.workspace().empty()) return filter.workspace();
  return filter.user().empty() ? filter.provider() : filter.user();
}

}  // namespace

std::string FilteredResource(const v1::SessionFilter& filter) {
  // Both must be true of a session, so the one that is named with the other narrows no less.
  return filter.user().empty() ? filter.workspace() : filter.user();
}

absl::Status SessionAdministration::List(const Caller&, const v1::ListSessionsRequest& request,
                                         v1::ListSessionsResponse& response) {
  const absl::StatusOr<SessionFilter> filter = ReadSessionFilter(request.filter());
  if (!filter.ok()) return filter.status();
  const absl::StatusOr<int> size = PageSize(request.page_size());
  if (!size.ok()) return size.status();
  const std::string listing = absl::StrCat(kListing, " ", filter->id, " ", filter->user, " ",
                                           filter->workspace, " ", filter->provider);
  const absl::StatusOr<std::vector<std::string>> after =
      ParsePageToken(request.page_token(), listing, 2);
  if (!after.ok()) return after.status();
  int64_t after_time = 0;
  if (!after->at(0).empty() && !absl::SimpleAtoi(after->at(0), &after_time)) {
    return absl::InvalidArgumentError(
        "page_token is not one that the last page of this listing gave");
  }
  const Session* last = nullptr;
  const absl::StatusOr<std::vector<Session>> listed = replicas_.ListSessions(*filter);
  if (!listed.ok()) return listed.status();
  for (const Session& session : *listed) {
    const int64_t time = absl::ToUnixMicros(session.start_time);
    if (!after->at(0).empty() && std::tie(time, session.id) <= std::tie(after_time, after->at(1))) {
      continue;
    }
    if (response.sessions_size() == *size) {
      response.set_next_page_token(
          MakePageToken(listing, {absl::StrCat(absl::ToUnixMicros(last->start_time)), last->id}));
      break;
    }
    *response.add_sessions() = ToProto(session);
    last = &session;
  }
  return absl::OkStatus();
}

absl::Status SessionAdministration::End(const Caller& caller, const v1::EndSessionsRequest& request,
                                        v1::Effect& response) {
  const absl::StatusOr<SessionFilter> filter = ReadSessionFilter(request.filter());
  if (!filter.ok()) return filter.status();
  if (Target(request.filter()).empty()) {
    return absl::InvalidArgumentError(
        "filter must say which sessions: session, user, workspace or provider");
  }
  absl::Status status = CheckLine("reason", request.reason(), kMostReasonBytes);
  if (!status.ok()) return status;
  status = store_.AppendAudit(
      AuditLine(caller, "session.end_order", Target(request.filter()), Describe(request)));
  if (!status.ok()) return status;
  response = changes_.EndSessions(*filter, Sentence(caller, request.reason()));
  return absl::OkStatus();
}

}  // namespace homeport
