// Processes that stand for sshd and its sessions.
#include "agent/key_socket/forwarded_agent.h"

#include <signal.h>
#include <stdlib.h>  // NOLINT: mkdtemp is not in <cstdlib>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "agent/unix_listener.h"
#include "gtest/gtest.h"

namespace homeport::agent {
namespace {

class ForwardedAgentTest : public testing::Test {
 protected:
  ForwardedAgentTest() {
    char pattern[] = "/tmp/ssh-XXXXXXXXXX";
    folder_ = mkdtemp(pattern);
  }
  ~ForwardedAgentTest() override {
    if (sshd_ > 0) kill(-sshd_, SIGKILL);
    while (waitpid(-1, nullptr, 0) > 0) {
    }
    std::filesystem::remove_all(folder_);
  }
  // An sshd that listens for a forwarded agent and has a session; returns the session's process.
  pid_t StartSshd(const std::string& socket_name) {
    int ready[2];
    EXPECT_EQ(pipe(ready), 0);
    sshd_ = fork();
    if (sshd_ == 0) {
      setpgid(0, 0);
      const auto listener = UnixListener::Create(absl::StrCat(
          folder_, "/", socket_name == "agent." ? absl::StrCat("agent.", getpid()) : socket_name));
      const pid_t session = fork();
      if (session == 0) {
        while (true) pause();
      }
      if (!listener.ok() || write(ready[1], &session, sizeof(session)) < 0) _exit(1);
      while (true) pause();
    }
    pid_t session = 0;
    EXPECT_EQ(read(ready[0], &session, sizeof(session)), static_cast<ssize_t>(sizeof(session)));
    close(ready[0]);
    close(ready[1]);
    return session;
  }

  std::string folder_;
  pid_t sshd_ = 0;
};

TEST_F(ForwardedAgentTest, IsFoundFromItsSessionAndFromNowhereElse) {
  const pid_t session = StartSshd("agent.");
  EXPECT_TRUE(ConnectForwardedAgent(session).valid());
  EXPECT_FALSE(ConnectForwardedAgent(sshd_).valid());
  EXPECT_FALSE(ConnectForwardedAgent(getpid()).valid());
  EXPECT_FALSE(ConnectForwardedAgent(1).valid());
  EXPECT_FALSE(ConnectForwardedAgent(0).valid());
  EXPECT_FALSE(ConnectForwardedAgent(-1).valid());
}

TEST_F(ForwardedAgentTest, OtherSocketsOfAncestorsAreNone) {
  EXPECT_FALSE(ConnectForwardedAgent(StartSshd("control")).valid());
}

TEST_F(ForwardedAgentTest, SocketsOfThisProcessAreItsOwnSessions) {
  const auto listener = UnixListener::Create(absl::StrCat(folder_, "/agent.", getpid()));
  ASSERT_TRUE(listener.ok());
  EXPECT_FALSE(ConnectForwardedAgent(StartSshd("other")).valid());
}

}  // namespace
}  // namespace homeport::agent
