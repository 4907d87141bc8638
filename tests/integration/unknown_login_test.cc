// The login name says which workspace is meant. One that leads nowhere gets a sentence, the same
// whether there is nothing or it is somebody else's, and whatever it is made of.
#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "tests/integration/world.h"

namespace homeport::story {
namespace {

using ::testing::HasSubstr;

// What ssh says without its own remarks.
std::string Sentence(const Result& result, const std::string& login) {
  return absl::StrReplaceAll(result.err + result.out, {{login, "LOGIN"}, {"\r", ""}});
}

class UnknownLogin : public Story {
 protected:
  void SetUp() override {
    Story::SetUp();
    world_.AddUser("eve");
    world_.AddWorkspace("eve/hers");
  }
  // As if from a configuration file: ssh looks less closely at names there than at those of -l.
  Result SshTo(const std::string& login) {
    return world_.Ssh({"-o", "User=\"" + login + "\"", "dev", "echo never"});
  }
  Result TerminalTo(const std::string& login) {
    return world_.TerminalSsh({"-tt", "-l", login, "dev"})->WaitToEnd();
  }
};

TEST_F(UnknownLogin, AndSomebodyElsesGetTheSameWords) {
  const Result nothing = SshTo("eve/nothing");
  EXPECT_EQ(nothing.status, 255);
  EXPECT_EQ(nothing.out, "");
  EXPECT_THAT(nothing.err, HasSubstr("You have no workspace \"eve/nothing\"."));
  const Result hers = SshTo("eve/hers");
  EXPECT_EQ(hers.status, 255);
  EXPECT_EQ(Sentence(hers, "eve/hers"), Sentence(nothing, "eve/nothing"));
  const Result nobody = SshTo("nobody/hers");
  EXPECT_EQ(Sentence(nobody, "nobody/hers"), Sentence(nothing, "eve/nothing"));
  EXPECT_EQ(Sentence(SshTo("hers"), "hers"), Sentence(nothing, "eve/nothing"));
}

TEST_F(UnknownLogin, GetsTheSameWordsOnATerminal) {
  const Result result = TerminalTo("nosuch");
  EXPECT_EQ(result.status, 255);
  EXPECT_THAT(result.out, HasSubstr("You have no workspace \"nosuch\"."));
  EXPECT_EQ(Sentence(TerminalTo("eve/hers"), "eve/hers"), Sentence(result, "nosuch"));
}

TEST_F(UnknownLogin, MadeOfAnythingIsRefusedWithASentence) {
  for (const std::string& login :
       {std::string("../x"), std::string("dev;id"), std::string(1000, 'a'), std::string("$(id)"),
        std::string("-oProxyCommand=x"), std::string("d\xc3\xa9v"), std::string("dev\n"),
        std::string("\x1b[31mdev"), std::string("DEV"), std::string("demo/dev/dev"),
        std::string("/"), std::string("demo/"), std::string("%s%n"), std::string(" dev"),
        std::string("admin/dev"), std::string("\xff\xfe")}) {
    SCOPED_TRACE(login);
    const Result result = SshTo(login);
    EXPECT_EQ(result.status, 255);
    EXPECT_EQ(result.out, "");
    // Newer clients refuse some of these themselves.
    EXPECT_THAT(result.err,
                testing::AnyOf(HasSubstr("names no workspace"), HasSubstr("You have no workspace"),
                               HasSubstr("remote username contains invalid")));
    EXPECT_FALSE(absl::StrContains(result.err, '\x1b')) << "control characters reach the terminal";
  }
  EXPECT_EQ(world_.Ssh({"dev", "echo in"}).out, "in\n");
  // Nor does any of it reach the logs as it is.
  for (Service* service : world_.services()) {
    EXPECT_FALSE(absl::StrContains(service->Log(), '\x1b')) << service->name();
    EXPECT_FALSE(absl::StrContains(service->Log(), '\xff')) << service->name();
  }
}

TEST_F(UnknownLogin, ThatIsEmptyIsRefused) {
  const Result result = world_.Ssh({"-l", "", "dev", "echo never"});
  EXPECT_EQ(result.status, 255);
  EXPECT_EQ(result.out, "");
  EXPECT_NE(result.err, "");
}

TEST_F(UnknownLogin, IsNotTheOwnersOwnInFull) {
  EXPECT_EQ(world_.Ssh({"-l", "demo/dev", "dev", "echo in"}).out, "in\n");
  EXPECT_EQ(world_.Ssh({"-l", "demo-dev", "dev", "echo in"}).out, "in\n");
}

}  // namespace
}  // namespace homeport::story
