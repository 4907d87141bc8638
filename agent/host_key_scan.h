// Learns about an SSH server what can be learnt without signing in, on a connection of its own: the
// host key that it shows, and whether it would take the owner's key.
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
  struct Question {
    std::string user;
    std::string owner_key;       // a blob; empty: nothing is asked
    std::string host_key_types;  // as in ClientTransport::Options
  };
  struct Answer {
    std::string host_key;  // a blob
    bool owner_key_refused = false;
  };
  // Called once, from the loop; may destroy the scan. Not called by the destructor.
  using DoneCallback = std::function<void(absl::StatusOr<Answer> answer)>;

  // `socket` is connected.
  static absl::StatusOr<std::unique_ptr<HostKeyScan>> Start(EventLoop& loop, UniqueFd socket,
                                                            const Question& question,
                                                            DoneCallback on_done);

  void OnSignatureWanted(const std::string& host_key, const std::string& to_sign) override;
  void OnKeyAnswered(const std::string& host_key, bool accepted) override;
  void OnSignedIn() override {}
  bool OnPacket(absl::string_view) override { return false; }
  void OnOutputDrained() override {}
  void OnClosed(const absl::Status& status) override;

 private:
  explicit HostKeyScan(DoneCallback on_done) : on_done_(std::move(on_done)) {}

  const DoneCallback on_done_;
  Answer answer_;
  std::unique_ptr<ssh::ClientTransport> transport_;
};

}  // namespace homeport::agent

#endif  // HOMEPORT_AGENT_HOST_KEY_SCAN_H_
