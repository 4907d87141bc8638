#include "coordinator/state_folder.h"

#include <sys/stat.h>
#include <unistd.h>

#include <thread>

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "coordinator/keys/credential.h"
#include "coordinator/keys/ed25519_key_pair.h"
#include "coordinator/master_key_rotation.h"
#include "coordinator/secrets_folder.h"
#include "coordinator/store/test_database.h"
#include "coordinator/user_keys.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace homeport {
namespace {

using ::testing::HasSubstr;

const AuditRecord kNote{0, absl::FromUnixSeconds(1700000000), "users/root", "test", "", "", "{}"};

class StateFolderTest : public ::testing::Test {
 protected:
  StateFolderTest() {
    std::string parent = ::testing::TempDir() + "/stateXXXXXX";
    EXPECT_NE(mkdtemp(parent.data()), nullptr);
    options_.path = parent + "/state";
  }

  std::string File(const std::string& name) const { return absl::StrCat(options_.path, "/", name); }
  std::unique_ptr<StateFolder> Open() {
    auto folder = StateFolder::Open(options_);
    EXPECT_TRUE(folder.ok()) << folder.status();
    return folder.ok() ? *std::move(folder) : nullptr;
  }
  // Whether what the file holds is known to the store.
  bool Known(StateFolder& folder, const std::string& name) {
    const absl::StatusOr<std::string> token = ReadSecretFile(File(name));
    if (!token.ok()) return false;
    const absl::StatusOr<HashedCredential> parsed = ParseCredential(*token);
    const auto known = folder.store().FindCredential(parsed->id);
    return known.ok() && SameSecret(known->hashed, *parsed);
  }
  // Whether the file's code is the store's.
  bool IsSetUpCode(StateFolder& folder) {
    const absl::StatusOr<HashedCredential> shown = ParseCredential(folder.set_up_code());
    const absl::StatusOr<HashedCredential> known = folder.store().GetSetUpCode();
    return shown.ok() && known.ok() && SameSecret(*shown, *known) &&
           *ReadSecretFile(File("set-up-code")) == folder.set_up_code();
  }
  void ExpectDamage(const std::string& named) {
    const absl::Status status = StateFolder::Open(options_).status();
    EXPECT_TRUE(absl::IsDataLoss(status)) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(named));
  }

  StateFolderOptions options_;
};

TEST_F(StateFolderTest, TheFirstStartMakesEverythingPrivateAndTheSecondKeepsIt) {
  std::string host_key;
  {
    const auto folder = Open();
    host_key = folder->host_key().PublicKeyBlob();
    EXPECT_TRUE(IsSetUpCode(*folder));
    EXPECT_TRUE(Known(*folder, "proxy-credential"));
    EXPECT_TRUE(folder->store().ListUsers("", 10)->empty()) << "nobody is made behind our backs";
    struct stat info = {};
    stat(options_.path.c_str(), &info);
    EXPECT_EQ(info.st_mode & 0777, 0700u);
    for (const char* name :
         {"master.key", "ca.key", "server.key", "homeport.db", "set-up-code", "proxy-credential"}) {
      ASSERT_EQ(stat(File(name).c_str(), &info), 0) << name;
      EXPECT_EQ(info.st_mode & 0777, 0600u) << name;
    }
    const absl::Status second = StateFolder::Open(options_).status();
    EXPECT_TRUE(absl::IsFailedPrecondition(second)) << second;
    EXPECT_THAT(std::string(second.message()), HasSubstr("another coordinator"));
  }
  const std::string code = *ReadFile(File("set-up-code"));
  const auto again = Open();
  EXPECT_EQ(again->host_key().PublicKeyBlob(), host_key);
  EXPECT_EQ(again->set_up_code() + "\n", code) << "it is the same until it was used";
}

