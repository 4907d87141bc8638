// People, their keys, tokens and codes in the store.
#include <memory>
#include <string>

#include "absl/time/clock.h"
#include "coordinator/store/test_database.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace homeport {
namespace {

using ::testing::ElementsAre;

const AuditRecord kNote{0, absl::FromUnixSeconds(1700000000), "users/root", "test", "", "", "{}"};

class SqlStorePeopleTest : public DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    if (store_ == nullptr) return;
    ann_ = Make("ann", true);
    bob_ = Make("bob", false);
  }
  UserRecord Make(const std::string& name, bool site_manager) {
    NewUser user;
    user.name = name;
    user.email = name + "@example.com";
    user.site_manager = site_manager;
    user.key = {"key of " + name, "sealed key of " + name};
    user.token = MintCredential(CredentialKind::kUser).hashed;
    return *store_->CreateUser(user, kNote);
  }
  size_t Lines() { return store_->ListAudit({}, 1000)->size(); }

  UserRecord ann_, bob_;
};

TEST_P(SqlStorePeopleTest, SomebodyStaysInCharge) {
  UserChange suspend, demote, promote;
  suspend.suspended = true;
  demote.site_manager = false;
  promote.site_manager = true;
  const size_t lines = Lines();
  EXPECT_TRUE(absl::IsFailedPrecondition(store_->UpdateUser("ann", suspend, kNote).status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(store_->UpdateUser("ann", demote, kNote).status()));
  EXPECT_EQ(Lines(), lines) << "what did not happen is not recorded as if it had";
  ASSERT_TRUE(store_->UpdateUser("bob", promote, kNote).ok());
  ASSERT_TRUE(store_->UpdateUser("bob", suspend, kNote).ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(store_->UpdateUser("ann", demote, kNote).status()))
      << "a suspended site manager is nobody in charge";
  EXPECT_TRUE(absl::IsFailedPrecondition(store_->DeleteUser("ann", kNote).status()));
  UserChange activate;
  activate.suspended = false;
  ASSERT_TRUE(store_->UpdateUser("bob", activate, kNote).ok());
  EXPECT_TRUE(store_->UpdateUser("ann", suspend, kNote)->suspended);
  EXPECT_TRUE(store_->DeleteUser("ann", kNote).ok());
}

TEST_P(SqlStorePeopleTest, KeysBelongToOnePerson) {
  const OwnKeyRecord phone{0, ann_.id, "phone", "blob of a phone", {}};
  const OwnKeyRecord made = *store_->CreateOwnKey(phone, kNote);
  EXPECT_EQ(made.last_used_time, absl::InfinitePast());
  EXPECT_TRUE(absl::IsAlreadyExists(
      store_->CreateOwnKey({0, bob_.id, "mine", "blob of a phone", {}}, kNote).status()));
  EXPECT_TRUE(absl::IsAlreadyExists(
      store_->CreateOwnKey({0, bob_.id, "mine", "key of ann", {}}, kNote).status()));
  EXPECT_TRUE(
      absl::IsAlreadyExists(store_->SetUserKey(bob_.id, {"blob of a phone", "x"}, kNote).status()));
  const KeyHolder holder = *store_->FindKeyHolder("blob of a phone");
  EXPECT_EQ(holder.user.name, "ann");
  EXPECT_EQ(holder.own_key_id, made.id);
  EXPECT_EQ(holder.own_key_name, "phone");
  EXPECT_THAT(*store_->ListKeyBlobs(ann_.id), ElementsAre("key of ann", "blob of a phone"));
  EXPECT_TRUE(absl::IsNotFound(store_->DeleteOwnKey(bob_.id, made.id, kNote).status()));
  EXPECT_EQ(store_->DeleteOwnKey(ann_.id, made.id, kNote)->public_key, "blob of a phone");
  EXPECT_TRUE(absl::IsNotFound(store_->FindKeyHolder("blob of a phone").status()));
  EXPECT_TRUE(store_->ListOwnKeys(ann_.id, 0, 10)->empty());
}

TEST_P(SqlStorePeopleTest, ARegeneratedKeyReplacesTheOther) {
  EXPECT_EQ(*store_->SetUserKey(ann_.id, {"another key", "sealed"}, kNote), "key of ann");
  EXPECT_TRUE(absl::IsNotFound(store_->FindKeyHolder("key of ann").status()));
  EXPECT_EQ(store_->FindKeyHolder("another key")->user.id, ann_.id);
  EXPECT_EQ(store_->GetUserKey(ann_.id)->sealed, "sealed");
}

TEST_P(SqlStorePeopleTest, ASessionsBeginIsWrittenDown) {
  NewWorkspace workspace{"ann", "dev", "local", MintCredential(CredentialKind::kWorkspace).hashed};
  ASSERT_TRUE(store_->CreateProvider({0, "local", "", {}}, kNote).ok());
  const int64_t dev = store_->CreateWorkspace(workspace, kNote)->id;
  const int64_t phone = store_->CreateOwnKey({0, ann_.id, "phone", "phone", {}}, kNote)->id;
  ASSERT_TRUE(store_->RecordSessionStart(kNote, "phone", dev, "192.0.2.1").ok());
  EXPECT_EQ(store_->ListOwnKeys(ann_.id, phone - 1, 1)->at(0).last_used_time, kNote.time);
  EXPECT_EQ(store_->GetUser("ann")->key_last_used_time, absl::InfinitePast());
  ASSERT_TRUE(store_->RecordSessionStart(kNote, "key of ann", dev, "192.0.2.2").ok());
  EXPECT_EQ(store_->GetUser("ann")->key_last_used_time, kNote.time);
  EXPECT_EQ(store_->GetWorkspaceById(dev)->last_connection_time, kNote.time);
  EXPECT_EQ(store_->GetWorkspaceById(dev)->last_connection_address, "192.0.2.2");
}

TEST_P(SqlStorePeopleTest, TokensAreListedAndRevoked) {
  const HashedCredential first = MintCredential(CredentialKind::kUser).hashed;
  const HashedCredential expired = MintCredential(CredentialKind::kUser).hashed;
  ASSERT_TRUE(
      store_->CreateToken(ann_.id, first, {"laptop", "member", absl::InfiniteFuture()}, kNote)
          .ok());
  ASSERT_TRUE(
      store_->CreateToken(ann_.id, expired, {"gone", "", absl::Now() - absl::Seconds(1)}, kNote)
          .ok());
  const absl::Time used = absl::FromUnixSeconds(1700000001);
  ASSERT_TRUE(store_->TouchToken(first.id, used, "192.0.2.3").ok());
  const std::vector<CredentialRecord> tokens = *store_->ListTokens(ann_.id, 0, 10);
  ASSERT_EQ(tokens.size(), 2u) << "the initial one and this";
  EXPECT_EQ(tokens[0].hashed.id, first.id);
  EXPECT_EQ(tokens[0].details.role, "member");
  EXPECT_EQ(tokens[0].last_used_time, used);
  EXPECT_EQ(tokens[0].last_used_address, "192.0.2.3");
  EXPECT_EQ(tokens[0].details.expire_time, absl::InfiniteFuture());
  EXPECT_EQ(store_->ListTokens(ann_.id, tokens[0].number, 10)->size(), 1u);
  EXPECT_TRUE(store_->FindCredential(expired.id)->details.expire_time < absl::Now());
  EXPECT_EQ(*store_->DeleteExpiredCredentials(absl::Now()), 1);
  EXPECT_TRUE(absl::IsNotFound(store_->DeleteToken(bob_.id, first.id, kNote)));
  EXPECT_TRUE(store_->DeleteToken(ann_.id, first.id, kNote).ok());
  EXPECT_TRUE(absl::IsNotFound(store_->FindCredential(first.id).status()));
}

TEST_P(SqlStorePeopleTest, ACodeSignsInOnce) {
  const HashedCredential older = MintCredential(CredentialKind::kSignInCode).hashed;
  const HashedCredential code = MintCredential(CredentialKind::kSignInCode).hashed;
  const absl::Time end = absl::Now() + absl::Hours(1);
  ASSERT_TRUE(store_->CreateSignInCode(bob_.id, older, end, kNote).ok());
  ASSERT_TRUE(store_->CreateSignInCode(bob_.id, code, end, kNote).ok());
  EXPECT_TRUE(absl::IsNotFound(store_->FindCredential(older.id).status()));
  EXPECT_EQ(store_->FindCredential(code.id)->user_id, bob_.id);
  TokenDetails details;
  details.sign_in = true;
  details.by_code = true;
  const HashedCredential token = MintCredential(CredentialKind::kUser).hashed;
  ASSERT_TRUE(store_->SignIn(bob_.id, code.id, token, details, kNote).ok());
  EXPECT_TRUE(absl::IsNotFound(store_->SignIn(
      bob_.id, code.id, MintCredential(CredentialKind::kUser).hashed, details, kNote)));
  EXPECT_EQ(store_->GetUser("bob")->last_sign_in_time, kNote.time);
  EXPECT_TRUE(store_->FindCredential(token.id)->details.by_code);
  // A new password ends other sign-ins, and leaves API tokens alone.
  const HashedCredential other = MintCredential(CredentialKind::kUser).hashed;
  ASSERT_TRUE(store_->SignIn(bob_.id, "", other, details, kNote).ok());
  ASSERT_TRUE(store_->SetPassword(bob_.id, "hash", other.id, kNote).ok());
  EXPECT_TRUE(absl::IsNotFound(store_->FindCredential(token.id).status()));
  EXPECT_EQ(store_->ListTokens(bob_.id, 0, 10)->size(), 2u);
  EXPECT_EQ(*store_->GetPasswordHash(bob_.id), "hash");
  EXPECT_TRUE(store_->GetUser("bob")->has_password);
  UserChange suspend;
  suspend.suspended = true;
  ASSERT_TRUE(store_->UpdateUser("bob", suspend, kNote).ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(
      store_->SignIn(bob_.id, "", MintCredential(CredentialKind::kUser).hashed, details, kNote)));
}

TEST_P(SqlStorePeopleTest, TheSetUpCodeGoesWithTheFirstUser) {
  EXPECT_TRUE(absl::IsNotFound(store_->GetSetUpCode().status()));
  const HashedCredential code = MintCredential(CredentialKind::kSetUpCode).hashed;
  ASSERT_TRUE(store_->SetSetUpCode(code).ok());
  EXPECT_TRUE(SameSecret(*store_->GetSetUpCode(), code));
  NewUser first;
  first.name = "root";
  first.key = {"key of root", "sealed"};
  first.token = MintCredential(CredentialKind::kUser).hashed;
  ASSERT_TRUE(store_->CreateFirstUser(first, kNote).ok());
  EXPECT_TRUE(absl::IsNotFound(store_->GetSetUpCode().status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(store_->SetSetUpCode(code)));
}

TEST_P(SqlStorePeopleTest, CredentialsOfWorkspacesRotate) {
  ASSERT_TRUE(store_->CreateProvider({0, "local", "", {}}, kNote).ok());
  const HashedCredential one = MintCredential(CredentialKind::kWorkspace).hashed;
  const HashedCredential two = MintCredential(CredentialKind::kWorkspace).hashed;
  const HashedCredential three = MintCredential(CredentialKind::kWorkspace).hashed;
  ASSERT_TRUE(store_->CreateWorkspace({"ann", "dev", "local", one}, kNote).ok());
  const absl::Time until = absl::Now() + absl::Hours(1);
  ASSERT_TRUE(store_->RotateCredential("ann", "dev", two, until, kNote).ok());
  EXPECT_LT(store_->FindCredential(one.id)->details.expire_time - until, absl::Milliseconds(1));
  EXPECT_EQ(store_->FindCredential(two.id)->details.expire_time, absl::InfiniteFuture());
  ASSERT_TRUE(store_->RotateCredential("ann", "dev", three, absl::Now(), kNote).ok());
  EXPECT_TRUE(absl::IsNotFound(store_->FindCredential(two.id).status()));
  EXPECT_TRUE(store_->FindCredential(three.id).ok());
  WorkspaceChange bound;
  bound.service_account = "ws-dev";
  ASSERT_TRUE(store_->UpdateWorkspace("ann", "dev", bound, kNote).ok());
  const WorkspaceRecord revoked = *store_->RevokeCredentials("ann", "dev", kNote);
  EXPECT_EQ(revoked.credential_create_time, absl::InfinitePast());
  EXPECT_EQ(revoked.details.service_account, "") << "its tokens are credentials too";
  EXPECT_TRUE(absl::IsNotFound(store_->FindCredential(three.id).status()));
}

TEST_P(SqlStorePeopleTest, SettingsHaveDefaultsAndStay) {
  EXPECT_EQ(store_->GetSettings()->key_algorithm, "ssh-ed25519");
  EXPECT_TRUE(store_->GetSettings()->private_key_download);
  EXPECT_EQ(store_->GetSettings()->audit_retention, absl::InfiniteDuration());
  SiteSettings settings{"ssh-rsa", false, absl::Hours(48), absl::Minutes(5)};
  ASSERT_TRUE(store_->SetSettings(settings, kNote).ok());
  const SiteSettings read = *store_->GetSettings();
  EXPECT_EQ(read.key_algorithm, "ssh-rsa");
  EXPECT_FALSE(read.private_key_download);
  EXPECT_EQ(read.audit_retention, absl::Hours(48));
  EXPECT_EQ(read.sign_in_lifetime, absl::Minutes(5));
}

INSTANTIATE_TEST_SUITE_P(In, SqlStorePeopleTest, EveryDatabase(), DatabaseName);

}  // namespace
}  // namespace homeport
