// One SSH connection of the embedded server.
//
// Signs in the account that the agent runs as, with one of the owner's keys, and serves session
// channels.
//
// Threads: the loop's.
#ifndef HOMEPORT_AGENT_EMBEDDED_CONNECTION_H_
#define HOMEPORT_AGENT_EMBEDDED_CONNECTION_H_

#include <functional>
#include <memory>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "agent/embedded_session.h"
#include "base/unique_fd.h"
#include "ssh/connection_server.h"
#include "ssh/server_transport.h"

namespace homeport::agent {

class EmbeddedConnection : public ssh::ServerTransport::ServerHandler {
 public:
  using OwnerKeys = std::set<std::string>;  // public key blobs

  // `owner_keys` is looked at whenever a key is shown; it and `context` outlive this object.
  // `on_closed` comes last, from the loop, and may destroy this object.
  EmbeddedConnection(SessionContext& context, const OwnerKeys& owner_keys, size_t max_channels,
                     std::string label, std::function<void()> on_closed);
  ~EmbeddedConnection() override;

  // Serves the socket. After an error `on_closed` is not called.
  absl::Status Start(ssh::ServerTransportFactory& factory, UniqueFd socket);

  // The owner's keys changed: ends the connection if the key that opened it is gone.
  void OnOwnerKeysChanged();
  void Disconnect(const std::string& sentence);

  bool MayTry(const std::string& user, const std::string& public_blob) override;
  void OnKeyProved(const std::string& user, const std::string& public_blob) override;
  bool OnPacket(absl::string_view payload) override;
  void OnOutputDrained() override;
  void OnClosed(const absl::Status& status) override;

 private:
  SessionContext& context_;
  const OwnerKeys& owner_keys_;
  const size_t max_channels_;
  const std::string label_;
  const std::function<void()> on_closed_;
  std::string signed_in_with_;  // empty before
  std::unique_ptr<ssh::ServerTransport> transport_;
  std::unique_ptr<ssh::ConnectionServer> server_;  // above the transport: goes first
};

}  // namespace homeport::agent

#endif  // HOMEPORT_AGENT_EMBEDDED_CONNECTION_H_
