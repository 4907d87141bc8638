// A developer signs in, runs `homeport config-ssh` once, and from then on types `ssh dev.homeport`,
// with the real ssh and a home of its own.
#include <filesystem>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "gmock/gmock.h"
#include "tests/integration/account_home.h"
#include "tests/integration/wait_for.h"
#include "tests/integration/world.h"

namespace homeport::story {
namespace {

using ::testing::HasSubstr;

class TypingSshDevHomeport : public Story {
 protected:
  void SetUp() override {
    Story::SetUp();
    home_ = world_.Path("laptop");
    std::filesystem::create_directory(home_);
    // ssh looks for the home in the account's record, whatever HOME says.
    account_home_ = std::make_unique<AccountHome>(world_.Path(""), home_);
    if (!account_home_->why_not().empty()) GTEST_SKIP() << account_home_->why_not();
    // As a site manager sets somebody up: a code, with which the person signs in.
    const Result code =
        world_.Homeport({"users", "code", "demo", "--code-file", world_.Path("code")});
    ASSERT_EQ(code.status, 0) << code.err;
    const Result login =
        Homeport({"login", "--coordinator", world_.address("grpc"), "--ca-file",
                  world_.state_folder + "/ca.pem", "--code-file", world_.Path("code")});
    ASSERT_EQ(login.status, 0) << login.err;
  }

  Process::Command OnLaptop(const Words& words) const {
    Process::Command command;
    command.arguments = words;
    command.environment = {"HOME=" + home_, "XDG_CONFIG_HOME=" + home_ + "/.config"};
    return command;
  }
  Result Homeport(const Words& words) {
    Words all = {Binary("homeport")};
    all.insert(all.end(), words.begin(), words.end());
    return RunToEnd(OnLaptop(all));
  }
  Result Ssh(const Words& words) {
    Words all = {"ssh"};
    all.insert(all.end(), words.begin(), words.end());
    return RunToEnd(OnLaptop(all));
  }
  Result Configure(const Words& more = {}) {
    Words words = {"config-ssh", "--front-door", world_.address("ssh"), "--no-control-master"};
    words.insert(words.end(), more.begin(), more.end());
    return Homeport(words);
  }

  std::string home_;
  std::unique_ptr<AccountHome> account_home_;
};

TEST_F(TypingSshDevHomeport, WorksAfterOneCommand) {
  const Result configured = Configure();
  ASSERT_EQ(configured.status, 0) << configured.err;
  const Result in = Ssh({"dev.homeport", "echo in; exit 7"});
  EXPECT_EQ(in.out, "in\n") << in.err;
  EXPECT_EQ(in.status, 7);
  const Result again = Configure();
  EXPECT_EQ(again.status, 0) << again.err;
  EXPECT_EQ(Ssh({"dev.homeport", "echo in"}).out, "in\n");
}

TEST_F(TypingSshDevHomeport, OverASharedConnection) {
  const Result configured =
      Homeport({"config-ssh", "--front-door", world_.address("ssh"), "-o", "ControlPersist 3"});
  ASSERT_EQ(configured.status, 0) << configured.err;
  for (int i = 0; i < 3; ++i) {
    const Result in = Ssh({"dev.homeport", "echo in"});
    EXPECT_EQ(in.out, "in\n") << in.err;
  }
  const Result check = Ssh({"-O", "check", "dev.homeport"});
  EXPECT_THAT(check.err, HasSubstr("Master running"));
  EXPECT_EQ(Ssh({"-O", "exit", "dev.homeport"}).status, 0);
}

TEST_F(TypingSshDevHomeport, AndWithoutAConfigurationAtAll) {
  const Result in = Homeport({"ssh", "--front-door", world_.address("ssh"), "dev", "cat; exit 9"});
  EXPECT_EQ(in.status, 9) << in.err;
  ASSERT_EQ(world_.Homeport({"providers", "update", "local", "--external-connect", "off"}).status,
            0);
  const Result off = Homeport({"ssh", "--front-door", world_.address("ssh"), "dev", "true"});
  EXPECT_EQ(off.status, 255);
  EXPECT_THAT(off.err, HasSubstr("SSH is disabled on this workspace"));
}

TEST_F(TypingSshDevHomeport, AfterTheKeyWasRegenerated) {
  ASSERT_EQ(Configure().status, 0);
  ASSERT_EQ(Homeport({"keys", "regenerate", "--yes"}).status, 0);
  EXPECT_EQ(Ssh({"dev.homeport", "echo in"}).status, 255) << "the old key is worth nothing";
  ASSERT_EQ(Configure().status, 0);
  EXPECT_EQ(Ssh({"dev.homeport", "echo in"}).out, "in\n");
}

TEST_F(TypingSshDevHomeport, AnOfflineWorkspaceIsAnsweredInWords) {
  ASSERT_EQ(Configure().status, 0);
  world_.agent("dev").Terminate();
  ASSERT_TRUE(world_.WaitForOnline("demo/dev", false));
  const Result offline = Ssh({"dev.homeport", "echo never"});
  EXPECT_EQ(offline.status, 255);
  EXPECT_EQ(offline.out, "");
  EXPECT_THAT(offline.err, HasSubstr("The workspace dev is offline; it was last seen"));
}

}  // namespace
}  // namespace homeport::story
