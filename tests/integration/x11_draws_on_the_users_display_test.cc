// `ssh -X` shows the workspace's X programs on the user's display: through OpenSSH as sshd does it,
// and through the embedded server without an xauth in the workspace.
#include <unistd.h>

#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "gmock/gmock.h"
#include "tests/integration/wait_for.h"
#include "tests/integration/world.h"

namespace homeport::story {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// Its display's number goes into a file when it is ready.
constexpr char kXvfb[] =
    "exec Xvfb -auth \"$1/Xauthority\" -nolisten tcp -displayfd 5 5>\"$1/display\"";

class X11DrawsOnTheUsersDisplay : public StoryOfBoth {
 protected:
  void SetUp() override {
    for (const char* program : {"/usr/bin/Xvfb", "/usr/bin/xdpyinfo", "/usr/bin/xauth"}) {
      if (access(program, X_OK) != 0) GTEST_SKIP() << "there is no " << program;
    }
    // Where the user's ssh and X server find it, and where the workspace's programs look.
    setenv("XAUTHORITY", world_.Path("Xauthority").c_str(), 1);
    world_.sshd_configuration =
        absl::StrCat("SetEnv XAUTHORITY=", world_.Path("Xauthority.box"), "\n",
                     box_has_xauth_ ? "" : "XAuthLocation /no/such/xauth\n");
    world_.agent_flags = {"--xauth", "/no/such/xauth"};
    StoryOfBoth::SetUp();
  }
  // The user's display, with a secret that nobody knows but the Xauthority file.
  void StartDisplay() {
    Service& xvfb = world_.service("xvfb");
    const std::string add = absl::StrCat("xauth -q -f ", world_.Path("Xauthority"),
                                         " add :0 MIT-MAGIC-COOKIE-1 $(od -An -N16 -tx1 "
                                         "/dev/urandom | tr -d ' \\n')");
    ASSERT_EQ(system(add.c_str()), 0);
    xvfb.SetCommand({"bash", "-c", kXvfb, "xvfb", world_.Path("")});
    xvfb.Start();
    ASSERT_TRUE(WaitFor(
        [&] {
          display_ = std::string(
              absl::StripAsciiWhitespace(ReadFile(world_.Path("display")).value_or("")));
          return !display_.empty() || !xvfb.running();
        },
        absl::Seconds(30), "the X server"));
    // The secret was for display 0.
    const std::string copy =
        absl::StrCat("xauth -q -f ", world_.Path("Xauthority"), " add :", display_,
                     " MIT-MAGIC-COOKIE-1 $(xauth -f ", world_.Path("Xauthority"),
                     " list :0 | cut -c1-999 | "
                     "sed 's/.* //' | head -n 1)");
    ASSERT_EQ(system(copy.c_str()), 0);
  }
  Result SshX(const std::string& command) {
    Process::Command ssh = world_.SshCommand({"-X", workspace(), command});
    ssh.environment = {absl::StrCat("DISPLAY=:", display_)};
    return RunToEnd(ssh, "", absl::Seconds(60));
  }

  bool box_has_xauth_ = true;
  std::string display_;
};
HOMEPORT_STORY_OF_BOTH(X11DrawsOnTheUsersDisplay);

TEST_P(X11DrawsOnTheUsersDisplay, AProgramThatUsesLibXauIsLetIn) {
  ASSERT_NO_FATAL_FAILURE(StartDisplay());
  const Result result = SshX("echo $DISPLAY; xdpyinfo");
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("localhost:1"));
  EXPECT_THAT(result.out, HasSubstr("The X.Org Foundation"));
  EXPECT_THAT(result.err, Not(HasSubstr("X11 forwarding request failed")));
}

TEST_P(X11DrawsOnTheUsersDisplay, WithoutTheSecretItIsNot) {
  ASSERT_NO_FATAL_FAILURE(StartDisplay());
  const Result result = SshX("XAUTHORITY=/dev/null xdpyinfo");
  EXPECT_NE(result.status, 0);
  EXPECT_THAT(result.err, HasSubstr("unable to open display"));
}

class NoXauthOnBox : public X11DrawsOnTheUsersDisplay {
 protected:
  NoXauthOnBox() { box_has_xauth_ = false; }
};
INSTANTIATE_TEST_SUITE_P(Box, NoXauthOnBox, testing::Values("box"));

TEST_P(NoXauthOnBox, TheClientSaysThatForwardingFailed) {
  ASSERT_NO_FATAL_FAILURE(StartDisplay());
  const Result result = SshX("echo \"display:$DISPLAY\"");
  EXPECT_EQ(result.out, "display:\n");
  EXPECT_THAT(result.err, HasSubstr("X11 forwarding request failed on channel 0"));
}

}  // namespace
}  // namespace homeport::story
