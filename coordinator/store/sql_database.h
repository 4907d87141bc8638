// A database that the store's SQL runs in: transactions through SOCI, errors as absl::Status, and
// the little that differs between databases. What is the same in all of them is the store's own
// SQL, which is written once.
//
// A Read sees one moment of the database. Writes take turns, those of all programs on the database
// too: each sees everything that was committed before it began. So a Write may look first and then
// change what it has seen (is the name free? is there another site manager? which line of the audit
// is the last?), and nobody comes in between.
//
// UNAVAILABLE when the database cannot be reached now, does not answer in time, or broke off; it
// works again as soon as the cause is gone. RESOURCE_EXHAUSTED when the disk is full, DATA_LOSS
// when it is damaged, FAILED_PRECONDITION when a rule of the schema forbids a change. Messages hold
// no password and no value that was to be stored.
//
// Threads: any. Methods block.
#ifndef HOMEPORT_COORDINATOR_STORE_SQL_DATABASE_H_
#define HOMEPORT_COORDINATOR_STORE_SQL_DATABASE_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "soci/soci.h"

namespace homeport {

// One step of the schema: from the version before it, by one, to `version`.
struct SchemaStep {
  int version = 0;
  int compatible_from = 0;  // schema.h says what this is
  std::vector<std::string> statements;
};
using SchemaSteps = std::vector<SchemaStep>;

class SqlDatabase {
 public:
  // Hears of each failure that is the database's and not the caller's; may be null.
  using ErrorObserver = std::function<void(const absl::Status&)>;

  virtual ~SqlDatabase() = default;

  // Runs `body(soci::session&)`, which returns absl::Status or absl::StatusOr, in a transaction:
  // committed if it returns OK, rolled back otherwise. What SOCI throws becomes the status. A body
  // runs once at most, and makes no other transaction of the same database.
  template <typename Body>
  auto Read(Body body) {
    return Transact(Access::kRead, std::move(body));
  }
  template <typename Body>
  auto Write(Body body) {
    return Transact(Access::kWrite, std::move(body));
  }
  // As Write, for work that takes its time: migrations, and copying a whole store.
  template <typename Body>
  auto WriteAtLeisure(Body body) {
    return Transact(Access::kWriteAtLeisure, std::move(body));
  }

  // For people, without secrets.
  virtual const std::string& name() const = 0;

  // What differs between databases; inside transactions.
  virtual const SchemaSteps& schema() const = 0;
  virtual bool HasTable(soci::session& session, const std::string& table) const = 0;
  virtual std::vector<std::string> ListTables(soci::session& session) const = 0;
  // In the order of names.
  virtual std::vector<std::string> ListColumns(soci::session& session,
                                               const std::string& table) const = 0;
  // The number that the table last gave to a new row by itself, whether that row is still there or
  // not; 0 if none.
  virtual int64_t LastNumber(soci::session& session, const std::string& table,
                             const std::string& column) const = 0;
  virtual void SetLastNumber(soci::session& session, const std::string& table,
                             const std::string& column, int64_t number) const = 0;

 protected:
  enum class Access { kRead, kWrite, kWriteAtLeisure };
  using Work = absl::FunctionRef<absl::Status(soci::session&)>;

  virtual absl::Status Run(Access access, Work work) = 0;

 private:
  static const absl::Status& StatusOf(const absl::Status& result) { return result; }
  template <typename T>
  static const absl::Status& StatusOf(const absl::StatusOr<T>& result) {
    return result.status();
  }

  template <typename Body>
  auto Transact(Access access, Body body) -> std::invoke_result_t<Body, soci::session&> {
    std::optional<std::invoke_result_t<Body, soci::session&>> result;
    const absl::Status status = Run(access, [&](soci::session& session) {
      result.emplace(body(session));
      return StatusOf(*result);
    });
    if (!status.ok()) return status;
    return *std::move(result);
  }
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_STORE_SQL_DATABASE_H_
