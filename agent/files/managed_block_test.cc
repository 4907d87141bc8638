#include "agent/files/managed_block.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"

namespace homeport::agent {
namespace {

constexpr char kStart[] = "# --------- START CODER ENVIRONMENT VARIABLES ----------\n";
constexpr char kExplanation[] =
    "# The following has been auto-generated at workspace startup\n"
    "# You should not hand-edit this section unless you are deleting it.\n";
constexpr char kEnd[] = "# ----------------- END CODER -----------------------\n";

const std::vector<std::string> kBody = {"SHELL=/bin/bash", "PATH=/usr/bin:/bin", "_=/agent"};

std::string Block() {
  return absl::StrCat(kStart, kExplanation, "\nSHELL=/bin/bash\nPATH=/usr/bin:/bin\n_=/agent\n\n",
                      kEnd);
}

std::string Write(absl::string_view content) {
  const std::string written = WithBlock(content, EnvironmentBlockStyle(), kBody);
  EXPECT_EQ(WithBlock(written, EnvironmentBlockStyle(), kBody), written) << "not idempotent";
  return written;
}

TEST(ManagedBlockTest, AFileWithoutOneGetsItAtTheBeginning) {
  EXPECT_EQ(Write(""), Block());
  EXPECT_EQ(Write("MINE=1\n"), Block() + "MINE=1\n");
  EXPECT_EQ(Write("MINE=1"), Block() + "MINE=1");
  EXPECT_EQ(Write("\n"), Block() + "\n");
}

TEST(ManagedBlockTest, AWholeBlockIsReplacedWhereItStands) {
  const std::string old = absl::StrCat(kStart, kExplanation, "\nSHELL=/bin/sh\nGONE=1\n\n", kEnd);
  EXPECT_EQ(Write(absl::StrCat("A=1\n\n", old, "\nB=2")),
            absl::StrCat("A=1\n\n", Block(), "\nB=2"));
}

TEST(ManagedBlockTest, AHandEditedBlockIsWrittenAnew) {
  for (const absl::string_view edited :
       {"FOO=1\n# mine\nnonsense\n", "", "\n\n\n", "SHELL=/bin/bash\n"}) {
    EXPECT_EQ(Write(absl::StrCat("A=1\n", kStart, edited, kEnd, "B=2\n")),
              absl::StrCat("A=1\n", Block(), "B=2\n"));
  }
}

TEST(ManagedBlockTest, BytesOutsideStay) {
  const std::string odd("CR=1\r\n\r\nNUL=\0x\n\xff\xfe\tend", 21);
  EXPECT_EQ(Write(odd), Block() + odd);
  EXPECT_EQ(Write(absl::StrCat(odd, "\n", Block(), odd)), absl::StrCat(odd, "\n", Block(), odd));
}

TEST(ManagedBlockTest, AMarkerWithCarriageReturnIsOne) {
  const std::string crlf = absl::StrReplaceAll(Block(), {{"\n", "\r\n"}});
  EXPECT_EQ(Write(absl::StrCat("A=1\r\n", crlf, "B=2\r\n")),
            absl::StrCat("A=1\r\n", Block(), "B=2\r\n"));
  // An editor may have taken the last newline.
  EXPECT_EQ(Write(Block().substr(0, Block().size() - 1)), Block());
}

TEST(ManagedBlockTest, OfSeveralTheFirstPlaceStays) {
  EXPECT_EQ(Write(absl::StrCat("A=1\n", Block(), "B=2\n", Block(), "C=3\n", Block())),
            absl::StrCat("A=1\n", Block(), "B=2\nC=3\n"));
}

TEST(ManagedBlockTest, AHalfWrittenBlockTakesNothingOfTheUsers) {
  // Cut off at each byte.
  const std::string block = Block();
  const size_t body = block.find("SHELL=");
  for (size_t size = std::string(kStart).size(); size < block.size(); ++size) {
    const std::string written = Write("MINE=1\n" + block.substr(0, size));
    EXPECT_EQ(written.substr(0, 7), "MINE=1\n");
    const size_t place = written.find(block);
    ASSERT_NE(place, std::string::npos) << size;
    // The values that were whole already come to stand before the block or in it, none behind it.
    EXPECT_EQ(written.find('=', place + block.size()), std::string::npos) << size;
    if (size == body) {
      EXPECT_EQ(written, "MINE=1\n" + block);
    }
  }
  EXPECT_EQ(Write(absl::StrCat(kStart, kExplanation, "\nSHELL=/bin/bash\nPA")), Block());
}

TEST(ManagedBlockTest, WithoutEndTheUsersLinesStay) {
  // What an older block may have held stays, before the new one; so do the user's.
  EXPECT_EQ(Write(absl::StrCat("A=1\n", kStart, kExplanation,
                               "\nSHELL=/bin/bash\nPATH=/old\nMINE=2\n\n# mine\nB=3\n")),
            absl::StrCat("A=1\nPATH=/old\nMINE=2\n", Block(), "\n# mine\nB=3\n"));
  EXPECT_EQ(Write(absl::StrCat(kStart, "MINE=2")), absl::StrCat("MINE=2\n", Block()));
}

TEST(ManagedBlockTest, WithoutEndBeforeAnotherBlockTheUsersLinesStay) {
  EXPECT_EQ(Write(absl::StrCat(kStart, "MINE=1\n# mine\n", Block(), "C=3\n")),
            absl::StrCat("MINE=1\n# mine\n", Block(), "C=3\n"));
}

TEST(ManagedBlockTest, ReorderedMarkersAreTakenAway) {
  EXPECT_EQ(Write(absl::StrCat("A=1\n", kEnd, "B=2\n", kStart, "C=3\n")),
            absl::StrCat("A=1\nB=2\nC=3\n", Block()));
  EXPECT_EQ(Write(kEnd), Block());
}

TEST(ManagedBlockTest, WhatOnlyResemblesAMarkerIsTheUsers) {
  for (const std::string line : {" # ----------------- END CODER -----------------------",
                                 "# --------- START CODER ENVIRONMENT VARIABLES ---------- x",
                                 "# --------- start coder environment variables ----------"}) {
    EXPECT_EQ(Write(line + "\nA=1\n"), Block() + line + "\nA=1\n");
  }
}

TEST(ManagedBlockTest, TenMegabytesStay) {
  std::string content;
  while (content.size() < 10'000'000) absl::StrAppend(&content, "LINE", content.size(), "=x\r\n");
  EXPECT_EQ(Write(content), Block() + content);
  // Even where each line might be an older block's.
  EXPECT_EQ(Write(kStart + content), content + Block());
}

TEST(ManagedBlockTest, AKeyThatSaysThatItIsOursGoesWithItsBlock) {
  const BlockStyle& style = KeysBlockStyle();
  const std::string whole = WithBlock("", style, {"ssh-ed25519 AAAC homeport:ada@example.com"});
  const std::string half = whole.substr(0, whole.find("# --------- END")) +
                           "ssh-ed25519 AAAD homeport:ada@example.com\nssh-rsa AAAE me@work\n";
  const std::string mended = WithBlock(half, style, {"ssh-ed25519 AAAF homeport:ada@example.com"});
  EXPECT_EQ(mended,
            absl::StrCat(style.start, "\n", style.explanation[0], "\n", style.explanation[1], "\n",
                         "ssh-ed25519 AAAF homeport:ada@example.com\n", style.end,
                         "\nssh-rsa AAAE me@work\n"));
}

TEST(ManagedBlockTest, FindBlock) {
  const std::string content = absl::StrCat("A=1\n", kEnd, kStart, "x\n", Block(), "B=2\n");
  const BlockPlace place = FindBlock(content, EnvironmentBlockStyle());
  ASSERT_TRUE(place.found);
  EXPECT_EQ(content.substr(place.begin, place.end - place.begin), Block());
  EXPECT_FALSE(FindBlock(kStart, EnvironmentBlockStyle()).found);
}

}  // namespace
}  // namespace homeport::agent
