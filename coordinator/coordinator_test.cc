// The services over a real gRPC server with TLS and a real database.
#include "coordinator/coordinator.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "base/ssh_wire.h"
#include "coordinator/keys/ed25519_key_pair.h"
#include "coordinator/test_world.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace homeport {
namespace {

using ::testing::HasSubstr;

// The blob in a line of authorized_keys.
std::string KeyBlob(const v1::User& user) {
  const std::vector<std::string> parts = absl::StrSplit(user.public_key(), ' ');
  std::string blob;
  EXPECT_TRUE(parts.size() == 3 && absl::Base64Unescape(parts[1], &blob)) << user.public_key();
  return blob;
}

class CoordinatorTest : public ::testing::Test {
 protected:
  CoordinatorTest() {
    world_.MakeProvider();
    demo_ = world_.MakeUser("demo");
    dev_ = world_.MakeWorkspace("demo", "dev");
  }

  // An agent that has said hello and was welcomed.
  std::unique_ptr<TestAgent> ConnectAgent(const std::string& credential, int64_t* epoch = nullptr) {
    auto agent = world_.OpenAgent(credential);
    v1::ConnectAgentRequest hello;
    hello.mutable_hello()->set_version("test");
    hello.mutable_hello()->set_os_user("coder");
    v1::Backend* backend = hello.mutable_hello()->mutable_status()->add_backends();
    backend->set_kind(v1::BACKEND_KIND_EMBEDDED);
    backend->add_host_keys(host_key_);
    EXPECT_TRUE(agent->Write(hello));
    const v1::ConnectAgentResponse response = agent->Read();
    EXPECT_TRUE(response.has_welcome()) << response.DebugString();
    EXPECT_THAT(response.welcome().owner_keys().public_keys(),
                ::testing::ElementsAre(KeyBlob(demo_)));
    if (epoch != nullptr) *epoch = response.welcome().epoch();
    return agent;
  }
  std::unique_ptr<TestProxy> ConnectProxy(const std::vector<std::string>& sessions = {}) {
    auto proxy = world_.OpenProxy(world_.proxy_token());
    v1::ConnectProxyRequest hello;
    hello.mutable_hello()->set_replica("r1");
    for (const std::string& id : sessions) {
      v1::LiveSession& session = *hello.mutable_hello()->add_sessions();
      session.set_session_id(id);
      session.set_user("users/demo");
      session.set_workspace("users/demo/workspaces/dev");
    }
    EXPECT_TRUE(proxy->Write(hello));
    const v1::ConnectProxyResponse response = proxy->Read();
    EXPECT_EQ(response.welcome().host_private_keys_size(), 1) << response.DebugString();
    return proxy;
  }
  v1::OpenSessionRequest SessionRequest(const std::string& login) const {
    v1::OpenSessionRequest request;
    request.set_login_name(login);
    request.set_public_key(KeyBlob(demo_));
    request.set_client_address("192.0.2.1:1234");
    request.set_tunnel_address("127.0.0.1:9");
    request.set_ticket(std::string(32, 't'));
    request.set_replica("r1");
    return request;
  }
  v1::OpenSessionResponse Open(const std::string& login) {
    v1::OpenSessionResponse response;
    const absl::Status status = world_.OpenSession(SessionRequest(login), response);
    EXPECT_TRUE(status.ok()) << status;
    EXPECT_EQ(response.user(), "users/demo");
    return response;
  }
  // What would open demo's account on a server whose session identifier is 32 times 'i'.
  v1::SignRequest MakeSignRequest(const v1::SessionGranted& granted) const {
    v1::SignRequest request;
    request.set_session_id(granted.session_id());
    request.set_backend(v1::BACKEND_KIND_EMBEDDED);
    request.set_host_key(host_key_);
    request.set_data(WireWriter()
                         .String(std::string(32, 'i'))
                         .Byte(50)
                         .String(granted.os_user())
                         .String("ssh-connection")
                         .String("publickey")
                         .Bool(true)
                         .String("ssh-ed25519")
                         .String(granted.public_key())
                         .bytes());
    return request;
  }
  // Waits until the workspace is or is not online.
  void AwaitOnline(bool online) {
    const absl::Time deadline = absl::Now() + absl::Seconds(10);
    v1::Workspace workspace;
    do {
      v1::GetWorkspaceRequest request;
      request.set_name(dev_.name());
      const absl::Status status = world_.Call(world_.admin(), &v1::AdminService::Stub::GetWorkspace,
                                              world_.admin_token(), request, workspace);
      ASSERT_TRUE(status.ok()) << status;
    } while (workspace.online() != online && absl::Now() < deadline);
    EXPECT_EQ(workspace.online(), online) << "waited for " << workspace.DebugString();
  }

