// The two ends of a forwarded connection, on TCP ("127.0.0.1:PORT", "[::1]:PORT") or a Unix socket
// ("/path"): somebody who connects, and a server that sends back what it gets.
#ifndef HOMEPORT_TESTS_CONFORMANCE_PEER_H_
#define HOMEPORT_TESTS_CONFORMANCE_PEER_H_

#include <atomic>
#include <list>
#include <string>
#include <thread>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/unique_fd.h"

namespace homeport::story {

// Somebody who connects.
//
// Threads: one at a time.
class Peer {
 public:
  explicit Peer(const std::string& address);

  bool connected() const { return socket_.valid(); }
  // Sends all of it and reads meanwhile, so that neither side can block the other.
  void Send(absl::string_view bytes);
  // Waits for so many bytes and takes them off; fewer if the connection ended before or 20 s
  // passed.
  std::string Receive(size_t size);
  // Waits for the other side's end; all that came. The test has failed if it does not come.
  std::string ReceiveToEnd();
  void FinishSending();

 private:
  // Moves what can be moved. False when nothing could be within the time.
  bool Move(absl::string_view* to_send, absl::Duration limit);

  UniqueFd socket_;
  std::string received_;
  bool ended_ = false;
};

// Connects, sends, ends sending, and gives back all that came until the other side ended too.
std::string Exchange(const std::string& address, absl::string_view bytes);
// Whether anybody accepts connections there.
bool Listens(const std::string& address);

// Sends back what it gets; ends sending when the other side has.
//
// Threads: has one of its own; its methods from any.
class EchoServer {
 public:
  explicit EchoServer(const std::string& address = "127.0.0.1:0");
  ~EchoServer();
  EchoServer(const EchoServer&) = delete;
  EchoServer& operator=(const EchoServer&) = delete;

  const std::string& address() const { return address_; }
  // The port alone.
  std::string port() const { return address_.substr(address_.rfind(':') + 1); }
  // How many have connected so far.
  int connections() const { return connections_; }

 private:
  struct Connection {
    UniqueFd socket;
    std::string pending;
    bool ended = false;
    bool over = false;
  };

  void Run();
  static void Serve(Connection& connection, int events);

  UniqueFd listener_;
  UniqueFd stop_read_;
  UniqueFd stop_write_;
  std::string address_;
  std::atomic<int> connections_{0};
  std::list<Connection> served_;  // Run()'s
  std::thread thread_;
};

}  // namespace homeport::story

#endif  // HOMEPORT_TESTS_CONFORMANCE_PEER_H_
