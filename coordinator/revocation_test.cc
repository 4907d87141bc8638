// What is decided about sessions when the records change. No proxy is connected here: what one
// would be told stands in the registry. revoking_test.cc has the streams.
#include "coordinator/revocation.h"

#include <cstdlib>
#include <memory>
#include <string>

#include "absl/time/clock.h"
#include "coordinator/keys/credential.h"
#include "coordinator/store/open_store.h"
#include "gtest/gtest.h"

namespace homeport {
namespace {

const AuditRecord kNote{0, absl::FromUnixSeconds(1700000000), "users/root", "test", "", "", "{}"};

class RevocationTest : public ::testing::Test {
 protected:
  RevocationTest() {
    ann_ = *store_->CreateUser({"ann",
                                "ann@example.com",
                                false,
                                {"assigned key", "sealed"},
                                MintCredential(CredentialKind::kUser).hashed},
                               kNote);
    EXPECT_TRUE(store_
                    ->CreateUser({"root",
                                  "root@example.com",
                                  true,
                                  {"root's key", "sealed"},
                                  MintCredential(CredentialKind::kUser).hashed},
                                 kNote)
                    .ok());
    OwnKeyRecord own;
    own.user_id = ann_.id;
    own.name = "laptop";
    own.public_key = "own key";
    own_key_ = *store_->CreateOwnKey(own, kNote);
    EXPECT_TRUE(store_->CreateProvider({0, "local", "", {}}, kNote).ok());
    dev_ = *store_->CreateWorkspace(
        {"ann", "dev", "local", MintCredential(CredentialKind::kWorkspace).hashed}, kNote);
    Add("by-assigned", "assigned key");
    Add("by-own", "own key");
  }

  void Add(const std::string& id, const std::string& key) {
    Session session;
    session.id = id;
    session.replica = "r1";
    session.user_id = ann_.id;
    session.user = "ann";
    session.workspace_id = dev_.id;
    session.workspace = "users/ann/workspaces/dev";
    session.provider = "local";
    session.entry_key = key;
    session.assigned_key = key == "assigned key";
    session.expire_time = absl::Now() + absl::Seconds(30);
    ASSERT_TRUE(sessions_.Add(session, absl::Now()).ok());
  }
  // Why it was told to end; empty if it was not.
  std::string Ending(const std::string& id) { return sessions_.Find(id)->ending; }
  v1::SessionPolicy Policy(const std::string& id) { return sessions_.Find(id)->policy.value(); }

  static std::unique_ptr<SqlStore> MakeStore() {
    std::string folder = ::testing::TempDir() + "/revocationXXXXXX";
    EXPECT_NE(mkdtemp(folder.data()), nullptr);
    return *OpenStore("sqlite:" + folder + "/homeport.db");
  }

