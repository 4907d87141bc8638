// How people come in, over a real server.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "coordinator/sign_in_limits.h"
#include "coordinator/test_world.h"
#include "coordinator/timestamps.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace homeport {
namespace {

using ::testing::HasSubstr;
using AdminStub = v1::AdminService::Stub;
using AuthStub = v1::AuthService::Stub;

constexpr char kPassword[] = "correct horse battery";

class SignInTest : public ::testing::Test {
 protected:
  SignInTest() : demo_(world_.MakeUser("demo").initial_token()) {
    EXPECT_TRUE(SetPassword(demo_, kPassword).ok());
  }

  absl::Status SetPassword(const std::string& token, const std::string& password,
                           const std::string& current = "") {
    v1::SetPasswordRequest request;
    request.set_name("users/demo");
    request.set_new_password(password);
    request.set_current_password(current);
    return world_.Try(&AdminStub::SetPassword, request, token);
  }
  absl::Status SignIn(const std::string& user, const std::string& password,
                      v1::SignInResponse* answer = nullptr) {
    v1::SignInRequest request;
    request.mutable_password()->set_user_id(user);
    request.mutable_password()->set_password(password);
    request.set_display_name("laptop");
    v1::SignInResponse response;
    const absl::Status status =
        world_.Call(world_.auth(), &AuthStub::SignIn, "", request, response);
    if (answer != nullptr) *answer = response;
    return status;
  }
  absl::Status SignInByCode(const std::string& code, v1::SignInResponse* answer = nullptr) {
    v1::SignInRequest request;
    request.set_code(code);
    v1::SignInResponse response;
    const absl::Status status =
        world_.Call(world_.auth(), &AuthStub::SignIn, "", request, response);
    if (answer != nullptr) *answer = response;
    return status;
  }
  std::string MakeCode(const std::string& user) {
    v1::CreateSignInCodeRequest request;
    request.set_name("users/" + user);
    return world_.Admin(&AdminStub::CreateSignInCode, request).code();
  }
  void Suspend(const std::string& user) {
    v1::UpdateUserRequest request;
    request.mutable_user()->set_name("users/" + user);
    request.mutable_user()->set_state(v1::USER_STATE_SUSPENDED);
    request.mutable_update_mask()->add_paths("state");
    world_.Admin(&AdminStub::UpdateUser, request);
  }
  absl::Status Whoami(const std::string& token) {
    return world_.Try(&AdminStub::GetCaller, v1::GetCallerRequest(), token);
  }

