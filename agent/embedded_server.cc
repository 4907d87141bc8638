#include "agent/embedded_server.h"

#include <utility>

#include "ssh/host_keys.h"

namespace homeport::agent {

absl::StatusOr<std::unique_ptr<EmbeddedServer>> EmbeddedServer::Create(SessionContext& context) {
  absl::StatusOr<ssh::HostKeys> keys = ssh::HostKeys::Generate();
  if (!keys.ok()) return keys.status();
  absl::StatusOr<std::unique_ptr<ssh::ServerTransportFactory>> factory =
      ssh::ServerTransportFactory::Create(*keys, ssh::ServerTransport::Limits());
  if (!factory.ok()) return factory.status();
  return std::unique_ptr<EmbeddedServer>(
      new EmbeddedServer(context, *std::move(factory), keys->public_blobs()));
}

EmbeddedServer::EmbeddedServer(SessionContext& context,
                               std::unique_ptr<ssh::ServerTransportFactory> factory,
                               std::vector<std::string> host_keys)
    : context_(context), factory_(std::move(factory)), host_keys_(std::move(host_keys)) {}

int EmbeddedServer::SetOwnerKeys(const std::vector<std::string>& public_blobs) {
  owner_keys_ = {public_blobs.begin(), public_blobs.end()};
  int ended = 0;
  for (const auto& [id, connection] : connections_) {
    if (connection->OnOwnerKeysChanged()) ++ended;
  }
  return ended;
}

absl::Status EmbeddedServer::Serve(UniqueFd socket, const std::string& label,
                                   std::optional<SessionEndpoints> endpoints,
                                   const std::string& entry_key, std::function<void()> on_closed) {
  const uint64_t id = next_id_++;
  auto connection =
      std::make_unique<EmbeddedConnection>(context_, owner_keys_, label, std::move(endpoints),
                                           entry_key, [this, id, on_closed = std::move(on_closed)] {
                                             connections_.erase(id);
                                             connection_count_ = connections_.size();
                                             on_closed();
                                           });
  if (absl::Status status = connection->Start(*factory_, std::move(socket)); !status.ok()) {
    return status;
  }
  connections_.emplace(id, std::move(connection));
  connection_count_ = connections_.size();
  return absl::OkStatus();
}

void EmbeddedServer::DisconnectAll(const std::string& sentence) {
  for (const auto& [id, connection] : connections_) connection->Disconnect(sentence);
}

}  // namespace homeport::agent
