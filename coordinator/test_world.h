// A coordinator on a temporary folder with callers of every kind, for tests.
#ifndef HOMEPORT_COORDINATOR_TEST_WORLD_H_
#define HOMEPORT_COORDINATOR_TEST_WORLD_H_

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "coordinator/coordinator.h"
#include "gtest/gtest.h"
#include "proto/homeport/v1/admin.grpc.pb.h"
#include "proto/homeport/v1/agent.grpc.pb.h"
#include "proto/homeport/v1/auth.grpc.pb.h"
#include "proto/homeport/v1/session.grpc.pb.h"
#include "rpc/bearer_token.h"
#include "rpc/channel.h"
#include "rpc/status_conversion.h"

namespace homeport {

// No call and no stream of a test lasts longer: a wait that would hang ends with DEADLINE_EXCEEDED.
inline constexpr std::chrono::seconds kTestDeadline{20};

inline std::unique_ptr<grpc::ClientContext> MakeContext(const std::string& token) {
  auto context = std::make_unique<grpc::ClientContext>();
  if (!token.empty()) AddBearerToken(*context, token);
  context->set_deadline(std::chrono::system_clock::now() + kTestDeadline);
  context->set_wait_for_ready(true);
  return context;
}

// A bidirectional stream as a test reads it: one thing after the other.
template <typename Out, typename In>
class TestStream {
 public:
  template <typename Open>
  TestStream(const std::string& token, Open open)
      : context_(MakeContext(token)), stream_(open(context_.get())) {}
  ~TestStream() {
    if (!finished_) (void)Finish(true);
  }

  bool Write(const Out& message) { return stream_->Write(message); }
  // The next message; an empty one and a failed test if the stream ends first.
  In Read() {
    In message;
    EXPECT_TRUE(stream_->Read(&message)) << "the stream ended, or nothing came in time";
    return message;
  }
  // Reads to the end and says how it ended.
  absl::Status Finish(bool cancel = false) {
    finished_ = true;
    if (cancel) context_->TryCancel();
    In ignored;
    while (stream_->Read(&ignored)) {
    }
    return ToAbslStatus(stream_->Finish());
  }

 private:
  std::unique_ptr<grpc::ClientContext> context_;
  std::unique_ptr<grpc::ClientReaderWriter<Out, In>> stream_;
  bool finished_ = false;
};

using TestAgent = TestStream<v1::ConnectAgentRequest, v1::ConnectAgentResponse>;
using TestProxy = TestStream<v1::ConnectProxyRequest, v1::ConnectProxyResponse>;

class TestWorld {
 public:
  // `adjust` may change the coordinator's options. Unless `set_up` is false, there is the site
  // manager admin.
  explicit TestWorld(std::function<void(CoordinatorOptions&)> adjust = nullptr, bool set_up = true)
      : folder_(::testing::TempDir() + "/worldXXXXXX"), adjust_(std::move(adjust)) {
    EXPECT_NE(mkdtemp(folder_.data()), nullptr);
    Start();
    if (set_up) admin_token_ = SetUp();
    proxy_token_ = Secret("proxy-credential");
  }

  void Start() {
    CoordinatorOptions options;
    options.state.path = folder_;
    options.listen = "127.0.0.1:0";
    options.ops_listen = "127.0.0.1:0";
    options.most_opening_per_user = 3;
    if (adjust_ != nullptr) adjust_(options);
    auto started = Coordinator::Start(options);
    ASSERT_TRUE(started.ok()) << started.status();
    coordinator_ = *std::move(started);
    auto channel = MakeChannel(absl::StrCat("127.0.0.1:", coordinator_->port()), File("ca.pem"));
    ASSERT_TRUE(channel.ok()) << channel.status();
    channel_ = *std::move(channel);
    admin_ = v1::AdminService::NewStub(channel_);
    auth_ = v1::AuthService::NewStub(channel_);
    agent_ = v1::AgentService::NewStub(channel_);
    session_ = v1::SessionService::NewStub(channel_);
  }
  void Stop() { coordinator_.reset(); }

  Coordinator& coordinator() { return *coordinator_; }
  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }
  v1::AdminService::Stub& admin() { return *admin_; }
  v1::AuthService::Stub& auth() { return *auth_; }
  const std::string& admin_token() const { return admin_token_; }
  const std::string& proxy_token() const { return proxy_token_; }
  std::string File(const std::string& name) const { return absl::StrCat(folder_, "/", name); }

  // Calls a unary method of a stub.
  template <typename Stub, typename Request, typename Response>
  absl::Status Call(Stub& stub,
                    grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                    const std::string& token, const Request& request, Response& response) {
    const auto context = MakeContext(token);
    return ToAbslStatus((stub.*method)(context.get(), request, &response));
  }

