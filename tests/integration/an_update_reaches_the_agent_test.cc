// What a site manager changes about a provider, or an owner about a workspace, reaches the
// workspace's agent at once, and what an agent says of itself is shown. The agent is the test's
// own, so that its stream can be read.
#include <chrono>
#include <memory>

#include "base/file.h"
#include "gmock/gmock.h"
#include "nlohmann/json.hpp"
#include "proto/homeport/v1/agent.grpc.pb.h"
#include "rpc/bearer_token.h"
#include "rpc/channel.h"
#include "tests/integration/world.h"

namespace homeport::story {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::chrono::seconds kDeadline{30};

class AnUpdate : public testing::Test {
 protected:
  void SetUp() override {
    world_.coordinator_flags = {"--url", "https://coder.example"};
    ASSERT_NO_FATAL_FAILURE(world_.StartCoordinator());
    ASSERT_NO_FATAL_FAILURE(world_.AddUser("demo"));
    ASSERT_EQ(world_.Homeport({"providers", "create", "local"}).status, 0);
    const Result made = world_.Homeport({"workspaces", "create", "demo/dev", "--provider", "local",
                                         "--credential-file", world_.CredentialFile("dev"),
                                         "--image-uri", "codercom/enterprise-base:ubuntu"});
    ASSERT_EQ(made.status, 0) << made.err;
    const auto channel = MakeChannel(world_.address("grpc"), world_.state_folder + "/ca.pem");
    ASSERT_TRUE(channel.ok()) << channel.status();
    stub_ = v1::AgentService::NewStub(*channel);
    AddBearerToken(context_, *ReadSecretFile(world_.CredentialFile("dev")));
    context_.set_deadline(std::chrono::system_clock::now() + kDeadline);
    stream_ = stub_->Connect(&context_);
    v1::ConnectAgentRequest message;
    message.mutable_hello()->set_os_user("coder");
    message.mutable_hello()->set_version("1.2.3");
    ASSERT_TRUE(stream_->Write(message));
    settings_ = Read().welcome().settings();
  }
  ~AnUpdate() override {
    if (stream_ == nullptr) return;
    context_.TryCancel();
    stream_->Finish();
  }

  v1::ConnectAgentResponse Read() {
    v1::ConnectAgentResponse message;
    EXPECT_TRUE(stream_->Read(&message)) << "the stream ended, or nothing came in time";
    return message;
  }
  Result Sign() {
    grpc::ClientContext context;
    AddBearerToken(context, *ReadSecretFile(world_.CredentialFile("dev")));
    context.set_deadline(std::chrono::system_clock::now() + kDeadline);
    v1::SignForWorkspaceResponse response;
    const grpc::Status status = stub_->SignForWorkspace(&context, {}, &response);
    return {status.error_code(), "", status.error_message()};
  }

  World world_;
  std::unique_ptr<v1::AgentService::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<v1::ConnectAgentRequest, v1::ConnectAgentResponse>>
      stream_;
  v1::WorkspaceSettings settings_;
};

TEST_F(AnUpdate, ReachesTheAgentAtOnce) {
  EXPECT_EQ(settings_.image_uri(), "codercom/enterprise-base:ubuntu");
  EXPECT_EQ(settings_.url(), "https://coder.example");
  EXPECT_TRUE(settings_.key_socket());
  // By its owner.
  const Result updated = world_.HomeportAs(
      "demo", {"workspaces", "update", "dev", "--image-tag", "ubuntu", "--backend", "openssh"});
  ASSERT_EQ(updated.status, 0) << updated.err;
  EXPECT_THAT(updated.out, ContainsRegex("backend +openssh alone"));
  settings_ = Read().settings();
  EXPECT_EQ(settings_.image_uri(), "codercom/enterprise-base:ubuntu") << "what is not named stays";
  EXPECT_EQ(settings_.image_tag(), "ubuntu");
  EXPECT_EQ(settings_.pinned_backend(), v1::BACKEND_KIND_OPENSSH);
  const Result emptied = world_.HomeportAs(
      "demo", {"workspaces", "update", "dev", "--image-tag", "", "--backend", "auto"});
  ASSERT_EQ(emptied.status, 0) << emptied.err;
  settings_ = Read().settings();
  EXPECT_EQ(settings_.image_tag(), "");
  EXPECT_EQ(settings_.pinned_backend(), v1::BACKEND_KIND_UNSPECIFIED);
  // By the site manager, for all workspaces of the provider; by nobody else.
  EXPECT_EQ(
      world_.HomeportAs("demo", {"providers", "update", "local", "--key-socket", "off"}).status,
      77);
  const Result off = world_.Homeport({"providers", "update", "local", "--key-socket", "off"});
  ASSERT_EQ(off.status, 0) << off.err;
  EXPECT_FALSE(Read().settings().key_socket());
}

TEST_F(AnUpdate, WithAWrongValueChangesNothingAndSaysWhy) {
  for (const Words& wrong : {Words{"--base-path", "ide"}, Words{"--image-digest", "latest"},
                             Words{"--backend", "telnet"}, Words{"--gallery-item-url", "ftp://x"},
                             Words{"--image-uri", "a\nLD_PRELOAD=b"}, Words{}}) {
    Words words = {"workspaces", "update", "dev"};
    words.insert(words.end(), wrong.begin(), wrong.end());
    const Result refused = world_.HomeportAs("demo", words);
    EXPECT_EQ(refused.status, 64) << refused.err;
    EXPECT_NE(refused.err, "");
  }
  const Result shown = world_.HomeportAs("demo", {"workspaces", "show", "dev"});
  EXPECT_THAT(shown.out, ContainsRegex("image +codercom/enterprise-base:ubuntu\n"));
  EXPECT_THAT(shown.out, Not(HasSubstr("base path")));
}

TEST_F(AnUpdate, OfTheKeySocketIsRefusedOnTheRecord) {
  ASSERT_EQ(world_.Homeport({"providers", "update", "local", "--key-socket", "off"}).status, 0);
  const Result refused = Sign();
  EXPECT_EQ(refused.status, grpc::PERMISSION_DENIED);
  EXPECT_THAT(refused.err, HasSubstr("switched off"));
  const Result audit =
      world_.Homeport({"audit", "list", "--target", "users/demo/workspaces/dev", "--limit", "5"});
  ASSERT_EQ(audit.status, 0) << audit.err;
  EXPECT_THAT(audit.out, HasSubstr("key_socket.refuse  users/demo/workspaces/dev/agent"));
  const auto json = nlohmann::json::parse(
      world_.Homeport({"audit", "list", "--action", "key_socket.", "--output", "json"}).out);
  ASSERT_EQ(json.size(), 1u);
  EXPECT_EQ(json[0].at("action"), "key_socket.refuse");
  EXPECT_EQ(nlohmann::json::parse(json[0].at("detail").get<std::string>()).at("kind"), "other");
  EXPECT_EQ(
      world_.Homeport({"audit", "list", "--action", "key_socket.sign", "--output", "json"}).out,
      "[]\n");
  EXPECT_EQ(world_.HomeportAs("demo", {"audit", "list"}).status, 77);
}

}  // namespace
}  // namespace homeport::story