  TestWorld world_;
  const std::string demo_;
};

TEST_F(SignInTest, APasswordGivesATokenUntilTheEnd) {
  v1::SignInResponse answer;
  const absl::Status status = SignIn("demo", kPassword, &answer);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(answer.user().name(), "users/demo");
  EXPECT_TRUE(answer.user().has_password());
  EXPECT_TRUE(answer.user().has_last_sign_in_time());
  const absl::Time end = *ReadTimestamp("", answer.expire_time());
  EXPECT_LT(absl::AbsDuration(end - absl::Now() - absl::Hours(12)), absl::Minutes(1));

  const v1::Caller caller =
      world_.Admin(&AdminStub::GetCaller, v1::GetCallerRequest(), answer.token());
  EXPECT_EQ(caller.user().name(), "users/demo");
  EXPECT_TRUE(caller.token().sign_in());
  EXPECT_EQ(caller.token().display_name(), "laptop");
  EXPECT_EQ(caller.token().secret(), "");
  const std::vector<v1::AuditEntry> entries = world_.Audit("sign_in.succeed");
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(entries[0].actor(), "users/demo");
  EXPECT_THAT(entries[0].detail(), HasSubstr(caller.token().name()));

  v1::SignOutResponse out;
  EXPECT_TRUE(
      world_.Call(world_.auth(), &AuthStub::SignOut, answer.token(), v1::SignOutRequest(), out)
          .ok());
  EXPECT_TRUE(absl::IsUnauthenticated(Whoami(answer.token())));
  EXPECT_EQ(world_.Audit("sign_in.end").size(), 1u);
}

TEST_F(SignInTest, ARefusalDoesNotTellWhoIsKnown) {
  world_.MakeUser("bare");
  world_.MakeUser("gone");
  const std::string code = MakeCode("gone");
  v1::SetPasswordRequest set;
  set.set_name("users/gone");
  set.set_new_password(kPassword);
  v1::SignInResponse gone;
  ASSERT_TRUE(SignInByCode(code, &gone).ok());
  world_.Admin(&AdminStub::SetPassword, set, gone.token());
  Suspend("gone");

  const absl::Status wrong = SignIn("demo", "a secret mistake");
  EXPECT_TRUE(absl::IsUnauthenticated(wrong)) << wrong;
  for (const absl::Status& status :
       {SignIn("nobody", kPassword), SignIn("bare", kPassword), SignIn("gone", kPassword),
        SignIn("bare", ""), SignIn("my-whole-secret", ""), SignIn("No Name", kPassword)}) {
    EXPECT_EQ(status, wrong);
  }
  const std::vector<v1::AuditEntry> entries = world_.Audit("sign_in.refuse");
  ASSERT_EQ(entries.size(), 7u);
  const std::vector<std::pair<std::string, std::string>> expected = {
      {"", "unknown user"},
      {"", "unknown user"},
      {"users/bare", "no password"},
      {"users/gone", "suspended"},
      {"users/bare", "no password"},
      {"", "unknown user"},
      {"users/demo", "wrong password"}};
  for (size_t i = 0; i < entries.size(); ++i) {
    EXPECT_EQ(entries[i].actor(), "");
    EXPECT_EQ(entries[i].target(), expected[i].first);
    EXPECT_THAT(entries[i].detail(), HasSubstr(expected[i].second));
    EXPECT_THAT(entries[i].DebugString(), ::testing::Not(HasSubstr("secret")));
  }
}

TEST_F(SignInTest, ARefusalTakesAsLongForNobody) {
  const auto time = [&](const std::string& user) {
    absl::Duration fastest = absl::InfiniteDuration();
    for (int i = 0; i < 3; ++i) {
      const absl::Time begun = absl::Now();
      EXPECT_TRUE(absl::IsUnauthenticated(SignIn(user, "wrong")));
      fastest = std::min(fastest, absl::Now() - begun);
    }
    return fastest;
  };
  const absl::Duration known = time("demo"), unknown = time("nobody");
  EXPECT_GT(unknown, known / 4) << "an answer without hashing is a hundred times faster";
  EXPECT_GT(known, unknown / 4);
}

TEST_F(SignInTest, TooManyAttemptsBlockEvenTheRightPassword) {
  for (int i = 0; i < SignInLimits::kAccountBurst; ++i) {
    EXPECT_TRUE(absl::IsUnauthenticated(SignIn("demo", "wrong")));
  }
  for (int i = 0; i < 3; ++i) {
    const absl::Status status = SignIn("demo", kPassword);
    EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("try again in "));
  }
  EXPECT_TRUE(SignInByCode(MakeCode("demo")).ok()) << "a code is no guess";
  EXPECT_EQ(world_.Audit("sign_in.refuse").size(), SignInLimits::kAccountBurst + 3u);
  absl::Status status;
  for (int i = 0; i < 2 * SignInLimits::kAddressBurst && !absl::IsResourceExhausted(status); ++i) {
    status = SignIn(absl::StrCat("user", i), "wrong");
  }
  EXPECT_THAT(std::string(status.message()), HasSubstr("from your address"));
}

