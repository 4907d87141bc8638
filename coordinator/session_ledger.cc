#include "coordinator/session_ledger.h"

#include <functional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/address.h"
#include "base/key_fingerprint.h"
#include "base/logging.h"
#include "coordinator/resource_name.h"
#include "nlohmann/json.hpp"

namespace homeport {
namespace {

constexpr size_t kShownBytes = 255;
// Addresses of which it is counted what was left out; those that come after share one count.
constexpr size_t kMostCounted = 10000;

std::string HostOf(const std::string& address) {
  const absl::StatusOr<HostPort> parsed = ParseHostPort(address);
  return parsed.ok() ? parsed->host : address;
}

std::string SessionName(const Session& session) { return absl::StrCat("sessions/", session.id); }

const char* BackendName(v1::BackendKind backend) {
  switch (backend) {
    case v1::BACKEND_KIND_EMBEDDED:
      return "embedded";
    case v1::BACKEND_KIND_OPENSSH:
      return "openssh";
    default:
      return "none";
  }
}

// As in "file_transfer".
std::string KindName(v1::ChannelKind kind) {
  constexpr absl::string_view kPrefix = "CHANNEL_KIND_";
  std::string name = v1::ChannelKind_Name(kind);
  if (kind == v1::CHANNEL_KIND_UNSPECIFIED || name.size() <= kPrefix.size()) return "unknown";
  name = absl::AsciiStrToLower(name.substr(kPrefix.size()));
  return name;
}

nlohmann::ordered_json Describe(const Session& session) {
  nlohmann::ordered_json detail;
  detail["session"] = SessionName(session);
  detail["key"] = session.entry_key.empty() ? "unknown" : KeyFingerprint(session.entry_key);
  detail["key_name"] = session.key_name;
  detail["client_version"] = session.client_version;
  detail["provider"] = session.provider;
  detail["proxy"] = absl::StrCat("proxies/", session.replica);
  return detail;
}

}  // namespace

absl::Status SessionLedger::RecordStart(const Session& session) {
  const nlohmann::ordered_json detail = Describe(session);
  const AuditRecord line{0,
                         absl::Now(),
                         FormatUserName(session.user),
                         "session.start",
                         session.workspace,
                         session.client_address,
                         detail.dump()};
  const absl::Status recorded = store_.RecordSessionStart(
      line, session.entry_key, session.workspace_id, HostOf(session.client_address));
  if (recorded.ok()) return recorded;
  Logger("audit")->error("session={} does not start, because it cannot be recorded: {}", session.id,
                         std::string(recorded.message()));
  return absl::UnavailableError("the session cannot be recorded right now");
}

void SessionLedger::RecordEnd(const Session& session, const std::string& reason) {
  if (!session.start_recorded) return;
  const absl::Time now = absl::Now();
  nlohmann::ordered_json detail = Describe(session);
  detail["backend"] = BackendName(session.backend);
  if (session.start_time != absl::InfinitePast()) {
    detail["seconds"] = absl::ToInt64Seconds(now - session.start_time);
  }
  detail["bytes_to_user"] = session.traffic.bytes_to_user();
  detail["bytes_to_workspace"] = session.traffic.bytes_to_workspace();
  detail["channels"] = nlohmann::ordered_json::object();
  for (const v1::ChannelCount& count : session.traffic.channels()) {
    detail["channels"][KindName(count.kind())] = count.total();
  }
  detail["reason"] = Printable(reason, kShownBytes);
  AuditRecord line{0,
                   now,
                   session.user.empty() ? "" : FormatUserName(session.user),
                   "session.end",
                   session.workspace,
                   session.client_address,
                   detail.dump()};
  writer_.Submit([this, line = std::move(line)] {
    const absl::Status recorded = store_.AppendAudit(line);
    if (recorded.ok()) return;
    Logger("audit")->error("the end of a session is not recorded ({}): {}", line.detail,
                           std::string(recorded.message()));
  });
}

void SessionLedger::RecordRefusal(const v1::OpenSessionRequest& request, const std::string& user,
                                  const std::string& reason) {
  const std::string address = Printable(request.client_address(), 64);
  int64_t left_out = 0;
  if (!CountRefusal(HostOf(address), left_out)) return;
  nlohmann::ordered_json detail;
  detail["login"] = Printable(request.login_name(), 130);
  detail["key"] = KeyFingerprint(request.public_key());
  detail["client_version"] = Printable(request.client_version(), kShownBytes);
  detail["reason"] = Printable(reason, kShownBytes);
  if (left_out > 0) detail["left_out"] = left_out;
  const absl::Status recorded = store_.AppendAudit(
      {0, absl::Now(), user.empty() ? "" : FormatUserName(user), "session.refuse",
       user.empty() ? "" : FormatUserName(user), address, detail.dump()});
  if (recorded.ok()) return;
  Logger("audit")->error("a refusal is not recorded ({}): {}", detail.dump(),
                         std::string(recorded.message()));
}

bool SessionLedger::CountRefusal(const std::string& address, int64_t& left_out) {
  int64_t who = static_cast<int64_t>(std::hash<std::string>()(address));
  const bool may = refusals_.Take(who, absl::Now());
  absl::MutexLock lock(&mutex_);
  if (!may && left_out_.count(who) == 0 && left_out_.size() >= kMostCounted) who = 0;
  if (!may) {
    ++left_out_[who];
    return false;
  }
  const auto found = left_out_.find(who);
  if (found != left_out_.end()) {
    left_out = found->second;
    left_out_.erase(found);
  }
  return true;
}

}  // namespace homeport
