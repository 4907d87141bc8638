// What a person may have open to a workspace at one moment, each held up by the real ssh: a
// command, a ControlMaster connection with a session of its own and a forwarded TCP connection that
// carries something. For stories about what ends them.
//
// Threads: the test's main thread.
#ifndef HOMEPORT_TESTS_INTEGRATION_LIVE_CONNECTIONS_H_
#define HOMEPORT_TESTS_INTEGRATION_LIVE_CONNECTIONS_H_

#include <memory>
#include <string>

#include "tests/integration/tcp_connection.h"
#include "tests/integration/world.h"

namespace homeport::story {

class LiveConnections {
 public:
  // `options` go to each ssh, as in {"-p", "2222"} for another proxy.
  LiveConnections(World& world, const std::string& workspace, const Words& options = {});
  // Ends what is still there.
  ~LiveConnections();

  // Still there, all of them.
  void ExpectAlive();
  // The forwarded connection is gone, or going, and the sessions are alive.
  void ExpectForwardEnded();
  // Gone, or going: waits until all are. Each person was told `sentence`, on standard error.
  void ExpectEnded(const std::string& sentence);

 private:
  Words With(const Words& words) const;

  World& world_;
  const std::string workspace_;
  const Words options_;
  const std::string socket_;
  std::unique_ptr<Conversation> alone_;   // a connection of its own
  std::unique_ptr<Conversation> master_;  // runs the shared connection
  std::unique_ptr<Conversation> shared_;  // a session through it
  std::unique_ptr<Process> echo_;         // what the forwarded connection leads to
  std::unique_ptr<TcpConnection> forwarded_;
};

}  // namespace homeport::story

#endif  // HOMEPORT_TESTS_INTEGRATION_LIVE_CONNECTIONS_H_
