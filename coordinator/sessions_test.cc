// Sessions are listed, watched and ended by those who may, over a real server.
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_split.h"
#include "coordinator/keys/ed25519_key_pair.h"
#include "coordinator/test_world.h"
#include "gmock/gmock.h"

namespace homeport {
namespace {

using ::testing::HasSubstr;
using AdminStub = v1::AdminService::Stub;

class SessionsTest : public ::testing::Test {
 protected:
  SessionsTest() {
    world_.MakeProvider();
    demo_ = world_.MakeUser("demo");
    eve_ = world_.MakeUser("eve");
    agent_ = ConnectAgent(world_.MakeWorkspace("demo", "dev").credential());
    proxy_ = world_.OpenProxy(world_.proxy_token());
    v1::ConnectProxyRequest hello;
    hello.mutable_hello()->set_replica("r1");
    EXPECT_TRUE(proxy_->Write(hello));
    EXPECT_TRUE(proxy_->Read().has_welcome());
  }

  std::unique_ptr<TestAgent> ConnectAgent(const std::string& credential) {
    auto agent = world_.OpenAgent(credential);
    v1::ConnectAgentRequest hello;
    hello.mutable_hello()->set_os_user("coder");
    v1::Backend* backend = hello.mutable_hello()->mutable_status()->add_backends();
    backend->set_kind(v1::BACKEND_KIND_EMBEDDED);
    backend->add_host_keys(Ed25519KeyPair::Generate().PublicKeyBlob());
    EXPECT_TRUE(agent->Write(hello));
    EXPECT_TRUE(agent->Read().has_welcome());
    return agent;
  }
  // A session of demo's; its name.
  std::string Open() {
    v1::OpenSessionRequest request;
    request.set_login_name("dev");
    const std::vector<std::string> parts = absl::StrSplit(demo_.public_key(), ' ');
    EXPECT_TRUE(absl::Base64Unescape(parts.at(1), request.mutable_public_key()));
    request.set_client_address("192.0.2.1:1234");
    request.set_client_version("SSH-2.0-test");
    request.set_tunnel_address("127.0.0.1:9");
    request.set_ticket(std::string(32, 't'));
    request.set_replica("r1");
    v1::OpenSessionResponse response;
    const absl::Status status = world_.OpenSession(request, response);
    EXPECT_TRUE(status.ok()) << status;
    return "sessions/" + response.granted().session_id();
  }
  static v1::SessionFilter Of(const std::string& user) {
    v1::SessionFilter filter;
    filter.set_user(user);
    return filter;
  }
  v1::ListSessionsResponse List(const v1::SessionFilter& filter, const std::string& token = "",
                                int size = 0, const std::string& page = "") {
    v1::ListSessionsRequest request;
    *request.mutable_filter() = filter;
    request.set_page_size(size);
    request.set_page_token(page);
    return world_.Admin(&AdminStub::ListSessions, request, token);
  }

