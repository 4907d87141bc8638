#include "coordinator/workspace_signer.h"

#include <sodium.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/key_fingerprint.h"
#include "base/ssh_wire.h"
#include "coordinator/keys/key_pair.h"
#include "coordinator/store/open_store.h"
#include "coordinator/store/sqlite_database.h"
#include "coordinator/user_keys.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace homeport {
namespace {

using ::testing::HasSubstr;
using Json = nlohmann::json;

const AuditRecord kNote{0, absl::FromUnixSeconds(1700000000), "users/root", "test", "", "", "{}"};

class WorkspaceSignerTest : public ::testing::Test {
 protected:
  WorkspaceSignerTest() {
    std::string folder = ::testing::TempDir() + "/signerXXXXXX";
    EXPECT_NE(mkdtemp(folder.data()), nullptr);
    path_ = folder + "/homeport.db";
    store_ = *OpenStore("sqlite:" + path_);
    EXPECT_TRUE(store_
                    ->CreateUser({"ann", "ann@example.com", false,
                                  SealKeyPair(vault_, key_, UserKeyOwner("ann")),
                                  MintCredential(CredentialKind::kUser).hashed},
                                 kNote)
                    .ok());
    EXPECT_TRUE(store_->CreateProvider({0, "local", "", {}}, kNote).ok());
    dev_ = *store_->CreateWorkspace(
        {"ann", "dev", "local", MintCredential(CredentialKind::kWorkspace).hashed}, kNote);
    SetPolicy({});
  }

  void SetPolicy(WorkspaceSigner::Policy policy) {
    policy.front_door_key = front_door_.PublicKeyBlob();
    signer_ = std::make_unique<WorkspaceSigner>(*store_, vault_, memory_, policy);
  }

  absl::StatusOr<std::string> Sign(const std::string& data, uint32_t flags = 0) {
    v1::SignForWorkspaceRequest request;
    request.set_public_key(key_.PublicKeyBlob());
    request.set_data(data);
    request.set_flags(flags);
    return signer_->Sign(dev_, request, "192.0.2.1:7");
  }

  // A sign-in, bound to the host with this key if there is one.
  std::string Userauth(const std::string& host_key = "") const {
    WireWriter writer;
    writer.String(std::string(32, 's')).Byte(50).String("git").String("ssh-connection");
    writer.String(host_key.empty() ? "publickey" : "publickey-hostbound-v00@openssh.com");
    writer.Bool(true).String("ssh-ed25519").String(key_.PublicKeyBlob());
    if (!host_key.empty()) writer.String(host_key);
    return std::move(writer).bytes();
  }

  std::vector<AuditRecord> Audit() { return *store_->ListAudit({"", "key_socket."}, 100); }
  Json LastDetail() { return Json::parse(Audit().at(0).detail); }

  void ExpectSigned(const std::string& data, const absl::StatusOr<std::string>& signature) {
    ASSERT_TRUE(signature.ok()) << signature.status();
    WireReader key(public_key_), reader(*signature);
    key.String();
    const absl::string_view raw_key = key.String();
    EXPECT_EQ(reader.String(), "ssh-ed25519");
    const absl::string_view raw = reader.String();
    ASSERT_EQ(raw.size(), 64u);
    EXPECT_EQ(crypto_sign_verify_detached(reinterpret_cast<const unsigned char*>(raw.data()),
                                          reinterpret_cast<const unsigned char*>(data.data()),
                                          data.size(),
                                          reinterpret_cast<const unsigned char*>(raw_key.data())),
              0);
    EXPECT_EQ(Audit().at(0).action, "key_socket.sign");
  }
  // Refused, and recorded as such.
  void ExpectRefused(absl::StatusCode code, const absl::StatusOr<std::string>& signature) {
    EXPECT_EQ(signature.status().code(), code) << signature.status();
    ASSERT_FALSE(Audit().empty());
    EXPECT_EQ(Audit().at(0).action, "key_socket.refuse");
    EXPECT_EQ(Audit().at(0).target, "users/ann/workspaces/dev");
    EXPECT_EQ(LastDetail().at("reason"), std::string(signature.status().message()));
  }

