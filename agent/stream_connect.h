// Connects a stream socket for a channel without blocking: to a host by name or address, every
// address in turn, or to a Unix socket.
//
// The name is looked up in a worker pool. Destroying the object gives up.
//
// Threads: the loop's.
#ifndef HOMEPORT_AGENT_STREAM_CONNECT_H_
#define HOMEPORT_AGENT_STREAM_CONNECT_H_

#include <sys/socket.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/event_loop.h"
#include "base/unique_fd.h"
#include "base/worker_pool.h"

namespace homeport::agent {

// One address to try.
struct SocketAddress {
  sockaddr_storage storage = {};
  socklen_t size = 0;
};

class StreamConnect {
 public:
  // Gets a connected, non-blocking socket (TCP_NODELAY where it is TCP), or an error whose message
  // is what sshd says: the system's own words ("Connection refused").
  using Callback = std::function<void(absl::StatusOr<UniqueFd>)>;

  // `limit` is for each address. `done` is called once, from the loop; it may destroy this object.
  StreamConnect(EventLoop& loop, absl::Duration limit, Callback done);
  ~StreamConnect();
  StreamConnect(const StreamConnect&) = delete;
  StreamConnect& operator=(const StreamConnect&) = delete;

  // One of these, once. `resolver` and the loop outlive the look-up.
  void ToHost(WorkerPool& resolver, const std::string& host, int port);
  void ToPath(const std::string& path);

 private:
  void OnAddresses(absl::StatusOr<std::vector<SocketAddress>> addresses);
  // Tries the next address; `error` is why the one before failed.
  void TryNext(int error);
  void OnAttemptReady();
  void EndAttempt();
  void Finish(absl::StatusOr<UniqueFd> result);

  EventLoop& loop_;
  const absl::Duration limit_;
  const Callback done_;
  std::vector<SocketAddress> addresses_;
  size_t next_ = 0;  // of addresses_
  UniqueFd socket_;  // the attempt under way, watched
  EventLoop::TimerId timer_ = 0;
  // Work in the pool and on the loop finds out here whether this object is still there.
  std::shared_ptr<StreamConnect*> self_;
};

}  // namespace homeport::agent

#endif  // HOMEPORT_AGENT_STREAM_CONNECT_H_
