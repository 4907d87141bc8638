// What is recorded, how it is read, and that nothing happens which cannot be recorded; over a real
// server.
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "coordinator/keys/ed25519_key_pair.h"
#include "coordinator/store/sqlite_database.h"
#include "coordinator/test_world.h"
#include "coordinator/timestamps.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace homeport {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using AdminStub = v1::AdminService::Stub;

class AuditTest : public ::testing::Test {
 protected:
  AuditTest() {
    world_.MakeProvider();
    demo_ = world_.MakeUser("demo").initial_token();
    world_.MakeWorkspace("demo", "dev");
  }

  // The actions that match, in pages of two.
  std::vector<std::string> Actions(v1::ListAuditEntriesRequest request) {
    std::vector<std::string> actions;
    request.set_page_size(2);
    do {
      const v1::ListAuditEntriesResponse page = world_.Admin(&AdminStub::ListAuditEntries, request);
      for (const v1::AuditEntry& entry : page.audit_entries()) actions.push_back(entry.action());
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty() && actions.size() < 100);
    return actions;
  }
  // Does something to the database behind the coordinator's back.
  void Sql(const std::string& statement) {
    auto database = SqliteDatabase::Open(world_.File("homeport.db"), nullptr);
    ASSERT_TRUE(database.ok()) << database.status();
    const absl::Status status = (*database)->Write([&](soci::session& session) {
      session << statement;
      return absl::OkStatus();
    });
    ASSERT_TRUE(status.ok()) << status;
  }
  // A call for each kind of change; each may fail or not. The answer is how many did not.
  int ChangeEverything() {
    int done = 0;
    const auto note = [&done](const absl::Status& status) { done += status.ok() ? 1 : 0; };
    v1::CreateUserRequest user;
    user.set_user_id("new");
    user.mutable_user()->set_email("new@example.com");
    note(world_.Try(&AdminStub::CreateUser, user));
    v1::UpdateUserRequest update_user;
    update_user.mutable_user()->set_name("users/demo");
    update_user.mutable_user()->set_email("changed@example.com");
    note(world_.Try(&AdminStub::UpdateUser, update_user));
    v1::SetPasswordRequest password;
    password.set_name("users/demo");
    password.set_new_password("correct horse battery");
    note(world_.Try(&AdminStub::SetPassword, password, demo_));
    v1::CreateSignInCodeRequest code;
    code.set_name("users/demo");
    note(world_.Try(&AdminStub::CreateSignInCode, code));
    v1::CreateTokenRequest token;
    token.set_parent("users/demo");
    note(world_.Try(&AdminStub::CreateToken, token, demo_));
    v1::RegenerateKeyRequest key;
    key.set_name("users/demo");
    note(world_.Try(&AdminStub::RegenerateKey, key));
    v1::DownloadPrivateKeyRequest download;
    download.set_name("users/demo");
    note(world_.Try(&AdminStub::DownloadPrivateKey, download, demo_));
    v1::CreatePublicKeyRequest own;
    own.set_parent("users/demo");
    own.mutable_public_key()->set_public_key(
        AuthorizedKeysLine(Ed25519KeyPair::Generate().PublicKeyBlob(), ""));
    note(world_.Try(&AdminStub::CreatePublicKey, own, demo_));
    return done + ChangePlaces();
  }
  int ChangePlaces() {
    int done = 0;
    const auto note = [&done](const absl::Status& status) { done += status.ok() ? 1 : 0; };
    v1::CreateProviderRequest provider;
    provider.set_provider_id("other");
    note(world_.Try(&AdminStub::CreateProvider, provider));
    v1::UpdateProviderRequest update_provider;
    update_provider.mutable_provider()->set_name("providers/local");
    update_provider.mutable_provider()->set_display_name("changed");
    note(world_.Try(&AdminStub::UpdateProvider, update_provider));
    v1::CreateWorkspaceRequest workspace;
    workspace.set_parent("users/demo");
    workspace.set_workspace_id("box");
    workspace.mutable_workspace()->set_provider("providers/local");
    note(world_.Try(&AdminStub::CreateWorkspace, workspace));
    v1::UpdateWorkspaceRequest update_workspace;
    update_workspace.mutable_workspace()->set_name("users/demo/workspaces/dev");
    update_workspace.mutable_workspace()->set_base_path("/changed");
    note(world_.Try(&AdminStub::UpdateWorkspace, update_workspace));
    v1::RotateCredentialRequest rotate;
    rotate.set_name("users/demo/workspaces/dev");
    note(world_.Try(&AdminStub::RotateCredential, rotate));
    v1::RevokeCredentialRequest revoke;
    revoke.set_name("users/demo/workspaces/dev");
    note(world_.Try(&AdminStub::RevokeCredential, revoke));
    v1::UpdateSettingsRequest settings;
    settings.mutable_settings()->set_private_key_download(true);
    settings.mutable_update_mask()->add_paths("private_key_download");
    note(world_.Try(&AdminStub::UpdateSettings, settings));
    return done + Delete();
  }
  int Delete() {
    int done = 0;
    const auto note = [&done](const absl::Status& status) { done += status.ok() ? 1 : 0; };
    v1::DeleteWorkspaceRequest workspace;
    workspace.set_name("users/demo/workspaces/dev");
    note(world_.Try(&AdminStub::DeleteWorkspace, workspace));
    v1::CreateProviderRequest provider;
    provider.set_provider_id("brief");
    note(world_.Try(&AdminStub::CreateProvider, provider));
    v1::DeleteProviderRequest remove;
    remove.set_name("providers/brief");
    note(world_.Try(&AdminStub::DeleteProvider, remove));
    v1::DeleteUserRequest user;
    user.set_name("users/new");
    note(world_.Try(&AdminStub::DeleteUser, user));
    return done;
  }
  static constexpr int kChanges = 8 + 7 + 4;

