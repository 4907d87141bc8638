// A pseudo-terminal for a session.
//
// Threads: one at a time.
#ifndef HOMEPORT_AGENT_PTY_H_
#define HOMEPORT_AGENT_PTY_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/ssh_wire.h"
#include "base/unique_fd.h"

namespace homeport::agent {

// In characters and pixels, as RFC 4254, 6.2 and 6.7 order them.
struct WindowSize {
  uint32_t columns = 0;
  uint32_t rows = 0;
  uint32_t width_pixels = 0;
  uint32_t height_pixels = 0;
};

// What a pty-req asks for (RFC 4254, 6.2).
struct PtyRequest {
  std::string terminal_type;
  WindowSize size;
  std::string modes;  // encoded, see terminal_modes.h
};

// INVALID_ARGUMENT says what is malformed.
absl::StatusOr<PtyRequest> ParsePtyRequest(WireReader payload);
absl::StatusOr<WindowSize> ParseWindowChange(WireReader payload);

class Pty {
 public:
  // Opens one with the size and modes of the request.
  static absl::StatusOr<Pty> Open(const PtyRequest& request);

  // Non-blocking.
  int master() const { return master_.get(); }
  // The end for the process. Valid until CloseSlave: after the process has it, ours must go, or the
  // master never reports its end.
  int slave() const { return slave_.get(); }
  void CloseSlave() { slave_.Reset(); }
  // "/dev/pts/3"
  const std::string& device() const { return device_; }

  void Resize(const WindowSize& size);
  void SendBreak();

 private:
  UniqueFd master_;
  UniqueFd slave_;
  std::string device_;
};

}  // namespace homeport::agent

#endif  // HOMEPORT_AGENT_PTY_H_