TEST_F(StateFolderTest, TheSetUpCodeIsGoneWithTheFirstSiteManager) {
  {
    const auto folder = Open();
    NewUser user;
    user.name = "ann";
    user.key.public_key = "blob";
    user.token = MintCredential(CredentialKind::kUser).hashed;
    ASSERT_TRUE(folder->store().CreateFirstUser(user, {}).ok());
    EXPECT_TRUE(ReadFile(File("set-up-code")).ok()) << "killed before it was deleted";
  }
  const auto folder = Open();
  EXPECT_EQ(folder->set_up_code(), "");
  EXPECT_TRUE(absl::IsNotFound(ReadFile(File("set-up-code")).status()));
  EXPECT_TRUE(absl::IsNotFound(folder->store().GetSetUpCode().status()));
}

// The token is in its file before the store knows it: a crash in between.
TEST_F(StateFolderTest, ATokenInAFileIsMadeToWork) {
  ASSERT_EQ(mkdir(options_.path.c_str(), 0700), 0);
  for (const auto& [name, kind] : {std::pair{"set-up-code", CredentialKind::kSetUpCode},
                                   std::pair{"proxy-credential", CredentialKind::kProxy}}) {
    ASSERT_TRUE(WriteFileAtomically(File(name), MintCredential(kind).token, 0600).ok());
  }
  const auto folder = Open();
  EXPECT_TRUE(IsSetUpCode(*folder));
  EXPECT_TRUE(Known(*folder, "proxy-credential"));
}

TEST_F(StateFolderTest, WhatAKilledWriteLeftIsRemoved) {
  Open();
  for (const char* name : {"master.key.aB3xYz", "ca.pem.123456", "notes.txt.backup"}) {
    ASSERT_TRUE(WriteFileAtomically(File(name), "x", 0600).ok());
  }
  Open();
  EXPECT_FALSE(ReadFile(File("master.key.aB3xYz")).ok());
  EXPECT_FALSE(ReadFile(File("ca.pem.123456")).ok());
  EXPECT_TRUE(ReadFile(File("notes.txt.backup")).ok()) << "that is somebody else's";
}

TEST_F(StateFolderTest, ADeletedCredentialIsReplaced) {
  Open();
  const std::string old = *ReadSecretFile(File("proxy-credential"));
  unlink(File("proxy-credential").c_str());
  unlink(File("set-up-code").c_str());
  const auto folder = Open();
  EXPECT_TRUE(Known(*folder, "proxy-credential"));
  EXPECT_TRUE(absl::IsNotFound(folder->store().FindCredential(ParseCredential(old)->id).status()));
  EXPECT_TRUE(IsSetUpCode(*folder));
}

TEST_F(StateFolderTest, DamageIsNamedAndNothingIsOverwritten) {
  Open();
  for (const char* name :
       {"homeport.db", "master.key", "ca.pem", "server.key", "proxy-credential", "set-up-code"}) {
    const std::string good = *ReadFile(File(name));
    for (const std::string& bad : {std::string(), std::string(100, 'x')}) {
      ASSERT_TRUE(WriteFileAtomically(File(name), bad, 0600).ok());
      ExpectDamage(name);
      EXPECT_EQ(*ReadFile(File(name)), bad);
    }
    ASSERT_TRUE(WriteFileAtomically(File(name), good, 0600).ok());
    Open();
  }
}

TEST_F(StateFolderTest, AMasterKeyIsNeverMadeForKeysThatAreThere) {
  Open();
  const std::string good = *ReadFile(File("master.key"));
  unlink(File("master.key").c_str());
  ExpectDamage("master.key is missing");
  EXPECT_NE(access(File("master.key").c_str(), F_OK), 0);
  ASSERT_TRUE(WriteFileAtomically(File("master.key"), KeyVault::GenerateMasterKeyHex(), 0600).ok());
  ExpectDamage("does not open the keys");
  ASSERT_TRUE(WriteFileAtomically(File("master.key"), good, 0644).ok());
  ExpectDamage("chmod 600");
}

