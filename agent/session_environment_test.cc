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

TEST(SessionEnvironmentTest, WhatTheClientSendsComesOnce) {
  EnvironmentSources sources;
  sources.from_client = {{"LANG", "de_DE.UTF-8"}, {"LANG", "fr_FR.UTF-8"}};
  EXPECT_THAT(MakeEnvironment(sources, kAccount),
              ::testing::UnorderedElementsAre("LOGNAME=ada", "LANG=fr_FR.UTF-8"));
}

TEST(SessionEnvironmentTest, WhereTheUserComesFromIsSaidAsSshdSaysIt) {
  EnvironmentSources sources;
  EXPECT_THAT(MakeEnvironment(sources, kAccount), Not(Contains(StartsWith("SSH_"))));
  sources.endpoints = ParseEndpoints("192.0.2.1:50000", "[2001:db8::2]:2222");
  const std::vector<std::string> environment = MakeEnvironment(sources, kAccount);
  EXPECT_THAT(environment, Contains("SSH_CONNECTION=192.0.2.1 50000 2001:db8::2 2222"));
  EXPECT_THAT(environment, Contains("SSH_CLIENT=192.0.2.1 50000 2222"));
}

TEST(SessionEnvironmentTest, ForwardsAreSetOnlyWhenTheyStand) {
  EnvironmentSources sources;
  EXPECT_THAT(MakeEnvironment(sources, kAccount), Not(Contains(StartsWith("SSH_AUTH_SOCK="))));
  EXPECT_THAT(MakeEnvironment(sources, kAccount), Not(Contains(StartsWith("DISPLAY="))));
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
