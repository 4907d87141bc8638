#include "agent/session_environment.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace homeport::agent {
namespace {

using ::testing::Contains;
using ::testing::Not;
using ::testing::StartsWith;

const Account kAccount = {"ada", "/home/ada", "/bin/zsh", false};

TEST(SessionEnvironmentTest, AcceptsLocalesOnly) {
  for (const char* name : {"LANG", "LC_ALL", "LC_CTYPE", "LC_my_9"}) {
    EXPECT_TRUE(AcceptsVariable(name)) << name;
  }
  for (const char* name : {"", "LC_", "LANGUAGE", "PATH", "LD_PRELOAD", "BASH_ENV", "LC_A=B",
                           "LC_\n", "TERM", "lang"}) {
    EXPECT_FALSE(AcceptsVariable(name)) << name;
  }
}

TEST(SessionEnvironmentTest, TheAccountsVariablesWinAndEachComesOnce) {
  EnvironmentSources sources;
  sources.inherited = {"USER=root", "HOME=/", "LANG=C", "LANG=C.UTF-8", "A=b=c", "odd"};
  sources.from_client = {{"LANG", "de_DE.UTF-8"}, {"LANG", "fr_FR.UTF-8"}};
  EXPECT_THAT(MakeEnvironment(sources, kAccount),
              ::testing::UnorderedElementsAre("USER=ada", "LOGNAME=ada", "HOME=/home/ada",
                                              "SHELL=/bin/zsh", "LANG=fr_FR.UTF-8", "A=b=c",
                                              "PATH=/usr/local/bin:/usr/bin:/bin"));
}

TEST(SessionEnvironmentTest, NothingOfHomeportsOrOfWhoStartedTheAgentPasses) {
  EnvironmentSources sources;
  sources.inherited = {"HOMEPORT_CREDENTIAL_FILE=/x",
                       "HOMEPORT_COORDINATOR=c:1",
                       "SSH_CONNECTION=1 2 3 4",
                       "SSH_TTY=/dev/pts/9",
                       "TERM=xterm",
                       "NOTIFY_SOCKET=/run/n",
                       "PATH=/opt/bin"};
  const std::vector<std::string> environment = MakeEnvironment(sources, kAccount);
  for (const char* start : {"HOMEPORT_", "SSH_", "TERM=", "NOTIFY_SOCKET="}) {
    EXPECT_THAT(environment, Not(Contains(StartsWith(start)))) << start;
  }
  EXPECT_THAT(environment, Contains("PATH=/opt/bin"));
}

TEST(SessionEnvironmentTest, WhereTheUserComesFromIsSaidAsSshdSaysIt) {
  EnvironmentSources sources;
  EXPECT_THAT(MakeEnvironment(sources, kAccount), Not(Contains(StartsWith("SSH_"))));
  sources.endpoints = ParseEndpoints("192.0.2.1:50000", "[2001:db8::2]:2222");
  const std::vector<std::string> environment = MakeEnvironment(sources, kAccount);
  EXPECT_THAT(environment, Contains("SSH_CONNECTION=192.0.2.1 50000 2001:db8::2 2222"));
  EXPECT_THAT(environment, Contains("SSH_CLIENT=192.0.2.1 50000 2222"));
}

TEST(SessionEnvironmentTest, ForwardsReplaceWhatTheImageHas) {
  EnvironmentSources sources;
  sources.inherited = {"SSH_AUTH_SOCK=/of/who/started/the/agent", "DISPLAY=:1"};
  EXPECT_THAT(MakeEnvironment(sources, kAccount), Contains("DISPLAY=:1"));
  EXPECT_THAT(MakeEnvironment(sources, kAccount), Not(Contains(StartsWith("SSH_AUTH_SOCK="))));
  sources.agent_socket = "/tmp/ssh-x/agent.1";
  sources.display = "localhost:10.0";
  EXPECT_THAT(MakeEnvironment(sources, kAccount), Contains("SSH_AUTH_SOCK=/tmp/ssh-x/agent.1"));
  EXPECT_THAT(MakeEnvironment(sources, kAccount), Contains("DISPLAY=localhost:10.0"));
}

TEST(SessionEnvironmentTest, ATerminalHasATypeAndADevice) {
  EnvironmentSources sources;
  sources.terminal_type = "screen";
  sources.tty = "/dev/pts/3";
  const std::vector<std::string> environment = MakeEnvironment(sources, kAccount);
  EXPECT_THAT(environment, Contains("TERM=screen"));
  EXPECT_THAT(environment, Contains("SSH_TTY=/dev/pts/3"));
}

}  // namespace
}  // namespace homeport::agent
