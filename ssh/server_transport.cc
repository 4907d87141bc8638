#include "ssh/server_transport.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/logging.h"
#include "libssh/connection.h"
#include "ssh/algorithms.h"
#include "ssh/handles.h"
#include "ssh/message_numbers.h"

namespace homeport::ssh {
namespace {

// Clients use OpenSSH's extensions (PROTOCOL: eow@openssh.com, no-more-sessions@openssh.com) only
// towards servers whose identification starts with OpenSSH. Without eow `ssh dev cat big | head`
// would never end. The comment says who we are.
constexpr char kIdentification[] = "OpenSSH_9.9 Homeport";

absl::Status SetBindOptions(ssh_bind bind) {
  const bool process_config = false;
  const int rsa_bits = kLeastRsaBits;
  const std::pair<ssh_bind_options_e, const void*> options[] = {
      {SSH_BIND_OPTIONS_PROCESS_CONFIG, &process_config},
      {SSH_BIND_OPTIONS_BANNER, kIdentification},
      {SSH_BIND_OPTIONS_KEY_EXCHANGE, kServerKeyExchange},
      {SSH_BIND_OPTIONS_CIPHERS_C_S, kServerCiphers},
      {SSH_BIND_OPTIONS_CIPHERS_S_C, kServerCiphers},
      {SSH_BIND_OPTIONS_HMAC_C_S, kMacs},
      {SSH_BIND_OPTIONS_HMAC_S_C, kMacs},
      {SSH_BIND_OPTIONS_PUBKEY_ACCEPTED_KEY_TYPES, kUserKeyTypes},
      {SSH_BIND_OPTIONS_RSA_MIN_SIZE, &rsa_bits},
  };
  for (const auto& [option, value] : options) {
    if (ssh_bind_options_set(bind, option, value) != SSH_OK) {
      return absl::InternalError(
          absl::StrCat("libssh refuses server option ", option, ": ", ssh_get_error(bind)));
    }
  }
  return absl::OkStatus();
}

void SetRekeyLimits(ssh_session session, const ServerTransport::Limits& limits) {
  if (limits.rekey_bytes > 0) {
    ssh_options_set(session, SSH_OPTIONS_REKEY_DATA, &limits.rekey_bytes);
  }
  if (limits.rekey_interval > absl::ZeroDuration()) {
    const auto seconds = static_cast<uint32_t>(absl::ToInt64Seconds(limits.rekey_interval));
    ssh_options_set(session, SSH_OPTIONS_REKEY_TIME, &seconds);
  }
}

}  // namespace

ServerTransport::ServerTransport(EventLoop& loop, ServerHandler& handler, const Limits& limits)
    : Transport(loop, handler), handler_(handler), limits_(limits) {
  grace_timer_ = loop.After(limits.sign_in_grace, [this] {
    grace_timer_ = 0;
    Disconnect(kByApplication, "sign-in took too long");
  });
}

ServerTransport::~ServerTransport() {
  loop().Cancel(grace_timer_);
  if (undecided_ != nullptr) ssh_message_free(undecided_);
}

std::string ServerTransport::peer_version() const {
  const char* version = session() == nullptr ? nullptr : ssh_get_clientbanner(session());
  return version == nullptr ? "" : version;
}

void ServerTransport::Step() {
  if (state_ == State::kKeyExchange) {
    const int rc = ssh_handle_key_exchange(session());
    if (rc == SSH_AGAIN) return;
    if (rc != SSH_OK) {
      Fail(LastError("key exchange failed"));
      return;
    }
    state_ = State::kAuthentication;
  }
  HandleMessages();
}

void ServerTransport::HandleMessages() {
  while (state_ == State::kAuthentication && !closed()) {
    if (ssh_get_auth_failures(session()) - free_failures_ >= limits_.attempts) {
      Disconnect(kNoMoreAuthMethodsAvailable, "too many authentication failures");
      return;
    }
    MessageHandle message(ssh_message_get(session()));
    if (message == nullptr) return;
    if (ssh_message_type(message.get()) == SSH_REQUEST_SERVICE) {
      HandleService(message.get());
    } else if (ssh_message_type(message.get()) == SSH_REQUEST_AUTH) {
      if (HoldsLoginName(ssh_message_auth_user(message.get()))) {
        HandleAuthentication(message.release());
      }
    } else {
      ssh_message_reply_default(message.get());
    }
  }
}

void ServerTransport::HandleService(ssh_message message) {
  const char* service = ssh_message_service_service(message);
  if (service == nullptr || absl::string_view(service) != "ssh-userauth") {
    Disconnect(kServiceNotAvailable, "there is no such service before sign-in");
    return;
  }
  service_granted_ = true;
  ssh_message_service_reply_success(message);
}

bool ServerTransport::HoldsLoginName(const char* user) {
  if (!service_granted_ || user == nullptr) {
    Disconnect(kProtocolError, "protocol error");
    return false;
  }
  if (user_known_ && user_ != user) {
    Disconnect(kProtocolError, "the login name changed during sign-in");
    return false;
  }
  user_ = user;
  user_known_ = true;
  return true;
}

void ServerTransport::HandleAuthentication(ssh_message raw_message) {
  MessageHandle message(raw_message);
  if (ssh_message_subtype(message.get()) == SSH_AUTH_METHOD_PUBLICKEY) {
    HandlePublicKey(message.release());
    return;
  }
  // `none` is the usual way to ask which methods there are: the first is free.
  if (ssh_message_subtype(message.get()) == SSH_AUTH_METHOD_NONE) free_failures_ = 1;
  ssh_message_reply_default(message.get());
}

void ServerTransport::HandlePublicKey(ssh_message raw_message) {
  MessageHandle message(raw_message);
  const std::string blob = PublicBlob(ssh_message_auth_pubkey(message.get()));
  const auto state = ssh_message_auth_publickey_state(message.get());
  if (blob.empty()) {
    ssh_message_reply_default(message.get());
  } else if (state == SSH_PUBLICKEY_STATE_NONE) {
    if (handler_.MayTry(user_, blob)) {
      ssh_message_auth_reply_pk_ok_simple(message.get());
    } else {
      ssh_message_reply_default(message.get());
    }
  } else if (state == SSH_PUBLICKEY_STATE_VALID) {
    undecided_ = message.release();
    state_ = State::kDeciding;
    PauseReading();
    handler_.OnKeyProved(user_, blob);
  } else {
    ssh_message_reply_default(message.get());
  }
}

void ServerTransport::Accept() {
  if (state_ != State::kDeciding || closed()) return;
  const MessageHandle message(std::exchange(undecided_, nullptr));
  state_ = State::kOpen;
  until_signed_in_.reset();
  loop().Cancel(grace_timer_);
  ssh_message_auth_reply_success(message.get(), 0);
  SetOpen();
  ResumeReading();
  ScheduleDrive();
}

void ServerTransport::Refuse() {
  if (state_ != State::kDeciding || closed()) return;
  const MessageHandle message(std::exchange(undecided_, nullptr));
  state_ = State::kAuthentication;
  ssh_message_reply_default(message.get());
  ResumeReading();
  ScheduleDrive();
}

absl::StatusOr<std::unique_ptr<ServerTransportFactory>> ServerTransportFactory::Create(
    const HostKeys& keys, const ServerTransport::Limits& limits) {
  BindHandle bind(ssh_bind_new());
  if (bind == nullptr) return absl::ResourceExhaustedError("no memory for an SSH server");
  if (absl::Status status = SetBindOptions(bind.get()); !status.ok()) return status;
  for (const auto& key : keys.keys_) {
    // The bind object takes the key and frees it.
    ssh_key copy = ssh_key_dup(key.get());
    if (copy == nullptr ||
        ssh_bind_options_set(bind.get(), SSH_BIND_OPTIONS_IMPORT_KEY, copy) != SSH_OK) {
      return absl::InvalidArgumentError("libssh refuses a host key");
    }
  }
  return std::unique_ptr<ServerTransportFactory>(
      new ServerTransportFactory(bind.release(), limits));
}

ServerTransportFactory::~ServerTransportFactory() { ssh_bind_free(bind_); }

absl::StatusOr<std::unique_ptr<ServerTransport>> ServerTransportFactory::Accept(
    EventLoop& loop, ServerTransport::Client client, ServerTransport::ServerHandler& handler) {
  SessionHandle session(ssh_new());
  if (session == nullptr) return absl::ResourceExhaustedError("no memory for an SSH connection");
  const bool process_config = false;
  ssh_options_set(session.get(), SSH_OPTIONS_PROCESS_CONFIG, &process_config);
  SetRekeyLimits(session.get(), limits_);
  const int accepted = ssh_bind_accept_fd(bind_, session.get(), client.socket.get());
  ssh_session_leave_socket(session.get());  // also after an error it may have been told of it
  if (accepted != SSH_OK) {
    return absl::ResourceExhaustedError(
        absl::StrCat("libssh cannot serve a connection: ", ssh_get_error(bind_)));
  }
  auto transport = std::unique_ptr<ServerTransport>(new ServerTransport(loop, handler, limits_));
  ssh_set_auth_methods(session.get(), SSH_AUTH_METHOD_PUBLICKEY);
  ssh_set_blocking(session.get(), 0);
  // The first call makes what Attach puts into an event.
  if (ssh_handle_key_exchange(session.get()) == SSH_ERROR) {
    return absl::UnavailableError("the client was gone before key exchange");
  }
  absl::Status attached = transport->Attach(session.release(), std::move(client.socket));
  if (!attached.ok()) return attached;
  transport->SetAddresses(client.address, client.server_address);
  transport->until_signed_in_ = std::move(client.until_signed_in);
  transport->ScheduleDrive();
  return transport;
}

}  // namespace homeport::ssh
