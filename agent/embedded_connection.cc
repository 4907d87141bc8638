#include "agent/embedded_connection.h"

#include <utility>

#include "base/logging.h"
#include "ssh/host_keys.h"
#include "ssh/message_numbers.h"

namespace homeport::agent {

EmbeddedConnection::EmbeddedConnection(SessionContext& context, const OwnerKeys& owner_keys,
                                       size_t max_channels, std::string label,
                                       std::function<void()> on_closed)
    : context_(context),
      owner_keys_(owner_keys),
      max_channels_(max_channels),
      label_(std::move(label)),
      on_closed_(std::move(on_closed)) {}

EmbeddedConnection::~EmbeddedConnection() = default;

absl::Status EmbeddedConnection::Start(ssh::ServerTransportFactory& factory, UniqueFd socket) {
  absl::StatusOr<std::unique_ptr<ssh::ServerTransport>> transport =
      factory.Accept(context_.loop, std::move(socket), *this);
  if (!transport.ok()) return transport.status();
  transport_ = *std::move(transport);
  return absl::OkStatus();
}

bool EmbeddedConnection::MayTry(const std::string& user, const std::string& public_blob) {
  return user == context_.account.user && owner_keys_.count(public_blob) != 0;
}

void EmbeddedConnection::OnKeyProved(const std::string& user, const std::string& public_blob) {
  if (!MayTry(user, public_blob)) {
    Logger("embedded")
        ->info("session={} refused {} for \"{}\"", label_, ssh::Fingerprint(public_blob),
               Printable(user));
    transport_->Refuse();
    return;
  }
  signed_in_with_ = public_blob;
  server_ = std::make_unique<ssh::ConnectionServer>(
      *transport_, max_channels_, [this](const std::string& type, absl::string_view) {
        ssh::ConnectionServer::OpenResult result;
        if (type == "session") {
          result.handler = std::make_unique<EmbeddedSession>(context_, label_);
        } else {
          result.reason = ssh::kUnknownChannelType;
          result.description = "the workspace's embedded SSH server opens sessions only";
        }
        return result;
      });
  Logger("embedded")->info("session={} signed in with {}", label_, ssh::Fingerprint(public_blob));
  transport_->Accept();
}

void EmbeddedConnection::OnOwnerKeysChanged() {
  if (signed_in_with_.empty() || owner_keys_.count(signed_in_with_) != 0) return;
  Disconnect("The key that opened this session was removed.");
}

void EmbeddedConnection::Disconnect(const std::string& sentence) {
  if (transport_ != nullptr) transport_->Disconnect(ssh::kByApplication, sentence);
}

bool EmbeddedConnection::OnPacket(absl::string_view payload) {
  return server_ != nullptr && server_->OnPacket(payload);
}

void EmbeddedConnection::OnOutputDrained() {
  if (server_ != nullptr) server_->OnOutputDrained();
}

void EmbeddedConnection::OnClosed(const absl::Status& status) {
  Logger("embedded")->info("session={} ended: {}", label_, Printable(status.message()));
  // May destroy this object, and with it the function.
  const std::function<void()> on_closed = on_closed_;
  on_closed();
}

}  // namespace homeport::agent
