#include "tests/postgresql/postgresql_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <grp.h>
#include <libpq-fe.h>
#include <netinet/in.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <filesystem>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/file.h"

namespace homeport {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(60);
constexpr absl::Duration kPoll = absl::Milliseconds(20);

// The newest version's programs.
std::string FindPrograms() {
  int newest = 0;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/usr/lib/postgresql", error)) {
    int version = 0;
    if (absl::SimpleAtoi(entry.path().filename().string(), &version) && version > newest &&
        access((entry.path() / "bin/initdb").c_str(), X_OK) == 0) {
      newest = version;
    }
  }
  return newest == 0 ? "" : absl::StrCat("/usr/lib/postgresql/", newest, "/bin");
}

int FreePort() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  bind(fd, reinterpret_cast<sockaddr*>(&address), size);
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  close(fd);
  return ntohs(address.sin_port);
}

absl::Status Ended(int status, const std::string& what, const std::string& log) {
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return absl::OkStatus();
  return absl::InternalError(absl::StrCat(what, " failed: ", log));
}

}  // namespace

absl::StatusOr<std::unique_ptr<PostgresqlServer>> PostgresqlServer::Start() {
  auto server = std::unique_ptr<PostgresqlServer>(new PostgresqlServer());
  server->programs_ = FindPrograms();
  if (server->programs_.empty()) return absl::NotFoundError("PostgreSQL is not installed");
  server->user_ = getuid();
  server->group_ = getgid();
  if (server->user_ == 0) {
    const passwd* user = getpwnam("postgres");
    if (user == nullptr) return absl::NotFoundError("there is no user postgres to run it as");
    server->user_ = user->pw_uid;
    server->group_ = user->pw_gid;
  }
  absl::Status status = server->MakeFolder();
  if (status.ok()) {
    status = server->RunProgram({"initdb", "--pgdata", server->folder_ + "/data", "--username",
                                 "homeport", "--auth", "trust", "--encoding", "UTF8", "--locale",
                                 "C.UTF-8", "--no-sync", "--no-instructions"});
  }
  if (status.ok()) status = server->Launch();
  if (!status.ok()) return status;
  return server;
}

PostgresqlServer::~PostgresqlServer() {
  Crash();
  std::error_code error;
  if (!folder_.empty()) std::filesystem::remove_all(folder_, error);
}

absl::Status PostgresqlServer::MakeFolder() {
  // Not in the test's own folder, which may lie where the server's user must not look; and short,
  // for the path of a socket.
  std::string folder = "/tmp/homeport-postgresql.XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) return ErrnoStatus(errno, "cannot make a folder");
  folder_ = folder;
  if (chown(folder_.c_str(), user_, group_) != 0) return ErrnoStatus(errno, "cannot give it away");
  return absl::OkStatus();
}

pid_t PostgresqlServer::Spawn(const std::vector<std::string>& arguments,
                              int signal_at_parents_death) const {
  std::vector<std::string> words = arguments;
  words.front() = absl::StrCat(programs_, "/", words.front());
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  const std::string log = folder_ + "/log";
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child != 0) return child;
  // From here on only what is safe after a fork of many threads.
  if (getuid() == 0 && (setgroups(0, nullptr) != 0 || setgid(group_) != 0 || setuid(user_) != 0)) {
    _exit(126);
  }
  setpgid(0, 0);  // a Ctrl-C is for the test, which ends it
  prctl(PR_SET_PDEATHSIG, signal_at_parents_death);
  if (getppid() != parent || chdir(folder_.c_str()) != 0) _exit(126);
  umask(077);
  const int out = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const int in = open("/dev/null", O_RDONLY | O_CLOEXEC);
  dup2(in, 0);
  dup2(out, 1);
  dup2(out, 2);
  execv(pointers[0], pointers.data());
  _exit(127);
}

absl::Status PostgresqlServer::RunProgram(const std::vector<std::string>& arguments) {
  const pid_t child = Spawn(arguments, SIGKILL);
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child) {
    return ErrnoStatus(errno, absl::StrCat("cannot run ", arguments.front()));
  }
  return Ended(status, arguments.front(), Log());
}

absl::Status PostgresqlServer::Launch() {
  port_ = port_ == 0 ? FreePort() : port_;
  // SIGQUIT ends it with all its processes.
  pid_ = Spawn({"postgres", "-D", folder_ + "/data", "-k", folder_, "-p", absl::StrCat(port_), "-c",
                "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "full_page_writes=off", "-c",
                "shared_buffers=32MB", "-c", "max_connections=200", "-c", "logging_collector=off"},
               SIGQUIT);
  if (pid_ < 0) return ErrnoStatus(errno, "cannot run postgres");
  const std::string url = absl::StrCat("postgresql://homeport@/postgres?host=", folder_,
                                       "&port=", port_, "&connect_timeout=5");
  for (const absl::Time end = absl::Now() + kPatience; absl::Now() < end; absl::SleepFor(kPoll)) {
    if (PQping(url.c_str()) == PQPING_OK) return absl::OkStatus();
    int status = 0;
    if (waitpid(pid_, &status, WNOHANG) == pid_) {
      pid_ = -1;
      return absl::InternalError(absl::StrCat("postgres ended: ", Log()));
    }
  }
  return absl::DeadlineExceededError(absl::StrCat("postgres does not answer: ", Log()));
}

std::string PostgresqlServer::Log() const {
  const absl::StatusOr<std::string> log = ReadFile(folder_ + "/log", 10 << 20);
  return log.ok() ? log->substr(log->size() > 2000 ? log->size() - 2000 : 0) : "(no log)";
}

void PostgresqlServer::Crash() {
  if (pid_ <= 0) return;
  kill(pid_, SIGQUIT);
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
}

absl::Status PostgresqlServer::StartAgain() { return Launch(); }

absl::StatusOr<std::string> PostgresqlServer::CreateDatabase() {
  const std::string name = absl::StrCat("test_", ++databases_);
  const std::string place = absl::StrCat("?host=", folder_, "&port=", port_);
  const absl::StatusOr<std::string> made = Execute(
      absl::StrCat("postgresql://homeport@/postgres", place),
      absl::StrCat("CREATE DATABASE ", name,
                   " TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en' LOCALE 'C.UTF-8'"));
  if (!made.ok()) return made.status();
  return absl::StrCat("postgresql://homeport@/", name, place);
}

std::string PostgresqlServer::TcpUrl(const std::string& url, int port) const {
  const size_t begin = url.rfind('/', url.find('?')) + 1;
  return absl::StrCat("postgresql://homeport@127.0.0.1:", port, "/",
                      url.substr(begin, url.find('?') - begin));
}

absl::StatusOr<std::string> PostgresqlServer::Execute(const std::string& url,
                                                      const std::string& sql) {
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(url.c_str()), PQfinish);
  const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection.get(), sql.c_str()),
                                                             PQclear);
  const ExecStatusType status = PQresultStatus(result.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
    return absl::InternalError(PQerrorMessage(connection.get()));
  }
  std::string lines;
  for (int row = 0; row < PQntuples(result.get()); ++row) {
    for (int column = 0; column < PQnfields(result.get()); ++column) {
      absl::StrAppend(&lines, column == 0 ? "" : "|", PQgetvalue(result.get(), row, column));
    }
    lines += "\n";
  }
  return lines;
}

}  // namespace homeport
