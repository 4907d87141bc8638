// A person at a pseudo terminal: what they see, and how the terminal is left.
#include "cli/terminal_prompt.h"

#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <string>

#include "base/unique_fd.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace homeport {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr int kPatienceMs = 10000;

// A program with a terminal of its own; `main` is its whole life.
class AtTerminal {
 public:
  explicit AtTerminal(int (*main)()) {
    int master = -1;
    pid_ = forkpty(&master, nullptr, nullptr, nullptr);
    if (pid_ == 0) _exit(main());
    master_.Reset(master);
  }
  ~AtTerminal() {
    if (pid_ > 0) kill(pid_, SIGKILL);
    if (pid_ > 0) waitpid(pid_, nullptr, 0);
  }

  // Reads until `text` was seen.
  bool See(const std::string& text) {
    while (seen_.find(text) == std::string::npos) {
      pollfd entry = {master_.get(), POLLIN, 0};
      char buffer[256];
      if (poll(&entry, 1, kPatienceMs) <= 0) return false;
      const ssize_t n = read(master_.get(), buffer, sizeof(buffer));
      if (n <= 0) return false;
      seen_.append(buffer, static_cast<size_t>(n));
    }
    return true;
  }
  void Type(const std::string& text) {
    EXPECT_EQ(write(master_.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  bool Echoes() const {
    termios attributes = {};
    return tcgetattr(master_.get(), &attributes) == 0 && (attributes.c_lflag & ECHO) != 0;
  }
  // The status for waitpid's macros.
  int Wait() {
    int status = -1;
    waitpid(pid_, &status, 0);
    pid_ = -1;
    return status;
  }
  const std::string& seen() const { return seen_; }

 private:
  pid_t pid_ = -1;
  UniqueFd master_;
  std::string seen_;
};

int AskForSecret() {
  const absl::StatusOr<std::string> secret = AskSecret("Password:");
  return secret.ok() && *secret == "correct horse" ? 0 : 3;
}

TEST(TerminalPromptTest, ASecretIsNotShown) {
  AtTerminal person(AskForSecret);
  ASSERT_TRUE(person.See("Password: "));
  EXPECT_FALSE(person.Echoes());
  person.Type("correct horse\n");
  ASSERT_TRUE(person.See("\n"));
  const int status = person.Wait();
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  EXPECT_TRUE(person.Echoes());
  EXPECT_THAT(person.seen(), Not(HasSubstr("horse")));
}

TEST(TerminalPromptTest, CtrlCGivesTheEchoBackAndEnds) {
  AtTerminal person(AskForSecret);
  ASSERT_TRUE(person.See("Password: "));
  EXPECT_FALSE(person.Echoes());
  person.Type("corr\x03");
  const int status = person.Wait();
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT) << status;
  EXPECT_TRUE(person.Echoes());
}

TEST(TerminalPromptTest, YesIsYesAndAllElseIsNo) {
  const auto ask = [] {
    const absl::StatusOr<bool> answer = AskYesNo("Go on?");
    return answer.ok() ? (*answer ? 10 : 20) : 30;
  };
  for (const auto& [typed, expected] :
       {std::pair{"yes\n", 10}, {"Y\n", 10}, {"\n", 20}, {"yellow\n", 20}, {"\x04", 30}}) {
    AtTerminal person(ask);
    ASSERT_TRUE(person.See("Go on? [y/N] "));
    person.Type(typed);
    const int status = person.Wait();
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == expected) << typed << status;
  }
}

TEST(TerminalPromptTest, WithoutATerminalNobodyIsAsked) {
  const pid_t child = fork();
  if (child == 0) {
    setsid();
    _exit(absl::IsFailedPrecondition(AskSecret("Password:").status()) ? 0 : 1);
  }
  int status = -1;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

}  // namespace
}  // namespace homeport
