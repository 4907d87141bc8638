#include "agent/pty.h"

#include <fcntl.h>
#include <stdlib.h>  // NOLINT: ptsname_r is not in <cstdlib>
#include <sys/ioctl.h>
#include <termios.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "agent/terminal_modes.h"
#include "base/file.h"

namespace homeport::agent {
namespace {

WindowSize ReadSize(WireReader& reader) {
  WindowSize size;
  size.columns = reader.Uint32();
  size.rows = reader.Uint32();
  size.width_pixels = reader.Uint32();
  size.height_pixels = reader.Uint32();
  return size;
}

// Some images' /dev has only the terminals' own folder.
UniqueFd OpenMaster() {
  constexpr int kFlags = O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC;
  UniqueFd master(open("/dev/ptmx", kFlags));
  if (!master.valid()) master.Reset(open("/dev/pts/ptmx", kFlags));
  return master;
}

// By its master, whatever is mounted at /dev/pts; kernels before 4.13 know it by its name alone.
UniqueFd OpenSlave(int master, const char* name) {
  UniqueFd slave(ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (!slave.valid()) slave.Reset(open(name, O_RDWR | O_NOCTTY | O_CLOEXEC));
  return slave;
}

unsigned short Clamp(uint32_t value) {
  return static_cast<unsigned short>(std::min<uint32_t>(value, 0xffff));
}

}  // namespace

absl::StatusOr<PtyRequest> ParsePtyRequest(WireReader payload) {
  PtyRequest request;
  request.terminal_type = std::string(payload.String());
  request.size = ReadSize(payload);
  request.modes = std::string(payload.String());
  if (!payload.AtEnd()) return absl::InvalidArgumentError("pty-req has the wrong length");
  if (request.terminal_type.find('\0') != std::string::npos) {
    return absl::InvalidArgumentError("the terminal type of pty-req holds a NUL");
  }
  return request;
}

absl::StatusOr<WindowSize> ParseWindowChange(WireReader payload) {
  const WindowSize size = ReadSize(payload);
  if (!payload.AtEnd()) return absl::InvalidArgumentError("window-change has the wrong length");
  return size;
}

absl::StatusOr<Pty> Pty::Open(const PtyRequest& request) {
  absl::StatusOr<std::vector<TerminalMode>> modes = ParseTerminalModes(request.modes);
  if (!modes.ok()) return modes.status();
  Pty pty;
  pty.master_ = OpenMaster();
  if (!pty.master_.valid()) return ErrnoStatus(errno, "cannot open /dev/ptmx nor /dev/pts/ptmx");
  char name[128];
  if (grantpt(pty.master()) != 0 || unlockpt(pty.master()) != 0 ||
      ptsname_r(pty.master(), name, sizeof(name)) != 0) {
    return ErrnoStatus(errno, "cannot make a pseudo-terminal");
  }
  pty.device_ = name;
  pty.slave_ = OpenSlave(pty.master(), name);
  if (!pty.slave_.valid()) return ErrnoStatus(errno, "cannot open the pseudo-terminal");
  termios settings = {};
  if (tcgetattr(pty.slave(), &settings) != 0) {
    return ErrnoStatus(errno, "cannot read the terminal's modes");
  }
  ApplyTerminalModes(*modes, settings);
  if (tcsetattr(pty.slave(), TCSANOW, &settings) != 0) {
    return ErrnoStatus(errno, "cannot set the terminal's modes");
  }
  pty.Resize(request.size);
  return pty;
}

void Pty::Resize(const WindowSize& size) {
  winsize window = {};
  window.ws_col = Clamp(size.columns);
  window.ws_row = Clamp(size.rows);
  window.ws_xpixel = Clamp(size.width_pixels);
  window.ws_ypixel = Clamp(size.height_pixels);
  ioctl(master(), TIOCSWINSZ, &window);
}

void Pty::SendBreak() { tcsendbreak(master(), 0); }

}  // namespace homeport::agent
