// The workspace's key socket: an ssh-agent at ~/.coder-ssh-agent.sock that offers the owner's key
// and has the coordinator sign. The private key is never here.
//
//   git, ssh ──ssh-agent protocol──▶ KeySocket ──SignForWorkspace──▶ coordinator
//
// Into a session of OpenSSH's the user may have forwarded an agent of their own; then that one
// answers, since sshd lets ~/.ssh/environment overrule it (forwarded_agent.h).
//
// Only this account and root are served. Keys cannot be added, removed or locked. When all places
// are taken, whoever has been silent for longest gives way. What stands in the way of listening is
// said in the status and tried again; a socket whose name was taken away gets a new one.
//
// Threads: the loop's; the destructor also from main when the loop has ended.
#ifndef HOMEPORT_AGENT_KEY_SOCKET_KEY_SOCKET_H_
#define HOMEPORT_AGENT_KEY_SOCKET_KEY_SOCKET_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "agent/fd_watch.h"
#include "agent/key_socket/forwarded_agent.h"
#include "agent/key_socket/key_socket_connection.h"
#include "agent/key_socket/signer.h"
#include "agent/splice_relay.h"
#include "agent/unix_listener.h"
#include "base/event_loop.h"
#include "base/unique_fd.h"
#include "base/worker_pool.h"
#include "proto/homeport/v1/agent.pb.h"

namespace homeport::agent {

class KeySocket {
 public:
  struct Options {
    std::string path;
    size_t max_connections = 64;
    KeySocketConnection::Limits limits;
    // How often the name is looked at, and how long after a failure another attempt is made.
    absl::Duration look_interval = absl::Seconds(30);
    // Finds the agent that answers a process in our place; invalid for none. In the pool.
    std::function<UniqueFd(pid_t process)> find_forwarded = ConnectForwardedAgent;
  };
  using StatusCallback = std::function<void(const v1::KeySocketStatus& status)>;

  // Does nothing yet. Everything referred to outlives the socket; `pool` is where files are looked
  // at.
  KeySocket(EventLoop& loop, WorkerPool& pool, Signer& signer, Options options,
            StatusCallback on_status);
  // Takes the name away if it is still its own.
  ~KeySocket();
  KeySocket(const KeySocket&) = delete;
  KeySocket& operator=(const KeySocket&) = delete;

  // Off: connections are closed at once, and the name goes.
  void SetEnabled(bool enabled);
  // From the next request on.
  void SetKey(OfferedKey key) { key_ = std::move(key); }

  size_t connections() const { return connections_.size() + relays_.size() + arriving_; }

 private:
  using Listener = std::shared_ptr<UnixListener>;  // shared with work in the pool

  // Does what is to be done next with the name, one thing at a time.
  void Proceed();
  void Open();
  void OnOpened(absl::StatusOr<Listener> listener);
  void LookAtName();
  void CloseListener();
  void SetTimer(std::function<void()> work);
  void AcceptOne();
  void OnArrived(UniqueFd socket, UniqueFd forwarded);
  void Relay(UniqueFd socket, UniqueFd forwarded);
  // Closes the connection that has been silent for longest; false if all are at work.
  bool MakeRoom();
  void SetStatus(const std::string& path, const std::string& error);

  EventLoop& loop_;
  WorkerPool& pool_;
  Signer& signer_;
  const Options options_;
  const StatusCallback on_status_;
  OfferedKey key_;
  bool enabled_ = false;
  bool busy_ = false;  // the pool opens or closes
  EventLoop::TimerId timer_ = 0;
  Listener listener_;
  Listener leaving_;              // to be closed
  std::optional<FdWatch> watch_;  // of the listener: goes first
  uint64_t next_connection_ = 1;
  std::map<uint64_t, std::unique_ptr<KeySocketConnection>> connections_;
  std::map<uint64_t, std::unique_ptr<SpliceRelay>> relays_;  // to forwarded agents
  size_t arriving_ = 0;                                      // the pool looks who they are
  // What comes back from the pool finds out here whether the socket is still there.
  const std::shared_ptr<KeySocket*> self_;
};

}  // namespace homeport::agent

#endif  // HOMEPORT_AGENT_KEY_SOCKET_KEY_SOCKET_H_
