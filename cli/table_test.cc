#include "cli/table.h"

#include <string>

#include "cli/terminal_text.h"
#include "gtest/gtest.h"

namespace homeport {
namespace {

TEST(TableTest, ColumnsLineUpAndLinesEndWithoutSpaces) {
  Table table({"NAME", "EMAIL", "ROLES"});
  table.AddRow({"demo", "demo@example.com", ""});
  table.AddRow({"administrator", "a@example.com", "site-manager"});
  EXPECT_EQ(table.Format(),
            "NAME           EMAIL             ROLES\n"
            "demo           demo@example.com  -\n"
            "administrator  a@example.com     site-manager\n");
}

TEST(TableTest, CharactersOfMoreThanOneByteCountOnce) {
  Table table;
  table.AddRow({"Zürich", "1"});
  table.AddRow({"Berne!", "2"});
  EXPECT_EQ(table.Format(), "Zürich  1\nBerne!  2\n");
}

TEST(TableTest, NothingThatTheServerSaysReachesTheTerminalRaw) {
  Table table;
  table.AddRow({"a\x1b[2Jb\r\n",
                "\xc2\x9b"
                "31m"});
  EXPECT_EQ(table.Format(), "a\\u{1b}[2Jb\\u{d}\\u{a}  \\u{9b}31m\n");
}

TEST(TerminalTextTest, TextStaysAndTheRestIsEscaped) {
  EXPECT_EQ(TerminalSafe("plain text, ünïcode, 漢字, 🙂"),
            "plain text, ünïcode, 漢字, 🙂");
  EXPECT_EQ(TerminalSafe(std::string("\0\x7f", 2)), "\\u{0}\\u{7f}");
  EXPECT_EQ(TerminalSafe("user\xe2\x80\xae"
                         "exe"),
            "user\\u{202e}exe");
}

TEST(TerminalTextTest, BytesThatAreNoUtf8AreShownAsBytes) {
  EXPECT_EQ(TerminalSafe("\xff"), "\\xff");
  EXPECT_EQ(TerminalSafe("\x9b"), "\\x9b");           // a lone continuation byte: C1 in Latin-1
  EXPECT_EQ(TerminalSafe("\xc0\x9b"), "\\xc0\\x9b");  // overlong ESC
  EXPECT_EQ(TerminalSafe("\xe0\x80\x9b"), "\\xe0\\x80\\x9b");
  EXPECT_EQ(TerminalSafe("\xed\xa0\x80"), "\\xed\\xa0\\x80");  // a surrogate
  EXPECT_EQ(TerminalSafe("\xf5\x80\x80\x80"), "\\xf5\\x80\\x80\\x80");
  EXPECT_EQ(TerminalSafe("a\xe2\x82"), "a\\xe2\\x82");  // cut short
}

}  // namespace
}  // namespace homeport
