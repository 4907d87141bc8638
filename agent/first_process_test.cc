// The first process in a child of the test, as a container would start it.
#include "agent/first_process.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"

namespace homeport::agent {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr absl::Duration kPatience = absl::Seconds(20);

class FirstProcessTest : public testing::Test {
 protected:
  FirstProcessTest() : folder_(testing::TempDir() + "/first_process.XXXXXX") {
    EXPECT_NE(mkdtemp(folder_.data()), nullptr);
    plan_.environment = {"PATH=/usr/bin:/bin", "FOLDER=" + folder_};
    plan_.agent = [this] {
      Note("agent");
      sigset_t both;
      sigemptyset(&both);
      sigaddset(&both, SIGTERM);
      sigaddset(&both, SIGINT);
      sigprocmask(SIG_BLOCK, &both, nullptr);
      int number = 0;
      for (int told = 0; told < 2; ++told) {
        sigwait(&both, &number);
        Note("agent was told");
      }
      return 7;
    };
    plan_.first_pause = absl::Milliseconds(10);
  }
  ~FirstProcessTest() override {
    if (pid_ > 0) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
  }

  void Start(const std::string& script) {
    if (!script.empty()) plan_.command = {"sh", "-c", script};
    pid_ = fork();
    ASSERT_GE(pid_, 0);
    if (pid_ == 0) {
      const int file = open((folder_ + "/stderr").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
      if (dup2(file, STDERR_FILENO) < 0) _exit(99);
      _exit(FirstProcess(plan_).Run());
    }
  }
  // The first process's exit status.
  int End() {
    int status = 0;
    const absl::Time deadline = absl::Now() + kPatience;
    while (waitpid(pid_, &status, WNOHANG) == 0) {
      if (absl::Now() > deadline) {
        ADD_FAILURE() << "it does not end";
        return -1;
      }
      absl::SleepFor(absl::Milliseconds(5));
    }
    pid_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }
  int Run(const std::string& script) {
    Start(script);
    return End();
  }
  void Note(const std::string& what) {
    std::ofstream(folder_ + "/notes", std::ios::app) << what << "\n";
  }
  std::string Read(const std::string& name) {
    std::ostringstream content;
    content << std::ifstream(absl::StrCat(folder_, "/", name)).rdbuf();
    return content.str();
  }
  void Await(const std::string& name, const std::string& content) {
    const absl::Time deadline = absl::Now() + kPatience;
    while (Read(name).find(content) == std::string::npos) {
      ASSERT_LT(absl::Now(), deadline) << "no " << content << " in " << name << ": " << Read(name);
      absl::SleepFor(absl::Milliseconds(5));
    }
  }

  std::string folder_;
  FirstProcess::Plan plan_;
  pid_t pid_ = 0;
};

TEST_F(FirstProcessTest, EndsWithTheCommandsStatus) {
  EXPECT_EQ(Run("exit 0"), 0);
  EXPECT_EQ(Run("exit 42"), 42);
  EXPECT_EQ(Run("kill -KILL $$"), 128 + SIGKILL);
}

TEST_F(FirstProcessTest, SaysWhichCommandCannotBeRun) {
  plan_.command = {"no-such-program"};
  EXPECT_EQ(Run(""), 127);
  EXPECT_THAT(Read("stderr"), HasSubstr("no-such-program"));
  plan_.command = {"/etc/passwd"};
  EXPECT_EQ(Run(""), 126);
}

TEST_F(FirstProcessTest, TheCommandHasTheEnvironmentThatIsMeantForIt) {
  ASSERT_EQ(setenv("HOMEPORT_CREDENTIAL_FILE", "/secret", 1), 0);
  EXPECT_EQ(Run("env > $FOLDER/env"), 0);
  EXPECT_THAT(Read("env"), HasSubstr("FOLDER="));
  EXPECT_THAT(Read("env"), Not(HasSubstr("HOMEPORT")));
  unsetenv("HOMEPORT_CREDENTIAL_FILE");
}

TEST_F(FirstProcessTest, SignalsReachTheCommand) {
  Start(
      "trap 'echo usr1 >> $FOLDER/got' USR1; trap 'echo term >> $FOLDER/got; exit 5' TERM;"
      "echo up > $FOLDER/got; while :; do sleep 0.01; done");
  Await("got", "up");
  kill(pid_, SIGUSR1);
  Await("got", "usr1");
  kill(pid_, SIGTERM);
  EXPECT_EQ(End(), 5);
}

TEST_F(FirstProcessTest, TheAgentIsToldThatTheContainerEnds) {
  Start("trap '' TERM; echo up > $FOLDER/got; until [ -e $FOLDER/over ]; do sleep 0.01; done");
  Await("got", "up");
  Await("notes", "agent");
  kill(pid_, SIGTERM);
  Await("notes", "agent was told");
  Note("still here");
  std::ofstream(folder_ + "/over") << "x";
  EXPECT_EQ(End(), 0);
  EXPECT_THAT(Read("notes"), HasSubstr("still here\nagent was told\n"));
}

TEST_F(FirstProcessTest, AnAgentThatDoesNotEndIsEnded) {
  plan_.agent = [this] {
    signal(SIGTERM, SIG_IGN);
    signal(SIGINT, SIG_IGN);
    Note(absl::StrCat("pid ", getpid(), " "));
    for (;;) pause();
    return 0;
  };
  plan_.agent_grace = absl::Milliseconds(50);
  Start("until [ -s $FOLDER/notes ]; do sleep 0.01; done");
  EXPECT_EQ(End(), 0);
  const pid_t agent = std::stoi(Read("notes").substr(4));
  EXPECT_EQ(kill(agent, 0), -1);
  EXPECT_EQ(errno, ESRCH);
}

TEST_F(FirstProcessTest, TheAgentIsStartedAgain) {
  plan_.agent = [this] {
    Note("started");
    return 3;
  };
  EXPECT_EQ(
      Run("until [ \"$(grep -c started $FOLDER/notes)\" -ge 3 ]; do sleep 0.01; done; exit 6"), 6);
}

TEST_F(FirstProcessTest, WithoutACommandItEndsWithTheAgent) {
  Start("");
  Await("notes", "agent");
  kill(pid_, SIGTERM);
  Await("notes", "agent was told");
  kill(pid_, SIGINT);
  EXPECT_EQ(End(), 7);
}

TEST_F(FirstProcessTest, ProcessesWithoutParentsAreCollected) {
  // The inner shell's child is nobody's when the shell ends.
  Start(
      "sh -c 'sleep 0.05 & echo $! > $FOLDER/orphan'; read pid < $FOLDER/orphan;"
      "while [ -e /proc/$pid ]; do sleep 0.01; done; exit 4");
  EXPECT_EQ(End(), 4);
}

TEST_F(FirstProcessTest, TheCommandKeepsTheUsualSignals) {
  EXPECT_EQ(Run("grep -E 'Sig(Blk|Ign)' /proc/self/status > $FOLDER/signals"), 0);
  EXPECT_THAT(Read("signals"), HasSubstr("SigBlk:\t0000000000000000"));
}

}  // namespace
}  // namespace homeport::agent
