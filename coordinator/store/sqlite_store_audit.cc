// SqliteStore's audit.
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/logging.h"
#include "coordinator/store/audit_chain.h"
#include "coordinator/store/sqlite_rows.h"
#include "coordinator/store/sqlite_store.h"

namespace homeport {
namespace {

constexpr int kLinesAtATime = 1000;
// The seal of a chain that somebody else has changed: no key makes this one.
constexpr char kBroken[] = "broken";

std::string SealColumn(const std::string& seal) {
  return seal == kBroken ? seal : absl::Base64Escape(seal);
}

void WriteHead(soci::session& session, const AuditHead& head) {
  Execute(session,
          "UPDATE audit_chain SET last_id = :last, last_hash = :hash, purged_id = :purged, "
          "purged_hash = :purged_hash, seal = :seal",
          {head.last_id, absl::Base64Escape(head.last_hash), head.purged_id,
           absl::Base64Escape(head.purged_hash), SealColumn(head.seal)});
}

// Begins the chain, with the lines from before there was one.
AuditHead BeginChain(soci::session& session) {
  AuditHead head;
  std::vector<AuditRecord> lines;
  do {
    lines = SelectAudit(session, "WHERE id > :last ORDER BY id LIMIT :limit",
                        {head.last_id, kLinesAtATime});
    for (const AuditRecord& line : lines) {
      if (!line.hash.empty()) head.seal = kBroken;  // lines of a chain, without its head
      if (head.last_id == 0) head.purged_id = line.id - 1;
      head.last_hash = AuditHash(head.last_hash, line);
      head.last_id = line.id;
      if (line.hash.empty()) {
        Execute(session, "UPDATE audit SET hash = :hash WHERE id = :id",
                {absl::Base64Escape(head.last_hash), line.id});
      }
    }
  } while (!lines.empty());
  Execute(session,
          "INSERT INTO audit_chain (one, last_id, last_hash, purged_id, purged_hash, seal) VALUES "
          "(1, :last, :hash, :purged, :purged_hash, :seal)",
          {head.last_id, absl::Base64Escape(head.last_hash), head.purged_id,
           absl::Base64Escape(head.purged_hash), SealColumn(head.seal)});
  return head;
}

bool HasHead(soci::session& session) {
  return QueryNumber(session, "SELECT count(*) FROM audit_chain", {}) > 0;
}

AuditHead ReadHead(soci::session& session) {
  long long last_id = 0, purged_id = 0;
  std::string last_hash, purged_hash, seal;
  session << "SELECT last_id, purged_id, last_hash, purged_hash, seal FROM audit_chain",
      soci::into(last_id), soci::into(purged_id), soci::into(last_hash), soci::into(purged_hash),
      soci::into(seal);
  if (!session.got_data()) return BeginChain(session);
  AuditHead head;
  head.last_id = last_id;
  head.purged_id = purged_id;
  head.last_hash = FromBase64(last_hash);
  head.purged_hash = FromBase64(purged_hash);
  head.seal = seal == kBroken ? seal : FromBase64(seal);
  return head;
}

// The seal of `after`, which comes of `before`: broken for ever if that one's is wrong.
std::string NextSeal(const std::string& key, const AuditHead& before, const AuditHead& after) {
  if (key.empty()) return before.seal;
  return before.seal == AuditSeal(key, before) ? AuditSeal(key, after) : kBroken;
}

// `%` and `_` in a LIKE pattern stand for themselves.
std::string EscapeLike(absl::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '%' || c == '_' || c == '\\') escaped.push_back('\\');
    escaped.push_back(c);
  }
  return escaped;
}

// Only the conditions that are asked for, so that SQLite can use their indexes.
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

