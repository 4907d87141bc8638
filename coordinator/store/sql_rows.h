// Rows of the SQL store: the SELECT of each record and how its columns become the record.
//
// The functions run inside SqlDatabase::Read or Write and let SOCI's exceptions through to it.
#ifndef HOMEPORT_COORDINATOR_STORE_SQL_ROWS_H_
#define HOMEPORT_COORDINATOR_STORE_SQL_ROWS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "coordinator/store/records.h"
#include "coordinator/store/sql_statement.h"

namespace homeport {

// `where` is what follows the tables: conditions, order and limit.
std::vector<UserRecord> SelectUsers(soci::session& session, const std::string& where,
                                    const SqlValues& values);
std::vector<OwnKeyRecord> SelectOwnKeys(soci::session& session, const std::string& where,
                                        const SqlValues& values);
std::vector<ProviderRecord> SelectProviders(soci::session& session, const std::string& where,
                                            const SqlValues& values);
std::vector<WorkspaceRecord> SelectWorkspaces(soci::session& session, const std::string& where,
                                              const SqlValues& values);
std::vector<AuditRecord> SelectAudit(soci::session& session, const std::string& where,
                                     const SqlValues& values);
std::vector<CredentialRecord> SelectCredentials(soci::session& session, const std::string& where,
                                                const SqlValues& values);
// `table` has columns public_key and sealed_key.
std::vector<KeyRecord> SelectKeys(soci::session& session, const std::string& table,
                                  const std::string& where, const SqlValues& values);

// How a credential's kind is written.
std::string CredentialKindColumn(CredentialKind kind);
// Adds a credential of the user or workspace with this number (0 for a proxy's).
void InsertCredential(soci::session& session, const HashedCredential& credential, int64_t owner,
                      const TokenDetails& details = {});

// What was written in base64. Throws for something else: damage that quick_check cannot see.
std::string FromBase64(const std::string& column);
// Time as a column; what is infinite is 0.
int64_t TimeColumn(absl::Time time);
// And back: 0 is InfinitePast.
absl::Time ToTime(int64_t column);
// How a pin is written.
std::string BackendPinColumn(BackendPin pin);
// How a provider's kind is written.
std::string ProviderKindColumn(ProviderKind kind);
// Keys as one column.
std::string KeysColumn(const std::vector<std::string>& blobs);

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_STORE_SQL_ROWS_H_
