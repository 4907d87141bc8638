// The server's side of an SSH connection: proves the host key and lets the client prove a public
// key.
//
// Only `publickey` is offered. Offering a key proves nothing: what counts is a verified signature,
// and the login name cannot change within a connection. Certificates, SHA-1 signatures, DSA and RSA
// below 2048 bits are refused.
//
// Threads: everything on the loop's thread.
#ifndef HOMEPORT_SSH_SERVER_TRANSPORT_H_
#define HOMEPORT_SSH_SERVER_TRANSPORT_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "ssh/host_keys.h"
#include "ssh/transport.h"

struct ssh_bind_struct;
struct ssh_message_struct;

namespace homeport::ssh {

class ServerTransport : public Transport {
 public:
  class ServerHandler : public Handler {
   public:
    // The client asks whether a signature by this key would do; it has proved nothing yet.
    virtual bool MayTry(const std::string& user, const std::string& public_blob) = 0;
    // The client has signed with this key. Answer with Accept() or Refuse(), at once or later.
    virtual void OnKeyProved(const std::string& user, const std::string& public_blob) = 0;
  };

  struct Limits {
    absl::Duration sign_in_grace = absl::Seconds(60);  // from the connection's start to Accept()
    int attempts = 6;                                  // failed ones before the connection ends
    // Keys are exchanged anew after so much in either direction, and after so long; 0 leaves it to
    // what the cipher demands, and to the client.
    uint64_t rekey_bytes = 0;
    absl::Duration rekey_interval = absl::ZeroDuration();
  };

  // Somebody who has connected.
  struct Client {
    Client(UniqueFd connected) : socket(std::move(connected)) {}  // NOLINT: as good as a socket

    UniqueFd socket;
    // Where from and where to, `host:port`, if the socket does not know: behind a load balancer.
    std::string address;
    std::string server_address;
    // Let go of when the client has signed in, or is gone.
    std::shared_ptr<void> until_signed_in;  // shared with nobody; whoever counts sees its end
  };

  ~ServerTransport() override;

  // Answers the OnKeyProved that is open. After Accept the connection protocol starts.
  void Accept();
  void Refuse();

  std::string peer_version() const override;

 private:
  friend class ServerTransportFactory;
  enum class State { kKeyExchange, kAuthentication, kDeciding, kOpen };

  ServerTransport(EventLoop& loop, ServerHandler& handler, const Limits& limits);

  void Step() override;
  void HandleMessages();
  void HandleService(ssh_message_struct* message);
  // Whether the request may go on; if not the connection ends.
  bool HoldsLoginName(const char* user);
  void HandleAuthentication(ssh_message_struct* message);
  void HandlePublicKey(ssh_message_struct* message);

  ServerHandler& handler_;
  const Limits limits_;
  State state_ = State::kKeyExchange;
  EventLoop::TimerId grace_timer_ = 0;
  bool service_granted_ = false;
  std::string user_;
  bool user_known_ = false;
  int free_failures_ = 0;                    // of those that libssh has counted
  ssh_message_struct* undecided_ = nullptr;  // owned
  std::shared_ptr<void> until_signed_in_;    // see Client
};

// Makes ServerTransports that share host keys and algorithms. One for each loop: libssh's bind
// object has state.
//
// Threads: the loop's.
class ServerTransportFactory {
 public:
  static absl::StatusOr<std::unique_ptr<ServerTransportFactory>> Create(
      const HostKeys& keys, const ServerTransport::Limits& limits);
  ~ServerTransportFactory();

  // Serves a client.
  absl::StatusOr<std::unique_ptr<ServerTransport>> Accept(EventLoop& loop,
                                                          ServerTransport::Client client,
                                                          ServerTransport::ServerHandler& handler);

 private:
  ServerTransportFactory(ssh_bind_struct* bind, const ServerTransport::Limits& limits)
      : bind_(bind), limits_(limits) {}

  ssh_bind_struct* const bind_;  // owned
  const ServerTransport::Limits limits_;
};

}  // namespace homeport::ssh

#endif  // HOMEPORT_SSH_SERVER_TRANSPORT_H_
