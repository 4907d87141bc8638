// A laptop whose network goes away without a word is noticed, and what it held is given back; one
// that is only silent keeps its session for as long as it likes.
#include <csignal>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "gmock/gmock.h"
#include "tests/integration/laptop.h"
#include "tests/integration/wait_for.h"
#include "tests/integration/world.h"

namespace homeport::story {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr absl::Duration kLimit = absl::Seconds(30);
constexpr char kGone[] = "The client does not answer any more.";

class AVanishedLaptop : public StoryOfBoth {
 protected:
  static void SetUpTestSuite() {
    laptop_ = new Laptop;
    why_not_ = new std::string(laptop_->Join());
  }
  static void TearDownTestSuite() {
    delete laptop_;
    delete why_not_;
  }

  void SetUp() override {
    if (!why_not_->empty()) GTEST_SKIP() << *why_not_;
    laptop_->MendCable();
    world_.SetListenAddress("ssh", absl::StrCat(Laptop::kOtherEnd, ":0"));
    world_.sshproxy_flags = {"--client_alive_interval", "250ms", "--client_alive_count_max", "3"};
    StoryOfBoth::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    // At a desk, with a cable that nobody cuts.
    desk_ = std::make_unique<Conversation>(Ssh({"-v", workspace(), "cat"}));
    World::Say(*desk_, "at the desk");
    for (Service* service : world_.services()) {
      open_files_.emplace_back(service, service->process().open_files());
    }
  }

  // ssh to the address where the front door is in this story.
  Process::Command Ssh(const Words& words) const {
    const std::string& ssh = world_.address("ssh");
    const std::string port = ssh.substr(ssh.find(':') + 1);
    Words all = {"-o", absl::StrCat("HostName=", Laptop::kOtherEnd), "-o",
                 absl::StrCat("HostKeyAlias=[127.0.0.1]:", port)};
    all.insert(all.end(), words.begin(), words.end());
    return world_.SshCommand(all);
  }
  std::unique_ptr<Conversation> OnLaptop(const Words& words) const {
    return std::make_unique<Conversation>(laptop_->Run(Ssh(words)));
  }

  // Waits until the session has been asked so many times for a sign of life. The desk's are a clock
  // in the proxy's own intervals.
  static void WaitForQuestions(Conversation& session, int count) {
    const std::string wanted = "client_input_global_request: rtype keepalive@openssh.com";
    const auto asked = [&] {
      session.Pump(absl::Milliseconds(10));
      int seen = 0;
      for (size_t at = session.err().find(wanted); at != std::string::npos;
           at = session.err().find(wanted, at + 1)) {
        ++seen;
      }
      return seen >= count;
    };
    WaitFor(asked, kLimit, absl::StrCat(count, " questions for a sign of life"));
  }

  // The session that wrote its process id there is over, and has left nothing behind.
  void ExpectOver(const std::string& pid_file) {
    pid_t process = 0;
    ASSERT_TRUE(absl::SimpleAtoi(
        absl::StripAsciiWhitespace(ReadFile(world_.Path(pid_file)).value_or("")), &process));
    EXPECT_TRUE(world_.sshproxy().WaitForLog(kGone, kLimit));
    WaitFor([&] { return !IsAlive(process); }, kLimit, "the end of the command in the workspace");
    for (const auto& entry : open_files_) {
      Service* const service = entry.first;
      const int before = entry.second;
      WaitFor([&] { return service->process().open_files() <= before; }, kLimit,
              absl::StrCat(service->name(), " to have no more than ", before, " open files"));
    }
    World::Say(*desk_, "the desk is not concerned");
  }

  std::string TellPid() const { return absl::StrCat("echo $$ >", world_.Path("pid"), "; "); }

  static Laptop* laptop_;
  static std::string* why_not_;
  std::unique_ptr<Conversation> desk_;

