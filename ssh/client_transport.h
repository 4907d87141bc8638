// The client's side of an SSH connection: checks the server's host key and signs in with a public
// key whose private half somebody else holds.
//
// Threads: everything on the loop's thread.
#ifndef HOMEPORT_SSH_CLIENT_TRANSPORT_H_
#define HOMEPORT_SSH_CLIENT_TRANSPORT_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "ssh/transport.h"

struct ssh_key_struct;
struct ssh_string_struct;

namespace homeport::ssh {

class ClientTransport : public Transport {
 public:
  class ClientHandler : public Handler {
   public:
    // The server has proved to hold this host key, and waits to be shown a signature by the user's
    // key over `to_sign` (RFC 4252, 7). Answer with ProvideSignature, at once or later, or with
    // Disconnect.
    virtual void OnSignatureWanted(const std::string& host_key, const std::string& to_sign) = 0;
    // The server let us in: the connection protocol starts.
    virtual void OnSignedIn() = 0;
    // With `only_ask`: whether the server would take a signature by the key. Nothing more happens
    // until Disconnect.
    virtual void OnKeyAnswered(const std::string& host_key, bool accepted) {
      static_cast<void>(host_key);
      static_cast<void>(accepted);
    }
  };

  struct Options {
    std::string user;
    std::string
        public_blob;  // the key to sign in with; empty: key exchange only, see OnSignatureWanted
    // What the server is told of the client (RFC 4253, 4.2), without "SSH-2.0-". Libssh's own if
    // empty or malformed.
    std::string identification;
    // Asks whether the key may sign in (RFC 4252, 7, without a signature), and does not sign in.
    bool only_ask = false;
    // Host key algorithms in order of preference, with commas; all that we know if empty.
    std::string host_key_types;
    absl::Duration sign_in_timeout = absl::Seconds(20);
  };

  // Speaks to a connected socket. With an empty public_blob, OnSignatureWanted is called after key
  // exchange with an empty `to_sign`: a way to learn a host key.
  static absl::StatusOr<std::unique_ptr<ClientTransport>> Create(EventLoop& loop, UniqueFd socket,
                                                                 const Options& options,
                                                                 ClientHandler& handler);
  ~ClientTransport() override;

  // `signature` is a blob: string algorithm, string signature (RFC 4253, 6.6).
  void ProvideSignature(const std::string& signature);

  std::string peer_version() const override;

 private:
  enum class State { kKeyExchange, kService, kSigning, kAuthentication, kOpen };

  ClientTransport(EventLoop& loop, ClientHandler& handler, const Options& options);

  void Step() override;
  absl::Status StepKeyExchange();
  absl::Status StepService();
  absl::Status StepQuestion();
  absl::Status StepAuthentication();

  ClientHandler& handler_;
  const Options options_;
  State state_ = State::kKeyExchange;
  std::string host_key_;
  ssh_key_struct* key_ = nullptr;           // owned
  ssh_string_struct* to_sign_ = nullptr;    // owned
  ssh_string_struct* signature_ = nullptr;  // owned
  EventLoop::TimerId timer_ = 0;
};

}  // namespace homeport::ssh

#endif  // HOMEPORT_SSH_CLIENT_TRANSPORT_H_
