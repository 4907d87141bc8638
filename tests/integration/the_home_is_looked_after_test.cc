// The owner's keys and the workspace's environment stand in the home's .ssh, where OpenSSH finds
// them, beside what the user keeps there; and sessions of both kinds see the same environment.
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/file.h"
#include "gmock/gmock.h"
#include "tests/integration/account_home.h"
#include "tests/integration/wait_for.h"
#include "tests/integration/world.h"

namespace homeport::story {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kStart[] = "# --------- START CODER ENVIRONMENT VARIABLES ----------\n";
constexpr absl::Duration kPatience = absl::Seconds(20);

class TheHomeIsLookedAfter : public StoryOfBoth {
 protected:
  void SetUp() override {
    home_ = world_.Path("home");
    fs::create_directories(home_ + "/.ssh");
    fs::permissions(home_ + "/.ssh", fs::perms::owner_all);
    if (on_box()) {
      if (!World::WhyNoBox().empty()) GTEST_SKIP() << World::WhyNoBox();
      account_home_ = std::make_unique<AccountHome>(world_.Path(""), home_);
      if (!account_home_->why_not().empty()) GTEST_SKIP() << account_home_->why_not();
      world_.sshd_configuration =
          "PermitUserEnvironment yes\nAuthorizedKeysFile .ssh/authorized_keys\n";
      world_.home_flags = {};
    } else {
      world_.home_flags = {"--home", home_};
    }
    Story::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    if (on_box()) world_.StartBox();
    ASSERT_TRUE(WaitForContent("environment", kStart));
    ASSERT_TRUE(WaitForContent("authorized_keys", " homeport:"));
  }

  std::string Path(const std::string& name) const { return home_ + "/.ssh/" + name; }
  std::string Content(const std::string& name) const { return ReadFile(Path(name)).value_or(""); }
  bool WaitForContent(const std::string& name, const std::string& text) {
    return WaitFor([&] { return absl::StrContains(Content(name), text); }, kPatience,
                   absl::StrCat("\"", text, "\" in ", name));
  }
  std::vector<std::string> Environment() {
    const Result result = world_.Ssh({workspace(), "env"});
    EXPECT_EQ(result.status, 0) << result.err;
    return absl::StrSplit(result.out, '\n', absl::SkipEmpty());
  }
  std::string OwnerKey() {
    std::vector<std::string> words =
        absl::StrSplit(world_.Homeport({"keys", "show", "demo"}).out, ' ');
    return words.size() < 2 ? "(none)" : absl::StrCat(words[0], " ", words[1]);
  }