  const std::string host_key_ = Ed25519KeyPair::Generate().PublicKeyBlob();
  TestWorld world_;
  v1::User demo_;
  v1::Workspace dev_;
};

TEST_F(CoordinatorTest, BadInputIsNamed) {
  for (const char* id : {"", "Upper", "-x", "a/b", "..", "a\nb"}) {
    v1::CreateUserRequest request;
    request.set_user_id(id);
    request.mutable_user()->set_email("a@b");
    v1::User user;
    const absl::Status status = world_.Call(world_.admin(), &v1::AdminService::Stub::CreateUser,
                                            world_.admin_token(), request, user);
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("user_id"));
  }
  for (const char* email : {"", "a", "@b", "a@", "a@b@c", "a b@c", "a\n@b"}) {
    v1::CreateUserRequest request;
    request.set_user_id("someone");
    request.mutable_user()->set_email(email);
    v1::User user;
    const absl::Status status = world_.Call(world_.admin(), &v1::AdminService::Stub::CreateUser,
                                            world_.admin_token(), request, user);
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("email"));
  }
}

TEST_F(CoordinatorTest, ListsInPages) {
  for (const char* name : {"c", "a", "b"}) world_.MakeUser(name);
  std::vector<std::string> names;
  v1::ListUsersRequest request;
  request.set_page_size(2);
  do {
    v1::ListUsersResponse response;
    const absl::Status status = world_.Call(world_.admin(), &v1::AdminService::Stub::ListUsers,
                                            world_.admin_token(), request, response);
    ASSERT_TRUE(status.ok()) << status;
    for (const v1::User& user : response.users()) names.push_back(user.name());
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty() && names.size() < 20);
  EXPECT_THAT(names,
              ::testing::ElementsAre("users/a", "users/admin", "users/b", "users/c", "users/demo"));
  v1::ListUsersResponse response;
  request.set_page_token("nonsense");
  EXPECT_TRUE(
      absl::IsInvalidArgument(world_.Call(world_.admin(), &v1::AdminService::Stub::ListUsers,
                                          world_.admin_token(), request, response)));
}

TEST_F(CoordinatorTest, OwnPrivateKeyIsTheOneThatIsShown) {
  v1::DownloadPrivateKeyRequest request;
  request.set_name("users/demo");
  v1::DownloadPrivateKeyResponse response;
  const absl::Status status =
      world_.Call(world_.admin(), &v1::AdminService::Stub::DownloadPrivateKey,
                  demo_.initial_token(), request, response);
  ASSERT_TRUE(status.ok()) << status;
  std::string binary;
  const std::vector<std::string> lines = absl::StrSplit(response.private_key(), '\n');
  std::string base64;
  for (const std::string& line : lines) base64 += line.rfind("--", 0) == 0 ? "" : line;
  ASSERT_TRUE(absl::Base64Unescape(base64, &binary));
  EXPECT_THAT(binary, HasSubstr(KeyBlob(demo_)));
}

TEST_F(CoordinatorTest, TheNewestAgentWins) {
  int64_t first_epoch = 0, second_epoch = 0;
  auto first = ConnectAgent(dev_.credential(), &first_epoch);
  auto second = ConnectAgent(dev_.credential(), &second_epoch);
  EXPECT_GT(second_epoch, first_epoch);
  EXPECT_TRUE(absl::IsAborted(first->Finish()));
  AwaitOnline(true);
  const v1::OpenSessionResponse opened = Open("dev");
  ASSERT_TRUE(opened.has_granted()) << opened.DebugString();
  EXPECT_EQ(second->Read().dial().session_id(), opened.granted().session_id());
}

TEST_F(CoordinatorTest, AgentsAreRefusedWithTheReason) {
  EXPECT_TRUE(absl::IsUnauthenticated(world_.OpenAgent("")->Finish()));
  EXPECT_TRUE(absl::IsUnauthenticated(
      world_.OpenAgent(MintCredential(CredentialKind::kWorkspace).token)->Finish()));
  EXPECT_TRUE(absl::IsPermissionDenied(world_.OpenAgent(demo_.initial_token())->Finish()));
  std::string wrong_secret = dev_.credential();
  wrong_secret[25] = wrong_secret[25] == 'A' ? 'B' : 'A';
  EXPECT_TRUE(absl::IsUnauthenticated(world_.OpenAgent(wrong_secret)->Finish()));

  auto no_hello = world_.OpenAgent(dev_.credential());
  v1::ConnectAgentRequest message;
  message.mutable_dial_result();
  no_hello->Write(message);
  EXPECT_TRUE(absl::IsInvalidArgument(no_hello->Finish()));
  for (const char* os_user : {"", "-x", "a b", "root\n", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}) {
    auto agent = world_.OpenAgent(dev_.credential());
    v1::ConnectAgentRequest hello;
    hello.mutable_hello()->set_os_user(os_user);
    agent->Write(hello);
    const absl::Status status = agent->Finish();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("os_user"));
  }
}