TEST_F(SignInTest, ACodeSignsInOnceAndThenAPasswordCanBeSet) {
  const std::string older = MakeCode("demo");
  const std::string code = MakeCode("demo");
  EXPECT_TRUE(absl::IsUnauthenticated(SignInByCode(older))) << "a newer one has replaced it";
  v1::SignInResponse answer;
  const absl::Status status = SignInByCode(code, &answer);
  ASSERT_TRUE(status.ok()) << status;
  const absl::Status again = SignInByCode(code);
  EXPECT_TRUE(absl::IsUnauthenticated(again)) << again;
  EXPECT_EQ(SignInByCode("nonsense"), again);
  EXPECT_EQ(SignInByCode(demo_), again) << "a token is no code";
  EXPECT_TRUE(absl::IsPermissionDenied(Whoami(MakeCode("demo")))) << "and a code no token";

  EXPECT_TRUE(SetPassword(answer.token(), "another password").ok()) << "without the forgotten one";
  EXPECT_TRUE(SignIn("demo", "another password").ok());
  const std::vector<v1::AuditEntry> made = world_.Audit("user.sign_in_code");
  ASSERT_EQ(made.size(), 3u);
  EXPECT_EQ(made[0].target(), "users/demo");
  const std::string late = MakeCode("demo");
  Suspend("demo");
  EXPECT_EQ(SignInByCode(late), again);
  v1::CreateSignInCodeRequest request;
  request.set_name("users/demo");
  EXPECT_TRUE(absl::IsFailedPrecondition(world_.Try(&AdminStub::CreateSignInCode, request)));
  request.set_name("users/none");
  EXPECT_TRUE(absl::IsNotFound(world_.Try(&AdminStub::CreateSignInCode, request)));
}

TEST_F(SignInTest, ANewPasswordNeedsTheOldOneAndEndsOtherSignIns) {
  v1::SignInResponse first, second;
  ASSERT_TRUE(SignIn("demo", kPassword, &first).ok());
  ASSERT_TRUE(SignIn("demo", kPassword, &second).ok());
  EXPECT_TRUE(absl::IsPermissionDenied(SetPassword(first.token(), "another password")));
  EXPECT_TRUE(absl::IsPermissionDenied(SetPassword(first.token(), "another password", "wrong")));
  EXPECT_TRUE(absl::IsPermissionDenied(SetPassword(demo_, "another password")));
  for (const std::string& bad : {std::string(11, 'x'), std::string(257, 'x')}) {
    const absl::Status status = SetPassword(first.token(), bad, kPassword);
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("new_password: "));
  }
  EXPECT_TRUE(Whoami(second.token()).ok());
  EXPECT_TRUE(SetPassword(first.token(), "another password", kPassword).ok());
  EXPECT_TRUE(Whoami(first.token()).ok());
  EXPECT_TRUE(absl::IsUnauthenticated(Whoami(second.token())));
  EXPECT_TRUE(Whoami(demo_).ok()) << "API tokens are no sign-ins";
  EXPECT_TRUE(absl::IsUnauthenticated(SignIn("demo", kPassword)));
  EXPECT_TRUE(SignIn("demo", "another password").ok());
  EXPECT_EQ(world_.Audit("user.password").size(), 2u);
  EXPECT_EQ(world_.Audit("sign_in.refuse").size(), 4u);
}

TEST_F(SignInTest, ATokenThatMayDoLessCannotSetThePassword) {
  v1::CreateTokenRequest request;
  request.set_parent("users/admin");
  request.mutable_token()->set_role(v1::ROLE_MEMBER);
  const std::string limited = world_.Admin(&AdminStub::CreateToken, request).secret();
  v1::SetPasswordRequest set;
  set.set_name("users/admin");
  set.set_new_password(kPassword);
  EXPECT_TRUE(absl::IsPermissionDenied(world_.Try(&AdminStub::SetPassword, set, limited)));
  request.mutable_token()->set_role(v1::ROLE_SITE_MANAGER);
  EXPECT_TRUE(absl::IsPermissionDenied(world_.Try(&AdminStub::CreateToken, request, limited)));
  request.mutable_token()->clear_role();
  const v1::Token child = world_.Admin(&AdminStub::CreateToken, request, limited);
  EXPECT_EQ(child.role(), v1::ROLE_MEMBER) << "never more than its parent";
}

TEST_F(SignInTest, BadInputIsNamed) {
  v1::SignInRequest request;
  v1::SignInResponse response;
  absl::Status status = world_.Call(world_.auth(), &AuthStub::SignIn, "", request, response);
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  request.set_code("x");
  request.set_display_name("two\nlines");
  status = world_.Call(world_.auth(), &AuthStub::SignIn, "", request, response);
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("display_name"));
}

