// Every method of AdminService and AuthService answers each kind of caller as it should.
#include <map>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/time/clock.h"
#include "coordinator/test_world.h"
#include "coordinator/timestamps.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/impl/codegen/client_unary_call.h"
#include "gtest/gtest.h"

namespace homeport {
namespace {

using AdminStub = v1::AdminService::Stub;

// What the proto says in brackets, written down a second time.
const std::map<std::string, std::string>& Brackets() {
  static const auto* brackets = new std::map<std::string, std::string>{
      {"GetCaller", "any"},
      {"CreateUser", "site-manager"},
      {"GetUser", "own, auditor"},
      {"ListUsers", "auditor"},
      {"UpdateUser", "site-manager"},
      {"DeleteUser", "site-manager"},
      {"SetPassword", "own alone"},
      {"CreateSignInCode", "site-manager"},
      {"CreateToken", "own alone"},
      {"ListTokens", "own, auditor"},
      {"DeleteToken", "own"},
      {"RegenerateKey", "own"},
      {"DownloadPrivateKey", "own alone"},
      {"CreatePublicKey", "own alone"},
      {"ListPublicKeys", "own, auditor"},
      {"DeletePublicKey", "own"},
      {"CreateProvider", "site-manager"},
      {"GetProvider", "auditor"},
      {"ListProviders", "auditor"},
      {"UpdateProvider", "site-manager"},
      {"DeleteProvider", "site-manager"},
      {"CreateWorkspace", "site-manager"},
      {"GetWorkspace", "own, auditor"},
      {"ListWorkspaces", "own, auditor"},
      {"UpdateWorkspace", "own"},
      {"DeleteWorkspace", "site-manager"},
      {"RotateCredential", "site-manager"},
      {"RevokeCredential", "site-manager"},
      {"ListSessions", "own, auditor"},
      {"WatchSessions", "own, auditor"},
      {"EndSessions", "own"},
      {"GetFrontDoor", "any"},
      {"ListReplicas", "auditor"},
      {"GetSettings", "auditor"},
      {"UpdateSettings", "site-manager"},
      {"ListAuditEntries", "auditor"},
      {"VerifyAudit", "auditor"},
  };
  return *brackets;
}

// Whether somebody gets past the door. What they asked for may be wrong in other ways.
enum class Answer { kIn, kDenied, kNotFound };
struct Answers {
  Answer owner, other_member, auditor, site_manager;
};
const std::map<std::string, Answers>& ExpectedAnswers() {
  constexpr Answer in = Answer::kIn, no = Answer::kDenied, none = Answer::kNotFound;
  static const auto* answers = new std::map<std::string, Answers>{
      {"any", {in, in, in, in}},
      {"own", {in, none, no, in}},
      {"own, auditor", {in, none, in, in}},
      {"own alone", {in, no, no, no}},
      {"auditor", {no, no, in, in}},
      {"site-manager", {no, no, no, in}},
  };
  return *answers;
}

class WhoMayCallTest : public ::testing::Test {
 protected:
  WhoMayCallTest() {
    world_.MakeProvider();
    demo_ = world_.MakeUser("demo").initial_token();
    eve_ = world_.MakeUser("eve").initial_token();
    ann_ = world_.MakeUser("ann", v1::ROLE_AUDITOR).initial_token();
    dev_ = world_.MakeWorkspace("demo", "dev").credential();
  }

