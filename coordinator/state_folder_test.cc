#include "coordinator/state_folder.h"

#include <sys/stat.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "coordinator/keys/credential.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace homeport {
namespace {

using ::testing::HasSubstr;

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

}  // namespace
}  // namespace homeport
