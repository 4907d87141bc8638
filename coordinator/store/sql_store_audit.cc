// SqlStore's audit.
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/logging.h"
#include "coordinator/store/audit_chain.h"
#include "coordinator/store/sql_audit.h"
#include "coordinator/store/sql_rows.h"
#include "coordinator/store/sql_store.h"

namespace homeport {
namespace {

// `%` and `_` in a LIKE pattern stand for themselves.
std::string EscapeLike(absl::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '%' || c == '_' || c == '\\') escaped.push_back('\\');
    escaped.push_back(c);
  }
  return escaped;
}

// Only the conditions that are asked for, so that their indexes can be used.
class Conditions {
 public:
  explicit Conditions(const AuditFilter& filter) {
    if (!filter.target.empty()) {
      Add(" AND (target = :target OR target LIKE :below ESCAPE '\\')",
          {filter.target, absl::StrCat(EscapeLike(filter.target), "/%")});
    }
    if (absl::EndsWith(filter.action, ".")) {
      Add(" AND action LIKE :action ESCAPE '\\'", {absl::StrCat(EscapeLike(filter.action), "%")});
    } else if (!filter.action.empty()) {
      Add(" AND action = :action", {filter.action});
    }
    if (!filter.actor.empty()) Add(" AND actor = :actor", {filter.actor});
    if (!filter.address.empty()) {
      // `192.0.2.1:1234` and `[2001:db8::1]:1234`.
      Add(" AND (address = :address OR address LIKE :port ESCAPE '\\' OR address LIKE :bracket "
          "ESCAPE '\\')",
          {filter.address,
           absl::StrCat(EscapeLike(filter.address),
                        absl::StrContains(filter.address, ':') ? "" : ":%"),
           absl::StrCat("[", EscapeLike(filter.address), "]:%")});
    }
    if (filter.before_id != 0) Add(" AND id < :before", {filter.before_id});
    if (filter.after_id != 0) Add(" AND id > :after", {filter.after_id});
    if (filter.start_time != absl::InfinitePast()) {
      Add(" AND time >= :start", {TimeColumn(filter.start_time)});
    }
    if (filter.end_time != absl::InfiniteFuture()) {
      Add(" AND time < :end", {TimeColumn(filter.end_time)});
    }
  }

  void Add(const char* condition, const SqlValues& values) {
    where_ += condition;
    values_.insert(values_.end(), values.begin(), values.end());
  }
  const std::string& where() const { return where_; }
  const SqlValues& values() const { return values_; }

 private:
  std::string where_ = "WHERE 1 = 1";
  SqlValues values_;
};

}  // namespace

std::string SqlStore::AuditKey() const {
  absl::MutexLock lock(&mutex_);
  return audit_key_;
}

void SqlStore::WriteAudit(soci::session& session, const AuditRecord& record) {
  AppendAuditLine(session, AuditKey(), record);
}

absl::Status SqlStore::AppendAudit(const AuditRecord& record) {
  return Change(record, [](soci::session&) { return absl::OkStatus(); });
}

absl::StatusOr<std::vector<AuditRecord>> SqlStore::ListAudit(const AuditFilter& filter, int limit) {
  Conditions conditions(filter);
  conditions.Add(
      filter.oldest_first ? " ORDER BY id LIMIT :limit" : " ORDER BY id DESC LIMIT :limit",
      {limit});
  return database_->Read([&](soci::session& session) {
    return absl::StatusOr<std::vector<AuditRecord>>(
        SelectAudit(session, conditions.where(), conditions.values()));
  });
}

absl::StatusOr<AuditVerification> SqlStore::VerifyAudit() {
  // A few lines in each transaction, so that others can write; what they add comes after the head.
  AuditHead head;
  bool sealed = false;
  absl::Status status = database_->Write([&](soci::session& session) -> absl::Status {
    head = ReadAuditHead(session);
    sealed = IsSealed(AuditKey(), head);
    return absl::OkStatus();
  });
  AuditChainCheck check(head);
  bool more = true;
  int64_t last = head.purged_id;
  while (status.ok() && more) {
    status = database_->Read([&](soci::session& session) -> absl::Status {
      more = FollowAuditLines(session, head, last, check);
      return absl::OkStatus();
    });
  }
  if (!status.ok()) return status;
  return check.Finish(sealed);
}

absl::StatusOr<int64_t> SqlStore::PurgeAudit(absl::Time time, const AuditRecord& audit) {
  return database_->WriteAtLeisure([&](soci::session& session) -> absl::StatusOr<int64_t> {
    return PurgeAuditLines(session, AuditKey(), time, audit);
  });
}

absl::Status SqlStore::SetAuditKey(const std::string& key) {
  {
    absl::MutexLock lock(&mutex_);
    audit_key_ = key;
  }
  return database_->WriteAtLeisure(
      [&](soci::session& session) { return SealAuditHead(session, key); });
}

}  // namespace homeport
