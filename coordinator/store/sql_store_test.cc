// The store in every database: rows go in and come out, rules hold.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "coordinator/store/test_database.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace homeport {
namespace {

using ::testing::HasSubstr;

const AuditRecord kNote{0, absl::FromUnixSeconds(1700000000), "users/root", "test", "", "", "{}"};

class SqlStoreTest : public DatabaseTest {
 protected:
  static NewUser MakeUser(const std::string& name, bool site_manager = false) {
    return {name,
            name + "@example.com",
            site_manager,
            {"key of " + name + std::string("\0\xff", 2), "sealed key of " + name},
            MintCredential(CredentialKind::kUser).hashed};
  }
  // A world of one provider, one user and some workspaces.
  void MakeWorkspaces(const std::string& owner, const std::vector<std::string>& names) {
    ASSERT_TRUE(store_->CreateUser(MakeUser(owner), kNote).ok());
    store_->CreateProvider({0, "local", "Local", {}}, kNote).status().IgnoreError();
    for (const std::string& name : names) {
      ASSERT_TRUE(
          store_
              ->CreateWorkspace(
                  {owner, name, "local", MintCredential(CredentialKind::kWorkspace).hashed}, kNote)
              .ok());
    }
  }
};

TEST_P(SqlStoreTest, ReopeningKeepsEverything) {
  const NewUser ann = MakeUser("ann", true);
  ASSERT_TRUE(store_->CreateFirstUser(ann, kNote).ok());
  ASSERT_TRUE(store_->CreateHostKey({"public", "sealed"}).ok());
  ASSERT_TRUE(store_->CreateProvider({0, "local", "Local \"'; DROP", {}}, kNote).ok());
  const HashedCredential agent = MintCredential(CredentialKind::kWorkspace).hashed;
  const absl::StatusOr<WorkspaceRecord> dev =
      store_->CreateWorkspace({"ann", "dev", "local", agent}, kNote);
  ASSERT_TRUE(dev.ok()) << dev.status();
  EXPECT_EQ(dev->last_seen_time, absl::InfinitePast());
  const absl::Time seen = absl::FromUnixMicros(1700000000123456);
  EXPECT_EQ(*store_->TouchWorkspaces({dev->id, dev->id + 7}, seen), 1);
  const HashedCredential proxy = MintCredential(CredentialKind::kProxy).hashed;
  ASSERT_TRUE(store_->SetProxyCredential(proxy).ok());
  Reopen();

  const absl::StatusOr<KeyHolder> holder = store_->FindKeyHolder(ann.key.public_key);
  ASSERT_TRUE(holder.ok()) << holder.status();
  const UserRecord* user = &holder->user;
  EXPECT_EQ(holder->own_key_id, 0);
  EXPECT_EQ(user->name, "ann");
  EXPECT_EQ(user->email, "ann@example.com");
  EXPECT_TRUE(user->site_manager);
  EXPECT_EQ(user->public_key, ann.key.public_key);
  EXPECT_LT(absl::Now() - user->create_time, absl::Minutes(1));
  EXPECT_EQ(store_->GetUserKey(user->id)->sealed, "sealed key of ann");
  EXPECT_EQ(store_->GetHostKey()->sealed, "sealed");
  EXPECT_EQ(store_->GetProvider("local")->display_name, "Local \"'; DROP");
  const absl::StatusOr<WorkspaceRecord> workspace = store_->GetWorkspace("ann", "dev");
  ASSERT_TRUE(workspace.ok());
  EXPECT_EQ(workspace->id, dev->id);
  EXPECT_EQ(workspace->provider, "local");
  EXPECT_EQ(workspace->last_seen_time, seen);
  EXPECT_EQ(store_->FindCredential(agent.id)->workspace_id, dev->id);
  EXPECT_EQ(store_->FindCredential(ann.token.id)->user_id, user->id);
  EXPECT_TRUE(SameSecret(store_->FindCredential(proxy.id)->hashed, proxy));
  EXPECT_TRUE(*store_->HadFirstUser());
  EXPECT_TRUE(*store_->HasSealedKeys());
}

TEST_P(SqlStoreTest, NamesAreUnique) {
  MakeWorkspaces("ann", {"dev"});
  MakeWorkspaces("bob", {"dev"});  // another owner's may be called the same
  EXPECT_TRUE(absl::IsAlreadyExists(store_->CreateUser(MakeUser("ann"), kNote).status()));
  EXPECT_TRUE(absl::IsAlreadyExists(store_->CreateProvider({0, "local", "", {}}, kNote).status()));
  EXPECT_TRUE(absl::IsAlreadyExists(
      store_
          ->CreateWorkspace(
              {"ann", "dev", "local", MintCredential(CredentialKind::kWorkspace).hashed}, kNote)
          .status()));
  NewUser same_key = MakeUser("eve");
  same_key.key = MakeUser("ann").key;
  const absl::Status refused = store_->CreateUser(same_key, kNote).status();
  EXPECT_FALSE(refused.ok()) << "a key belongs to one user";
  EXPECT_THAT(std::string(refused.message()), ::testing::Not(HasSubstr("c2VhbGVk")))
      << "a message must not hold what was to be stored";
  EXPECT_TRUE(absl::IsNotFound(store_->GetUser("eve").status())) << "nothing of it may stay";
  EXPECT_TRUE(absl::IsNotFound(store_->FindCredential(same_key.token.id).status()));
}

TEST_P(SqlStoreTest, DeletingKeepsTheRules) {
  ASSERT_TRUE(store_->CreateFirstUser(MakeUser("root", true), kNote).ok());
  MakeWorkspaces("ann", {"dev"});
  EXPECT_TRUE(absl::IsFailedPrecondition(store_->DeleteUser("root", kNote).status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(store_->DeleteUser("ann", kNote).status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(store_->DeleteProvider("local", kNote)));
  EXPECT_TRUE(absl::IsNotFound(store_->DeleteUser("eve", kNote).status()));
  const absl::StatusOr<WorkspaceRecord> deleted = store_->DeleteWorkspace("ann", "dev", kNote);
  ASSERT_TRUE(deleted.ok());
  EXPECT_TRUE(absl::IsNotFound(store_->DeleteWorkspace("ann", "dev", kNote).status()));
  EXPECT_TRUE(store_->DeleteUser("ann", kNote).ok());
  EXPECT_TRUE(store_->DeleteProvider("local", kNote).ok());
  MakeWorkspaces("ann", {"dev"});
  EXPECT_GT(store_->GetWorkspace("ann", "dev")->id, deleted->id) << "numbers do not come back";
  ASSERT_TRUE(store_->CreateUser(MakeUser("boss", true), kNote).ok());
  EXPECT_TRUE(store_->DeleteUser("root", kNote).ok());
  EXPECT_TRUE(
      absl::IsFailedPrecondition(store_->CreateFirstUser(MakeUser("root", true), kNote).status()))
      << "a first user who was deleted does not come back";
}

TEST_P(SqlStoreTest, CredentialsGoWithTheirOwners) {
  const NewUser ann = MakeUser("ann");
  ASSERT_TRUE(store_->CreateUser(ann, kNote).ok());
  ASSERT_TRUE(store_->DeleteUser("ann", kNote).ok());
  EXPECT_TRUE(absl::IsNotFound(store_->FindCredential(ann.token.id).status()));
  const HashedCredential first = MintCredential(CredentialKind::kProxy).hashed;
  const HashedCredential second = MintCredential(CredentialKind::kProxy).hashed;
  ASSERT_TRUE(store_->SetProxyCredential(first).ok());
  ASSERT_TRUE(store_->SetProxyCredential(second).ok());
  EXPECT_TRUE(absl::IsNotFound(store_->FindCredential(first.id).status()));
  EXPECT_TRUE(store_->FindCredential(second.id).ok());
}

TEST_P(SqlStoreTest, ListsInOrderAndInPages) {
  MakeWorkspaces("bob", {"a", "c", "b"});
  MakeWorkspaces("ann", {"z"});
  const auto names = [](const std::vector<WorkspaceRecord>& workspaces) {
    std::vector<std::string> all;
    for (const WorkspaceRecord& w : workspaces) all.push_back(absl::StrCat(w.owner, "/", w.name));
    return all;
  };
  EXPECT_THAT(names(*store_->ListWorkspaces("", "", "", 100)),
              ::testing::ElementsAre("ann/z", "bob/a", "bob/b", "bob/c"));
  EXPECT_THAT(names(*store_->ListWorkspaces("", "ann", "z", 2)),
              ::testing::ElementsAre("bob/a", "bob/b"));
  EXPECT_THAT(names(*store_->ListWorkspaces("bob", "bob", "b", 2)),
              ::testing::ElementsAre("bob/c"));
  EXPECT_EQ(store_->ListUsers("ann", 10)->size(), 1u);
  EXPECT_EQ(store_->ListProviders("", 10)->at(0).name, "local");
}

TEST_P(SqlStoreTest, WhatChangesIsWhatWasNamed) {
  MakeWorkspaces("ann", {"dev", "box"});
  WorkspaceChange all;
  all.image_uri = "codercom/base:ubuntu";
  all.image_tag = "ubuntu";
  all.image_digest = "sha256:00";
  all.gallery_item_url = "https://a";
  all.gallery_service_url = "https://b";
  all.base_path = "/p";
  all.pinned_backend = BackendPin::kOpenSsh;
  all.service_account = "ws-dev";
  ASSERT_TRUE(store_->UpdateWorkspace("ann", "dev", all, kNote).ok());
  WorkspaceChange one;
  one.image_tag = "";
  ASSERT_TRUE(store_->UpdateWorkspace("ann", "dev", one, kNote).ok());
  Reopen();
  const WorkspaceDetails dev = store_->GetWorkspace("ann", "dev")->details;
  EXPECT_EQ(dev.image_uri, "codercom/base:ubuntu");
  EXPECT_EQ(dev.image_tag, "");
  EXPECT_EQ(dev.image_digest, "sha256:00");
  EXPECT_EQ(dev.gallery_item_url, "https://a");
  EXPECT_EQ(dev.gallery_service_url, "https://b");
  EXPECT_EQ(dev.base_path, "/p");
  EXPECT_EQ(dev.pinned_backend, BackendPin::kOpenSsh);
  EXPECT_EQ(dev.service_account, "ws-dev");
  EXPECT_EQ(store_->GetWorkspace("ann", "box")->details.image_uri, "") << "another one";
  EXPECT_TRUE(absl::IsNotFound(store_->UpdateWorkspace("ann", "none", one, kNote).status()));

  ProviderChange off;
  off.key_socket = false;
  EXPECT_FALSE(store_->UpdateProvider("local", off, kNote)->features.key_socket);
  ProviderChange renamed;
  renamed.display_name = "Here";
  ASSERT_TRUE(store_->UpdateProvider("local", renamed, kNote).ok());
  EXPECT_FALSE(store_->GetProvider("local")->features.key_socket);
  EXPECT_EQ(store_->GetProvider("local")->display_name, "Here");
  EXPECT_TRUE(absl::IsNotFound(store_->UpdateProvider("none", off, kNote).status()));
}

TEST_P(SqlStoreTest, ANewWorkspaceAndProviderHaveTheirDetails) {
  MakeWorkspaces("ann", {});
  ProviderRecord closed;
  closed.name = "closed";
  closed.features.key_socket = false;
  ASSERT_TRUE(store_->CreateProvider(closed, kNote).ok());
  EXPECT_FALSE(store_->GetProvider("closed")->features.key_socket);
  NewWorkspace dev{"ann", "dev", "local", MintCredential(CredentialKind::kWorkspace).hashed};
  dev.details.image_uri = "image";
  dev.details.pinned_backend = BackendPin::kEmbedded;
  ASSERT_TRUE(store_->CreateWorkspace(dev, kNote).ok());
  EXPECT_EQ(store_->GetWorkspace("ann", "dev")->details.image_uri, "image");
  EXPECT_EQ(store_->GetWorkspace("ann", "dev")->details.pinned_backend, BackendPin::kEmbedded);
}

TEST_P(SqlStoreTest, RemembersHostKeys) {
  MakeWorkspaces("ann", {"dev"});
  const int64_t id = store_->GetWorkspace("ann", "dev")->id;
  const absl::Time changed = absl::FromUnixMicros(1700000000123456);
  ASSERT_TRUE(store_
                  ->SetOpenSshHostKeys(
                      id, {{"new one", std::string("\0\xff ", 3)}, {"old"}, changed}, nullptr)
                  .ok());
  Reopen();
  const KnownHostKeys known = store_->GetWorkspace("ann", "dev")->openssh_host_keys;
  EXPECT_THAT(known.keys, ::testing::ElementsAre("new one", std::string("\0\xff ", 3)));
  EXPECT_THAT(known.old_keys, ::testing::ElementsAre("old"));
  EXPECT_EQ(known.change_time, changed);
  EXPECT_TRUE(absl::IsNotFound(store_->SetOpenSshHostKeys(id + 1, {}, nullptr)));
}

TEST_P(SqlStoreTest, TheAuditListsTheNewestFirst) {
  const auto append = [this](const std::string& action, const std::string& target) {
    AuditRecord record;
    record.time = absl::FromUnixMicros(1700000000123456);
    record.actor = "users/ann";
    record.action = action;
    record.target = target;
    record.address = "192.0.2.1:1";
    record.detail = R"({"a":":b'"})";
    ASSERT_TRUE(store_->AppendAudit(record).ok());
  };
  append("sign", "one");
  append("refuse", "one");
  append("sign", "two");
  append("sign", "one");
  Reopen();
  const std::vector<AuditRecord> all = *store_->ListAudit({}, 10);
  ASSERT_EQ(all.size(), 4u);
  EXPECT_GT(all[0].id, all[3].id);
  EXPECT_EQ(all[3].time, absl::FromUnixMicros(1700000000123456));
  EXPECT_EQ(all[3].actor, "users/ann");
  EXPECT_EQ(all[3].action, "sign");
  EXPECT_EQ(all[3].target, "one");
  EXPECT_EQ(all[3].address, "192.0.2.1:1");
  EXPECT_EQ(all[3].detail, R"({"a":":b'"})");
  EXPECT_EQ(store_->ListAudit({"one", "", 0}, 10)->size(), 3u);
  EXPECT_EQ(store_->ListAudit({"one", "sign", 0}, 10)->size(), 2u);
  EXPECT_EQ(store_->ListAudit({"", "refuse", 0}, 10)->size(), 1u);
  EXPECT_EQ(store_->ListAudit({}, 2)->size(), 2u);
  EXPECT_EQ(store_->ListAudit({"one", "sign", all[0].id}, 10)->at(0).id, all[3].id);
}

TEST_P(SqlStoreTest, TheAuditIsAppendedToAndNothingElse) {
  ASSERT_TRUE(store_->AppendAudit({0, absl::Now(), "a", "b", "c", "", "{}"}).ok());
  std::vector<std::string> statements = {"UPDATE audit SET actor = 'somebody'",
                                         "DELETE FROM audit"};
  if (GetParam() == DatabaseKind::kPostgresql) statements.push_back("TRUNCATE audit");
  for (const std::string& statement : statements) {
    const absl::Status status = store_->database().Write([&](soci::session& session) {
      session << statement;
      return absl::OkStatus();
    });
    EXPECT_FALSE(status.ok()) << statement;
    EXPECT_THAT(std::string(status.message()), HasSubstr("the audit is never"));
  }
  EXPECT_EQ(store_->ListAudit({}, 10)->at(0).actor, "a");
}

TEST_P(SqlStoreTest, ThousandsOfWorkspacesAreTouchedAtOnce) {
  MakeWorkspaces("ann", {"dev", "box"});
  const int64_t dev = store_->GetWorkspace("ann", "dev")->id;
  std::vector<int64_t> ids;
  for (int64_t gone = 1000000; gone < 1002500; ++gone) ids.push_back(gone);
  ids.push_back(dev);
  const absl::Time seen = absl::FromUnixMicros(1700000000123456);
  EXPECT_EQ(*store_->TouchWorkspaces(ids, seen), 1);
  EXPECT_EQ(store_->GetWorkspaceById(dev)->last_seen_time, seen);
  EXPECT_EQ(store_->GetWorkspace("ann", "box")->last_seen_time, absl::InfinitePast());
  EXPECT_EQ(*store_->TouchWorkspaces({}, seen), 0);
}

TEST_P(SqlStoreTest, TextsAreKeptAsTheyAreOrRefused) {
  const std::string odd =
      "'; -- \\ \"x\" :name $1 % \xc3\xa4\xe2\x82\xac\xf0\x9f\x99\x82 \t\n end ";
  ASSERT_TRUE(store_->CreateProvider({0, "odd", odd, {}}, kNote).ok());
  EXPECT_EQ(store_->GetProvider("odd")->display_name, odd);
  const absl::Status zero =
      store_->CreateProvider({0, "zero", std::string("a\0b", 3), {}}, kNote).status();
  EXPECT_TRUE(absl::IsInvalidArgument(zero)) << zero;
  EXPECT_TRUE(absl::IsNotFound(store_->GetProvider("zero").status()));
}

TEST_P(SqlStoreTest, NamesAreInTheOrderOfTheirBytes) {
  for (const char* name : {"a-b", "ab", "a1", "B", "a"}) {
    ASSERT_TRUE(store_->CreateProvider({0, name, "", {}}, kNote).ok());
  }
  std::vector<std::string> names;
  const std::vector<ProviderRecord> providers = *store_->ListProviders("", 10);
  for (const ProviderRecord& provider : providers) names.push_back(provider.name);
  EXPECT_THAT(names, ::testing::ElementsAre("B", "a", "a-b", "a1", "ab"));
}

INSTANTIATE_TEST_SUITE_P(In, SqlStoreTest, EveryDatabase(), DatabaseName);

}  // namespace
}  // namespace homeport
