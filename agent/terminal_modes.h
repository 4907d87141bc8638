// Encoded terminal modes of a pty-req (RFC 4254, 8; IUTF8 from RFC 8160).
//
// Threads: any.
#ifndef HOMEPORT_AGENT_TERMINAL_MODES_H_
#define HOMEPORT_AGENT_TERMINAL_MODES_H_

#include <termios.h>

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace homeport::agent {

struct TerminalMode {
  uint8_t opcode = 0;
  uint32_t argument = 0;
};

// The modes in the order in which they stand. INVALID_ARGUMENT for one that is cut off. Parsing
// ends at TTY_OP_END, at the end of the bytes, and at an opcode of 160 or more, as the RFC says.
absl::StatusOr<std::vector<TerminalMode>> ParseTerminalModes(absl::string_view bytes);

// Changes `settings` as the modes say. What this system does not know is left alone.
void ApplyTerminalModes(const std::vector<TerminalMode>& modes, termios& settings);

}  // namespace homeport::agent

#endif  // HOMEPORT_AGENT_TERMINAL_MODES_H_
