// People, their roles, tokens and keys, over a real server.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "base/key_fingerprint.h"
#include "coordinator/keys/ed25519_key_pair.h"
#include "coordinator/test_world.h"
#include "coordinator/timestamps.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace homeport {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using AdminStub = v1::AdminService::Stub;

class PeopleTest : public ::testing::Test {
 protected:
  PeopleTest() : demo_(world_.MakeUser("demo").initial_token()) {}

  static v1::UpdateUserRequest Change(const std::string& user, const std::string& path) {
    v1::UpdateUserRequest request;
    request.mutable_user()->set_name("users/" + user);
    request.mutable_update_mask()->add_paths(path);
    return request;
  }
  static v1::UpdateUserRequest SetRoles(const std::string& user, std::vector<v1::Role> roles) {
    v1::UpdateUserRequest request = Change(user, "roles");
    for (const v1::Role role : roles) request.mutable_user()->add_roles(role);
    return request;
  }
  static v1::UpdateUserRequest SetState(const std::string& user, v1::UserState state) {
    v1::UpdateUserRequest request = Change(user, "state");
    request.mutable_user()->set_state(state);
    return request;
  }
  v1::CreateTokenRequest TokenRequest(const std::string& name = "laptop") const {
    v1::CreateTokenRequest request;
    request.set_parent("users/demo");
    request.mutable_token()->set_display_name(name);
    return request;
  }
  v1::CreatePublicKeyRequest KeyRequest(const std::string& line) const {
    v1::CreatePublicKeyRequest request;
    request.set_parent("users/demo");
    request.mutable_public_key()->set_public_key(line);
    return request;
  }
  static std::string NewKeyLine(const std::string& comment) {
    return AuthorizedKeysLine(Ed25519KeyPair::Generate().PublicKeyBlob(), comment);
  }
  absl::Status Whoami(const std::string& token) {
    return world_.Try(&AdminStub::GetCaller, v1::GetCallerRequest(), token);
  }

  TestWorld world_;
  const std::string demo_;
};

TEST_F(PeopleTest, AUserIsMadeWithAKeyAndFirstSteps) {
  v1::CreateUserRequest request;
  request.set_user_id("ann");
  request.mutable_user()->set_email("ann@example.com");
  request.mutable_user()->add_roles(v1::ROLE_AUDITOR);
  const v1::User ann = world_.Admin(&AdminStub::CreateUser, request);
  EXPECT_THAT(ann.roles(), ElementsAre(v1::ROLE_MEMBER, v1::ROLE_AUDITOR));
  EXPECT_EQ(ann.state(), v1::USER_STATE_ACTIVE);
  EXPECT_EQ(ann.key_algorithm(), v1::KEY_ALGORITHM_ED25519);
  EXPECT_THAT(ann.key_fingerprint(), HasSubstr("SHA256:"));
  EXPECT_TRUE(ann.has_key_create_time());
  EXPECT_FALSE(ann.has_password());
  EXPECT_FALSE(ann.has_last_sign_in_time());
  EXPECT_FALSE(ann.has_key_last_used_time());
  const v1::Caller caller =
      world_.Admin(&AdminStub::GetCaller, v1::GetCallerRequest(), ann.initial_token());
  EXPECT_THAT(caller.roles(), ElementsAre(v1::ROLE_MEMBER, v1::ROLE_AUDITOR));
  const absl::Time end = *ReadTimestamp("", caller.token().expire_time());
  EXPECT_LT(absl::AbsDuration(end - absl::Now() - absl::Hours(24 * 30)), absl::Minutes(1));
  const v1::AuditEntry entry = world_.Audit("user.create")[0];
  EXPECT_EQ(entry.actor(), "users/admin");
  EXPECT_EQ(entry.target(), "users/ann");
  EXPECT_EQ(entry.detail(), R"({"email":"ann@example.com","roles":["member","auditor"]})");
}