  // A method of AdminService, as the site manager unless said otherwise. The call has to succeed.
  template <typename Request, typename Response>
  Response Admin(grpc::Status (v1::AdminService::Stub::*method)(grpc::ClientContext*,
                                                                const Request&, Response*),
                 const Request& request, const std::string& token = "") {
    Response response;
    const absl::Status status =
        Call(*admin_, method, token.empty() ? admin_token_ : token, request, response);
    EXPECT_TRUE(status.ok()) << status << " for " << request.ShortDebugString();
    return response;
  }
  // The same for a call that fails, or may.
  template <typename Request, typename Response>
  absl::Status Try(grpc::Status (v1::AdminService::Stub::*method)(grpc::ClientContext*,
                                                                  const Request&, Response*),
                   const Request& request, const std::string& token = "") {
    Response response;
    return Call(*admin_, method, token.empty() ? admin_token_ : token, request, response);
  }
  // What was recorded with this action, the newest first.
  std::vector<v1::AuditEntry> Audit(const std::string& action) {
    v1::ListAuditEntriesRequest request;
    request.set_action(action);
    const v1::ListAuditEntriesResponse response =
        Admin(&v1::AdminService::Stub::ListAuditEntries, request);
    return {response.audit_entries().begin(), response.audit_entries().end()};
  }

  // Makes a user; the answer has the token.
  v1::User MakeUser(const std::string& name, v1::Role role = v1::ROLE_MEMBER) {
    v1::CreateUserRequest request;
    request.set_user_id(name);
    request.mutable_user()->set_email(name + "@example.com");
    request.mutable_user()->add_roles(role);
    v1::User user;
    const absl::Status status =
        Call(*admin_, &v1::AdminService::Stub::CreateUser, admin_token_, request, user);
    EXPECT_TRUE(status.ok()) << status;
    return user;
  }
  void MakeProvider() {
    v1::CreateProviderRequest request;
    request.set_provider_id("local");
    v1::Provider provider;
    const absl::Status status =
        Call(*admin_, &v1::AdminService::Stub::CreateProvider, admin_token_, request, provider);
    EXPECT_TRUE(status.ok()) << status;
  }
  // Makes a workspace; the answer has the agent's credential.
  v1::Workspace MakeWorkspace(const std::string& user, const std::string& name) {
    v1::CreateWorkspaceRequest request;
    request.set_parent("users/" + user);
    request.set_workspace_id(name);
    request.mutable_workspace()->set_provider("providers/local");
    v1::Workspace workspace;
    const absl::Status status =
        Call(*admin_, &v1::AdminService::Stub::CreateWorkspace, admin_token_, request, workspace);
    EXPECT_TRUE(status.ok()) << status;
    return workspace;
  }

  std::unique_ptr<TestAgent> OpenAgent(const std::string& credential) {
    return std::make_unique<TestAgent>(
        credential, [this](grpc::ClientContext* context) { return agent_->Connect(context); });
  }
  std::unique_ptr<TestProxy> OpenProxy(const std::string& credential) {
    return std::make_unique<TestProxy>(
        credential, [this](grpc::ClientContext* context) { return session_->Connect(context); });
  }
  absl::Status OpenSession(const v1::OpenSessionRequest& request,
                           v1::OpenSessionResponse& response) {
    return Call(*session_, &v1::SessionService::Stub::OpenSession, proxy_token_, request, response);
  }
  absl::Status Sign(const v1::SignRequest& request, v1::SignResponse& response) {
    return Call(*session_, &v1::SessionService::Stub::Sign, proxy_token_, request, response);
  }
  v1::SessionService::Stub& session() { return *session_; }
  v1::AgentService::Stub& agent() { return *agent_; }

 private:
  std::string SetUp() {
    v1::SetUpRequest request;
    request.set_set_up_code(Secret("set-up-code"));
    request.set_user_id("admin");
    request.set_email("admin@example.com");
    request.set_password("a password for tests");
    v1::SignInResponse response;
    const absl::Status status = Call(*auth_, &v1::AuthService::Stub::SetUp, "", request, response);
    EXPECT_TRUE(status.ok()) << status;
    return response.token();
  }
  std::string Secret(const std::string& name) const {
    const auto secret = ReadSecretFile(File(name));
    EXPECT_TRUE(secret.ok()) << secret.status();
    return secret.ok() ? *secret : "";
  }

  std::string folder_;
  const std::function<void(CoordinatorOptions&)> adjust_;
  std::unique_ptr<Coordinator> coordinator_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::AdminService::Stub> admin_;
  std::unique_ptr<v1::AuthService::Stub> auth_;
  std::unique_ptr<v1::AgentService::Stub> agent_;
  std::unique_ptr<v1::SessionService::Stub> session_;
  std::string admin_token_;
  std::string proxy_token_;
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_TEST_WORLD_H_
