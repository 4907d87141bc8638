// What is taken away reaches those who are connected, over real streams: they are told, and whoever
// took it away waits until they have acted.
#include <chrono>
#include <future>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_split.h"
#include "base/ssh_wire.h"
#include "coordinator/keys/ed25519_key_pair.h"
#include "coordinator/test_world.h"
#include "gmock/gmock.h"

namespace homeport {
namespace {

using ::testing::HasSubstr;

class RevokingTest : public ::testing::Test {
 protected:
  RevokingTest() {
    world_.MakeProvider();
    demo_ = world_.MakeUser("demo");
    dev_ = world_.MakeWorkspace("demo", "dev");
    const std::vector<std::string> parts = absl::StrSplit(demo_.public_key(), ' ');
    EXPECT_TRUE(absl::Base64Unescape(parts.at(1), &key_));
  }

  std::unique_ptr<TestAgent> ConnectAgent() {
    auto agent = world_.OpenAgent(dev_.credential());
    v1::ConnectAgentRequest hello;
    hello.mutable_hello()->set_os_user("coder");
    v1::Backend* backend = hello.mutable_hello()->mutable_status()->add_backends();
    backend->set_kind(v1::BACKEND_KIND_EMBEDDED);
    backend->add_host_keys(Ed25519KeyPair::Generate().PublicKeyBlob());
    EXPECT_TRUE(agent->Write(hello));
    EXPECT_TRUE(agent->Read().has_welcome());
    return agent;
  }
  std::unique_ptr<TestProxy> ConnectProxy(const std::string& session = "") {
    auto proxy = world_.OpenProxy(world_.proxy_token());
    v1::ConnectProxyRequest hello;
    hello.mutable_hello()->set_replica("r1");
    if (!session.empty()) {
      v1::LiveSession& live = *hello.mutable_hello()->add_sessions();
      live.set_session_id(session);
      live.set_user("users/demo");
      live.set_workspace("users/demo/workspaces/dev");
      live.set_public_key(key_);
    }
    EXPECT_TRUE(proxy->Write(hello));
    EXPECT_TRUE(proxy->Read().has_welcome());
    return proxy;
  }
  v1::OpenSessionResponse Open(const std::string& session_identifier = "") {
    v1::OpenSessionRequest request;
    request.set_login_name("dev");
    request.set_public_key(key_);
    request.set_client_address("192.0.2.1:1234");
    request.set_client_version("SSH-2.0-test");
    request.set_tunnel_address("127.0.0.1:9");
    request.set_ticket(std::string(32, 't'));
    request.set_replica("r1");
    request.set_session_identifier(session_identifier);
    v1::OpenSessionResponse response;
    const absl::Status status = world_.OpenSession(request, response);
    EXPECT_TRUE(status.ok()) << status;
    return response;
  }
  // Switches one of the provider's features; the answer is there when the call has returned.
  std::future<v1::Provider> Switch(const std::string& feature, bool on) {
    return std::async(std::launch::async, [this, feature, on] {
      v1::UpdateProviderRequest request;
      request.mutable_provider()->set_name("providers/local");
      v1::ProviderFeatures& features = *request.mutable_provider()->mutable_features();
      features.GetReflection()->SetBool(&features,
                                        features.GetDescriptor()->FindFieldByName(feature), on);
      request.mutable_update_mask()->add_paths("features." + feature);
      v1::Provider provider;
      const absl::Status status =
          world_.Call(world_.admin(), &v1::AdminService::Stub::UpdateProvider, world_.admin_token(),
                      request, provider);
      EXPECT_TRUE(status.ok()) << status;
      return provider;
    });
  }
  static bool IsBusy(const std::future<v1::Provider>& call) {
    return call.wait_for(std::chrono::milliseconds(100)) == std::future_status::timeout;
  }
  static v1::ConnectProxyRequest Acted(int64_t order, int sessions) {
    v1::ConnectProxyRequest message;
    message.mutable_acted()->set_order(order);
    message.mutable_acted()->set_sessions(sessions);
    return message;
  }
  static v1::ConnectAgentRequest Applied(int64_t revision) {
    v1::ConnectAgentRequest message;
    message.mutable_applied()->set_revision(revision);
    return message;
  }
  std::vector<v1::AuditEntry> Audit(const std::string& action) {
    v1::ListAuditEntriesRequest request;
    request.set_action(action);
    v1::ListAuditEntriesResponse response;
    const absl::Status status =
        world_.Call(world_.admin(), &v1::AdminService::Stub::ListAuditEntries, world_.admin_token(),
                    request, response);
    EXPECT_TRUE(status.ok()) << status;
    return {response.audit_entries().begin(), response.audit_entries().end()};
  }

