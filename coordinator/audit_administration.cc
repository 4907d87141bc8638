#include "coordinator/audit_administration.h"

#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/logging.h"
#include "coordinator/audit_line.h"
#include "coordinator/page.h"
#include "coordinator/timestamps.h"

namespace homeport {
namespace {

std::string FormatEntryName(int64_t id) { return absl::StrCat("auditEntries/", id); }

v1::AuditEntry ToProto(const AuditRecord& record) {
  v1::AuditEntry entry;
  entry.set_name(FormatEntryName(record.id));
  *entry.mutable_create_time() = ToTimestamp(record.time);
  entry.set_actor(record.actor);
  entry.set_action(record.action);
  entry.set_target(record.target);
  entry.set_address(record.address);
  entry.set_detail(record.detail);
  entry.set_hash(absl::BytesToHexString(record.hash));
  return entry;
}

absl::StatusOr<AuditFilter> ReadFilter(const v1::ListAuditEntriesRequest& request) {
  AuditFilter filter;
  filter.target = request.target();
  filter.action = request.action();
  filter.actor = request.actor();
  filter.address = request.address();
  filter.oldest_first = request.oldest_first();
  if (request.has_start_time()) {
    const absl::StatusOr<absl::Time> time = ReadTimestamp("start_time", request.start_time());
    if (!time.ok()) return time.status();
    filter.start_time = *time;
  }
  if (request.has_end_time()) {
    const absl::StatusOr<absl::Time> time = ReadTimestamp("end_time", request.end_time());
    if (!time.ok()) return time.status();
    filter.end_time = *time;
  }
  return filter;
}

// A page token fits the same question alone.
std::string ListingOf(v1::ListAuditEntriesRequest request) {
  request.clear_page_size();
  request.clear_page_token();
  return absl::StrCat("audit ", request.SerializeAsString());
}

}  // namespace

absl::Status AuditAdministration::List(const Caller&, const v1::ListAuditEntriesRequest& request,
                                       v1::ListAuditEntriesResponse& response) {
  const absl::StatusOr<int> size = PageSize(request.page_size());
  if (!size.ok()) return size.status();
  absl::StatusOr<AuditFilter> filter = ReadFilter(request);
  if (!filter.ok()) return filter.status();
  const std::string listing = ListingOf(request);
  const absl::StatusOr<int64_t> last = ParseNumberToken(request.page_token(), listing);
  if (!last.ok()) return last.status();
  (filter->oldest_first ? filter->after_id : filter->before_id) = *last;
  // One more than asked for says whether there is another page.
  const absl::StatusOr<std::vector<AuditRecord>> records = store_.ListAudit(*filter, *size + 1);
  if (!records.ok()) return records.status();
  for (const AuditRecord& record : *records) {
    if (response.audit_entries_size() == *size) {
      const AuditRecord& end = records->at(static_cast<size_t>(*size - 1));
      response.set_next_page_token(MakeNumberToken(listing, end.id));
      break;
    }
    *response.add_audit_entries() = ToProto(record);
  }
  return absl::OkStatus();
}

absl::Status AuditAdministration::Verify(const Caller&, const v1::VerifyAuditRequest&,
                                         v1::VerifyAuditResponse& response) {
  const absl::StatusOr<AuditVerification> found = store_.VerifyAudit();
  if (!found.ok()) return found.status();
  response.set_intact(found->problem.empty());
  response.set_entries(found->entries);
  if (found->first_id != 0) response.set_first(FormatEntryName(found->first_id));
  if (found->last_id != 0) response.set_last(FormatEntryName(found->last_id));
  response.set_problem(found->problem);
  response.set_last_hash(absl::BytesToHexString(found->last_hash));
  if (!found->problem.empty()) Logger("audit")->error("the audit is not whole: {}", found->problem);
  return absl::OkStatus();
}

void AuditAdministration::Purge(absl::Time now) {
  const absl::StatusOr<SiteSettings> settings = store_.GetSettings();
  if (!settings.ok() || settings->audit_retention == absl::InfiniteDuration()) return;
  const absl::StatusOr<int64_t> purged =
      store_.PurgeAudit(now - settings->audit_retention,
                        AuditLine(AuditActor{"coordinator", ""}, "audit.purge", "auditEntries"));
  if (!purged.ok()) {
    Logger("audit")->error("old entries cannot be deleted: {}",
                           std::string(purged.status().message()));
  } else if (*purged > 0) {
    Logger("audit")->info("{} entries were deleted for their age", *purged);
  }
}

}  // namespace homeport
