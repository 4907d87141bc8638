#include "agent/workspace_environment.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace homeport::agent {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

class WorkspaceEnvironmentTest : public ::testing::Test {
 protected:
  WorkspaceEnvironmentTest() {
    facts_.account = {"coder", "/home/coder", "/bin/bash", false};
    facts_.hostname = "dev";
    facts_.assets_root = "/var/tmp/coder";
    facts_.cpu_millis = 24000;
    facts_.memory_bytes = int64_t{32} << 30;
    v1::WorkspaceSettings& settings = facts_.settings;
    settings.set_user_email("email@coder.com");
    settings.set_workspace_name("dev");
    settings.set_user_name("john");
    settings.set_key_socket(true);
    settings.set_gallery_item_url("https://coder.domain.com/extensions");
    settings.set_image_tag("latest");
    settings.set_image_digest("sha256:1586");
    settings.set_gallery_service_url("https://extensions.coder.com/api");
    settings.set_image_uri("codercom/enterprise-base:ubuntu");
    settings.set_base_path("/proxy/workspaces/60162f9e/ide");
    settings.set_workspace_id("w-1");
    settings.set_url("https://coder.domain.com");
  }
  std::vector<std::string> Lines() const { return MakeWorkspaceEnvironment(facts_).lines; }

  WorkspaceFacts facts_;
};

TEST_F(WorkspaceEnvironmentTest, IsAsPeopleKnowIt) {
  facts_.image = {"PATH=/usr/local/sbin:/usr/bin", "LANG=en_US.UTF-8", "GOPATH=/go", "A=1"};
  const std::vector<std::string> expected = {
      "SHELL=/bin/bash",
      "CODER_USER_EMAIL=email@coder.com",
      "CODER_WORKSPACE_NAME=dev",
      "HOSTNAME=dev",
      "CODER_USERNAME=john",
      "SSH_AUTH_SOCK=/home/coder/.coder-ssh-agent.sock",
      "PWD=/home/coder",
      "CODER_ASSETS_ROOT=/var/tmp/coder",
      "HOME=/home/coder",
      "LANG=en_US.UTF-8",
      "CODER_CPU_LIMIT=24.00",
      "CODER_MEMORY_LIMIT=32.00",
      "USER=coder",
      "ITEM_URL=https://coder.domain.com/extensions",
      "CODER_IMAGE_TAG=latest",
      "CODER_IMAGE_DIGEST=sha256:1586",
      "SERVICE_URL=https://extensions.coder.com/api",
      "CODER_IMAGE_URI=codercom/enterprise-base:ubuntu",
      "PATH=/usr/local/sbin:/usr/bin:/var/tmp/coder/coder-cli",
      "BASE_PATH=/proxy/workspaces/60162f9e/ide",
      "_=/var/tmp/coder/homeport-agent",
      "CODER_WORKSPACE_ID=w-1",
      "CODER_URL=https://coder.domain.com",
      "A=1",
      "GOPATH=/go"};
  EXPECT_THAT(Lines(), ElementsAreArray(expected));
  EXPECT_THAT(MakeWorkspaceEnvironment(facts_).variables, ElementsAreArray(expected));
  EXPECT_THAT(MakeWorkspaceEnvironment(facts_).left_out, IsEmpty());
}

TEST_F(WorkspaceEnvironmentTest, WhatIsNotKnownIsNotSetOrTheImages) {
  facts_.settings.Clear();
  facts_.image = {"ITEM_URL=https://gallery", "SSH_AUTH_SOCK=/of/somebody"};
  facts_.cpu_millis = 0;
  facts_.memory_bytes = 0;
  EXPECT_THAT(Lines(), ElementsAre("SHELL=/bin/bash", "HOSTNAME=dev", "PWD=/home/coder",
                                   "CODER_ASSETS_ROOT=/var/tmp/coder", "HOME=/home/coder",
                                   "LANG=C.UTF-8", "USER=coder",
                                   "PATH=/usr/local/bin:/usr/bin:/bin:/var/tmp/coder/coder-cli",
                                   "_=/var/tmp/coder/homeport-agent", "ITEM_URL=https://gallery"));
}

