// Rows of the SQLite store: the SELECT of each record and how its columns become the record.
//
// The functions run inside SqliteDatabase::Transact and let SOCI's exceptions through to it.
#ifndef HOMEPORT_COORDINATOR_STORE_SQLITE_ROWS_H_
#define HOMEPORT_COORDINATOR_STORE_SQLITE_ROWS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "coordinator/store/records.h"
#include "soci/soci.h"

namespace homeport {

// A value for a placeholder, `:name` in the order of appearance.
struct SqlValue {
  SqlValue(absl::string_view value) : text(value), is_text(true) {}   // NOLINT: on purpose
  SqlValue(const std::string& value) : text(value), is_text(true) {}  // NOLINT
  SqlValue(const char* value) : text(value), is_text(true) {}         // NOLINT
  SqlValue(int64_t value) : number(value) {}                          // NOLINT
  SqlValue(int value) : number(value) {}                              // NOLINT

  std::string text;
  long long number = 0;  // SOCI knows this type
  bool is_text = false;
};
using SqlValues = std::vector<SqlValue>;

// Runs a statement that returns nothing; the answer is how many rows it changed.
long long Execute(soci::session& session, const std::string& sql, const SqlValues& values);
// The one number that a query returns; 0 if it returns no row.
long long QueryNumber(soci::session& session, const std::string& sql, const SqlValues& values);

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

// The numbers that a query returns, one in a row.
std::vector<int64_t> SelectNumbers(soci::session& session, const std::string& sql,
                                   const SqlValues& values);
// The text that a query returns; empty if it returns no row.
std::string QueryText(soci::session& session, const std::string& sql, const SqlValues& values);

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

#endif  // HOMEPORT_COORDINATOR_STORE_SQLITE_ROWS_H_
