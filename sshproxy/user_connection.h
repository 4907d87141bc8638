// One user's SSH connection from the first byte to the last: sign-in, session, tunnel, backend,
// relay; or a refusal in words.
//
//   kSigningIn   the user's leg exchanges keys; a proved key is taken to the coordinator
//   kConnecting  signed in; the tunnel and the backend's sign-in are under way; the user's packets
//   wait in the socket kRelaying    packets flow kRefusing    signed in, but there is no workspace:
//   every request is answered with the reason
//
// Threads: the loop's thread.
#ifndef HOMEPORT_SSHPROXY_USER_CONNECTION_H_
#define HOMEPORT_SSHPROXY_USER_CONNECTION_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/event_loop.h"
#include "base/unique_fd.h"
#include "ssh/client_transport.h"
#include "ssh/connection_server.h"
#include "ssh/server_transport.h"
#include "sshproxy/client_watch.h"
#include "sshproxy/packet_relay.h"
#include "sshproxy/pending_tunnels.h"
#include "sshproxy/proxy_metrics.h"
#include "sshproxy/session_broker.h"

namespace homeport {

class UserConnection {
 public:
  // Who keeps the connection.
  class Owner {
   public:
    virtual ~Owner() = default;
    // Runs `work` on the connection's loop if the connection is still there. Any thread.
    virtual void WithConnection(uint64_t id, std::function<void(UserConnection&)> work) = 0;
    // The session's name is known now: commands for it can be routed here.
    virtual void OnSessionNamed(const LiveSession& session, uint64_t id) = 0;
    // Its packets are relayed now, to this backend.
    virtual void OnSessionRelayed(const std::string& session_id, int backend) = 0;
    // The connection is over; destroy it, but not from inside this call.
    virtual void OnConnectionOver(const std::string& session_id, uint64_t id) = 0;
  };

  // What all connections share; outlives them.
  struct Services {
    SessionBroker& broker;
    PendingTunnels& tunnels;
    ProxyMetrics& metrics;
    absl::Duration tunnel_timeout = absl::Seconds(30);
    // How long a sign-in waits for a coordinator that is away.
    absl::Duration sign_in_patience = absl::Seconds(30);
    ClientWatch::Options client_watch{};
    // Most that a connection holds for ends that do not read, both directions together.
    int64_t max_buffered_bytes = 2 << 20;
  };

  UserConnection(EventLoop& loop, Owner& owner, const Services& services, uint64_t id);
  ~UserConnection();

  // Serves the client.
  absl::Status Start(ssh::ServerTransportFactory& factory, ssh::ServerTransport::Client client);

  // The coordinator's word on this session.
  void OnTunnelFailed(const std::string& message);
  // The session may not be any longer: ends it, or refuses it if it is still being opened, with a
  // sentence for the person. True if nothing is left of it but the person who reads the refusal;
  // else the owner hears of its end, at the latest after a moment, whatever the two ends do.
  bool EndSession(const std::string& message);
  // What the session may do from now on.
  void ChangePolicy(const SessionPolicy& policy);
  // Ends the connection with a sentence for the person.
  void End(const std::string& message);

  // Whether packets flow.
  bool relaying() const { return relay_.has_value(); }
  // What the session has carried, if that has changed since the last call.
  std::optional<SessionReport> TakeReport();

 private:
  enum class State { kSigningIn, kConnecting, kRelaying, kRefusing, kOver };

  class UserSide;
  class WorkspaceSide;

  void OnKeyProved(const std::string& user, const std::string& public_key);
  void AskCoordinator();
  // Whether there is still somebody who waits for the coordinator's answer.
  bool MayBegin() const;
  void OnSession(absl::StatusOr<SessionGrant> result);
  void OnGrant();
  void OnTunnel(UniqueFd socket, int backend);
  void OnSignatureWanted(const std::string& host_key, const std::string& to_sign);
  void OnSignature(absl::StatusOr<std::string> signature);
  void OnWorkspaceReady();
  void WatchClient();
  void OnWorkspaceClosed(const absl::Status& status);
  void OnUserClosed(const absl::Status& status);
  // Signed in, but there is nothing to connect to.
  void Refuse(const std::string& message);
  // Nothing passes any more; the user's sessions are told why and closed, then the connection is.
  void SayFarewell(const std::string& message);
  bool OnFarewellPacket(absl::string_view payload);
  void FinishFarewell();
  // Ends a connection that is only being refused.
  void EndRefusalAfter(absl::Duration time);
  void ForgetTunnel();
  std::string LogFields() const;

  EventLoop& loop_;
  Owner& owner_;
  const Services services_;
  const uint64_t id_;
  State state_ = State::kSigningIn;
  std::string login_name_;
  std::string public_key_;
  absl::Time ask_until_;
  std::string ticket_;
  std::string end_reason_;
  bool revoked_ = false;        // by EndSession, whose sentence counts
  uint64_t reported_mark_ = 0;  // of the relay's traffic
  int backend_ = 0;
  UniqueFd early_tunnel_;
  bool workspace_gone_ = false;
  SessionGrant grant_;
  absl::Time started_;
  EventLoop::TimerId timer_ = 0;  // until the coordinator is asked again, or for the tunnel

  // The sides are told what happens on the legs; they outlive the legs.
  std::unique_ptr<UserSide> user_side_;
  std::unique_ptr<WorkspaceSide> workspace_side_;
  std::unique_ptr<ssh::ServerTransport> user_;
  std::unique_ptr<ssh::ClientTransport> workspace_;
  std::optional<PacketRelay> relay_;
  std::optional<ClientWatch> client_watch_;  // above the relay: goes first
  std::unique_ptr<ssh::ConnectionServer> refusal_;
};

}  // namespace homeport

#endif  // HOMEPORT_SSHPROXY_USER_CONNECTION_H_
