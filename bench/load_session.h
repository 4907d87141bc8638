// A connection with one session in which a command runs, until the command ends.
//
// Threads: everything on the loop's thread.
#ifndef HOMEPORT_BENCH_LOAD_SESSION_H_
#define HOMEPORT_BENCH_LOAD_SESSION_H_

#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "base/ssh_wire.h"
#include "bench/load_connection.h"

namespace homeport::bench {

class LoadSession : public LoadConnection {
 public:
  // `on_started` is called once, when the server has started the command.
  LoadSession(EventLoop& loop, const Target& target, Owner& owner, std::string command,
              std::function<void()> on_started = nullptr)
      : LoadConnection(loop, target, owner),
        command_(std::move(command)),
        on_started_(std::move(on_started)) {}

  // Sends `head` and then `zeros` bytes of 0 as the window allows. `on_received` is called when
  // `expected` bytes have come since. One at a time, and only once started.
  void Exchange(const std::string& head, uint64_t zeros, uint64_t expected,
                std::function<void()> on_received);
  // Ends the command's input. OnOver's status is OK if it then ends with 0.
  void SendEof();

 private:
  void OnSignedIn() override;
  bool OnPacket(absl::string_view payload) override;
  void OnOutputDrained() override { SendMore(); }
  void OnConfirmed(WireReader& packet);
  void OnData(size_t size);
  void OnRequest(WireReader& packet);
  absl::Status Outcome() const;
  void SendMore();

  const std::string command_;
  const std::function<void()> on_started_;
  std::function<void()> on_received_;
  uint32_t peer_channel_ = 0;
  uint64_t send_window_ = 0;
  uint32_t max_packet_ = 0;
  uint64_t unacknowledged_ = 0;  // received and not yet given back to the window
  uint64_t zeros_to_send_ = 0;
  uint64_t expected_ = 0;
  int exit_status_ = -1;
  std::string errors_;
};

}  // namespace homeport::bench

#endif  // HOMEPORT_BENCH_LOAD_SESSION_H_