  TestWorld world_;
  std::string demo_;
};

TEST_F(AuditTest, EveryChangeHasALineWithItsActor) {
  v1::ListAuditEntriesRequest request;
  request.set_oldest_first(true);
  *request.mutable_start_time() = ToTimestamp(absl::Now());
  ASSERT_EQ(ChangeEverything(), kChanges);
  EXPECT_THAT(
      Actions(request),
      ElementsAre("user.create", "user.update", "user.password", "user.sign_in_code",
                  "token.create", "key.regenerate", "key.download", "key.add", "provider.create",
                  "provider.update", "workspace.create", "workspace.update",
                  "workspace.rotate_credential", "workspace.revoke_credential", "settings.update",
                  "workspace.delete", "provider.create", "provider.delete", "user.delete"));
  for (const v1::AuditEntry& entry : world_.Audit("")) {
    EXPECT_THAT(entry.actor(), ::testing::StartsWith("users/")) << entry.DebugString();
    EXPECT_THAT(entry.address(), ::testing::StartsWith("127.0.0.1:")) << entry.DebugString();
    EXPECT_EQ(entry.hash().size(), 64u);
    EXPECT_THAT(entry.DebugString(), ::testing::Not(HasSubstr("correct horse")));
    EXPECT_THAT(entry.DebugString(), ::testing::Not(::testing::ContainsRegex("hp[acpst]_")));
  }
}

TEST_F(AuditTest, WhatCannotBeRecordedDoesNotHappen) {
  Sql("CREATE TRIGGER audit_is_shut BEFORE INSERT ON audit BEGIN"
      " SELECT RAISE(ABORT, 'shut'); END");
  EXPECT_EQ(ChangeEverything(), 0);
  v1::SignInResponse signed_in;
  v1::SignInRequest sign_in;
  sign_in.mutable_password()->set_user_id("demo");
  sign_in.mutable_password()->set_password("wrong");
  EXPECT_TRUE(absl::IsUnauthenticated(
      world_.Call(world_.auth(), &v1::AuthService::Stub::SignIn, "", sign_in, signed_in)));
  v1::GetUserRequest get;
  get.set_name("users/demo");
  v1::User demo = world_.Admin(&AdminStub::GetUser, get);
  EXPECT_EQ(demo.email(), "demo@example.com");
  EXPECT_FALSE(demo.has_password());
  Sql("DROP TRIGGER audit_is_shut");
  EXPECT_EQ(ChangeEverything(), kChanges);
}