 private:
  std::vector<std::pair<Service*, int>> open_files_;
};
Laptop* AVanishedLaptop::laptop_ = nullptr;
std::string* AVanishedLaptop::why_not_ = nullptr;
HOMEPORT_STORY_OF_BOTH(AVanishedLaptop);

TEST_P(AVanishedLaptop, IsNoticedAndItsTerminalHungUp) {
  const std::string hung_up = world_.Path("hung-up");
  const auto session =
      OnLaptop({"-tt", workspace(),
                absl::StrCat("trap 'echo HUP >", hung_up, "; exit' HUP; ", TellPid(),
                             "echo ready; while :; do sleep 0.1; done")});
  ASSERT_TRUE(session->WaitForOutput("ready"));

  laptop_->CutCable();
  ExpectOver("pid");
  EXPECT_EQ(ReadFile(hung_up).value_or("nothing"), "HUP\n");
  EXPECT_TRUE(session->process().running()) << "somebody told the laptop's ssh";
}

TEST_P(AVanishedLaptop, IsNoticedInTheMiddleOfADownload) {
  const auto session = OnLaptop({workspace(), TellPid() + "exec cat /dev/zero"});
  ASSERT_TRUE(session->WaitForOutput(std::string(1000, '\0')));

  laptop_->CutCable();
  ExpectOver("pid");
}

TEST_P(AVanishedLaptop, IsNoticedThoughItHadStoppedReading) {
  const auto session = OnLaptop({workspace(), TellPid() + "exec cat /dev/zero"});
  ASSERT_TRUE(session->WaitForOutput(std::string(1000, '\0')));
  session->process().Signal(SIGSTOP);
  // What is on its way fills its buffers, and those before it.
  WaitForQuestions(*desk_, 2);

  laptop_->CutCable();
  ExpectOver("pid");
}

TEST_P(AVanishedLaptop, IsNoticedInTheMiddleOfAnUpload) {
  Process::Command ssh = laptop_->Run(Ssh({workspace(), TellPid() + "exec tee /dev/stderr"}));
  ssh.arguments.insert(ssh.arguments.begin(), {"sh", "-c", "exec \"$@\" </dev/zero", "sh"});
  Conversation session(ssh);
  ASSERT_TRUE(session.WaitForError(std::string(1000, '\0')));

  laptop_->CutCable();
  ExpectOver("pid");
}

TEST_P(AVanishedLaptop, KeepsItsSessionIfItIsOnlySilent) {
  const auto session = OnLaptop({"-v", workspace(), "cat"});
  World::Say(*session, "here");
  WaitForQuestions(*session, 10);
  World::Say(*session, "still here");
  EXPECT_THAT(world_.sshproxy().Log(), Not(HasSubstr(kGone)));
}

TEST_P(AVanishedLaptop, KeepsItsSessionIfItIsSuspended) {
  const auto idle = OnLaptop({workspace(), "cat"});
  World::Say(*idle, "here");
  const auto busy = OnLaptop({workspace(), "cat /dev/zero"});
  ASSERT_TRUE(busy->WaitForOutput(std::string(1000, '\0')));
  idle->process().Signal(SIGSTOP);
  busy->process().Signal(SIGSTOP);
  // Its kernel goes on answering, so it is not gone, however long that takes.
  WaitForQuestions(*desk_, 10);
  EXPECT_THAT(world_.sshproxy().Log(), Not(HasSubstr(kGone)));
  idle->process().Signal(SIGCONT);
  busy->process().Signal(SIGCONT);
  World::Say(*idle, "awake");
  int64_t received = 0;
  const auto goes_on = [&] {
    busy->ForgetOutput();
    busy->Pump(absl::Milliseconds(10));
    received += static_cast<int64_t>(busy->out().size());
    return received > (16 << 20);  // more than all buffers hold
  };
  WaitFor(goes_on, kLimit, "the download to go on");
}

TEST_P(AVanishedLaptop, KeepsItsSessionIfItsNetworkComesBackSoon) {
  desk_.reset();
  world_.sshproxy().Kill9();
  world_.sshproxy_flags = {"--client_alive_interval", "250ms", "--client_alive_count_max", "60"};
  world_.Restart("sshproxy");
  ASSERT_TRUE(world_.WaitForAgent(workspace()));
  const auto session = OnLaptop({"-v", workspace(), "cat"});
  World::Say(*session, "here");
  laptop_->CutCable();
  session->Send("into the void\n");
  // Asked, and no answer: what is sent again comes through when the cable is mended.
  desk_ = std::make_unique<Conversation>(Ssh({"-v", workspace(), "cat"}));
  WaitForQuestions(*desk_, 6);
  laptop_->MendCable();
  EXPECT_TRUE(session->WaitForOutput("into the void\n"));
  World::Say(*session, "back");
}

}  // namespace
}  // namespace homeport::story
