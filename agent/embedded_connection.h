// One SSH connection of the embedded server.
//
// Signs in the account that the agent runs as, with one of the owner's keys, and serves what sshd
// serves: sessions, forwarding in both directions, the client's ssh-agent and X server. All that
// the client has made in the workspace (ports, sockets, terminals) goes with the connection.
//
// Threads: the loop's.
#ifndef HOMEPORT_AGENT_EMBEDDED_CONNECTION_H_
#define HOMEPORT_AGENT_EMBEDDED_CONNECTION_H_

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "agent/agent_forward.h"
#include "agent/direct_forward.h"
#include "agent/embedded_session.h"
#include "agent/remote_forwards.h"
#include "agent/session_endpoints.h"
#include "base/unique_fd.h"
#include "ssh/connection_server.h"
#include "ssh/server_transport.h"

namespace homeport::agent {

class EmbeddedConnection : public ssh::ServerTransport::ServerHandler {
 public:
  using OwnerKeys = std::set<std::string>;  // public key blobs

  // `owner_keys` is looked at whenever a key is shown; it and `context` outlive this object.
  // `entry_key` is the key that opened the front door for this connection, empty if nobody knows.
  // `on_closed` comes last, from the loop, and may destroy this object.
  EmbeddedConnection(SessionContext& context, const OwnerKeys& owner_keys, std::string label,
                     std::optional<SessionEndpoints> endpoints, std::string entry_key,
                     std::function<void()> on_closed);
  ~EmbeddedConnection() override;

  // Serves the socket. After an error `on_closed` is not called.
  absl::Status Start(ssh::ServerTransportFactory& factory, UniqueFd socket);

  // The owner's keys changed: ends the connection if the key that it came with is gone, and says
  // whether. That is the one that opened the front door: who came with a key of their own stays
  // when the assigned key, which signs in here, is regenerated.
  bool OnOwnerKeysChanged();
  void Disconnect(const std::string& sentence);

  bool MayTry(const std::string& user, const std::string& public_blob) override;
  void OnKeyProved(const std::string& user, const std::string& public_blob) override;
  bool OnPacket(absl::string_view payload) override;
  void OnOutputDrained() override;
  void OnClosed(const absl::Status& status) override;

 private:
  // What serves a connection that has signed in.
  struct Services;

  ssh::ConnectionServer::OpenResult OnChannelOpen(const std::string& type,
                                                  absl::string_view payload);
  bool OnGlobalRequest(const std::string& name, absl::string_view payload, bool want_reply,
                       const ssh::ConnectionServer::GlobalReply& reply);

  SessionContext& context_;
  const OwnerKeys& owner_keys_;
  const std::string label_;
  const std::optional<SessionEndpoints> endpoints_;
  const std::string entry_key_;
  const std::function<void()> on_closed_;
  std::string signed_in_with_;     // empty before
  bool no_more_sessions_ = false;  // the client has promised so
  std::unique_ptr<ssh::ServerTransport> transport_;
  std::unique_ptr<Services> services_;  // above the transport: goes first
};

}  // namespace homeport::agent

#endif  // HOMEPORT_AGENT_EMBEDDED_CONNECTION_H_
