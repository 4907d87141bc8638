#include "agent/terminal_modes.h"

#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "base/ssh_wire.h"

namespace homeport::agent {
namespace {

constexpr uint8_t kEnd = 0;
constexpr uint8_t kFirstUndefined = 160;
constexpr uint8_t kCs7 = 90;
constexpr uint8_t kCs8 = 91;
constexpr uint8_t kInputSpeed = 128;
constexpr uint8_t kOutputSpeed = 129;
// The argument of a control character that is switched off.
constexpr uint32_t kNoCharacter = 255;

struct Character {
  uint8_t opcode;
  int index;
};
// VDSUSP (11), VFLUSH (15) and VSTATUS (17) do not exist on Linux.
constexpr Character kCharacters[] = {
    {1, VINTR},     {2, VQUIT},    {3, VERASE},  {4, VKILL},  {5, VEOF},
    {6, VEOL},      {7, VEOL2},    {8, VSTART},  {9, VSTOP},  {10, VSUSP},
    {12, VREPRINT}, {13, VWERASE}, {14, VLNEXT}, {16, VSWTC}, {18, VDISCARD},
};

struct Bit {
  uint8_t opcode;
  tcflag_t termios::*field;
  tcflag_t mask;
};
// ONOCR and the rest of RFC 4254, 8, by its opcodes.
constexpr Bit kBits[] = {
    {30, &termios::c_iflag, IGNPAR}, {31, &termios::c_iflag, PARMRK},
    {32, &termios::c_iflag, INPCK},  {33, &termios::c_iflag, ISTRIP},
    {34, &termios::c_iflag, INLCR},  {35, &termios::c_iflag, IGNCR},
    {36, &termios::c_iflag, ICRNL},  {37, &termios::c_iflag, IUCLC},
    {38, &termios::c_iflag, IXON},   {39, &termios::c_iflag, IXANY},
    {40, &termios::c_iflag, IXOFF},  {41, &termios::c_iflag, IMAXBEL},
    {42, &termios::c_iflag, IUTF8},  {50, &termios::c_lflag, ISIG},
    {51, &termios::c_lflag, ICANON}, {52, &termios::c_lflag, XCASE},
    {53, &termios::c_lflag, ECHO},   {54, &termios::c_lflag, ECHOE},
    {55, &termios::c_lflag, ECHOK},  {56, &termios::c_lflag, ECHONL},
    {57, &termios::c_lflag, NOFLSH}, {58, &termios::c_lflag, TOSTOP},
    {59, &termios::c_lflag, IEXTEN}, {60, &termios::c_lflag, ECHOCTL},
    {61, &termios::c_lflag, ECHOKE}, {62, &termios::c_lflag, PENDIN},
    {70, &termios::c_oflag, OPOST},  {71, &termios::c_oflag, OLCUC},
    {72, &termios::c_oflag, ONLCR},  {73, &termios::c_oflag, OCRNL},
    {74, &termios::c_oflag, ONOCR},  {75, &termios::c_oflag, ONLRET},
    {92, &termios::c_cflag, PARENB}, {93, &termios::c_cflag, PARODD},
};

struct Speed {
  uint32_t bits_per_second;
  speed_t constant;
};
constexpr Speed kSpeeds[] = {
    {50, B50},           {75, B75},           {110, B110},         {134, B134},
    {150, B150},         {200, B200},         {300, B300},         {600, B600},
    {1200, B1200},       {1800, B1800},       {2400, B2400},       {4800, B4800},
    {9600, B9600},       {19200, B19200},     {38400, B38400},     {57600, B57600},
    {115200, B115200},   {230400, B230400},   {460800, B460800},   {500000, B500000},
    {576000, B576000},   {921600, B921600},   {1000000, B1000000}, {1152000, B1152000},
    {1500000, B1500000}, {2000000, B2000000}, {2500000, B2500000}, {3000000, B3000000},
    {3500000, B3500000}, {4000000, B4000000},
};

void ApplySpeed(const TerminalMode& mode, termios& settings) {
  for (const Speed& speed : kSpeeds) {
    if (speed.bits_per_second != mode.argument) continue;
    if (mode.opcode == kInputSpeed) {
      cfsetispeed(&settings, speed.constant);
    } else {
      cfsetospeed(&settings, speed.constant);
    }
  }
}

void ApplyTable(const TerminalMode& mode, termios& settings) {
  for (const Character& character : kCharacters) {
    if (character.opcode != mode.opcode) continue;
    settings.c_cc[character.index] = mode.argument == kNoCharacter
                                         ? static_cast<cc_t>(_POSIX_VDISABLE)
                                         : static_cast<cc_t>(mode.argument);
  }
  for (const Bit& bit : kBits) {
    if (bit.opcode != mode.opcode) continue;
    if (mode.argument != 0) {
      settings.*bit.field |= bit.mask;
    } else {
      settings.*bit.field &= ~bit.mask;
    }
  }
}

}  // namespace

absl::StatusOr<std::vector<TerminalMode>> ParseTerminalModes(absl::string_view bytes) {
  std::vector<TerminalMode> modes;
  WireReader reader(bytes);
  while (!reader.rest().empty()) {
    TerminalMode mode;
    mode.opcode = reader.Byte();
    if (mode.opcode == kEnd || mode.opcode >= kFirstUndefined) break;
    mode.argument = reader.Uint32();
    if (!reader.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat("the argument of terminal mode ", mode.opcode, " is cut off"));
    }
    modes.push_back(mode);
  }
  return modes;
}

void ApplyTerminalModes(const std::vector<TerminalMode>& modes, termios& settings) {
  for (const TerminalMode& mode : modes) {
    switch (mode.opcode) {
      case kInputSpeed:
      case kOutputSpeed:
        ApplySpeed(mode, settings);
        break;
      case kCs7:
      case kCs8:
        // A size of eight bits arrives as both, CS7 first.
        if (mode.argument != 0) {
          settings.c_cflag = (settings.c_cflag & ~static_cast<tcflag_t>(CSIZE)) |
                             (mode.opcode == kCs7 ? CS7 : CS8);
        }
        break;
      default:
        ApplyTable(mode, settings);
    }
  }
}

}  // namespace homeport::agent