TEST_F(PeopleTest, OnlyWhatTheMaskNamesChanges) {
  v1::UpdateUserRequest request = SetRoles("demo", {v1::ROLE_AUDITOR, v1::ROLE_SITE_MANAGER});
  request.mutable_user()->set_email("ignored@example.com");
  v1::User demo = world_.Admin(&AdminStub::UpdateUser, request);
  EXPECT_THAT(demo.roles(), ElementsAre(v1::ROLE_MEMBER, v1::ROLE_AUDITOR, v1::ROLE_SITE_MANAGER));
  EXPECT_EQ(demo.email(), "demo@example.com");
  EXPECT_TRUE(demo.has_effect());
  EXPECT_EQ(world_.Audit("user.update")[0].detail(),
            R"({"roles":{"old":["member"],"new":["member","auditor","site-manager"]}})");
  request = Change("demo", "email");
  request.mutable_user()->set_email("d@example.com");
  demo = world_.Admin(&AdminStub::UpdateUser, request);
  EXPECT_EQ(demo.email(), "d@example.com");
  EXPECT_EQ(demo.roles_size(), 3);
  request.mutable_update_mask()->Clear();
  demo = world_.Admin(&AdminStub::UpdateUser, request);
  EXPECT_THAT(demo.roles(), ElementsAre(v1::ROLE_MEMBER)) << "an empty mask means everything";
  request.mutable_user()->set_email("nothing");
  EXPECT_TRUE(absl::IsInvalidArgument(world_.Try(&AdminStub::UpdateUser, request)));
  EXPECT_TRUE(absl::IsInvalidArgument(world_.Try(&AdminStub::UpdateUser, Change("demo", "name"))));
  EXPECT_TRUE(absl::IsInvalidArgument(
      world_.Try(&AdminStub::UpdateUser, SetRoles("demo", {static_cast<v1::Role>(99)}))));
  EXPECT_TRUE(absl::IsInvalidArgument(
      world_.Try(&AdminStub::UpdateUser, SetState("demo", static_cast<v1::UserState>(99)))));
  EXPECT_TRUE(absl::IsNotFound(world_.Try(&AdminStub::UpdateUser, SetRoles("none", {}))));
}

TEST_F(PeopleTest, SomebodyStaysInCharge) {
  EXPECT_TRUE(
      absl::IsFailedPrecondition(world_.Try(&AdminStub::UpdateUser, SetRoles("admin", {}))));
  EXPECT_TRUE(absl::IsFailedPrecondition(
      world_.Try(&AdminStub::UpdateUser, SetState("admin", v1::USER_STATE_SUSPENDED))));
  v1::DeleteUserRequest remove;
  remove.set_name("users/admin");
  EXPECT_TRUE(absl::IsFailedPrecondition(world_.Try(&AdminStub::DeleteUser, remove)));
  world_.Admin(&AdminStub::UpdateUser, SetRoles("demo", {v1::ROLE_SITE_MANAGER}));
  world_.Admin(&AdminStub::UpdateUser, SetRoles("admin", {}), demo_);
  EXPECT_TRUE(absl::IsPermissionDenied(world_.Try(&AdminStub::UpdateUser, SetRoles("demo", {}))))
      << "a role that is taken away is gone at once";
}