// Every point at which a rotation of the master key may be killed.
class MasterKeyRotationTest : public StateFolderTest {
 protected:
  MasterKeyRotationTest() {
    const auto folder = Open();
    host_key_ = folder->host_key().PublicKeyBlob();
    NewUser user;
    user.name = "ann";
    user.key = SealKeyPair(folder->vault(), Ed25519KeyPair::Generate(), UserKeyOwner("ann"));
    user.token = MintCredential(CredentialKind::kUser).hashed;
    EXPECT_TRUE(folder->store().CreateFirstUser(user, kNote).ok());
    first_ = *ReadFile(File("master.key"));
  }
  std::unique_ptr<SqlDatabase> Database() {
    return *OpenDatabase("sqlite:" + File("homeport.db"), nullptr);
  }
  // It starts, with all its keys, and nothing says that somebody has tampered with the audit.
  void ExpectWhole() {
    const auto folder = Open();
    ASSERT_NE(folder, nullptr);
    EXPECT_EQ(folder->host_key().PublicKeyBlob(), host_key_);
    const int64_t ann = folder->store().GetUser("ann")->id;
    EXPECT_TRUE(
        OpenKeyPair(folder->vault(), *folder->store().GetUserKey(ann), UserKeyOwner("ann")).ok());
    EXPECT_TRUE(folder->store().AppendAudit(kNote).ok());
    EXPECT_EQ(folder->store().VerifyAudit()->problem, "");
  }

  std::string host_key_, first_;
};

TEST_F(MasterKeyRotationTest, EachStepLeavesAnInstallationThatStarts) {
  // Killed when the old key was copied and the new one not made.
  ASSERT_TRUE(WriteFileAtomically(File("master.key.old"), first_, 0600).ok());
  ExpectWhole();
  ASSERT_TRUE(MakeNextMasterKey(options_.path, *Database()).ok());
  const std::string second = *ReadFile(File("master.key"));
  EXPECT_NE(second, first_);
  EXPECT_EQ(*ReadFile(File("master.key.old")), first_);
  // Killed before the transaction.
  ExpectWhole();
  ASSERT_TRUE(MakeNextMasterKey(options_.path, *Database()).ok());
  EXPECT_EQ(*ReadFile(File("master.key")), second) << "what was begun is finished";
  EXPECT_EQ(*ReadFile(File("master.key.old")), first_);
  EXPECT_EQ(*ResealStore(options_.path, *Database()), 2) << "ann's and the front door's";
  ExpectWhole();
  EXPECT_EQ(*ResealStore(options_.path, *Database()), 0) << "a second time is nothing";
  unlink(File("master.key.old").c_str());
  ExpectWhole();
  ASSERT_TRUE(WriteFileAtomically(File("master.key"), first_, 0600).ok());
  ExpectDamage("does not open the keys");
}

TEST_F(MasterKeyRotationTest, AnotherOldKeyChangesNothing) {
  ASSERT_TRUE(MakeNextMasterKey(options_.path, *Database()).ok());
  ASSERT_TRUE(
      WriteFileAtomically(File("master.key.old"), KeyVault::GenerateMasterKeyHex(), 0600).ok());
  const absl::Status status = ResealStore(options_.path, *Database()).status();
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
  ASSERT_TRUE(WriteFileAtomically(File("master.key.old"), first_, 0600).ok());
  ExpectWhole();
}

// Several coordinators on one database, with the secrets of a folder that nobody writes to.
class SharedSecretsTest : public StateFolderTest {
 protected:
  void SetUp() override {
    options_.secrets = options_.path + "-secrets";
    options_.path.clear();
    options_.store = NewDatabase(DatabaseKind::kPostgresql);
    if (options_.store.empty()) GTEST_SKIP() << "there is no PostgreSQL on this machine";
    ASSERT_TRUE(MakeSecrets(options_.secrets, {"homeport.example"}).ok());
  }
  std::string Secret(const std::string& name) const { return options_.secrets + "/" + name; }
};