TEST_F(CoordinatorTest, ADialReachesTheAgentAndItsErrorThePerson) {
  auto proxy = ConnectProxy();
  auto agent = ConnectAgent(dev_.credential());
  const v1::OpenSessionResponse opened = Open("demo/dev");
  ASSERT_TRUE(opened.has_granted()) << opened.DebugString();
  EXPECT_EQ(opened.granted().workspace(), "users/demo/workspaces/dev");
  EXPECT_EQ(opened.granted().os_user(), "coder");
  EXPECT_EQ(opened.granted().public_key(), KeyBlob(demo_));
  const v1::Dial dial = agent->Read().dial();
  EXPECT_EQ(dial.session_id(), opened.granted().session_id());
  EXPECT_EQ(dial.address(), "127.0.0.1:9");
  EXPECT_EQ(dial.ticket(), std::string(32, 't'));

  v1::ConnectAgentRequest result;
  result.mutable_dial_result()->set_session_id(dial.session_id());
  result.mutable_dial_result()->set_error("No route\x1b[2J.");
  // Another workspace's agent cannot speak for the session.
  const v1::Workspace box = world_.MakeWorkspace("demo", "box");
  auto other = ConnectAgent(box.credential());
  ASSERT_TRUE(other->Write(result));
  EXPECT_TRUE(absl::IsInvalidArgument([&] {
    other->Write(v1::ConnectAgentRequest());  // is read after the one before
    v1::ConnectAgentRequest second_hello;
    second_hello.mutable_hello();
    other->Write(second_hello);
    return other->Finish();
  }()));
  v1::SignResponse signature;
  EXPECT_TRUE(world_.Sign(MakeSignRequest(opened.granted()), signature).ok());

  ASSERT_TRUE(agent->Write(result));
  const v1::ConnectProxyResponse failed = proxy->Read();
  EXPECT_EQ(failed.tunnel_failed().session_id(), dial.session_id());
  EXPECT_EQ(failed.tunnel_failed().message(), "No route\\x1b[2J.");
  EXPECT_TRUE(absl::IsNotFound(world_.Sign(MakeSignRequest(opened.granted()), signature)));
}

TEST_F(CoordinatorTest, AnAgentThatGoesAwayFailsWhatWaitsForIt) {
  auto proxy = ConnectProxy();
  auto agent = ConnectAgent(dev_.credential());
  const v1::OpenSessionResponse opened = Open("dev");
  ASSERT_TRUE(opened.has_granted());
  EXPECT_TRUE(absl::IsCancelled(agent->Finish(true)));
  EXPECT_EQ(proxy->Read().tunnel_failed().session_id(), opened.granted().session_id());
  AwaitOnline(false);
  const v1::OpenSessionResponse offline = Open("dev");
  EXPECT_THAT(offline.refused().message(), HasSubstr("is offline; it was last seen a moment ago"));
}

TEST_F(CoordinatorTest, RefusalsAreForPeople) {
  EXPECT_THAT(Open("dev").refused().message(), HasSubstr("never been connected"));
  EXPECT_THAT(Open("nothing").refused().message(), HasSubstr("You have no workspace \"nothing\""));
  // Somebody else's, in the words for one that does not exist.
  world_.MakeUser("eve");
  world_.MakeWorkspace("eve", "lab");
  EXPECT_THAT(Open("eve/lab").refused().message(), HasSubstr("You have no workspace \"eve/lab\""));
  EXPECT_THAT(Open("eve/none").refused().message(),
              HasSubstr("You have no workspace \"eve/none\""));
  EXPECT_THAT(Open("Dev\x1b").refused().message(), HasSubstr("\"Dev\\x1b\" names no workspace"));
  world_.MakeWorkspace("demo", "demo-dev");
  EXPECT_THAT(Open("demo-dev").refused().message(),
              HasSubstr("could be demo/demo-dev or demo/dev"));

  v1::OpenSessionResponse response;
  v1::OpenSessionRequest request = SessionRequest("dev");
  request.set_public_key(Ed25519KeyPair::Generate().PublicKeyBlob());
  EXPECT_TRUE(absl::IsUnauthenticated(world_.OpenSession(request, response)));
  request = SessionRequest("dev");
  request.set_ticket("short");
  EXPECT_TRUE(absl::IsInvalidArgument(world_.OpenSession(request, response)));
  request = SessionRequest("dev");
  request.set_tunnel_address("nowhere");
  EXPECT_TRUE(absl::IsInvalidArgument(world_.OpenSession(request, response)));
  EXPECT_TRUE(
      absl::IsPermissionDenied(world_.Call(world_.session(), &v1::SessionService::Stub::OpenSession,
                                           demo_.initial_token(), request, response)));
}

