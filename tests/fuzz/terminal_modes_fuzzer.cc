// The encoded terminal modes of a pty-req.
#include <termios.h>

#include "agent/terminal_modes.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto modes =
      homeport::agent::ParseTerminalModes({reinterpret_cast<const char*>(data), size});
  if (!modes.ok()) return 0;
  termios settings = {};
  homeport::agent::ApplyTerminalModes(*modes, settings);
  return 0;
}