void SqliteStore::WriteAudit(soci::session& session, const AuditRecord& record) {
  const AuditHead before = ReadHead(session);
  AuditRecord line = record;
  line.id = before.last_id + 1;
  line.time = absl::FromUnixMicros(TimeColumn(record.time));
  AuditHead head = before;
  head.last_id = line.id;
  head.last_hash = AuditHash(before.last_hash, line);
  head.seal = NextSeal(audit_key_, before, head);
  Execute(session,
          "INSERT INTO audit (id, time, actor, action, target, address, detail, hash) VALUES (:id, "
          ":time, :actor, :action, :target, :address, :detail, :hash)",
          {line.id, TimeColumn(line.time), line.actor, line.action, line.target, line.address,
           line.detail, absl::Base64Escape(head.last_hash)});
  WriteHead(session, head);
}

absl::Status SqliteStore::AppendAudit(const AuditRecord& record) {
  return Change(record, [](soci::session&) { return absl::OkStatus(); });
}

absl::StatusOr<std::vector<AuditRecord>> SqliteStore::ListAudit(const AuditFilter& filter,
                                                                int limit) {
  Conditions conditions(filter);
  conditions.Add(
      filter.oldest_first ? " ORDER BY id LIMIT :limit" : " ORDER BY id DESC LIMIT :limit",
      {limit});
  return database_->Transact([&](soci::session& session) {
    return absl::StatusOr<std::vector<AuditRecord>>(
        SelectAudit(session, conditions.where(), conditions.values()));
  });
}

absl::StatusOr<AuditVerification> SqliteStore::VerifyAudit() {
  // A few lines in each transaction, so that others can write; what they add comes after the head.
  AuditHead head;
  bool sealed = false;
  absl::Status status = database_->Transact([&](soci::session& session) -> absl::Status {
    head = ReadHead(session);
    sealed = audit_key_.empty() || head.seal == AuditSeal(audit_key_, head);
    return absl::OkStatus();
  });
  AuditChainCheck check(head);
  bool more = true;
  int64_t last = head.purged_id;
  while (status.ok() && more) {
    status = database_->Transact([&](soci::session& session) -> absl::Status {
      const std::vector<AuditRecord> lines =
          SelectAudit(session, "WHERE id > :after AND id <= :last ORDER BY id LIMIT :limit",
                      {last, head.last_id, kLinesAtATime});
      more = !lines.empty();
      for (const AuditRecord& line : lines) {
        last = line.id;
        more = more && check.Follow(line);
      }
      return absl::OkStatus();
    });
  }
  if (!status.ok()) return status;
  return check.Finish(sealed);
}

absl::StatusOr<int64_t> SqliteStore::PurgeAudit(absl::Time time, const AuditRecord& audit) {
  return database_->Transact([&](soci::session& session) -> absl::StatusOr<int64_t> {
    const AuditHead before = ReadHead(session);
    // From the beginning of the chain: all before the first that is young enough.
    const int64_t keep = QueryNumber(
        session, "SELECT coalesce(min(id), 0) FROM audit WHERE time >= :time", {TimeColumn(time)});
    AuditHead head = before;
    head.purged_id = keep == 0 ? before.last_id : keep - 1;
    const std::vector<AuditRecord> end = SelectAudit(session, "WHERE id = :id", {head.purged_id});
    if (end.empty()) return 0;
    head.purged_hash = end.front().hash;
    head.seal = NextSeal(audit_key_, before, head);
    WriteHead(session, head);
    const int64_t deleted = Execute(session, "DELETE FROM audit WHERE id <= :id", {head.purged_id});
    AuditRecord line = audit;
    line.detail = absl::StrCat("{\"entries\":", deleted, ",\"last\":", head.purged_id, "}");
    WriteAudit(session, line);
    return deleted;
  });
}

absl::Status SqliteStore::SetAuditKey(const std::string& key) {
  return database_->Transact([&](soci::session& session) -> absl::Status {
    audit_key_ = key;
    const bool begins = !HasHead(session);
    AuditHead head = ReadHead(session);
    if (head.seal == AuditSeal(key, head)) return absl::OkStatus();
    if (!begins || head.seal == kBroken) {
      return absl::DataLossError(
          "the audit was changed by somebody else than the coordinator; homeport audit verify says "
          "where");
    }
    head.seal = AuditSeal(key, head);
    WriteHead(session, head);
    return absl::OkStatus();
  });
}

}  // namespace homeport
