// The workspace's own SSH server: used where no OpenSSH answers.
//
// Listens nowhere: it is handed sockets. Its host key lives as long as the process.
//
// Threads: the loop's, except Create (before the loop runs) and connections().
#ifndef HOMEPORT_AGENT_EMBEDDED_SERVER_H_
#define HOMEPORT_AGENT_EMBEDDED_SERVER_H_

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "agent/embedded_connection.h"
#include "base/unique_fd.h"

namespace homeport::agent {

class EmbeddedServer {
 public:
  // `context` outlives the server.
  static absl::StatusOr<std::unique_ptr<EmbeddedServer>> Create(SessionContext& context);

  // Public blobs of the host keys (RFC 4253, 6.6).
  const std::vector<std::string>& host_keys() const { return host_keys_; }

  // The keys that may sign in from now on. Connections that came with a removed key end; the answer
  // is how many.
  int SetOwnerKeys(const std::vector<std::string>& public_blobs);

  // Serves a connected socket. `endpoints` say who the user is, if it is known, and `entry_key`
  // with which key they opened the front door; empty if it is not known. `on_closed` comes from the
  // loop, unless an error is returned.
  absl::Status Serve(UniqueFd socket, const std::string& label,
                     std::optional<SessionEndpoints> endpoints, const std::string& entry_key,
                     std::function<void()> on_closed);

  // Ends every connection with a sentence for the person at the other end.
  void DisconnectAll(const std::string& sentence);

  // Open connections. Any thread.
  size_t connections() const { return connection_count_; }

 private:
  EmbeddedServer(SessionContext& context, std::unique_ptr<ssh::ServerTransportFactory> factory,
                 std::vector<std::string> host_keys);

  SessionContext& context_;
  const std::unique_ptr<ssh::ServerTransportFactory> factory_;
  const std::vector<std::string> host_keys_;
  EmbeddedConnection::OwnerKeys owner_keys_;
  uint64_t next_id_ = 1;
  std::map<uint64_t, std::unique_ptr<EmbeddedConnection>> connections_;
  std::atomic<size_t> connection_count_{0};
};

}  // namespace homeport::agent

#endif  // HOMEPORT_AGENT_EMBEDDED_SERVER_H_