TEST_F(CoordinatorTest, OneUserCannotOpenEndlessly) {
  auto agent = ConnectAgent(dev_.credential());
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(Open("dev").has_granted());
  EXPECT_THAT(Open("dev").refused().message(), HasSubstr("3 connections"));
}

TEST_F(CoordinatorTest, SignsForTheSessionAlone) {
  auto agent = ConnectAgent(dev_.credential());
  const v1::OpenSessionResponse opened = Open("dev");
  ASSERT_TRUE(opened.has_granted());
  const v1::SignRequest good = MakeSignRequest(opened.granted());
  v1::SignResponse response;

  v1::SignRequest request = good;
  request.set_session_id(std::string(32, '0'));
  EXPECT_TRUE(absl::IsNotFound(world_.Sign(request, response)));
  request = good;
  request.set_host_key(Ed25519KeyPair::Generate().PublicKeyBlob());
  absl::Status status = world_.Sign(request, response);
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_EQ(status.message(), "The workspace showed a host key that its agent did not report.");
  request = good;
  request.set_backend(v1::BACKEND_KIND_OPENSSH);
  EXPECT_TRUE(absl::IsFailedPrecondition(world_.Sign(request, response)));
  request = good;
  request.mutable_data()->append("x");
  EXPECT_TRUE(absl::IsInvalidArgument(world_.Sign(request, response)));
  EXPECT_TRUE(response.signature().empty());

  for (int i = 0; i < SessionRegistry::kMostSignatures; ++i) {
    status = world_.Sign(good, response);
    ASSERT_TRUE(status.ok()) << status;
  }
  WireReader reader(response.signature());
  EXPECT_EQ(reader.String(), "ssh-ed25519");
  EXPECT_EQ(reader.String().size(), 64u);
  EXPECT_FALSE(world_.Sign(good, response).ok()) << "four signatures are enough";
}

TEST_F(CoordinatorTest, DeletingAWorkspaceEndsWhatLives) {
  auto proxy = ConnectProxy();
  auto agent = ConnectAgent(dev_.credential());
  const v1::OpenSessionResponse opened = Open("dev");
  ASSERT_TRUE(opened.has_granted());
  v1::DeleteWorkspaceRequest request;
  request.set_name(dev_.name());
  v1::Effect response;
  const absl::Status status = world_.Call(world_.admin(), &v1::AdminService::Stub::DeleteWorkspace,
                                          world_.admin_token(), request, response);
  ASSERT_TRUE(status.ok()) << status;
  const v1::ConnectProxyResponse end = proxy->Read();
  EXPECT_EQ(end.end_sessions().session_ids(0), opened.granted().session_id());
  EXPECT_EQ(end.end_sessions().message(), "The workspace was deleted.");
  EXPECT_TRUE(absl::IsPermissionDenied(agent->Finish()));
  EXPECT_TRUE(absl::IsUnauthenticated(world_.OpenAgent(dev_.credential())->Finish()));
}

TEST_F(CoordinatorTest, StoppingEndsStreamsAtOnceAndARestartKnowsEverybody) {
  auto agent = ConnectAgent(dev_.credential());
  auto proxy = ConnectProxy();
  const absl::Time begun = absl::Now();
  world_.coordinator().Stop(absl::Seconds(10));
  EXPECT_LT(absl::Now() - begun, absl::Seconds(5)) << "streams must not hold the stop up";
  for (const absl::Status& status : {agent->Finish(), proxy->Finish()}) {
    EXPECT_TRUE(absl::IsUnavailable(status)) << status;
    EXPECT_EQ(status.message(), "the coordinator is stopping");
  }
  world_.Stop();
  world_.Start();
  agent = ConnectAgent(dev_.credential());
  proxy = ConnectProxy({std::string(32, 'a')});
  EXPECT_TRUE(Open("dev").has_granted());
}

}  // namespace
}  // namespace homeport
