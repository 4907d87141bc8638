// A bare TCP connection to a port of ours, for stories that say what no well-behaved peer says.
//
// Threads: one at a time.
#ifndef HOMEPORT_TESTS_INTEGRATION_TCP_CONNECTION_H_
#define HOMEPORT_TESTS_INTEGRATION_TCP_CONNECTION_H_

#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/unique_fd.h"

namespace homeport::story {

class TcpConnection {
 public:
  // "127.0.0.1:PORT". connected() is false if nobody listens.
  explicit TcpConnection(const std::string& address);

  bool connected() const { return socket_.valid(); }
  // Sends all of it, as far as the peer takes it within `limit`. A peer that closed is no failure.
  void Send(absl::string_view bytes, absl::Duration limit = absl::Seconds(10));
  // Says that no more will be sent.
  void FinishSending();
  // Reads until the peer closes. False if it has not done so after `limit`.
  bool WaitUntilClosed(absl::Duration limit);
  // Reads until at least one byte came, or the peer closed. False after `limit`.
  bool WaitForBytes(absl::Duration limit);
  const std::string& received() const { return received_; }
  bool closed() const { return closed_; }
  void Close() { socket_.Reset(); }
  // The socket is the caller's from now on. Non-blocking.
  UniqueFd TakeSocket() { return std::move(socket_); }

 private:
  // Waits up to `limit` for bytes and takes them. False when there were none.
  bool Receive(absl::Duration limit);

  UniqueFd socket_;
  std::string received_;
  bool closed_ = false;
};

// A port that was free a moment ago, for servers that take no port 0.
std::string FreePort();

struct HttpAnswer {
  int status = 0;  // 0: none
  std::string body;
};

// One GET over HTTP/1.0.
HttpAnswer HttpGet(const std::string& address, const std::string& path);

}  // namespace homeport::story

#endif  // HOMEPORT_TESTS_INTEGRATION_TCP_CONNECTION_H_