class SetUpTest : public ::testing::Test {
 protected:
  v1::SetUpRequest Request() const {
    v1::SetUpRequest request;
    request.set_set_up_code(*ReadSecretFile(world_.File("set-up-code")));
    request.set_user_id("ann");
    request.set_email("ann@example.com");
    request.set_password(kPassword);
    return request;
  }
  absl::Status SetUp(const v1::SetUpRequest& request, v1::SignInResponse* answer = nullptr) {
    v1::SignInResponse response;
    const absl::Status status = world_.Call(world_.auth(), &AuthStub::SetUp, "", request, response);
    if (answer != nullptr) *answer = response;
    return status;
  }
  bool SetUpNeeded() {
    v1::SignInOptions options;
    const absl::Status status = world_.Call(world_.auth(), &AuthStub::GetSignInOptions, "",
                                            v1::GetSignInOptionsRequest(), options);
    EXPECT_TRUE(status.ok()) << status;
    return options.set_up_needed();
  }

  TestWorld world_{nullptr, /*set_up=*/false};
};

TEST_F(SetUpTest, TheCodeMakesTheFirstSiteManagerAndIsGone) {
  EXPECT_TRUE(SetUpNeeded());
  const v1::SetUpRequest request = Request();
  EXPECT_THAT(world_.coordinator().SetUpInvitation(), HasSubstr(request.set_up_code()));
  world_.Stop();
  world_.Start();
  EXPECT_THAT(world_.coordinator().SetUpInvitation(), HasSubstr(request.set_up_code()))
      << "at every start until it was used";
  v1::SignInResponse answer;
  const absl::Status status = SetUp(request, &answer);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_THAT(answer.user().roles(), ::testing::Contains(v1::ROLE_SITE_MANAGER));
  EXPECT_TRUE(answer.user().has_password());
  EXPECT_FALSE(SetUpNeeded());
  EXPECT_FALSE(ReadFile(world_.File("set-up-code")).ok());
  v1::ListAuditEntriesRequest list;
  const v1::ListAuditEntriesResponse audit =
      world_.Admin(&AdminStub::ListAuditEntries, list, answer.token());
  ASSERT_EQ(audit.audit_entries_size(), 1);
  EXPECT_EQ(audit.audit_entries(0).action(), "set_up");
  EXPECT_EQ(audit.audit_entries(0).actor(), "users/ann");
  v1::SetUpRequest again = request;
  again.set_user_id("eve");
  EXPECT_TRUE(absl::IsFailedPrecondition(SetUp(again)));
  world_.Stop();
  world_.Start();
  EXPECT_EQ(world_.coordinator().SetUpInvitation(), "");
  EXPECT_TRUE(absl::IsFailedPrecondition(SetUp(again)));
}

TEST_F(SetUpTest, AWrongCodeOrBadInputMakesNobody) {
  v1::SetUpRequest request = Request();
  for (const std::string& code : {std::string(), std::string("nonsense"), world_.proxy_token(),
                                  MintCredential(CredentialKind::kSetUpCode).token}) {
    request.set_set_up_code(code);
    const absl::Status status = SetUp(request);
    EXPECT_TRUE(absl::IsUnauthenticated(status)) << status;
  }
  request = Request();
  request.set_user_id("Ann");
  EXPECT_TRUE(absl::IsInvalidArgument(SetUp(request)));
  request = Request();
  request.set_email("ann");
  EXPECT_TRUE(absl::IsInvalidArgument(SetUp(request)));
  request = Request();
  request.set_password("short");
  EXPECT_TRUE(absl::IsInvalidArgument(SetUp(request)));
  absl::Status status;
  for (int i = 0; i < 2 * SignInLimits::kAddressBurst; ++i) {
    request.set_set_up_code("nonsense");
    status = SetUp(request);
  }
  EXPECT_TRUE(absl::IsResourceExhausted(status)) << "guesses are limited: " << status;
  EXPECT_TRUE(SetUpNeeded());
}

}  // namespace
}  // namespace homeport
