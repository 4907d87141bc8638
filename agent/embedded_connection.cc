#include "agent/embedded_connection.h"

#include <utility>

#include "absl/strings/match.h"
#include "base/logging.h"
#include "ssh/host_keys.h"
#include "ssh/message_numbers.h"

namespace homeport::agent {

struct EmbeddedConnection::Services {
  Services(EmbeddedConnection& owner, const EmbeddedOptions& options)
      : server(
            *owner.transport_, options.max_channels,
            [&owner](const std::string& type, absl::string_view payload) {
              return owner.OnChannelOpen(type, payload);
            },
            options.max_pending_opens),
        agent_forward(owner.context_.loop, server),
        remote_forwards(owner.context_.loop, server, options.max_forwards),
        direct_forward(owner.context_.loop, owner.context_.resolver, options.connect_limit),
        sessions{owner.label_, owner.endpoints_,
                 absl::StartsWith(owner.transport_->peer_version(), "SSH-2.0-OpenSSH"), server,
                 agent_forward} {}

  ssh::ConnectionServer server;
  AgentForward agent_forward;
  RemoteForwards remote_forwards;
  DirectForward direct_forward;
  SessionConnection sessions;
};

EmbeddedConnection::EmbeddedConnection(SessionContext& context, const OwnerKeys& owner_keys,
                                       std::string label, std::optional<SessionEndpoints> endpoints,
                                       std::string entry_key, std::function<void()> on_closed)
    : context_(context),
      owner_keys_(owner_keys),
      label_(std::move(label)),
      endpoints_(std::move(endpoints)),
      entry_key_(std::move(entry_key)),
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
  services_ = std::make_unique<Services>(*this, context_.options);
  services_->server.set_global_request_callback(
      [this](const std::string& name, absl::string_view payload, bool want_reply,
             const ssh::ConnectionServer::GlobalReply& reply) {
        return OnGlobalRequest(name, payload, want_reply, reply);
      });
  Logger("embedded")->info("session={} signed in with {}", label_, ssh::Fingerprint(public_blob));
  transport_->Accept();
}

ssh::ConnectionServer::OpenResult EmbeddedConnection::OnChannelOpen(const std::string& type,
                                                                    absl::string_view payload) {
  if (DirectForward::Serves(type)) return services_->direct_forward.Open(type, payload);
  ssh::ConnectionServer::OpenResult result;
  result.reason = ssh::kUnknownChannelType;
  result.description = "unknown channel type";
  if (type != "session") return result;
  if (no_more_sessions_) {
    // OpenSSH PROTOCOL, 2.2: whoever opens it is not the client that made the promise.
    Disconnect("Possible attack: attempt to open a session after additional sessions disabled");
    result.reason = ssh::kAdministrativelyProhibited;
    return result;
  }
  result.handler = std::make_unique<EmbeddedSession>(context_, services_->sessions);
  return result;
}

bool EmbeddedConnection::OnGlobalRequest(const std::string& name, absl::string_view payload,
                                         bool want_reply,
                                         const ssh::ConnectionServer::GlobalReply& reply) {
  if (RemoteForwards::Serves(name)) {
    return services_->remote_forwards.OnRequest(name, payload, want_reply, reply);
  }
  if (name == "no-more-sessions@openssh.com") {
    no_more_sessions_ = true;
    reply.Success();
  } else {
    reply.Failure();  // keepalive@openssh.com among them: any answer is one
  }
  return true;
}

bool EmbeddedConnection::OnOwnerKeysChanged() {
  const std::string& key = entry_key_.empty() ? signed_in_with_ : entry_key_;
  if (key.empty() || owner_keys_.count(key) != 0) return false;
  Disconnect("The key that opened this session was removed.");
  return true;
}

void EmbeddedConnection::Disconnect(const std::string& sentence) {
  if (transport_ != nullptr) transport_->Disconnect(ssh::kByApplication, sentence);
}

bool EmbeddedConnection::OnPacket(absl::string_view payload) {
  return services_ != nullptr && services_->server.OnPacket(payload);
}

void EmbeddedConnection::OnOutputDrained() {
  if (services_ != nullptr) services_->server.OnOutputDrained();
}

void EmbeddedConnection::OnClosed(const absl::Status& status) {
  Logger("embedded")->info("session={} ended: {}", label_, Printable(status.message()));
  // May destroy this object, and with it the function.
  const std::function<void()> on_closed = on_closed_;
  on_closed();
}

}  // namespace homeport::agent
