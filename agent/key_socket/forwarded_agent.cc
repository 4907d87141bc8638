#include "agent/key_socket/forwarded_agent.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace homeport::agent {
namespace {

constexpr size_t kMostAncestors = 64;
constexpr size_t kMostCandidates = 256;

// 0 if nobody knows.
pid_t Parent(pid_t process) {
  std::ifstream file(absl::StrCat("/proc/", process, "/stat"));
  std::string line;
  std::getline(file, line);
  // The name, in parentheses, may hold anything (proc(5)).
  const size_t name_end = line.rfind(')');
  if (name_end == std::string::npos) return 0;
  const std::vector<absl::string_view> fields =
      absl::StrSplit(absl::string_view(line).substr(name_end + 1), ' ', absl::SkipEmpty());
  int parent = 0;
  return fields.size() > 1 && absl::SimpleAtoi(fields[1], &parent) ? parent : 0;
}

// Without this process, whose sockets are those of its own sessions.
std::vector<pid_t> Ancestors(pid_t process) {
  std::vector<pid_t> ancestors;
  for (pid_t pid = Parent(process); pid > 1 && ancestors.size() < kMostAncestors;
       pid = Parent(pid)) {
    if (pid != getpid()) ancestors.push_back(pid);
  }
  return ancestors;
}

// sshd's are /tmp/ssh-XXXXXXXXXX/agent.PID, with the process above the one that made it; since
// version 10.1 ~/.ssh/agent/s.….sshd.….
bool MayBeForwarded(absl::string_view path, const std::vector<pid_t>& ancestors) {
  constexpr absl::string_view kAgent = "/agent.";
  const size_t agent = path.rfind(kAgent);
  if (agent != absl::string_view::npos && absl::StrContains(path.substr(0, agent), "/ssh-")) {
    int pid = 0;
    return absl::SimpleAtoi(path.substr(agent + kAgent.size()), &pid) &&
           std::find(ancestors.begin(), ancestors.end(), pid) != ancestors.end();
  }
  return absl::StrContains(path, "/.ssh/agent/") && absl::StrContains(path, ".sshd.");
}

// Paths of sockets that listen (proc(5), /proc/net/unix).
std::vector<std::string> Candidates(const std::vector<pid_t>& ancestors) {
  constexpr size_t kFlags = 3;
  constexpr size_t kPath = 7;
  constexpr absl::string_view kListens = "00010000";
  std::vector<std::string> paths;
  std::ifstream file("/proc/net/unix");
  for (std::string line; paths.size() < kMostCandidates && std::getline(file, line);) {
    const std::vector<absl::string_view> fields = absl::StrSplit(line, ' ', absl::SkipEmpty());
    if (fields.size() == kPath + 1 && fields[kFlags] == kListens &&
        MayBeForwarded(fields[kPath], ancestors)) {
      paths.emplace_back(fields[kPath]);
    }
  }
  return paths;
}

// Connected if the socket was made by one of the processes.
UniqueFd ConnectIfMadeBy(const std::string& path, const std::vector<pid_t>& processes) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) return UniqueFd();
  memcpy(address.sun_path, path.c_str(), path.size() + 1);
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  ucred maker = {};
  socklen_t size = sizeof(maker);
  if (!socket.valid() ||
      connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
      // Of a listening socket: who called listen (unix(7)).
      getsockopt(socket.get(), SOL_SOCKET, SO_PEERCRED, &maker, &size) != 0 ||
      std::find(processes.begin(), processes.end(), maker.pid) == processes.end()) {
    return UniqueFd();
  }
  return socket;
}

}  // namespace

UniqueFd ConnectForwardedAgent(pid_t process) {
  const std::vector<pid_t> ancestors = Ancestors(process);
  if (ancestors.empty()) return UniqueFd();
  for (const std::string& path : Candidates(ancestors)) {
    UniqueFd socket = ConnectIfMadeBy(path, ancestors);
    if (socket.valid()) return socket;
  }
  return UniqueFd();
}

}  // namespace homeport::agent