  KeySocketMemory memory_;
  const KeyVault vault_ = *KeyVault::FromHex(KeyVault::GenerateMasterKeyHex());
  const KeyPair key_ = Ed25519KeyPair::Generate();
  const std::string public_key_ = key_.PublicKeyBlob();
  const Ed25519KeyPair front_door_ = Ed25519KeyPair::Generate();
  std::string path_;
  std::unique_ptr<SqlStore> store_;
  WorkspaceRecord dev_;
  std::unique_ptr<WorkspaceSigner> signer_;
};

TEST_F(WorkspaceSignerTest, NothingIsSignedForASuspendedOwner) {
  ASSERT_TRUE(store_
                  ->CreateUser({"boss",
                                "boss@example.com",
                                true,
                                {"boss's key", "sealed"},
                                MintCredential(CredentialKind::kUser).hashed},
                               kNote)
                  .ok());
  UserChange change;
  change.suspended = true;
  ASSERT_TRUE(store_->UpdateUser("ann", change, kNote).ok());
  ExpectRefused(absl::StatusCode::kPermissionDenied, Sign(Userauth()));
}

TEST_F(WorkspaceSignerTest, RemembersForWhichSessionsItSigned) {
  EXPECT_FALSE(memory_.Contains(std::string(32, 's')));
  ExpectSigned(Userauth(), Sign(Userauth()));
  EXPECT_TRUE(memory_.Contains(std::string(32, 's')));
  EXPECT_FALSE(memory_.Contains(""));
}

TEST_F(WorkspaceSignerTest, SignsAndRecordsWhatItWasFor) {
  const std::string other_host = Ed25519KeyPair::Generate().PublicKeyBlob();
  ExpectSigned(Userauth(other_host), Sign(Userauth(other_host)));
  const AuditRecord record = Audit().at(0);
  EXPECT_EQ(record.actor, "users/ann/workspaces/dev/agent");
  EXPECT_EQ(record.target, "users/ann/workspaces/dev");
  EXPECT_EQ(record.address, "192.0.2.1:7");
  EXPECT_EQ(LastDetail(), Json({{"kind", "userauth"},
                                {"user", "git"},
                                {"service", "ssh-connection"},
                                {"host_bound", true},
                                {"host_key", KeyFingerprint(other_host)},
                                {"key", KeyFingerprint(public_key_)}}));

  ExpectSigned(Userauth(), Sign(Userauth()));
  EXPECT_EQ(LastDetail().at("host_bound"), false);

  const std::string sshsig =
      WireWriter().Raw("SSHSIG").String("git").String("").String("sha512").String("h").bytes();
  ExpectSigned(sshsig, Sign(sshsig));
  EXPECT_EQ(LastDetail().at("kind"), "sshsig");
  EXPECT_EQ(LastDetail().at("namespace"), "git");

  ExpectSigned("anything", Sign("anything"));
  EXPECT_EQ(LastDetail().at("kind"), "other");
  EXPECT_EQ(LastDetail().at("bytes"), 8);
  EXPECT_EQ(Audit().size(), 4u);
}

TEST_F(WorkspaceSignerTest, WhatIsSignedCannotDriveATerminal) {
  const std::string data = WireWriter()
                               .Raw("SSHSIG")
                               .String("\x1b[2J\xff" + std::string(100000, 'a'))
                               .String("")
                               .String("sha512")
                               .String("h")
                               .bytes();
  ExpectSigned(data, Sign(data));
  EXPECT_EQ(Audit().at(0).detail.find('\x1b'), std::string::npos);
  EXPECT_LT(Audit().at(0).detail.size(), 1000u);
}

TEST_F(WorkspaceSignerTest, FlagsOfRsaMeanNothingToEd25519) {
  for (const uint32_t flags : {2u, 4u, 0xffffffffu}) ExpectSigned("x", Sign("x", flags));
}

TEST_F(WorkspaceSignerTest, FlagsChooseTheHashOfAnRsaKeyAndNeverSha1) {
  const KeyPair rsa = *KeyPair::Generate(KeyAlgorithm::kRsa4096);
  NewUser bob;
  bob.name = "bob";
  bob.email = "bob@example.com";
  bob.key = SealKeyPair(vault_, rsa, UserKeyOwner("bob"));
  bob.token = MintCredential(CredentialKind::kUser).hashed;
  ASSERT_TRUE(store_->CreateUser(bob, kNote).ok());
  const WorkspaceRecord workspace = *store_->CreateWorkspace(
      {"bob", "dev", "local", MintCredential(CredentialKind::kWorkspace).hashed}, kNote);
  v1::SignForWorkspaceRequest request;
  request.set_public_key(rsa.PublicKeyBlob());
  request.set_data("x");
  for (const auto& [flags, algorithm] : std::vector<std::pair<uint32_t, std::string>>{
           {0, "rsa-sha2-512"}, {2, "rsa-sha2-256"}, {4, "rsa-sha2-512"}}) {
    request.set_flags(flags);
    const absl::StatusOr<std::string> signature = signer_->Sign(workspace, request, "");
    ASSERT_TRUE(signature.ok()) << signature.status();
    EXPECT_EQ(WireReader(*signature).String(), algorithm) << flags;
  }
}

TEST_F(WorkspaceSignerTest, TheSwitchOfTheProviderRefuses) {
  ProviderChange off;
  off.key_socket = false;
  ASSERT_TRUE(store_->UpdateProvider("local", off, kNote).ok());
  const absl::StatusOr<std::string> refused = Sign("x");
  ExpectRefused(absl::StatusCode::kPermissionDenied, refused);
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("switched off"));
  off.key_socket = true;
  ASSERT_TRUE(store_->UpdateProvider("local", off, kNote).ok());
  ExpectSigned("x", Sign("x"));
}

