// The agent as process 1 of a container: it runs the image's own command beside itself, collects
// whatever ends there, and ends with the command's status.
#include "absl/strings/match.h"
#include "base/file.h"
#include "gmock/gmock.h"
#include "tests/images/container.h"
#include "tests/images/image.h"
#include "tests/integration/wait_for.h"

namespace homeport::story {
namespace {

using ::testing::HasSubstr;

class TheAgentIsTheFirstProcess : public Story {
 protected:
  void SetUp() override {
    for (const std::string& why : {WhyNoContainers(), Image::WhyNoBusybox()}) {
      if (!why.empty()) GTEST_SKIP() << why;
    }
    Story::SetUp();
  }

  void Start(const Words& command, bool with_shell = true) {
    Image image(world_.Path("first.image"));
    if (with_shell) image.AddBusybox();
    Container container;
    container.workspace = "first";
    container.environment = {"PATH=/bin"};
    container.command = command;
    ASSERT_NO_FATAL_FAILURE(StartContainer(world_, image, container));
  }
  Service& container() { return world_.agent("first"); }
  Result Run(const std::string& command) { return world_.Ssh({"-l", "first", "first", command}); }
};

TEST_F(TheAgentIsTheFirstProcess, AndEndsWithTheCommandsStatus) {
  ASSERT_NO_FATAL_FAILURE(
      Start({"sh", "-c", "mkfifo -m 666 /tmp/go; read -r status </tmp/go; exit $status"}));
  ASSERT_TRUE(world_.WaitForOnline("demo/first", true));
  EXPECT_EQ(Run("cat /proc/1/comm").out, "homeport-agent\n");
  EXPECT_EQ(Run("tr '\\0' ' ' </proc/1/cmdline | cut -d ' ' -f 1,2").out,
            "/var/tmp/coder/homeport-agent run\n");
  Run("echo 5 >/tmp/go");  // may be cut off by the end
  EXPECT_EQ(container().process().WaitToEnd(absl::Seconds(20)), 5);
}

TEST_F(TheAgentIsTheFirstProcess, AndCollectsWhatIsLeftBehind) {
  ASSERT_NO_FATAL_FAILURE(Start({"sleep", "1000"}));
  ASSERT_TRUE(world_.WaitForOnline("demo/first", true));
  // Children of a shell that is gone when they end.
  EXPECT_EQ(Run("for i in 1 2 3 4 5; do sh -c 'sleep 0.2 & exit' & done; wait").status, 0);
  WaitFor(
      [this] { return Run("cat /proc/[0-9]*/stat 2>/dev/null | grep -c '(sleep)'").out == "1\n"; },
      absl::Seconds(20), "the sleeps to be collected");
}

TEST_F(TheAgentIsTheFirstProcess, AndSaysWhatItCannotRun) {
  ASSERT_NO_FATAL_FAILURE(Start({"no-such-program"}));
  EXPECT_EQ(container().process().WaitToEnd(absl::Seconds(20)), 127);
  EXPECT_THAT(container().Log(), HasSubstr("cannot run no-such-program: No such file"));
}

TEST_F(TheAgentIsTheFirstProcess, AndIsEnoughForFilesWhereThereIsNoShell) {
  ASSERT_NO_FATAL_FAILURE(Start({}, /*with_shell=*/false));
  ASSERT_TRUE(world_.WaitForOnline("demo/first", true));
  const Result result = Run("true");
  EXPECT_THAT(result.err, HasSubstr("The workspace cannot execute the shell /bin/sh; "));
  EXPECT_EQ(result.status, 1);
  const std::string here = world_.Path("here");
  ASSERT_TRUE(WriteFileAtomically(here, "moved", 0600).ok());
  for (const Words& way :
       {Words{here, "first@first:/tmp/there"}, Words{"first@first:/tmp/there", here + ".back"}}) {
    Process::Command scp;
    scp.arguments = {"scp",  "-q",  "-F", world_.Path("ssh_config"), "-i", world_.KeyFile("demo"),
                     way[0], way[1]};
    const Result moved = RunToEnd(scp);
    EXPECT_EQ(moved.status, 0) << moved.err;
  }
  EXPECT_EQ(ReadFile(here + ".back").value_or(""), "moved");
}

}  // namespace
}  // namespace homeport::story