TEST_F(AuditTest, FiltersChooseAndPagesGoBothWays) {
  v1::ListAuditEntriesRequest request;
  request.set_actor("users/admin");
  const std::vector<std::string> newest = {"workspace.create", "user.create", "provider.create",
                                           "set_up"};
  EXPECT_EQ(Actions(request), newest);
  request.set_oldest_first(true);
  EXPECT_EQ(Actions(request), std::vector<std::string>(newest.rbegin(), newest.rend()));
  request.set_target("users/demo");
  EXPECT_THAT(Actions(request), ElementsAre("user.create", "workspace.create"));
  request.set_action("user.");
  EXPECT_THAT(Actions(request), ElementsAre("user.create"));
  request.set_address("127.0.0.1");
  EXPECT_THAT(Actions(request), ElementsAre("user.create"));
  request.set_address("127.0.0.2");
  EXPECT_THAT(Actions(request), ElementsAre());
  request.clear_address();
  *request.mutable_start_time() = ToTimestamp(absl::Now() - absl::Hours(1));
  *request.mutable_end_time() = ToTimestamp(absl::Now() + absl::Hours(1));
  EXPECT_THAT(Actions(request), ElementsAre("user.create"));
  *request.mutable_end_time() = ToTimestamp(absl::Now() - absl::Minutes(30));
  EXPECT_THAT(Actions(request), ElementsAre());
  request.mutable_end_time()->set_nanos(-1);
  EXPECT_TRUE(absl::IsInvalidArgument(world_.Try(&AdminStub::ListAuditEntries, request)));
  // A token of one question is none of another's.
  v1::ListAuditEntriesRequest all;
  all.set_page_size(1);
  const std::string token = world_.Admin(&AdminStub::ListAuditEntries, all).next_page_token();
  all.set_page_token(token);
  EXPECT_TRUE(world_.Try(&AdminStub::ListAuditEntries, all).ok());
  all.set_action("user.");
  EXPECT_TRUE(absl::IsInvalidArgument(world_.Try(&AdminStub::ListAuditEntries, all)));
}

TEST_F(AuditTest, ItSaysWhetherItIsWhole) {
  const v1::VerifyAuditResponse whole =
      world_.Admin(&AdminStub::VerifyAudit, v1::VerifyAuditRequest());
  EXPECT_TRUE(whole.intact()) << whole.problem();
  EXPECT_EQ(whole.first(), "auditEntries/1");
  EXPECT_EQ(whole.last(), absl::StrCat("auditEntries/", whole.entries()));
  EXPECT_EQ(whole.last_hash(), world_.Audit("")[0].hash());
  world_.Stop();
  Sql("DROP TRIGGER audit_is_not_changed");
  Sql("UPDATE audit SET actor = 'users/eve' WHERE id = 2");
  world_.Start();
  const v1::VerifyAuditResponse broken =
      world_.Admin(&AdminStub::VerifyAudit, v1::VerifyAuditRequest());
  EXPECT_FALSE(broken.intact());
  EXPECT_THAT(broken.problem(), HasSubstr("2"));
}

TEST_F(AuditTest, ExpiredCredentialsAreDeletedAtTheStart) {
  v1::CreateTokenRequest request;
  request.set_parent("users/demo");
  *request.mutable_token()->mutable_expire_time() =
      ToTimestamp(absl::Now() + absl::Milliseconds(100));
  const std::string secret = world_.Admin(&AdminStub::CreateToken, request, demo_).secret();
  absl::Status status;
  const absl::Time deadline = absl::Now() + absl::Seconds(10);
  while (status.message() != "this token has expired" && absl::Now() < deadline) {
    status = world_.Try(&AdminStub::GetCaller, v1::GetCallerRequest(), secret);
  }
  EXPECT_EQ(status.message(), "this token has expired");
  world_.coordinator().Housekeep();
  world_.Stop();  // ends what is under way
  world_.Start();
  status = world_.Try(&AdminStub::GetCaller, v1::GetCallerRequest(), secret);
  EXPECT_THAT(std::string(status.message()), HasSubstr("not known here"));
}

}  // namespace
}  // namespace homeport
