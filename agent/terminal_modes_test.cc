#include "agent/terminal_modes.h"

#include <unistd.h>

#include <string>

#include "base/ssh_wire.h"
#include "gtest/gtest.h"

namespace homeport::agent {
namespace {

std::vector<TerminalMode> Parsed(const std::string& bytes) {
  auto modes = ParseTerminalModes(bytes);
  EXPECT_TRUE(modes.ok()) << modes.status();
  return modes.ok() ? *modes : std::vector<TerminalMode>();
}

termios Applied(termios settings, const std::string& bytes) {
  ApplyTerminalModes(Parsed(bytes), settings);
  return settings;
}

TEST(TerminalModesTest, EndsAtTheEndMarkAndAtUndefinedOpcodes) {
  const std::string one = WireWriter().Byte(53).Uint32(1).bytes();
  EXPECT_EQ(Parsed("").size(), 0u);
  EXPECT_EQ(Parsed(one).size(), 1u);
  EXPECT_EQ(Parsed(one + std::string(1, '\0') + one).size(), 1u);
  EXPECT_EQ(Parsed(one + "\xa0" + one).size(), 1u);
  EXPECT_EQ(Parsed(one + WireWriter().Byte(159).Uint32(0).bytes() + one).size(), 3u);
}

TEST(TerminalModesTest, ACutOffArgumentIsAnError) {
  EXPECT_FALSE(ParseTerminalModes(std::string("\x35\0\0\0", 4)).ok());
  EXPECT_FALSE(ParseTerminalModes("\x01").ok());
}

TEST(TerminalModesTest, FlagsAreSetAndCleared) {
  termios on = {};
  on.c_lflag = ECHO;
  const termios changed = Applied(on, WireWriter()
                                          .Byte(53)
                                          .Uint32(0)  // ECHO
                                          .Byte(51)
                                          .Uint32(1)  // ICANON
                                          .Byte(36)
                                          .Uint32(7)  // ICRNL: anything but 0 is on
                                          .Byte(42)
                                          .Uint32(1)  // IUTF8
                                          .Byte(72)
                                          .Uint32(1)  // ONLCR
                                          .Byte(92)
                                          .Uint32(1)  // PARENB
                                          .bytes());
  EXPECT_EQ(changed.c_lflag, static_cast<tcflag_t>(ICANON));
  EXPECT_EQ(changed.c_iflag, static_cast<tcflag_t>(ICRNL | IUTF8));
  EXPECT_EQ(changed.c_oflag, static_cast<tcflag_t>(ONLCR));
  EXPECT_EQ(changed.c_cflag & PARENB, static_cast<tcflag_t>(PARENB));
}

TEST(TerminalModesTest, ControlCharactersAndTheAbsentOne) {
  termios settings = {};
  settings.c_cc[VINTR] = 9;
  const termios changed = Applied(
      settings, WireWriter().Byte(3).Uint32(8).Byte(1).Uint32(255).Byte(18).Uint32(15).bytes());
  EXPECT_EQ(changed.c_cc[VERASE], 8);
  EXPECT_EQ(changed.c_cc[VINTR], _POSIX_VDISABLE);
  EXPECT_EQ(changed.c_cc[VDISCARD], 15);
}

TEST(TerminalModesTest, CharacterSizeAndSpeeds) {
  const termios eight = Applied({}, WireWriter()
                                        .Byte(90)
                                        .Uint32(1)
                                        .Byte(91)
                                        .Uint32(1)
                                        .Byte(128)
                                        .Uint32(9600)
                                        .Byte(129)
                                        .Uint32(38400)
                                        .bytes());
  EXPECT_EQ(eight.c_cflag & CSIZE, static_cast<tcflag_t>(CS8));
  EXPECT_EQ(cfgetospeed(&eight), static_cast<speed_t>(B38400));
  const termios seven = Applied(eight, WireWriter().Byte(90).Uint32(1).Byte(91).Uint32(0).bytes());
  EXPECT_EQ(seven.c_cflag & CSIZE, static_cast<tcflag_t>(CS7));
  // A speed that this system does not have changes nothing.
  const termios odd = Applied(eight, WireWriter().Byte(129).Uint32(12345).bytes());
  EXPECT_EQ(cfgetospeed(&odd), static_cast<speed_t>(B38400));
}

TEST(TerminalModesTest, UnknownModesChangeNothing) {
  termios settings = {};
  settings.c_lflag = ECHO;
  const termios changed =
      Applied(settings, WireWriter().Byte(11).Uint32(1).Byte(99).Uint32(1).bytes());
  EXPECT_EQ(changed.c_lflag, static_cast<tcflag_t>(ECHO));
  EXPECT_EQ(changed.c_iflag, 0u);
}

}  // namespace
}  // namespace homeport::agent
