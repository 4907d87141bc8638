#include "agent/pty.h"

#include <sys/ioctl.h>
#include <termios.h>

#include <string>

#include "gtest/gtest.h"

namespace homeport::agent {
namespace {

std::string Request(const std::string& modes) {
  return WireWriter()
      .String("xterm")
      .Uint32(80)
      .Uint32(24)
      .Uint32(640)
      .Uint32(480)
      .String(modes)
      .bytes();
}

TEST(PtyTest, ParsesWhatTheClientAsksFor) {
  const auto request = ParsePtyRequest(WireReader(Request("m")));
  ASSERT_TRUE(request.ok());
  EXPECT_EQ(request->terminal_type, "xterm");
  EXPECT_EQ(request->size.columns, 80u);
  EXPECT_EQ(request->size.rows, 24u);
  EXPECT_EQ(request->size.width_pixels, 640u);
  EXPECT_EQ(request->size.height_pixels, 480u);
  EXPECT_EQ(request->modes, "m");
}

TEST(PtyTest, RefusesWhatIsMalformed) {
  const std::string whole = Request("");
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(ParsePtyRequest(WireReader(absl::string_view(whole).substr(0, size))).ok());
  }
  EXPECT_FALSE(ParsePtyRequest(WireReader(whole + "x")).ok());
  EXPECT_FALSE(ParseWindowChange(WireReader(std::string(15, '\0'))).ok());
  EXPECT_TRUE(ParseWindowChange(WireReader(std::string(16, '\0'))).ok());
  const std::string nul =
      WireWriter().String(std::string("a\0b", 3)).Raw(std::string(16, '\0')).String("").bytes();
  EXPECT_FALSE(ParsePtyRequest(WireReader(nul)).ok());
}

TEST(PtyTest, OpensWithSizeAndModesAndFollowsAResize) {
  PtyRequest request;
  request.size = {200000, 24, 0, 0};
  request.modes = WireWriter().Byte(53).Uint32(0).Byte(0).bytes();  // no ECHO
  auto pty = Pty::Open(request);
  ASSERT_TRUE(pty.ok()) << pty.status();
  winsize size = {};
  ASSERT_EQ(ioctl(pty->slave(), TIOCGWINSZ, &size), 0);
  EXPECT_EQ(size.ws_col, 65535);  // what does not fit is the most that does
  EXPECT_EQ(size.ws_row, 24);
  termios settings = {};
  ASSERT_EQ(tcgetattr(pty->slave(), &settings), 0);
  EXPECT_EQ(settings.c_lflag & ECHO, 0u);
  pty->Resize({132, 43, 0, 0});
  ASSERT_EQ(ioctl(pty->slave(), TIOCGWINSZ, &size), 0);
  EXPECT_EQ(size.ws_col, 132);
  EXPECT_EQ(size.ws_row, 43);
}

TEST(PtyTest, MalformedModesOpenNothing) {
  PtyRequest request;
  request.modes = "\x01";
  EXPECT_FALSE(Pty::Open(request).ok());
}

}  // namespace
}  // namespace homeport::agent