TEST_F(SharedSecretsTest, ThoseWhoStartAtOnceAgree) {
  std::vector<std::unique_ptr<StateFolder>> folders(4);
  std::vector<std::thread> threads;
  for (std::unique_ptr<StateFolder>& folder : folders) {
    threads.emplace_back([this, &folder] { folder = Open(); });
  }
  for (std::thread& thread : threads) thread.join();
  const absl::StatusOr<HashedCredential> proxy =
      ParseCredential(*ReadSecretFile(Secret("proxy-credential")));
  for (const auto& folder : folders) {
    ASSERT_NE(folder, nullptr);
    EXPECT_EQ(folder->host_key().PublicKeyBlob(), folders[0]->host_key().PublicKeyBlob());
    EXPECT_EQ(folder->set_up_code(), folders[0]->set_up_code());
    EXPECT_EQ(folder->SetUpCodeFile(), "");
    EXPECT_EQ(folder->serving_certificate().certificate_pem, *ReadFile(Secret("server.pem")));
    EXPECT_TRUE(SameSecret(folder->store().FindCredential(proxy->id)->hashed, *proxy));
  }
  EXPECT_TRUE(
      SameSecret(*folders[0]->store().GetSetUpCode(), *ParseCredential(folders[1]->set_up_code())));
  NewUser user;
  user.name = "ann";
  user.key.public_key = "blob";
  user.token = MintCredential(CredentialKind::kUser).hashed;
  ASSERT_TRUE(folders[2]->store().CreateFirstUser(user, kNote).ok());
  EXPECT_EQ(folders[3]->store().VerifyAudit()->problem, "");
  folders.clear();
  EXPECT_EQ(Open()->set_up_code(), "");
}

TEST_F(SharedSecretsTest, WhatIsMissingIsNamedAndNotMade) {
  Open();
  for (const char* name : {"master.key", "proxy-credential", "server.pem", "server.key"}) {
    const std::string good = *ReadFile(Secret(name));
    unlink(Secret(name).c_str());
    ExpectDamage(name);
    EXPECT_NE(access(Secret(name).c_str(), F_OK), 0);
    ASSERT_TRUE(WriteFileAtomically(Secret(name), good, 0600).ok());
  }
  EXPECT_NE(Open(), nullptr);
  ASSERT_TRUE(
      WriteFileAtomically(Secret("master.key"), KeyVault::GenerateMasterKeyHex(), 0600).ok());
  ExpectDamage("does not open the keys");
}

TEST_F(SharedSecretsTest, SecretsAreMadeOnceAndPrivate) {
  struct stat info = {};
  for (const char* name : {"master.key", "proxy-credential", "server.key", "ca.key"}) {
    ASSERT_EQ(stat(Secret(name).c_str(), &info), 0) << name;
    EXPECT_EQ(info.st_mode & 0777, 0600u) << name;
  }
  const std::string key = *ReadFile(Secret("master.key"));
  const absl::Status again = MakeSecrets(options_.secrets, {});
  EXPECT_TRUE(absl::IsAlreadyExists(again)) << again;
  EXPECT_EQ(*ReadFile(Secret("master.key")), key);
}

TEST_F(SharedSecretsTest, TheyServeAStateFolderToo) {
  options_.store.clear();
  options_.path = options_.secrets + "-state";
  const auto folder = Open();
  ASSERT_NE(folder, nullptr);
  EXPECT_NE(access(File("master.key").c_str(), F_OK), 0) << "nothing is made beside them";
  EXPECT_NE(access(File("set-up-code").c_str(), F_OK), 0);
  EXPECT_NE(folder->set_up_code(), "");
  EXPECT_TRUE(absl::IsFailedPrecondition(StateFolder::Open(options_).status()));
}

}  // namespace
}  // namespace homeport
