#include "coordinator/store/sqlite_store.h"

#include <sys/stat.h>

#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/file.h"
#include "coordinator/store/sqlite_schema.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace homeport {
namespace {

using ::testing::HasSubstr;

const AuditRecord kNote{0, absl::FromUnixSeconds(1700000000), "users/root", "test", "", "", "{}"};

class SqliteStoreTest : public ::testing::Test {
 protected:
  SqliteStoreTest() : path_(absl::StrCat(Folder(), "/homeport.db")) { Reopen(); }

  static std::string Folder() {
    std::string folder = ::testing::TempDir() + "/storeXXXXXX";
    EXPECT_NE(mkdtemp(folder.data()), nullptr);
    return folder;
  }
  void Reopen() {
    store_.reset();
    absl::StatusOr<std::unique_ptr<SqliteStore>> store = SqliteStore::Open(path_);
    ASSERT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
  }
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

  const std::string path_;
  std::unique_ptr<SqliteStore> store_;
};

TEST_F(SqliteStoreTest, ReopeningKeepsEverything) {
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

TEST_F(SqliteStoreTest, NamesAreUnique) {
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

TEST_F(SqliteStoreTest, DeletingKeepsTheRules) {
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

TEST_F(SqliteStoreTest, CredentialsGoWithTheirOwners) {
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

TEST_F(SqliteStoreTest, ListsInOrderAndInPages) {
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

TEST_F(SqliteStoreTest, DamageAndOtherFilesAreRefusedAndKept) {
  MakeWorkspaces("ann", {"dev"});
  store_.reset();
  ASSERT_TRUE(WriteFileAtomically(path_, std::string(8192, 'x'), 0600).ok());
  const absl::Status garbage = SqliteStore::Open(path_).status();
  EXPECT_TRUE(absl::IsDataLoss(garbage)) << garbage;
  EXPECT_THAT(std::string(garbage.message()), HasSubstr(path_));
  EXPECT_EQ(*ReadFile(path_), std::string(8192, 'x'));
}

TEST_F(SqliteStoreTest, TheFileIsPrivate) {
  struct stat info = {};
  ASSERT_EQ(stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST_F(SqliteStoreTest, MigratesForwardAndKeepsWhatIsThere) {
  MakeWorkspaces("ann", {"dev"});
  store_.reset();
  SchemaSteps steps = SqliteSchemaSteps();
  const int now = static_cast<int>(steps.size());
  steps.push_back({"ALTER TABLE users ADD COLUMN shoe_size INTEGER NOT NULL DEFAULT 42"});
  {
    const auto database = *SqliteDatabase::Open(path_, nullptr);
    // A step that fails leaves the version before it.
    SchemaSteps broken = steps;
    broken.back().push_back("ALTER TABLE nowhere ADD COLUMN x");
    EXPECT_FALSE(MigrateSqlite(*database, broken).ok());
    EXPECT_EQ(*SqliteSchemaVersion(*database), now);
    ASSERT_TRUE(MigrateSqlite(*database, steps).ok());
    EXPECT_EQ(*SqliteSchemaVersion(*database), now + 1);
    ASSERT_TRUE(MigrateSqlite(*database, steps).ok()) << "a second time is nothing";
    const absl::StatusOr<int> size = database->Transact([](soci::session& session) {
      int shoe_size = 0;
      session << "SELECT shoe_size FROM users WHERE name = 'ann'", soci::into(shoe_size);
      return absl::StatusOr<int>(shoe_size);
    });
    EXPECT_EQ(*size, 42);
  }
  // What a newer program wrote is not ours to touch.
  const absl::Status newer = SqliteStore::Open(path_).status();
  EXPECT_TRUE(absl::IsDataLoss(newer)) << newer;
  EXPECT_THAT(std::string(newer.message()), HasSubstr("newer"));
}

// The schema of version 1, as it was released, must always lead to today's.
TEST_F(SqliteStoreTest, MigratesFromVersionOne) {
  const std::string path = absl::StrCat(Folder(), "/old.db");
  {
    const auto database = *SqliteDatabase::Open(path, nullptr);
    ASSERT_TRUE(MigrateSqlite(*database, {SqliteSchemaSteps().front()}).ok());
    ASSERT_TRUE(database
                    ->Transact([](soci::session& session) {
                      session << "INSERT INTO users (name, email, site_manager, public_key, "
                                 "sealed_key, create_time) VALUES ('ann', 'a@b', 1, 'a2V5', "
                                 "'c2VhbA==', 1700000000000000)";
                      session << "INSERT INTO providers (name, display_name, create_time) VALUES "
                                 "('local', 'Local', 1700000000000000)";
                      session << "INSERT INTO workspaces (owner_id, name, provider_id, "
                                 "create_time) VALUES (1, 'dev', 1, 1700000000000000)";
                      return absl::OkStatus();
                    })
                    .ok());
  }
  const auto store = SqliteStore::Open(path);
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_EQ((*store)->GetUser("ann")->public_key, "key");
  EXPECT_TRUE((*store)->GetProvider("local")->features.key_socket)
      << "what was there before has it";
  const absl::StatusOr<WorkspaceRecord> dev = (*store)->GetWorkspace("ann", "dev");
  ASSERT_TRUE(dev.ok()) << dev.status();
  EXPECT_EQ(dev->details.image_uri, "");
  EXPECT_EQ(dev->details.pinned_backend, BackendPin::kAuto);
  EXPECT_TRUE(dev->openssh_host_keys.keys.empty());
  EXPECT_EQ(dev->openssh_host_keys.change_time, absl::InfinitePast());
  EXPECT_TRUE((*store)->ListAudit({}, 10)->empty());
}

TEST_F(SqliteStoreTest, WhatChangesIsWhatWasNamed) {
  MakeWorkspaces("ann", {"dev", "box"});
  WorkspaceChange all;
  all.image_uri = "codercom/base:ubuntu";
  all.image_tag = "ubuntu";
  all.image_digest = "sha256:00";
  all.gallery_item_url = "https://a";
  all.gallery_service_url = "https://b";
  all.base_path = "/p";
  all.pinned_backend = BackendPin::kOpenSsh;
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

TEST_F(SqliteStoreTest, ANewWorkspaceAndProviderHaveTheirDetails) {
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

TEST_F(SqliteStoreTest, RemembersHostKeys) {
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

TEST_F(SqliteStoreTest, TheAuditListsTheNewestFirst) {
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

TEST_F(SqliteStoreTest, TheAuditIsAppendedToAndNothingElse) {
  ASSERT_TRUE(store_->AppendAudit({0, absl::Now(), "a", "b", "c", "", "{}"}).ok());
  const auto database = *SqliteDatabase::Open(path_, nullptr);
  for (const char* statement : {"UPDATE audit SET actor = 'somebody'", "DELETE FROM audit"}) {
    const absl::Status status = database->Transact([&](soci::session& session) {
      session << statement;
      return absl::OkStatus();
    });
    EXPECT_FALSE(status.ok()) << statement;
  }
  EXPECT_EQ(store_->ListAudit({}, 10)->at(0).actor, "a");
}

}  // namespace
}  // namespace homeport
