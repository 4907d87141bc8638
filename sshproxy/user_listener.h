// The port that users dial: shows out those whom there is no room for, and hands on the others with
// the addresses that count.
//
// From a load balancer that is listed the first bytes must be a PROXY header, within a time; the
// client's address is what it says. From everybody else such a header is no SSH.
//
// Threads: the loop's thread.
#ifndef HOMEPORT_SSHPROXY_USER_LISTENER_H_
#define HOMEPORT_SSHPROXY_USER_LISTENER_H_

#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/event_loop.h"
#include "base/network_ranges.h"
#include "base/unique_fd.h"
#include "ssh/server_transport.h"
#include "sshproxy/acceptor.h"
#include "sshproxy/proxy_metrics.h"
#include "sshproxy/waiting_room.h"

namespace homeport {

class UserListener {
 public:
  struct Options {
    NetworkRanges proxy_protocol_from;
    absl::Duration header_timeout = absl::Seconds(5);
    WaitingRoom::Limits waiting;
    int64_t max_connections = 10000;
  };
  using Callback = std::function<void(ssh::ServerTransport::Client client)>;

  // `connections` says how many there are; `metrics` outlives the listener and the clients.
  UserListener(EventLoop& loop, UniqueFd listener, Options options,
               std::function<int64_t()> connections, ProxyMetrics& metrics, Callback callback);
  ~UserListener();

 private:
  // One whose header is not whole yet.
  struct Waiting {
    UniqueFd socket;
    EventLoop::TimerId timer = 0;
    size_t seen = 0;
  };

  void OnAccepted(UniqueFd socket);
  void AwaitHeader(UniqueFd socket);
  void OnReadable(int fd);
  // Takes the connection out of the loop and gives its socket to the caller.
  UniqueFd Take(int fd);
  void DropWaiting(int fd, absl::string_view why);
  void Admit(ssh::ServerTransport::Client client);
  // Says why to the client, and no more than once a second to the log: many may come.
  void Refuse(const UniqueFd& socket, const std::string& address, const char* reason,
              absl::string_view sentence);

  EventLoop& loop_;
  const Options options_;
  const std::function<int64_t()> connections_;
  ProxyMetrics& metrics_;
  const Callback callback_;
  WaitingRoom waiting_room_;
  std::unordered_map<int, Waiting> waiting_;
  absl::Time log_again_ = absl::InfinitePast();
  int64_t not_logged_ = 0;
  Acceptor acceptor_;
};

}  // namespace homeport

#endif  // HOMEPORT_SSHPROXY_USER_LISTENER_H_