  const std::unique_ptr<SqlStore> store_ = MakeStore();
  SessionRegistry sessions_{100};
  AgentRegistry agents_;
  ProxyRegistry proxies_;
  SettingsPublisher publisher_{*store_, agents_, ""};
  Acknowledgements acknowledgements_;
  Revocation revocation_{*store_, sessions_, agents_, proxies_, publisher_, acknowledgements_};
  UserRecord ann_;
  OwnKeyRecord own_key_;
  WorkspaceRecord dev_;
};

TEST_F(RevocationTest, SuspendingAUserEndsAllOfTheirs) {
  UserChange change;
  change.suspended = true;
  ASSERT_TRUE(store_->UpdateUser("ann", change, kNote).ok());
  const v1::Effect effect = revocation_.UserChanged(ann_.id);
  EXPECT_EQ(Ending("by-assigned"), "Your account was suspended.");
  EXPECT_EQ(Ending("by-own"), "Your account was suspended.");
  ASSERT_EQ(effect.laggards_size(), 1) << "the proxy could not be told";
  EXPECT_EQ(effect.laggards(0).name(), "proxies/r1");
}

TEST_F(RevocationTest, AnotherAssignedKeyEndsWhatCameWithTheOldOne) {
  ASSERT_TRUE(store_->SetUserKey(ann_.id, {"new key", "sealed"}, kNote).ok());
  revocation_.KeyRemoved(ann_.id, "assigned key");
  EXPECT_EQ(Ending("by-assigned"), "The key that this connection signed in with was regenerated.");
  EXPECT_EQ(Ending("by-own"), "");
}

TEST_F(RevocationTest, AKeyThatIsRemovedEndsWhatCameWithIt) {
  ASSERT_TRUE(store_->DeleteOwnKey(ann_.id, own_key_.id, kNote).ok());
  revocation_.KeyRemoved(ann_.id, "own key");
  EXPECT_EQ(Ending("by-assigned"), "");
  EXPECT_EQ(Ending("by-own"), "The key that this connection signed in with was removed.");
}

TEST_F(RevocationTest, AProvidersSwitchesEndOrRestrictItsSessions) {
  ProviderChange change;
  change.file_transfer = false;
  ASSERT_TRUE(store_->UpdateProvider("local", change, kNote).ok());
  revocation_.ProviderChanged("local");
  EXPECT_EQ(Ending("by-own"), "");
  EXPECT_FALSE(Policy("by-own").file_transfer());
  EXPECT_TRUE(Policy("by-own").port_forwarding());

  change.external_connect = false;
  ASSERT_TRUE(store_->UpdateProvider("local", change, kNote).ok());
  revocation_.ProviderChanged("other");
  EXPECT_EQ(Ending("by-own"), "") << "it is none of that provider's";
  revocation_.ProviderChanged("local");
  EXPECT_EQ(Ending("by-own"),
            "SSH was disabled on this workspace: External Connect was switched off for its "
            "provider local.");
}

TEST_F(RevocationTest, WhatIsCutOffEnds) {
  ASSERT_TRUE(store_->DeleteWorkspace("ann", "dev", kNote).ok());
  revocation_.WorkspaceDeleted(dev_.id);
  EXPECT_EQ(Ending("by-own"), "The workspace was deleted.");
  revocation_.CredentialRevoked(dev_.id);
  EXPECT_EQ(Ending("by-own"), "The workspace's credential was revoked.");
}

TEST_F(RevocationTest, AManagerEndsWhatIsAskedFor) {
  SessionFilter filter;
  filter.id = "by-own";
  revocation_.EndSessions(filter, "A site manager ended this session.");
  EXPECT_EQ(Ending("by-own"), "A site manager ended this session.");
  EXPECT_EQ(Ending("by-assigned"), "");
}

TEST_F(RevocationTest, WhatWasTakenOverIsDecidedAboutLikeAnyOther) {
  google::protobuf::RepeatedPtrField<v1::LiveSession> live;
  const auto adopt = [&](const std::string& id, const std::string& key,
                         const std::string& workspace) {
    v1::LiveSession& session = *live.Add();
    session.set_session_id(id);
    session.set_user("users/ann");
    session.set_workspace("users/ann/workspaces/" + workspace);
    session.set_public_key(key);
  };
  adopt("good", "own key", "dev");
  adopt("stale", "a key of before", "dev");
  adopt("gone", "own key", "none");
  sessions_.Adopt("r2", live, absl::Now());
  EXPECT_FALSE(sessions_.Find("good")->checked);
  revocation_.OnHello("r2");
  EXPECT_TRUE(sessions_.Find("good")->checked);
  EXPECT_EQ(Ending("good"), "");
  EXPECT_EQ(sessions_.Find("good")->key_name, "laptop");
  EXPECT_EQ(sessions_.Find("good")->provider, "local");
  EXPECT_EQ(Ending("stale"), "The key that this connection signed in with was removed.");
  EXPECT_EQ(Ending("gone"), "The workspace was deleted.");
  // From now on it is like any other.
  UserChange change;
  change.suspended = true;
  ASSERT_TRUE(store_->UpdateUser("ann", change, kNote).ok());
  revocation_.UserChanged(ann_.id);
  EXPECT_EQ(Ending("good"), "Your account was suspended.");
}

}  // namespace
}  // namespace homeport
