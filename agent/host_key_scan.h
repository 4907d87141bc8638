// Learns the host key of an SSH server: key exchange on a connection of its own, then good-bye.
//
// Threads: the loop's.
#ifndef HOMEPORT_AGENT_HOST_KEY_SCAN_H_
#define HOMEPORT_AGENT_HOST_KEY_SCAN_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/event_loop.h"
#include "base/unique_fd.h"
#include "ssh/client_transport.h"

namespace homeport::agent {

class HostKeyScan : public ssh::ClientTransport::ClientHandler {
 public:
  // The host key's blob. FAILED_PRECONDITION if what listens does not greet as an SSH server.
  // Called once, from the loop; may destroy the scan. Not called by the destructor.
  using DoneCallback = std::function<void(absl::StatusOr<std::string> host_key)>;

  // `socket` is connected.
  static absl::StatusOr<std::unique_ptr<HostKeyScan>> Start(EventLoop& loop, UniqueFd socket,
                                                            DoneCallback on_done);
  ~HostKeyScan() override;

  void OnSignatureWanted(const std::string& host_key, const std::string& to_sign) override;
  void OnSignedIn() override {}
  bool OnPacket(absl::string_view) override { return false; }
  void OnOutputDrained() override {}
  void OnClosed(const absl::Status& status) override;

 private:
  HostKeyScan(EventLoop& loop, DoneCallback on_done) : loop_(loop), on_done_(std::move(on_done)) {}

  void CheckGreeting();
  void Finish(absl::StatusOr<std::string> result);

  EventLoop& loop_;
  const DoneCallback on_done_;
  std::string host_key_;
  EventLoop::TimerId greeting_timer_ = 0;
  std::unique_ptr<ssh::ClientTransport> transport_;
};

}  // namespace homeport::agent

#endif  // HOMEPORT_AGENT_HOST_KEY_SCAN_H_
