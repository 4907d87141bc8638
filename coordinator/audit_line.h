// Lines of the audit, in one way for all who write some.
//
// Threads: any.
#ifndef HOMEPORT_COORDINATOR_AUDIT_LINE_H_
#define HOMEPORT_COORDINATOR_AUDIT_LINE_H_

#include <string>

#include "absl/strings/string_view.h"
#include "coordinator/caller.h"
#include "coordinator/store/records.h"
#include "nlohmann/json.hpp"

namespace homeport {

// The members of a line's detail, in the order in which they are shown. Never a secret.
using AuditDetail = nlohmann::ordered_json;

// Who does something, and from where (host:port); either may be empty.
struct AuditActor {
  std::string name;  // resource name
  std::string address;
};

// A line about what happens now. `target` is a resource name.
AuditRecord AuditLine(const AuditActor& actor, absl::string_view action, absl::string_view target,
                      const AuditDetail& detail = AuditDetail::object());
AuditRecord AuditLine(const Caller& caller, absl::string_view action, absl::string_view target,
                      const AuditDetail& detail = AuditDetail::object());

// {"old": …, "new": …}.
template <typename Value>
AuditDetail OldAndNew(const Value& old_value, const Value& new_value) {
  return AuditDetail{{"old", old_value}, {"new", new_value}};
}

// As in 2026-01-31T12:00:00Z; "never" for an infinite one.
std::string AuditTime(absl::Time time);

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_AUDIT_LINE_H_
