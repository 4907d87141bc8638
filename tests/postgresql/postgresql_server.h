// A PostgreSQL server of a test's own: a cluster in a temporary folder, on a socket in that folder
// and on a free loopback port, with nobody else's settings. It ends with the test, even when the
// test is killed. Everybody on this machine may use it as its superuser, so it is for tests only.
//
// PostgreSQL does not run as root: a test that is root runs it as the user `postgres`, whom
// Debian's package makes.
//
// Nothing is synced to the disk: what the server has committed outlives its own death, and no power
// cut.
//
// Threads: the test's main thread, which must be the one that starts it (the kernel's promise to
// end it is about that thread). The rest: any.
#ifndef HOMEPORT_TESTS_POSTGRESQL_POSTGRESQL_SERVER_H_
#define HOMEPORT_TESTS_POSTGRESQL_POSTGRESQL_SERVER_H_

#include <sys/types.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace homeport {

class PostgresqlServer {
 public:
  // Makes the cluster and starts it. NOT_FOUND if PostgreSQL, or a user to run it as, is not
  // installed: a reason to skip a test.
  static absl::StatusOr<std::unique_ptr<PostgresqlServer>> Start();
  ~PostgresqlServer();
  PostgresqlServer(const PostgresqlServer&) = delete;
  PostgresqlServer& operator=(const PostgresqlServer&) = delete;

  // An empty database with a name of its own; the answer is its URL. Its locale sorts as people do,
  // and not by bytes.
  absl::StatusOr<std::string> CreateDatabase();
  // The same database by the loopback port instead of the socket, and with another port.
  std::string TcpUrl(const std::string& url) const { return TcpUrl(url, port_); }
  std::string TcpUrl(const std::string& url, int port) const;
  // Statements, each in a transaction of its own; the answer is what the last one returned, a line
  // for each row with bars between its columns.
  absl::StatusOr<std::string> Execute(const std::string& url, const std::string& sql);

  // Runs one of PostgreSQL's programs, as the server's user: {"pg_dump", "--format=custom", …}.
  absl::Status RunProgram(const std::vector<std::string>& arguments);

  // Ends it at once, as a crash would, and starts it again on what it left.
  void Crash();
  absl::Status StartAgain();

  int port() const { return port_; }
  pid_t pid() const { return pid_; }
  // A folder that the server's user may write to; gone with the server.
  const std::string& folder() const { return folder_; }

 private:
  PostgresqlServer() = default;

  absl::Status MakeFolder();
  absl::Status Launch();
  pid_t Spawn(const std::vector<std::string>& arguments, int signal_at_parents_death) const;
  std::string Log() const;

  std::string programs_;  // the folder they are in
  std::string folder_;
  uid_t user_ = 0;
  gid_t group_ = 0;
  int port_ = 0;
  pid_t pid_ = -1;
  std::atomic<int> databases_{0};
};

}  // namespace homeport

#endif  // HOMEPORT_TESTS_POSTGRESQL_POSTGRESQL_SERVER_H_
