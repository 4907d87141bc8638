// The audit's chain (audit_chain.h) in a SQL database: lines in `audit`, the head in `audit_chain`.
//
// The functions run inside SqlDatabase::Read or Write and let SOCI's exceptions through to it.
// `key` seals the head; empty: it is left unsealed, or as it was.
#ifndef HOMEPORT_COORDINATOR_STORE_SQL_AUDIT_H_
#define HOMEPORT_COORDINATOR_STORE_SQL_AUDIT_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "coordinator/store/audit_chain.h"
#include "coordinator/store/records.h"
#include "soci/soci.h"

namespace homeport {

// Begins the chain if there is none yet: so this is for a Write.
AuditHead ReadAuditHead(soci::session& session);
bool IsSealed(const std::string& key, const AuditHead& head);

void AppendAuditLine(soci::session& session, const std::string& key, const AuditRecord& record);

// Gives `check` the next lines after `last`, up to the head, and moves `last`. False after the last
// ones, and once something is wrong.
bool FollowAuditLines(soci::session& session, const AuditHead& head, int64_t& last,
                      AuditChainCheck& check);
// The whole chain.
AuditVerification VerifyAuditLines(soci::session& session, const std::string& key);

// Store::PurgeAudit and Store::SetAuditKey.
int64_t PurgeAuditLines(soci::session& session, const std::string& key, absl::Time time,
                        const AuditRecord& audit);
absl::Status SealAuditHead(soci::session& session, const std::string& key);

// Seals the head with another key; false if it was not sealed with `old_key`, and then it stays.
bool ResealAuditHead(soci::session& session, const std::string& old_key,
                     const std::string& new_key);

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_STORE_SQL_AUDIT_H_
