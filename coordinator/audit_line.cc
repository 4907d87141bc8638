#include "coordinator/audit_line.h"

#include "absl/time/clock.h"
#include "coordinator/resource_name.h"

namespace homeport {

AuditRecord AuditLine(const AuditActor& actor, absl::string_view action, absl::string_view target,
                      const AuditDetail& detail) {
  AuditRecord line;
  line.time = absl::Now();
  line.actor = actor.name;
  line.action = std::string(action);
  line.target = std::string(target);
  line.address = actor.address;
  // What people have typed may be no UTF-8; the line must not fail for that.
  line.detail = detail.dump(-1, ' ', false, AuditDetail::error_handler_t::replace);
  return line;
}

AuditRecord AuditLine(const Caller& caller, absl::string_view action, absl::string_view target,
                      const AuditDetail& detail) {
  return AuditLine(AuditActor{FormatUserName(caller.user.name), caller.address}, action, target,
                   detail);
}

std::string AuditTime(absl::Time time) {
  if (time == absl::InfiniteFuture() || time == absl::InfinitePast()) return "never";
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
}

}  // namespace homeport