  TestWorld world_;
  v1::User demo_;
  v1::Workspace dev_;
  std::string key_;
};

TEST_F(RevokingTest, SwitchingSshOffWaitsForProxiesAndAgents) {
  auto proxy = ConnectProxy();
  auto agent = ConnectAgent();
  const v1::OpenSessionResponse opened = Open();
  ASSERT_TRUE(opened.has_granted()) << opened.DebugString();
  EXPECT_TRUE(opened.granted().policy().port_forwarding());
  const v1::Dial dial = agent->Read().dial();
  EXPECT_EQ(dial.public_key(), key_);

  std::future<v1::Provider> call = Switch("external_connect", false);
  const v1::EndSessions end = proxy->Read().end_sessions();
  ASSERT_EQ(end.session_ids_size(), 1);
  EXPECT_EQ(end.session_ids(0), dial.session_id());
  EXPECT_EQ(end.message(),
            "SSH was disabled on this workspace: External Connect was switched off for its "
            "provider local.");
  EXPECT_TRUE(IsBusy(call));
  ASSERT_TRUE(proxy->Write(Acted(end.order(), 1)));
  const v1::ConnectAgentResponse told = agent->Read();
  EXPECT_TRUE(told.settings().external_connect_off()) << told.DebugString();
  EXPECT_TRUE(IsBusy(call));
  ASSERT_TRUE(agent->Write(Applied(told.revision() + 1)));  // something else
  ASSERT_TRUE(agent->Write(Applied(told.revision())));
  const v1::Effect effect = call.get().effect();
  EXPECT_EQ(effect.ended_sessions(), 1);
  EXPECT_EQ(effect.laggards_size(), 0) << effect.DebugString();

  EXPECT_THAT(Open().refused().message(),
              ::testing::StartsWith("SSH is disabled on this workspace"));
  EXPECT_EQ(Audit("session.refuse").size(), 1U);
}

TEST_F(RevokingTest, WhoDoesNotAnswerIsNamed) {
  auto proxy = ConnectProxy();
  auto agent = ConnectAgent();
  ASSERT_TRUE(Open().has_granted());
  const v1::Effect effect = Switch("external_connect", false).get().effect();
  EXPECT_EQ(effect.ended_sessions(), 0);
  ASSERT_EQ(effect.laggards_size(), 2) << effect.DebugString();
  EXPECT_EQ(effect.laggards(0).name(), "proxies/r1");
  EXPECT_EQ(effect.laggards(1).name(), "users/demo/workspaces/dev/agent");
  EXPECT_EQ(effect.laggards(1).reason(), "It has not answered in time.");
}

TEST_F(RevokingTest, WhoGoesAwayIsNotWaitedFor) {
  auto proxy = ConnectProxy();
  auto agent = ConnectAgent();
  ASSERT_TRUE(Open().has_granted());
  std::future<v1::Provider> call = Switch("external_connect", false);
  EXPECT_TRUE(proxy->Read().has_end_sessions());
  (void)proxy->Finish(true);
  agent->Read();  // the dial
  const v1::ConnectAgentResponse told = agent->Read();
  ASSERT_TRUE(agent->Write(Applied(told.revision())));
  const v1::Effect effect = call.get().effect();
  ASSERT_EQ(effect.laggards_size(), 1) << effect.DebugString();
  EXPECT_EQ(effect.laggards(0).reason(), "Its connection was lost before it had acted.");
  // When it comes back with the session, it is told again.
  auto back = ConnectProxy(std::string(32, 'a'));
  EXPECT_EQ(back->Read().end_sessions().session_ids(0), std::string(32, 'a'));
}

TEST_F(RevokingTest, AFeatureLessChangesLiveSessions) {
  auto proxy = ConnectProxy();
  auto agent = ConnectAgent();
  const v1::OpenSessionResponse opened = Open();
  std::future<v1::Provider> call = Switch("agent_forwarding", false);
  const v1::ConnectProxyResponse told = proxy->Read();
  ASSERT_TRUE(told.has_change_policy()) << told.DebugString();
  EXPECT_EQ(told.change_policy().session_ids(0), opened.granted().session_id());
  EXPECT_FALSE(told.change_policy().policy().agent_forwarding());
  EXPECT_TRUE(told.change_policy().policy().file_transfer());
  ASSERT_TRUE(proxy->Write(Acted(told.change_policy().order(), 1)));
  agent->Read();  // the dial
  ASSERT_TRUE(agent->Write(Applied(agent->Read().revision())));
  EXPECT_EQ(call.get().effect().ended_sessions(), 0);
  EXPECT_FALSE(Open().granted().policy().agent_forwarding());
}

TEST_F(RevokingTest, SessionsAreRecorded) {
  auto proxy = ConnectProxy();
  auto agent = ConnectAgent();
  const v1::OpenSessionResponse opened = Open();
  ASSERT_TRUE(opened.has_granted());
  const std::vector<v1::AuditEntry> started = Audit("session.start");
  ASSERT_EQ(started.size(), 1U);
  EXPECT_EQ(started[0].actor(), "users/demo");
  EXPECT_EQ(started[0].target(), "users/demo/workspaces/dev");
  EXPECT_EQ(started[0].address(), "192.0.2.1:1234");
  EXPECT_THAT(started[0].detail(), HasSubstr("\"key_name\":\"assigned\""));
  EXPECT_THAT(started[0].detail(), HasSubstr("SSH-2.0-test"));

  v1::ConnectProxyRequest over;
  v1::SessionEnded& ended = *over.mutable_session_ended();
  ended.set_session_id(opened.granted().session_id());
  ended.set_reason("disconnected by user");
  ended.mutable_traffic()->set_bytes_to_user(17);
  ended.mutable_traffic()->add_channels()->set_kind(v1::CHANNEL_KIND_EXEC);
  ended.mutable_traffic()->mutable_channels(0)->set_total(2);
  ASSERT_TRUE(proxy->Write(over));
  std::vector<v1::AuditEntry> ends;
  const absl::Time deadline = absl::Now() + absl::Seconds(10);
  while (ends.empty() && absl::Now() < deadline) ends = Audit("session.end");
  ASSERT_EQ(ends.size(), 1U);
  EXPECT_THAT(ends[0].detail(), HasSubstr("\"bytes_to_user\":17"));
  EXPECT_THAT(ends[0].detail(), HasSubstr("\"exec\":2"));
  EXPECT_THAT(ends[0].detail(), HasSubstr("disconnected by user"));
}

TEST_F(RevokingTest, AnUnknownKeyIsRecordedButNotWithoutEnd) {
  v1::OpenSessionRequest request;
  request.set_login_name("dev");
  request.set_public_key(Ed25519KeyPair::Generate().PublicKeyBlob());
  request.set_client_address("192.0.2.9:1");
  request.set_tunnel_address("127.0.0.1:9");
  request.set_ticket(std::string(32, 't'));
  request.set_replica("r1");
  v1::OpenSessionResponse response;
  for (int i = 0; i < 60; ++i) {
    EXPECT_TRUE(absl::IsUnauthenticated(world_.OpenSession(request, response)));
  }
  const size_t lines = Audit("session.refuse").size();
  EXPECT_GE(lines, 20U);
  EXPECT_LT(lines, 50U);
}

TEST_F(RevokingTest, WhatAKeySocketSignedDoesNotOpenTheFrontDoor) {
  auto agent = ConnectAgent();
  const std::string identifier(32, 'i');
  v1::SignForWorkspaceRequest request;
  request.set_public_key(key_);
  request.set_data(WireWriter()
                       .String(identifier)
                       .Byte(50)
                       .String("dev")
                       .String("ssh-connection")
                       .String("publickey")
                       .Bool(true)
                       .String("ssh-ed25519")
                       .String(key_)
                       .bytes());
  v1::SignForWorkspaceResponse signature;
  const absl::Status status = world_.Call(world_.agent(), &v1::AgentService::Stub::SignForWorkspace,
                                          dev_.credential(), request, signature);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_THAT(Open(identifier).refused().message(),
              HasSubstr("A workspace may not sign in to the front door"));
  EXPECT_TRUE(Open(std::string(32, 'j')).has_granted());
}

// Of sessions that are asked for while SSH is switched off none is left that nobody ends.
TEST_F(RevokingTest, NoSessionSlipsThrough) {
  auto proxy = ConnectProxy();
  auto agent = ConnectAgent();
  std::vector<std::future<v1::OpenSessionResponse>> opening;
  for (int i = 0; i < 3; ++i) {
    opening.push_back(std::async(std::launch::async, [this] { return Open(); }));
  }
  std::future<v1::Provider> call = Switch("external_connect", false);
  std::set<std::string> granted;
  for (auto& answer : opening) {
    const v1::OpenSessionResponse response = answer.get();
    if (response.has_granted()) granted.insert(response.granted().session_id());
  }
  call.wait();
  std::set<std::string> ended;
  while (ended.size() < granted.size()) {
    const v1::ConnectProxyResponse message = proxy->Read();
    if (!message.has_end_sessions()) break;
    for (const std::string& id : message.end_sessions().session_ids()) {
      if (granted.count(id) > 0) ended.insert(id);
    }
  }
  EXPECT_EQ(ended, granted);
}

}  // namespace
}  // namespace homeport