TEST_F(WorkspaceEnvironmentTest, TheRecordWinsOverTheImage) {
  facts_.image = {"CODER_WORKSPACE_NAME=faked", "HOME=/root", "USER=root", "USER=twice"};
  EXPECT_THAT(Lines(), Contains("CODER_WORKSPACE_NAME=dev"));
  EXPECT_THAT(Lines(), Contains("HOME=/home/coder"));
  EXPECT_THAT(Lines(), Contains(StartsWith("USER=")).Times(1));
}

TEST_F(WorkspaceEnvironmentTest, NothingOfHomeportsOrOfWhoStartedTheAgentPasses) {
  facts_.settings.set_key_socket(false);
  facts_.image = {"HOMEPORT_CREDENTIAL_FILE=/x",
                  "HOMEPORT_COORDINATOR=c:1",
                  "TERM=xterm",
                  "SSH_CONNECTION=1 2 3 4",
                  "SSH_TTY=/dev/pts/9",
                  "SSH_AUTH_SOCK=/s",
                  "NOTIFY_SOCKET=/run/n",
                  "odd"};
  const std::vector<std::string> variables = MakeWorkspaceEnvironment(facts_).variables;
  for (const char* start : {"HOMEPORT_", "SSH_", "TERM=", "NOTIFY_SOCKET=", "odd"}) {
    EXPECT_THAT(variables, Not(Contains(StartsWith(start)))) << start;
  }
}

TEST_F(WorkspaceEnvironmentTest, TheCommandFolderIsAppendedOnce) {
  facts_.image = {"PATH=/var/tmp/coder/coder-cli:/bin"};
  EXPECT_THAT(Lines(), Contains("PATH=/var/tmp/coder/coder-cli:/bin"));
  facts_.image = {"PATH=/var/tmp/coder/coder-cli-old"};
  EXPECT_THAT(Lines(), Contains("PATH=/var/tmp/coder/coder-cli-old:/var/tmp/coder/coder-cli"));
}

TEST_F(WorkspaceEnvironmentTest, LimitsHaveTwoDecimals) {
  facts_.cpu_millis = 500;
  facts_.memory_bytes = (int64_t{1} << 30) + (int64_t{1} << 28);
  EXPECT_THAT(Lines(), Contains("CODER_CPU_LIMIT=0.50"));
  EXPECT_THAT(Lines(), Contains("CODER_MEMORY_LIMIT=1.25"));
}

TEST_F(WorkspaceEnvironmentTest, WhatTheFileCannotHoldIsNamed) {
  facts_.image = {"TWO=a\nb",    "#HASH=1",
                  " BLANK=1",    "BASH_FUNC_f%%=() {\n}",
                  "OK=a b#=c\t", "LONG=" + std::string(5000, 'x'),
                  "B\xff=\n",    "=nameless"};
  const WorkspaceEnvironment environment = MakeWorkspaceEnvironment(facts_);
  EXPECT_THAT(environment.lines, Contains("OK=a b#=c\t"));
  EXPECT_THAT(environment.left_out,
              ElementsAre(" BLANK", "#HASH", "BASH_FUNC_f%%", "B\\xff", "TWO"));
  // The embedded server has no such bounds.
  EXPECT_THAT(environment.variables, Contains("TWO=a\nb"));
  for (const std::string& line : environment.lines) {
    EXPECT_EQ(line.find('\n'), std::string::npos);
  }
}

TEST_F(WorkspaceEnvironmentTest, NamesInTheStatusAreBounded) {
  facts_.image = {std::string(5000, '\xff') + "=\n"};
  const WorkspaceEnvironment environment = MakeWorkspaceEnvironment(facts_);
  ASSERT_EQ(environment.left_out.size(), 1u);
  EXPECT_LE(environment.left_out[0].size(), 1024u);
}

}  // namespace
}  // namespace homeport::agent