TEST_F(WorkspaceSignerTest, OnlyTheOwnersPresentKeySigns) {
  v1::SignForWorkspaceRequest request;
  request.set_data("x");
  for (const std::string& key : {std::string(), Ed25519KeyPair::Generate().PublicKeyBlob()}) {
    request.set_public_key(key);
    ExpectRefused(absl::StatusCode::kNotFound, signer_->Sign(dev_, request, ""));
  }
}

TEST_F(WorkspaceSignerTest, TheFrontDoorStaysShutUnlessPolicyOpensIt) {
  const std::string data = Userauth(front_door_.PublicKeyBlob());
  const absl::StatusOr<std::string> refused = Sign(data);
  ExpectRefused(absl::StatusCode::kPermissionDenied, refused);
  EXPECT_EQ(LastDetail().at("host_key"), KeyFingerprint(front_door_.PublicKeyBlob()));
  WorkspaceSigner::Policy open;
  open.may_open_front_door = true;
  SetPolicy(open);
  ExpectSigned(data, Sign(data));
}

TEST_F(WorkspaceSignerTest, SignsNoMoreThanABound) {
  ExpectRefused(absl::StatusCode::kInvalidArgument,
                Sign(std::string(WorkspaceSigner::kMostBytes + 1, 'x')));
  const std::string most(WorkspaceSigner::kMostBytes, 'x');
  ExpectSigned(most, Sign(most));
}

TEST_F(WorkspaceSignerTest, WhatCannotBeRecordedIsNotSigned) {
  const auto database = *SqliteDatabase::Open(path_, nullptr);
  ASSERT_TRUE(database
                  ->Write([](soci::session& session) {
                    session << "CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT "
                               "RAISE(ABORT, 'no room'); END";
                    return absl::OkStatus();
                  })
                  .ok());
  EXPECT_TRUE(absl::IsUnavailable(Sign("x").status())) << Sign("x").status();
  ASSERT_TRUE(database
                  ->Write([](soci::session& session) {
                    session << "DROP TRIGGER full";
                    return absl::OkStatus();
                  })
                  .ok());
  EXPECT_TRUE(Audit().empty());
  ExpectSigned("x", Sign("x"));
}

TEST_F(WorkspaceSignerTest, AWorkspaceThatAsksTooOftenIsRefusedAndRecordedOnce) {
  WorkspaceSigner::Policy slow;
  slow.per_second = 1e-9;
  slow.burst = 3;
  SetPolicy(slow);
  for (int i = 0; i < 3; ++i) ExpectSigned("x", Sign("x"));
  ExpectRefused(absl::StatusCode::kResourceExhausted, Sign("x"));
  const size_t recorded = Audit().size();
  EXPECT_EQ(recorded, 4u);
  WorkspaceRecord other = dev_;
  other.id += 1;
  v1::SignForWorkspaceRequest request;
  request.set_public_key(public_key_);
  request.set_data("x");
  EXPECT_TRUE(signer_->Sign(other, request, "").ok()) << "another one has its own";
}

}  // namespace
}  // namespace homeport
