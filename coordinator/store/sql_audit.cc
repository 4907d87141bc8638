#include "coordinator/store/sql_audit.h"

#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "coordinator/store/sql_rows.h"

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

// The seal of `after`, which comes of `before`: broken for ever if that one's is wrong.
std::string NextSeal(const std::string& key, const AuditHead& before, const AuditHead& after) {
  if (key.empty()) return before.seal;
  return before.seal == AuditSeal(key, before) ? AuditSeal(key, after) : kBroken;
}

}  // namespace

AuditHead ReadAuditHead(soci::session& session) {
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

void AppendAuditLine(soci::session& session, const std::string& key, const AuditRecord& record) {
  const AuditHead before = ReadAuditHead(session);
  AuditRecord line = record;
  line.id = before.last_id + 1;
  line.time = absl::FromUnixMicros(TimeColumn(record.time));
  AuditHead head = before;
  head.last_id = line.id;
  head.last_hash = AuditHash(before.last_hash, line);
  head.seal = NextSeal(key, before, head);
  Execute(session,
          "INSERT INTO audit (id, time, actor, action, target, address, detail, hash) VALUES (:id, "
          ":time, :actor, :action, :target, :address, :detail, :hash)",
          {line.id, TimeColumn(line.time), line.actor, line.action, line.target, line.address,
           line.detail, absl::Base64Escape(head.last_hash)});
  WriteHead(session, head);
}

bool IsSealed(const std::string& key, const AuditHead& head) {
  return key.empty() || head.seal == AuditSeal(key, head);
}

bool FollowAuditLines(soci::session& session, const AuditHead& head, int64_t& last,
                      AuditChainCheck& check) {
  const std::vector<AuditRecord> lines =
      SelectAudit(session, "WHERE id > :after AND id <= :last ORDER BY id LIMIT :limit",
                  {last, head.last_id, kLinesAtATime});
  bool good = !lines.empty();
  for (const AuditRecord& line : lines) {
    last = line.id;
    good = good && check.Follow(line);
  }
  return good;
}

AuditVerification VerifyAuditLines(soci::session& session, const std::string& key) {
  if (!HasHead(session)) {
    AuditVerification nothing;
    if (QueryNumber(session, "SELECT count(*) FROM audit", {}) > 0) {
      nothing.problem = "the note of which entry is the last is missing";
    }
    return nothing;
  }
  const AuditHead head = ReadAuditHead(session);
  AuditChainCheck check(head);
  int64_t last = head.purged_id;
  while (FollowAuditLines(session, head, last, check)) {
  }
  return check.Finish(IsSealed(key, head));
}

int64_t PurgeAuditLines(soci::session& session, const std::string& key, absl::Time time,
                        const AuditRecord& audit) {
  const AuditHead before = ReadAuditHead(session);
  // From the beginning of the chain: all before the first that is young enough.
  const int64_t keep = QueryNumber(
      session, "SELECT coalesce(min(id), 0) FROM audit WHERE time >= :time", {TimeColumn(time)});
  AuditHead head = before;
  head.purged_id = keep == 0 ? before.last_id : keep - 1;
  const std::vector<AuditRecord> end = SelectAudit(session, "WHERE id = :id", {head.purged_id});
  if (end.empty()) return 0;
  head.purged_hash = end.front().hash;
  head.seal = NextSeal(key, before, head);
  WriteHead(session, head);
  const int64_t deleted = Execute(session, "DELETE FROM audit WHERE id <= :id", {head.purged_id});
  AuditRecord line = audit;
  line.detail = absl::StrCat("{\"entries\":", deleted, ",\"last\":", head.purged_id, "}");
  AppendAuditLine(session, key, line);
  return deleted;
}

absl::Status SealAuditHead(soci::session& session, const std::string& key) {
  const bool begins = !HasHead(session);
  AuditHead head = ReadAuditHead(session);
  if (head.seal == AuditSeal(key, head)) return absl::OkStatus();
  if (!begins || head.seal == kBroken) {
    return absl::DataLossError(
        "the audit was changed by somebody else than the coordinator; homeport audit verify says "
        "where");
  }
  head.seal = AuditSeal(key, head);
  WriteHead(session, head);
  return absl::OkStatus();
}

bool ResealAuditHead(soci::session& session, const std::string& old_key,
                     const std::string& new_key) {
  AuditHead head = ReadAuditHead(session);
  if (head.seal != AuditSeal(old_key, head)) return false;
  head.seal = AuditSeal(new_key, head);
  WriteHead(session, head);
  return true;
}

}  // namespace homeport
