// SqliteStore's audit.
#include "coordinator/store/sqlite_rows.h"
#include "coordinator/store/sqlite_store.h"

namespace homeport {

absl::Status SqliteStore::AppendAudit(const AuditRecord& record) {
  return database_->Transact([&](soci::session& session) -> absl::Status {
    Execute(session,
            "INSERT INTO audit (time, actor, action, target, address, detail) VALUES (:time, "
            ":actor, :action, :target, :address, :detail)",
            {TimeColumn(record.time), record.actor, record.action, record.target, record.address,
             record.detail});
    return absl::OkStatus();
  });
}

absl::StatusOr<std::vector<AuditRecord>> SqliteStore::ListAudit(const AuditFilter& filter,
                                                                int limit) {
  // Only the conditions that are asked for, so that SQLite can use their indexes.
  std::string where = "WHERE 1 = 1";
  SqlValues values;
  const auto add = [&](const char* condition, SqlValue value) {
    where += condition;
    values.push_back(std::move(value));
  };
  if (!filter.target.empty()) add(" AND target = :target", filter.target);
  if (!filter.action.empty()) add(" AND action = :action", filter.action);
  if (filter.before_id != 0) add(" AND id < :before", filter.before_id);
  add(" ORDER BY id DESC LIMIT :limit", limit);
  return database_->Transact([&](soci::session& session) {
    return absl::StatusOr<std::vector<AuditRecord>>(SelectAudit(session, where, values));
  });
}

}  // namespace homeport
