#include "ssh/client_transport.h"

#include <fcntl.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/logging.h"
#include "libssh/connection.h"
#include "ssh/algorithms.h"
#include "ssh/handles.h"
#include "ssh/message_numbers.h"

namespace homeport::ssh {
namespace {

absl::Status SetSessionOptions(ssh_session session, const ClientTransport::Options& wanted,
                               int fd) {
  const bool process_config = false;
  const int rsa_bits = kLeastRsaBits;
  const std::pair<ssh_options_e, const void*> options[] = {
      {SSH_OPTIONS_PROCESS_CONFIG, &process_config},
      {SSH_OPTIONS_HOST, "workspace"},
      {SSH_OPTIONS_USER, wanted.user.empty() ? "nobody" : wanted.user.c_str()},
      {SSH_OPTIONS_KEY_EXCHANGE, kClientKeyExchange},
      {SSH_OPTIONS_HOSTKEYS,
       wanted.host_key_types.empty() ? kHostKeyTypes : wanted.host_key_types.c_str()},
      {SSH_OPTIONS_PUBLICKEY_ACCEPTED_TYPES, kUserKeyTypes},
      {SSH_OPTIONS_CIPHERS_C_S, kClientCiphers},
      {SSH_OPTIONS_CIPHERS_S_C, kClientCiphers},
      {SSH_OPTIONS_HMAC_C_S, kMacs},
      {SSH_OPTIONS_HMAC_S_C, kMacs},
      {SSH_OPTIONS_RSA_MIN_SIZE, &rsa_bits},
      {SSH_OPTIONS_FD, &fd},
  };
  for (const auto& [option, value] : options) {
    if (ssh_options_set(session, option, value) != SSH_OK) {
      return absl::InternalError(
          absl::StrCat("libssh refuses client option ", option, ": ", ssh_get_error(session)));
    }
  }
  return absl::OkStatus();
}

}  // namespace

ClientTransport::ClientTransport(EventLoop& loop, ClientHandler& handler, const Options& options)
    : Transport(loop, handler), handler_(handler), options_(options) {
  timer_ = loop.After(options.sign_in_timeout, [this] {
    timer_ = 0;
    Fail(absl::DeadlineExceededError("the SSH server did not finish the sign-in in time"));
  });
}

ClientTransport::~ClientTransport() {
  loop().Cancel(timer_);
  ssh_key_free(key_);
  if (to_sign_ != nullptr) ssh_string_free(to_sign_);
  if (signature_ != nullptr) ssh_string_free(signature_);
}

absl::StatusOr<std::unique_ptr<ClientTransport>> ClientTransport::Create(EventLoop& loop,
                                                                         UniqueFd socket,
                                                                         const Options& options,
                                                                         ClientHandler& handler) {
  SessionHandle session(ssh_new());
  if (session == nullptr) return absl::ResourceExhaustedError("no memory for an SSH connection");
  auto transport = std::unique_ptr<ClientTransport>(new ClientTransport(loop, handler, options));
  if (!options.public_blob.empty()) {
    transport->key_ = KeyFromBlob(options.public_blob).release();
    if (transport->key_ == nullptr) {
      return absl::InvalidArgumentError("the key to sign in with is no public key that is known");
    }
  }
  if (absl::Status status = SetSessionOptions(session.get(), options, socket.get()); !status.ok()) {
    return status;
  }
  if (!options.identification.empty()) {
    ssh_set_client_identification(session.get(), options.identification.c_str());
  }
  ssh_set_blocking(session.get(), 0);
  if (ssh_session_leave_socket(session.get()) != SSH_OK) {
    return absl::InternalError("libssh will not leave the socket to us");
  }
  // The first call sets the socket up and sends our identification string.
  if (ssh_connect(session.get()) == SSH_ERROR) {
    return absl::UnavailableError(
        absl::StrCat("cannot start SSH: ", Printable(ssh_get_error(session.get()))));
  }
  if (absl::Status status = transport->Attach(session.release(), std::move(socket)); !status.ok()) {
    return status;
  }
  transport->ScheduleDrive();
  return transport;
}

std::string ClientTransport::peer_version() const {
  const char* version = session() == nullptr ? nullptr : ssh_get_serverbanner(session());
  return version == nullptr ? "" : version;
}

void ClientTransport::Step() {
  absl::Status status;
  if (state_ == State::kKeyExchange) status = StepKeyExchange();
  if (status.ok() && state_ == State::kService) status = StepService();
  if (status.ok() && state_ == State::kAuthentication) status = StepAuthentication();
  if (!status.ok()) Fail(std::move(status));
}

absl::Status ClientTransport::StepKeyExchange() {
  const int rc = ssh_connect(session());
  if (rc == SSH_AGAIN) return absl::OkStatus();
  if (rc != SSH_OK) return LastError("key exchange failed");
  ssh_key host_key = nullptr;
  if (ssh_get_server_publickey(session(), &host_key) != SSH_OK) {
    return LastError("the SSH server showed no host key");
  }
  host_key_ = PublicBlob(KeyHandle(host_key).get());
  state_ = State::kService;
  return absl::OkStatus();
}

absl::Status ClientTransport::StepService() {
  if (key_ == nullptr) {
    state_ = State::kSigning;
    handler_.OnSignatureWanted(host_key_, "");
    return absl::OkStatus();
  }
  if (options_.only_ask) return StepQuestion();
  const int rc = ssh_userauth_publickey_to_sign(session(), options_.user.c_str(), key_, &to_sign_);
  if (rc == SSH_AGAIN) return absl::OkStatus();
  if (rc != SSH_OK) return LastError("the SSH server refused user authentication");
  state_ = State::kSigning;
  handler_.OnSignatureWanted(host_key_, ToBytes(to_sign_));
  return absl::OkStatus();
}

absl::Status ClientTransport::StepQuestion() {
  const int answer = ssh_userauth_try_publickey(session(), options_.user.c_str(), key_);
  if (answer == SSH_AUTH_AGAIN) return absl::OkStatus();
  if (answer == SSH_AUTH_ERROR) return LastError("the SSH server ended the sign-in");
  state_ = State::kSigning;
  handler_.OnKeyAnswered(host_key_, answer == SSH_AUTH_SUCCESS);
  return absl::OkStatus();
}

void ClientTransport::ProvideSignature(const std::string& signature) {
  if (state_ != State::kSigning || closed()) return;
  signature_ = MakeString(signature).release();
  state_ = State::kAuthentication;
  ScheduleDrive();
}

absl::Status ClientTransport::StepAuthentication() {
  switch (ssh_userauth_publickey_with_signature(session(), to_sign_, signature_)) {
    case SSH_AUTH_AGAIN:
      return absl::OkStatus();
    case SSH_AUTH_SUCCESS:
      break;
    case SSH_AUTH_DENIED:
    case SSH_AUTH_PARTIAL:
      return absl::PermissionDeniedError("the SSH server refused the key");
    default:
      return LastError("the SSH server ended the sign-in");
  }
  state_ = State::kOpen;
  loop().Cancel(timer_);
  SetOpen();
  handler_.OnSignedIn();
  return absl::OkStatus();
}

}  // namespace homeport::ssh
