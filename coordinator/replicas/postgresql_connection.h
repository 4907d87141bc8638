// One connection to PostgreSQL by libpq, for what SOCI has no words for: notifications, arrays,
// and state that need not be on disk.
//
// Commits on it do not wait for the disk (synchronous_commit is off): nothing that must survive is
// written through it.
//
// Errors: UNAVAILABLE for a connection that is not there any more, and after it nothing works but
// to open another; INTERNAL for a statement that the server refused. Messages are the server's,
// without parameters.
//
// Threads: one at a time.
#ifndef HOMEPORT_COORDINATOR_REPLICAS_POSTGRESQL_CONNECTION_H_
#define HOMEPORT_COORDINATOR_REPLICAS_POSTGRESQL_CONNECTION_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

struct pg_conn;
struct pg_result;

namespace homeport {

class PostgresqlConnection {
 public:
  using Row = std::vector<std::string>;  // what is NULL is empty
  using Rows = std::vector<Row>;

  // `url` is a URI or a list of keywords and values (libpq, 34.1.1). Blocks for 5 s at most, if
  // it names no other connect_timeout.
  static absl::StatusOr<std::unique_ptr<PostgresqlConnection>> Open(const std::string& url);

  ~PostgresqlConnection();
  PostgresqlConnection(const PostgresqlConnection&) = delete;
  PostgresqlConnection& operator=(const PostgresqlConnection&) = delete;

  // Runs one statement with parameters $1, $2 … in their text form. Blocks for 5 s at most.
  absl::StatusOr<Rows> Query(const std::string& sql, const std::vector<std::string>& parameters);
  // Runs statements without parameters, in one transaction unless they say otherwise.
  absl::Status Execute(const std::string& sql);

  // For poll(2): readable when a notification may have come.
  int socket() const;
  // Takes in what has come; then NextNotification until there is none.
  absl::Status ConsumeInput();
  // The payload of a notification on a channel that was listened to.
  std::optional<std::string> NextNotification();

  // Parameters and columns: bytes as bytea, and arrays of numbers and of bytes.
  static std::string Bytes(const std::string& bytes);
  static std::string FromBytes(const std::string& column);
  static std::string Numbers(const std::vector<int64_t>& numbers);
  static std::string Texts(const std::vector<std::string>& texts);

 private:
  struct Closer {
    void operator()(pg_conn* connection) const;
  };
  explicit PostgresqlConnection(pg_conn* connection) : connection_(connection) {}

  absl::Status Failure() const;
  absl::StatusOr<Rows> Take(pg_result* result) const;

  const std::unique_ptr<pg_conn, Closer> connection_;
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_REPLICAS_POSTGRESQL_CONNECTION_H_