  TestWorld world_;
  v1::User demo_, eve_;
  std::unique_ptr<TestAgent> agent_;
  std::unique_ptr<TestProxy> proxy_;
};

TEST_F(SessionsTest, AreListedWithAllThatIsKnown) {
  const std::string name = Open();
  const v1::ListSessionsResponse all = List({});
  ASSERT_EQ(all.sessions_size(), 1);
  const v1::Session& session = all.sessions(0);
  EXPECT_EQ(session.name(), name);
  EXPECT_EQ(session.user(), "users/demo");
  EXPECT_EQ(session.workspace(), "users/demo/workspaces/dev");
  EXPECT_EQ(session.provider(), "providers/local");
  EXPECT_EQ(session.client_address(), "192.0.2.1:1234");
  EXPECT_EQ(session.client_version(), "SSH-2.0-test");
  EXPECT_EQ(session.key_fingerprint(), demo_.key_fingerprint());
  EXPECT_EQ(session.key_name(), "assigned");
  EXPECT_EQ(session.replica(), "r1");
  EXPECT_TRUE(session.opening());
  EXPECT_GT(session.start_time().seconds(), 0);
  EXPECT_EQ(List(Of("users/eve")).sessions_size(), 0);
}

TEST_F(SessionsTest, AreListedInPages) {
  std::vector<std::string> opened = {Open(), Open(), Open()};
  std::vector<std::string> listed;
  std::string page;
  do {
    const v1::ListSessionsResponse part = List({}, "", 2, page);
    for (const v1::Session& session : part.sessions()) listed.push_back(session.name());
    page = part.next_page_token();
  } while (!page.empty() && listed.size() < 10);
  EXPECT_THAT(listed, ::testing::UnorderedElementsAreArray(opened));
}

TEST_F(SessionsTest, OthersAreNobodysBusiness) {
  Open();
  v1::ListSessionsRequest request;
  EXPECT_TRUE(absl::IsPermissionDenied(
      world_.Try(&AdminStub::ListSessions, request, eve_.initial_token())));
  *request.mutable_filter() = Of("users/demo");
  EXPECT_TRUE(
      absl::IsNotFound(world_.Try(&AdminStub::ListSessions, request, eve_.initial_token())));
  EXPECT_EQ(List(Of("users/demo"), demo_.initial_token()).sessions_size(), 1);
  // A workspace of one's own and somebody else as the user: the user counts.
  v1::EndSessionsRequest end;
  *end.mutable_filter() = Of("users/demo");
  end.mutable_filter()->set_workspace("users/eve/workspaces/hers");
  EXPECT_TRUE(absl::IsNotFound(world_.Try(&AdminStub::EndSessions, end, eve_.initial_token())));
  end.clear_filter();
  end.mutable_filter()->set_provider("providers/local");
  EXPECT_TRUE(
      absl::IsPermissionDenied(world_.Try(&AdminStub::EndSessions, end, eve_.initial_token())));
}

TEST_F(SessionsTest, EndWithAReason) {
  const std::string name = Open();
  v1::EndSessionsRequest end;
  EXPECT_TRUE(absl::IsInvalidArgument(world_.Try(&AdminStub::EndSessions, end)))
      << "all sessions must be asked for by name";
  end.mutable_filter()->set_session(name);
  end.set_reason("two\nlines");
  EXPECT_TRUE(absl::IsInvalidArgument(world_.Try(&AdminStub::EndSessions, end)));
  end.set_reason("The cluster moves");
  // The proxy does as it is told while the call waits.
  std::thread carries_out([this] {
    const v1::ConnectProxyResponse order = proxy_->Read();
    EXPECT_EQ(order.end_sessions().message(),
              "A site manager ended this session: The cluster moves.");
    v1::ConnectProxyRequest acted;
    acted.mutable_acted()->set_order(order.end_sessions().order());
    acted.mutable_acted()->set_sessions(1);
    EXPECT_TRUE(proxy_->Write(acted));
  });
  const v1::Effect effect = world_.Admin(&AdminStub::EndSessions, end);
  carries_out.join();
  EXPECT_EQ(effect.laggards_size(), 0);
  EXPECT_EQ(effect.ended_sessions(), 1);
  v1::ListAuditEntriesRequest audit;
  audit.set_action("session.end_order");
  const auto entries = world_.Admin(&AdminStub::ListAuditEntries, audit);
  ASSERT_EQ(entries.audit_entries_size(), 1);
  EXPECT_EQ(entries.audit_entries(0).target(), name);
  EXPECT_THAT(entries.audit_entries(0).detail(), HasSubstr("The cluster moves"));
}

TEST_F(SessionsTest, AreWatched) {
  const std::string before = Open();
  const auto context = MakeContext(world_.admin_token());
  v1::WatchSessionsRequest request;
  const auto stream = world_.admin().WatchSessions(context.get(), request);
  v1::SessionEvent event;
  ASSERT_TRUE(stream->Read(&event));
  EXPECT_EQ(event.started().name(), before);
  ASSERT_TRUE(stream->Read(&event));
  EXPECT_TRUE(event.has_caught_up());
  const std::string after = Open();
  ASSERT_TRUE(stream->Read(&event));
  EXPECT_EQ(event.started().name(), after);
  v1::ConnectProxyRequest ended;
  ended.mutable_session_ended()->set_session_id(after.substr(std::string("sessions/").size()));
  ended.mutable_session_ended()->set_reason("left");
  ASSERT_TRUE(proxy_->Write(ended));
  ASSERT_TRUE(stream->Read(&event));
  EXPECT_EQ(event.ended().name(), after);
  EXPECT_EQ(event.reason(), "left");
  context->TryCancel();
  while (stream->Read(&event)) {
  }
  EXPECT_TRUE(absl::IsCancelled(ToAbslStatus(stream->Finish())));
}

TEST_F(SessionsTest, AWatchEndsWithTheRightToLook) {
  const auto context = MakeContext(demo_.initial_token());
  v1::WatchSessionsRequest request;
  *request.mutable_filter() = Of("users/demo");
  const auto stream = world_.admin().WatchSessions(context.get(), request);
  v1::SessionEvent event;
  ASSERT_TRUE(stream->Read(&event));
  EXPECT_TRUE(event.has_caught_up());
  v1::UpdateUserRequest suspend;
  suspend.mutable_user()->set_name("users/demo");
  suspend.mutable_user()->set_state(v1::USER_STATE_SUSPENDED);
  suspend.mutable_update_mask()->add_paths("state");
  // Demo's agent does not acknowledge: the effect says so, and the change holds all the same.
  agent_.reset();
  world_.Admin(&AdminStub::UpdateUser, suspend);
  world_.coordinator().Housekeep();
  EXPECT_FALSE(stream->Read(&event));
  EXPECT_TRUE(absl::IsUnauthenticated(ToAbslStatus(stream->Finish())));
  // And others' may not even begin.
  const auto other = MakeContext(eve_.initial_token());
  const auto refused = world_.admin().WatchSessions(other.get(), request);
  EXPECT_FALSE(refused->Read(&event));
  EXPECT_TRUE(absl::IsNotFound(ToAbslStatus(refused->Finish())));
}

TEST_F(SessionsTest, AWatchEndsWithTheCoordinator) {
  const auto context = MakeContext(world_.admin_token());
  const auto stream = world_.admin().WatchSessions(context.get(), v1::WatchSessionsRequest());
  v1::SessionEvent event;
  ASSERT_TRUE(stream->Read(&event));
  world_.coordinator().Stop(absl::Seconds(5));
  EXPECT_FALSE(stream->Read(&event));
  EXPECT_TRUE(absl::IsUnavailable(ToAbslStatus(stream->Finish())));
}

}  // namespace
}  // namespace homeport
