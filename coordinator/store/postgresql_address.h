// Where a PostgreSQL database is, as a URL that libpq understands:
//
//   postgresql://user@db.example/homeport?sslmode=verify-full&sslrootcert=/etc/homeport/db-ca.pem
//   postgresql://a.example,b.example/homeport          whichever of the two takes changes
//   postgresql:///homeport?host=/run/postgresql        a socket of this machine
//
// What the URL does not say comes from libpq's environment (PGHOST, PGUSER, PGPASSWORD, PGSSLMODE,
// …) and its password file. Whether and how the connection is encrypted is the operator's choice.
//
// Threads: any.
#ifndef HOMEPORT_COORDINATOR_STORE_POSTGRESQL_ADDRESS_H_
#define HOMEPORT_COORDINATOR_STORE_POSTGRESQL_ADDRESS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace homeport {

struct PostgresqlAddress {
  // For libpq's PQconnectdb and for SOCI. May hold a password: never to be logged or shown.
  std::string connection;
  // For people: host, port and database.
  std::string name;
};

// Whether it begins as such a URL does.
bool IsPostgresqlUrl(absl::string_view text);

// INVALID_ARGUMENT, without the URL in its message, if libpq does not understand it. Adds time
// limits, unless the URL sets them, by which a server that is gone shows within seconds.
absl::StatusOr<PostgresqlAddress> ParsePostgresqlUrl(const std::string& url);

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_STORE_POSTGRESQL_ADDRESS_H_