  std::string home_;
  std::unique_ptr<AccountHome> account_home_;
};
HOMEPORT_STORY_OF_BOTH(TheHomeIsLookedAfter);

TEST_P(TheHomeIsLookedAfter, AndSessionsSeeTheWorkspacesEnvironment) {
  const std::vector<std::string> environment = Environment();
  for (const std::string& variable :
       {absl::StrCat("CODER_WORKSPACE_NAME=", workspace()), std::string("CODER_USERNAME=demo"),
        std::string("CODER_USER_EMAIL=demo@example.com"),
        std::string("CODER_ASSETS_ROOT=/var/tmp/coder"), absl::StrCat("HOME=", home_)}) {
    EXPECT_THAT(environment, Contains(variable));
    EXPECT_THAT(Content("environment"), HasSubstr("\n" + variable + "\n"));
  }
  EXPECT_THAT(environment, Contains(StartsWith("CODER_CPU_LIMIT=")));
  EXPECT_THAT(environment, Contains(StartsWith("CODER_MEMORY_LIMIT=")));
  EXPECT_THAT(environment, Contains(testing::EndsWith(":/var/tmp/coder/coder-cli")));
  EXPECT_THAT(environment, Not(Contains(StartsWith("HOMEPORT_"))));
}

TEST_P(TheHomeIsLookedAfter, AndWhatTheUserWritesThereCountsToo) {
  const std::string block = Content("environment");
  const std::string mine = "EARLY=1\nCODER_USERNAME=early\n";
  ASSERT_TRUE(WriteFileAtomically(Path("environment"),
                                  mine + block + "# mine\n  MINE=of mine\nnonsense\nLANG=C", 0600)
                  .ok());
  const std::vector<std::string> environment = Environment();
  EXPECT_THAT(environment, Contains("EARLY=1"));
  EXPECT_THAT(environment, Contains("CODER_USERNAME=demo"));
  EXPECT_THAT(environment, Contains("MINE=of mine"));
  EXPECT_THAT(environment, Contains("LANG=C"));
}

TEST_P(TheHomeIsLookedAfter, AndADeletedBlockIsBackAtTheNextStart) {
  ASSERT_TRUE(WriteFileAtomically(Path("environment"), "MINE=1", 0600).ok());
  ASSERT_TRUE(WriteFileAtomically(Path("authorized_keys"), "# mine\r\n", 0600).ok());
  world_.agent(workspace()).Kill9();
  world_.Restart("agent-" + workspace());
  EXPECT_TRUE(WaitForContent("environment", kStart));
  EXPECT_TRUE(WaitForContent("authorized_keys", OwnerKey()));
  EXPECT_TRUE(absl::EndsWith(Content("environment"), "\nMINE=1"));
  EXPECT_TRUE(absl::EndsWith(Content("authorized_keys"), "\n# mine\r\n"));
}

TEST_P(TheHomeIsLookedAfter, AndFollowsTheWorkspacesRecord) {
  const std::string before = Content("authorized_keys");
  const Result updated =
      world_.Homeport({"workspaces", "update", "demo/" + workspace(), "--image-tag", "newest"});
  ASSERT_EQ(updated.status, 0) << updated.err;
  EXPECT_TRUE(WaitForContent("environment", "\nCODER_IMAGE_TAG=newest\n"));
  EXPECT_THAT(Environment(), Contains("CODER_IMAGE_TAG=newest"));
  EXPECT_EQ(Content("authorized_keys"), before);
}

TEST_P(TheHomeIsLookedAfter, AndItsStatusIsShown) {
  ASSERT_TRUE(WaitForContent("authorized_keys", OwnerKey() + " homeport:demo@example.com\n"));
  const auto shown = [&] {
    return world_.Homeport({"workspaces", "get", "demo/" + workspace(), "--output", "json"}).out;
  };
  EXPECT_TRUE(WaitFor([&] { return absl::StrContains(shown(), Path("environment")); }, kPatience,
                      "the file in the workspace's status"));
}

TEST_P(TheHomeIsLookedAfter, ARegeneratedKeyTakesTheOldOnesPlace) {
  const std::string old_key = OwnerKey();
  ASSERT_THAT(Content("authorized_keys"), HasSubstr(old_key));
  const Result regenerated = world_.HomeportAs("demo", {"keys", "regenerate", "--yes"});
  ASSERT_EQ(regenerated.status, 0) << regenerated.err;
  // The command returns when the agent has written its files.
  const std::string new_key = OwnerKey();
  EXPECT_NE(new_key, old_key);
  EXPECT_THAT(Content("authorized_keys"), HasSubstr(new_key));
  EXPECT_THAT(Content("authorized_keys"), Not(HasSubstr(old_key)));
  const Result downloaded =
      world_.HomeportAs("demo", {"keys", "download", "--force", "--file", world_.KeyFile("demo")});
  ASSERT_EQ(downloaded.status, 0) << downloaded.err;
  EXPECT_EQ(world_.Ssh({workspace(), "echo in"}).out, "in\n");
  // And while their owner is suspended there is none.
  ASSERT_EQ(world_.Homeport({"users", "update", "demo", "--suspend"}).status, 0);
  EXPECT_THAT(Content("authorized_keys"), Not(HasSubstr(new_key)));
}

}  // namespace
}  // namespace homeport::story