TEST_F(PeopleTest, ASuspendedUserIsShutOutAndNothingIsLost) {
  world_.Admin(&AdminStub::UpdateUser, SetState("demo", v1::USER_STATE_SUSPENDED));
  const absl::Status status = Whoami(demo_);
  EXPECT_TRUE(absl::IsUnauthenticated(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("suspended"));
  EXPECT_EQ(world_.Audit("user.update")[0].detail(),
            R"({"state":{"old":"active","new":"suspended"}})");
  world_.Admin(&AdminStub::UpdateUser, SetState("demo", v1::USER_STATE_ACTIVE));
  EXPECT_TRUE(Whoami(demo_).ok());
  v1::DeleteUserRequest remove;
  remove.set_name("users/demo");
  world_.Admin(&AdminStub::DeleteUser, remove);
  EXPECT_TRUE(absl::IsUnauthenticated(Whoami(demo_)));
  EXPECT_EQ(world_.Audit("user.delete").size(), 1u);
}

TEST_F(PeopleTest, TokensHaveARoleAndAnEnd) {
  const v1::Token token = world_.Admin(&AdminStub::CreateToken, TokenRequest(), demo_);
  absl::Time end = *ReadTimestamp("", token.expire_time());
  EXPECT_LT(absl::AbsDuration(end - absl::Now() - absl::Hours(24 * 90)), absl::Minutes(1));
  EXPECT_TRUE(Whoami(token.secret()).ok());
  v1::CreateTokenRequest request = TokenRequest();
  for (const v1::Role role : {v1::ROLE_AUDITOR, v1::ROLE_SITE_MANAGER}) {
    request.mutable_token()->set_role(role);
    const absl::Status status = world_.Try(&AdminStub::CreateToken, request, demo_);
    EXPECT_TRUE(absl::IsPermissionDenied(status)) << status;
  }
  request.mutable_token()->set_role(static_cast<v1::Role>(99));
  EXPECT_TRUE(absl::IsInvalidArgument(world_.Try(&AdminStub::CreateToken, request, demo_)));
  request = TokenRequest();
  for (const absl::Duration ahead : {-absl::Hours(1), absl::Hours(24 * 367)}) {
    *request.mutable_token()->mutable_expire_time() = ToTimestamp(absl::Now() + ahead);
    EXPECT_TRUE(absl::IsInvalidArgument(world_.Try(&AdminStub::CreateToken, request, demo_)));
  }
  for (const std::string& name : {std::string(101, 'x'), std::string("a\nb")}) {
    EXPECT_TRUE(
        absl::IsInvalidArgument(world_.Try(&AdminStub::CreateToken, TokenRequest(name), demo_)));
  }
  EXPECT_THAT(world_.Audit("token.create")[0].detail(),
              HasSubstr(R"("display_name":"laptop","role":"","expire_time":"20)"));
}

TEST_F(PeopleTest, TokensAreListedAndRevoked) {
  v1::Token last;
  for (const char* name : {"a", "b", "c"}) {
    last = world_.Admin(&AdminStub::CreateToken, TokenRequest(name), demo_);
  }
  v1::ListTokensRequest list;
  list.set_parent("users/demo");
  list.set_page_size(3);
  const v1::ListTokensResponse first = world_.Admin(&AdminStub::ListTokens, list, demo_);
  ASSERT_EQ(first.tokens_size(), 3);
  EXPECT_EQ(first.tokens(0).display_name(), "c");
  EXPECT_EQ(first.tokens(0).secret(), "");
  list.set_page_token(first.next_page_token());
  const v1::ListTokensResponse second = world_.Admin(&AdminStub::ListTokens, list);
  ASSERT_EQ(second.tokens_size(), 1);
  EXPECT_EQ(second.tokens(0).display_name(), "first steps");
  EXPECT_EQ(second.next_page_token(), "");
  list.set_page_token("nonsense");
  EXPECT_TRUE(absl::IsInvalidArgument(world_.Try(&AdminStub::ListTokens, list)));

  v1::DeleteTokenRequest remove;
  remove.set_name(last.name());
  world_.Admin(&AdminStub::DeleteToken, remove, demo_);
  EXPECT_TRUE(absl::IsUnauthenticated(Whoami(last.secret())));
  EXPECT_TRUE(absl::IsNotFound(world_.Try(&AdminStub::DeleteToken, remove, demo_)));
  EXPECT_EQ(world_.Audit("token.delete")[0].target(), last.name());
  // Through somebody else's name it is not there either.
  remove.set_name("users/admin/tokens/" +
                  std::string(absl::StripPrefix(first.tokens(1).name(), "users/demo/tokens/")));
  EXPECT_TRUE(absl::IsNotFound(world_.Try(&AdminStub::DeleteToken, remove)));
}

TEST_F(PeopleTest, ATokenTellsWhenItWasLastUsed) {
  const v1::Token token = world_.Admin(&AdminStub::CreateToken, TokenRequest(), demo_);
  EXPECT_FALSE(token.has_last_used_time());
  v1::ListTokensRequest list;
  list.set_parent("users/demo");
  v1::Token seen;
  const absl::Time deadline = absl::Now() + absl::Seconds(10);
  do {
    seen = world_.Admin(&AdminStub::ListTokens, list, token.secret()).tokens(0);
  } while (!seen.has_last_used_time() && absl::Now() < deadline);
  EXPECT_TRUE(seen.has_last_used_time());
  EXPECT_EQ(seen.last_used_address(), "127.0.0.1");
}

TEST_F(PeopleTest, KeysOfOnesOwnComeAndGo) {
  const std::string line = NewKeyLine("yubikey");
  const v1::PublicKey made = world_.Admin(&AdminStub::CreatePublicKey, KeyRequest(line), demo_);
  EXPECT_EQ(made.display_name(), "yubikey") << "the line's comment";
  EXPECT_EQ(made.public_key(), line);
  EXPECT_EQ(world_.Audit("key.add")[0].target(), "users/demo");
  EXPECT_THAT(world_.Audit("key.add")[0].detail(), HasSubstr(made.fingerprint()));
  const std::string eve = world_.MakeUser("eve").initial_token();
  v1::CreatePublicKeyRequest taken = KeyRequest(line);
  taken.set_parent("users/eve");
  EXPECT_TRUE(absl::IsAlreadyExists(world_.Try(&AdminStub::CreatePublicKey, taken, eve)));
  v1::CreatePublicKeyRequest named = KeyRequest(NewKeyLine("x"));
  named.mutable_public_key()->set_display_name("a name");
  world_.Admin(&AdminStub::CreatePublicKey, named, demo_);
  for (const char* bad : {"", "ssh-dss AAAA", "no-pty ssh-ed25519 AAAA"}) {
    const absl::Status status = world_.Try(&AdminStub::CreatePublicKey, KeyRequest(bad), demo_);
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("public_key.public_key: "));
  }
  v1::ListPublicKeysRequest list;
  list.set_parent("users/demo");
  list.set_page_size(1);
  v1::ListPublicKeysResponse page = world_.Admin(&AdminStub::ListPublicKeys, list);
  EXPECT_EQ(page.public_keys(0).name(), made.name());
  list.set_page_token(page.next_page_token());
  page = world_.Admin(&AdminStub::ListPublicKeys, list, demo_);
  EXPECT_EQ(page.public_keys(0).display_name(), "a name");
  EXPECT_EQ(page.next_page_token(), "");

  v1::DeletePublicKeyRequest remove;
  remove.set_name(made.name());
  const v1::PublicKey removed = world_.Admin(&AdminStub::DeletePublicKey, remove);
  EXPECT_EQ(removed.fingerprint(), made.fingerprint());
  EXPECT_TRUE(removed.has_effect());
  EXPECT_TRUE(absl::IsNotFound(world_.Try(&AdminStub::DeletePublicKey, remove, demo_)));
  EXPECT_EQ(world_.Audit("key.remove")[0].target(), made.name());
  EXPECT_THAT(world_.Audit("key.remove")[0].detail(), HasSubstr(made.fingerprint()));
  world_.Admin(&AdminStub::CreatePublicKey, taken, eve);  // it is free again
}

TEST_F(PeopleTest, ARegeneratedKeyIsOfTheAlgorithmThatIsSet) {
  v1::GetUserRequest get;
  get.set_name("users/demo");
  const v1::User before = world_.Admin(&AdminStub::GetUser, get);
  v1::UpdateSettingsRequest settings;
  settings.mutable_settings()->set_key_algorithm(v1::KEY_ALGORITHM_ECDSA_P256);
  settings.mutable_update_mask()->add_paths("key_algorithm");
  world_.Admin(&AdminStub::UpdateSettings, settings);
  EXPECT_EQ(world_.Admin(&AdminStub::GetUser, get).public_key(), before.public_key());
  v1::RegenerateKeyRequest request;
  request.set_name("users/demo");
  const v1::User after = world_.Admin(&AdminStub::RegenerateKey, request, demo_);
  EXPECT_EQ(after.key_algorithm(), v1::KEY_ALGORITHM_ECDSA_P256);
  EXPECT_NE(after.key_fingerprint(), before.key_fingerprint());
  EXPECT_TRUE(after.has_effect());
  const v1::AuditEntry entry = world_.Audit("key.regenerate")[0];
  EXPECT_EQ(entry.actor(), "users/demo");
  EXPECT_THAT(entry.detail(), HasSubstr(before.key_fingerprint()));
  EXPECT_THAT(entry.detail(), HasSubstr(after.key_fingerprint()));
  EXPECT_EQ(world_.MakeUser("new").key_algorithm(), v1::KEY_ALGORITHM_ECDSA_P256);
}

TEST_F(PeopleTest, DownloadsAreRecordedAndCanBeForbidden) {
  v1::DownloadPrivateKeyRequest request;
  request.set_name("users/demo");
  EXPECT_THAT(world_.Admin(&AdminStub::DownloadPrivateKey, request, demo_).private_key(),
              HasSubstr("OPENSSH PRIVATE KEY"));
  EXPECT_EQ(world_.Audit("key.download").size(), 1u);
  EXPECT_THAT(world_.Audit("key.download")[0].detail(), HasSubstr("SHA256:"));
  v1::UpdateSettingsRequest settings;
  settings.mutable_settings()->set_private_key_download(false);
  settings.mutable_update_mask()->add_paths("private_key_download");
  world_.Admin(&AdminStub::UpdateSettings, settings);
  EXPECT_TRUE(
      absl::IsFailedPrecondition(world_.Try(&AdminStub::DownloadPrivateKey, request, demo_)));
  EXPECT_EQ(world_.Audit("key.download").size(), 1u);
}

}  // namespace
}  // namespace homeport
