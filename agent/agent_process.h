// A workspace's agent, put together: dials home, and connects proxies with the workspace's SSH
// servers.
//
// Threads: Create and Stop from main, which has initialised libssh. SSH, splicing and processes are
// the loop's thread, which this object owns.
#ifndef HOMEPORT_AGENT_AGENT_PROCESS_H_
#define HOMEPORT_AGENT_AGENT_PROCESS_H_

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "agent/account.h"
#include "agent/backends.h"
#include "agent/connection_state.h"
#include "agent/embedded_options.h"
#include "agent/embedded_server.h"
#include "agent/files/home_files.h"
#include "agent/home_stream.h"
#include "agent/key_socket/coordinator_signer.h"
#include "agent/key_socket/key_socket.h"
#include "agent/status_board.h"
#include "agent/tunnel_dialer.h"
#include "base/event_loop.h"
#include "base/memory_return.h"
#include "base/worker_pool.h"

namespace homeport::agent {

struct AgentOptions {
  std::string coordinator;
  std::string ca_file;
  std::string credential_file;
  std::string openssh_address = "127.0.0.1:22";
  Backends::Choice backend = Backends::Choice::kAuto;
  std::string status_file;
  absl::Duration drain = absl::Seconds(10);
  // How long tunnels outlive the stream home: after that nobody vouches for them.
  absl::Duration staleness = absl::Minutes(10);
  int max_tunnels = 1024;
  EmbeddedOptions embedded;
  Account account;
  std::vector<std::string> environment;  // "NAME=value", the image's
  std::string assets_root = "/var/tmp/coder";
  // ~/.ssh/authorized_keys, ~/.ssh/environment and the key socket; off leaves the home alone.
  bool manage_files = true;
};

class AgentProcess : private HomeStream::Listener {
 public:
  // Starts it. Errors name the file or address that is wrong.
  static absl::StatusOr<std::unique_ptr<AgentProcess>> Start(const AgentOptions& options);
  ~AgentProcess() override;

  // Refuses new tunnels, waits for those that stand until `drain` is over or another termination
  // signal comes, and then ends them with a sentence.
  void Stop();

 private:
  explicit AgentProcess(const AgentOptions& options);

  absl::Status Build();
  // The coordinator was away for too long.
  void OnStale();
  void BuildKeySocket(const std::shared_ptr<CoordinatorRoute>& route);

  // Gives sessions, and ~/.ssh/environment, what the settings and the machine now say.
  void UpdateEnvironment();

  // Says that a message was acted on, once the files hold what they should. Of connections to the
  // embedded server no packet counts any more by then; they close within a moment.
  void Acknowledge(int64_t revision, int closed_tunnels);

  void OnWelcome(const std::string& workspace) override;
  void OnOwnerKeys(const v1::OwnerKeys& keys, int64_t revision) override;
  void OnSettings(const v1::WorkspaceSettings& settings, int64_t revision) override;
  void OnDial(const v1::Dial& dial) override;
  void OnAway(const absl::Status& status) override;

  const AgentOptions options_;
  EventLoop loop_;
  MemoryReturn memory_return_{loop_};
  bool stopping_ = false;  // the loop's
  EventLoop::TimerId staleness_timer_ = 0;
  v1::WorkspaceSettings settings_;  // the loop's; as last heard
  ProcessReaper reaper_;
  SessionContext context_;
  StatusBoard board_;
  std::unique_ptr<EmbeddedServer> embedded_;
  std::unique_ptr<Backends> backends_;
  std::unique_ptr<TunnelDialer> dialer_;
  std::unique_ptr<CoordinatorSigner> signer_;
  std::unique_ptr<KeySocket> key_socket_;
  std::unique_ptr<HomeStream> home_;
  std::unique_ptr<HomeFiles> home_files_;  // null if nobody wants them looked after
  WorkerPool file_writer_{1};
  std::unique_ptr<ConnectionState> state_;
  WorkerPool key_socket_pool_{2};  // its files
  WorkerPool pool_;                // joins before the parts that its work speaks to
  WorkerPool resolver_;  // as pool_; a name server that does not answer holds up no tunnel
  std::thread loop_thread_;
};

}  // namespace homeport::agent

#endif  // HOMEPORT_AGENT_AGENT_PROCESS_H_