  // Calls with a request that names `name` and nothing else.
  absl::Status Call(const std::string& service, const std::string& method, const std::string& token,
                    const std::string& name = "users/demo") {
    if (method == "WatchSessions") return Watch(token, name);
    v1::GetUserRequest request;  // `name` has number 1 in every request that names a resource
    request.set_name(name);
    if (absl::StartsWith(method, "Update")) {  // and in the resource, which has number 1 in these
      request.set_name(v1::GetUserRequest(request).SerializeAsString());
    } else if (absl::EndsWith(method, "Sessions")) {
      v1::SessionFilter filter;
      filter.set_user(name);
      request.set_name(filter.SerializeAsString());
    }
    v1::VerifyAuditRequest response;  // empty: what comes is kept as unknown fields
    const std::string path = "/homeport.v1." + service + "/" + method;
    const auto context = MakeContext(token);
    return ToAbslStatus(grpc::internal::BlockingUnaryCall<google::protobuf::MessageLite,
                                                          google::protobuf::MessageLite>(
        world_.channel().get(),
        grpc::internal::RpcMethod(path.c_str(), grpc::internal::RpcMethod::NORMAL_RPC,
                                  world_.channel()),
        context.get(), request, &response));
  }
  // OK as soon as something is told.
  absl::Status Watch(const std::string& token, const std::string& name) {
    const auto context = MakeContext(token);
    v1::WatchSessionsRequest request;
    request.mutable_filter()->set_user(name);
    const auto stream = world_.admin().WatchSessions(context.get(), request);
    v1::SessionEvent event;
    const bool told = stream->Read(&event);
    if (told) context->TryCancel();
    while (stream->Read(&event)) {
    }
    const absl::Status status = ToAbslStatus(stream->Finish());
    return told ? absl::OkStatus() : status;
  }
  void Expect(Answer expected, const std::string& method, const std::string& token,
              const std::string& who) {
    const absl::Status status = Call("AdminService", method, token);
    EXPECT_FALSE(absl::IsUnauthenticated(status)) << method << " as " << who << ": " << status;
    EXPECT_EQ(absl::IsPermissionDenied(status), expected == Answer::kDenied)
        << method << " as " << who << ": " << status;
    EXPECT_EQ(absl::IsNotFound(status), expected == Answer::kNotFound)
        << method << " as " << who << ": " << status;
  }
  std::string MakeToken(v1::Role role, absl::Time expire_time = absl::InfiniteFuture()) {
    v1::CreateTokenRequest request;
    request.set_parent("users/admin");
    request.mutable_token()->set_role(role);
    if (expire_time != absl::InfiniteFuture()) {
      *request.mutable_token()->mutable_expire_time() = ToTimestamp(expire_time);
    }
    return world_.Admin(&AdminStub::CreateToken, request).secret();
  }
  // A token that has been good and is not any more.
  std::string ExpiredToken() {
    const absl::Time end = absl::Now() + absl::Milliseconds(500);
    const std::string token = MakeToken(v1::ROLE_UNSPECIFIED, end);
    absl::Status status;
    while (absl::Now() < end + absl::Seconds(10) && !absl::IsUnauthenticated(status)) {
      status = world_.Try(&AdminStub::GetCaller, v1::GetCallerRequest(), token);
    }
    EXPECT_EQ(status.message(), "this token has expired");
    return token;
  }
  std::string SuspendedToken() {
    const std::string token = world_.MakeUser("zoe", v1::ROLE_SITE_MANAGER).initial_token();
    v1::UpdateUserRequest request;
    request.mutable_user()->set_name("users/zoe");
    request.mutable_user()->set_state(v1::USER_STATE_SUSPENDED);
    request.mutable_update_mask()->add_paths("state");
    world_.Admin(&AdminStub::UpdateUser, request);
    return token;
  }
  static std::vector<std::string> MethodsOf(const std::string& service) {
    const auto* descriptor = google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
        "homeport.v1." + service);
    std::vector<std::string> methods;
    for (int i = 0; i < descriptor->method_count(); ++i) {
      methods.push_back(descriptor->method(i)->name());
    }
    return methods;
  }
  TestWorld world_;
  std::string demo_, eve_, ann_, dev_;
};

TEST_F(WhoMayCallTest, NobodyWithoutAGoodTokenMayCallAnything) {
  const std::vector<std::string> bad = {"", "nonsense", MintCredential(CredentialKind::kUser).token,
                                        ExpiredToken(), SuspendedToken()};
  for (const std::string& method : MethodsOf("AdminService")) {
    for (const std::string& token : bad) {
      const absl::Status status = Call("AdminService", method, token);
      EXPECT_TRUE(absl::IsUnauthenticated(status)) << method << " " << status;
    }
    for (const std::string& token : {world_.proxy_token(), dev_}) {
      const absl::Status status = Call("AdminService", method, token);
      EXPECT_TRUE(absl::IsPermissionDenied(status)) << method << " " << status;
    }
  }
}

TEST_F(WhoMayCallTest, EveryMethodIsForThoseInItsBrackets) {
  const std::string as_member = MakeToken(v1::ROLE_MEMBER);
  const std::string as_auditor = MakeToken(v1::ROLE_AUDITOR);
  for (const std::string& method : MethodsOf("AdminService")) {
    ASSERT_EQ(Brackets().count(method), 1u) << method << " is new: who may call it?";
    const Answers& expected = ExpectedAnswers().at(Brackets().at(method));
    Expect(expected.owner, method, demo_, "the owner");
    Expect(expected.other_member, method, eve_, "another member");
    Expect(expected.auditor, method, ann_, "an auditor");
    Expect(expected.site_manager, method, world_.admin_token(), "a site manager");
    Expect(expected.other_member, method, as_member, "a site manager's token for members");
    Expect(expected.auditor, method, as_auditor, "a site manager's token for auditors");
  }
}

TEST_F(WhoMayCallTest, WhatIsSomebodyElsesLooksAsIfItWereNotThere) {
  for (const char* method : {"GetUser", "RegenerateKey", "ListTokens", "UpdateWorkspace"}) {
    const absl::Status there = Call("AdminService", method, eve_, "users/demo");
    const absl::Status none = Call("AdminService", method, eve_, "users/none");
    EXPECT_TRUE(absl::IsNotFound(there)) << method << " " << there;
    EXPECT_TRUE(absl::IsNotFound(none)) << method << " " << none;
    EXPECT_EQ(there.message(), "\"users/demo\" was not found");
    EXPECT_EQ(none.message(), "\"users/none\" was not found");
  }
}

TEST_F(WhoMayCallTest, SigningInNeedsNoTokenAndSigningOutDoes) {
  const std::vector<std::string> open = {"GetSignInOptions", "SetUp", "SignIn"};
  for (const std::string& method : MethodsOf("AuthService")) {
    for (const std::string& token : {std::string(), std::string("nonsense"), demo_}) {
      const absl::Status status = Call("AuthService", method, token, "x");
      const bool is_open = std::find(open.begin(), open.end(), method) != open.end();
      ASSERT_TRUE(is_open || method == "SignOut") << method << " is new: who may call it?";
      // A request with an "x" in it is no good, and gets no further than that.
      const bool in = !absl::IsUnauthenticated(status);
      EXPECT_EQ(in, is_open || token == demo_) << method << " " << status;
    }
  }
}

TEST_F(WhoMayCallTest, RefusalsForAWrongRoleAreRecorded) {
  EXPECT_TRUE(absl::IsPermissionDenied(Call("AdminService", "DeleteUser", eve_)));
  EXPECT_TRUE(absl::IsNotFound(Call("AdminService", "GetUser", eve_, "users/demo\n")));
  const std::vector<v1::AuditEntry> entries = world_.Audit("admin.deny");
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[1].actor(), "users/eve");
  EXPECT_EQ(entries[1].target(), "users/demo");
  EXPECT_EQ(entries[1].detail(), R"({"method":"DeleteUser"})");
  EXPECT_TRUE(absl::StartsWith(entries[1].address(), "127.0.0.1:"));
  EXPECT_EQ(entries[0].target(), "users/demo\\n");
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(absl::IsPermissionDenied(Call("AdminService", "ListUsers", eve_)));
  }
  EXPECT_LT(world_.Audit("admin.deny").size(), 50u) << "a flood must not fill the disk";
}

}  // namespace
}  // namespace homeport
