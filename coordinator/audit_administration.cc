#include "coordinator/audit_administration.h"

#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "coordinator/page.h"
#include "coordinator/timestamps.h"

namespace homeport {
namespace {

v1::AuditEntry ToProto(const AuditRecord& record) {
  v1::AuditEntry entry;
  entry.set_name(absl::StrCat("auditEntries/", record.id));
  *entry.mutable_create_time() = ToTimestamp(record.time);
  entry.set_actor(record.actor);
  entry.set_action(record.action);
  entry.set_target(record.target);
  entry.set_address(record.address);
  entry.set_detail(record.detail);
  return entry;
}

}  // namespace

absl::Status AuditAdministration::List(const v1::ListAuditEntriesRequest& request,
                                       v1::ListAuditEntriesResponse& response) {
  const absl::StatusOr<int> size = PageSize(request.page_size());
  if (!size.ok()) return size.status();
  const std::string listing =
      absl::StrCat("audit of \"", request.action(), "\" about ", request.target());
  const absl::StatusOr<std::vector<std::string>> last =
      ParsePageToken(request.page_token(), listing, 1);
  if (!last.ok()) return last.status();
  AuditFilter filter{request.target(), request.action(), 0};
  if (!last->at(0).empty() && !absl::SimpleAtoi(last->at(0), &filter.before_id)) {
    return absl::InvalidArgumentError(
        "page_token is not one that the last page of this listing gave");
  }
  // One more than asked for says whether there is another page.
  const absl::StatusOr<std::vector<AuditRecord>> records = store_.ListAudit(filter, *size + 1);
  if (!records.ok()) return records.status();
  for (const AuditRecord& record : *records) {
    if (response.audit_entries_size() == *size) {
      const AuditRecord& end = records->at(static_cast<size_t>(*size - 1));
      response.set_next_page_token(MakePageToken(listing, {absl::StrCat(end.id)}));
      break;
    }
    *response.add_audit_entries() = ToProto(record);
  }
  return absl::OkStatus();
}

}  // namespace homeport
