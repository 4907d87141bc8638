// One of the proxy's fixed number of threads, with its loop and the connections that live on it.
//
// Threads: Start, Stop and the owner's calls as said at each; connections only on the loop's
// thread.
#ifndef HOMEPORT_SSHPROXY_LOOP_THREAD_H_
#define HOMEPORT_SSHPROXY_LOOP_THREAD_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <unordered_map>

#include "base/event_loop.h"
#include "base/unique_fd.h"
#include "ssh/host_keys.h"
#include "ssh/server_transport.h"
#include "sshproxy/session_directory.h"
#include "sshproxy/user_connection.h"

namespace homeport {

class LoopThread : public UserConnection::Owner {
 public:
  // `services` and `directory` outlive this object.
  LoopThread(const UserConnection::Services& services, SessionDirectory& directory);
  // Stops the thread; connections that are left are dropped.
  ~LoopThread() override;

  EventLoop& loop() { return loop_; }
  // Connections from now on prove themselves with these keys. Any thread.
  void SetHostKeys(const ssh::HostKeys& keys, const ssh::ServerTransport::Limits& limits);
  // Serves a user. Any thread.
  void Serve(ssh::ServerTransport::Client client);
  // Runs `work` on the connection, if it is still there. Any thread.
  void WithConnection(uint64_t id, std::function<void(UserConnection&)> work) override;
  // Ends all connections with a sentence. Any thread.
  void EndAll(const std::string& message);

 private:
  void OnSessionNamed(const LiveSession& session, uint64_t id) override;
  void OnSessionRelayed(const std::string& session_id, int backend) override;
  void OnConnectionOver(const std::string& session_id, uint64_t id) override;

  // Tells the coordinator what sessions have carried, as long as there are any.
  void Report();

  const UserConnection::Services services_;
  SessionDirectory& directory_;
  EventLoop loop_;
  std::unique_ptr<ssh::ServerTransportFactory> factory_;
  std::unordered_map<uint64_t, std::unique_ptr<UserConnection>> connections_;
  uint64_t next_id_ = 1;
  EventLoop::TimerId report_timer_ = 0;
  std::thread thread_;
};

}  // namespace homeport

#endif  // HOMEPORT_SSHPROXY_LOOP_THREAD_H_
