#include "coordinator/keys/signature_purpose.h"

#include <string>

#include "base/ssh_wire.h"
#include "gtest/gtest.h"

namespace homeport {
namespace {

using Kind = SignaturePurpose::Kind;

std::string Userauth(const std::string& method, const std::string& session_id = "session") {
  WireWriter writer;
  writer.String(session_id).Byte(50).String("git").String("ssh-connection").String(method);
  writer.Bool(true).String("ssh-ed25519").String("key");
  if (method != "publickey") writer.String("host key");
  return std::move(writer).bytes();
}

std::string Sshsig() {
  return WireWriter().Raw("SSHSIG").String("git").String("").String("sha512").String("h").bytes();
}

TEST(SignaturePurposeTest, KnowsASignIn) {
  const std::string data = Userauth("publickey");
  const SignaturePurpose purpose = ReadSignaturePurpose(data);
  EXPECT_EQ(purpose.kind, Kind::kUserauth);
  EXPECT_EQ(purpose.user, "git");
  EXPECT_EQ(purpose.service, "ssh-connection");
  EXPECT_EQ(purpose.host_key, "");
}

TEST(SignaturePurposeTest, KnowsTheHostThatASignInIsBoundTo) {
  const std::string data = Userauth("publickey-hostbound-v00@openssh.com");
  const SignaturePurpose purpose = ReadSignaturePurpose(data);
  EXPECT_EQ(purpose.kind, Kind::kUserauth);
  EXPECT_EQ(purpose.host_key, "host key");
}

TEST(SignaturePurposeTest, KnowsASignatureOfAFile) {
  const std::string data = Sshsig();
  const SignaturePurpose purpose = ReadSignaturePurpose(data);
  EXPECT_EQ(purpose.kind, Kind::kSshsig);
  EXPECT_EQ(purpose.name_space, "git");
}

TEST(SignaturePurposeTest, NothingElseIsTakenForOne) {
  for (const std::string& whole :
       {Userauth("publickey"), Userauth("publickey-hostbound-v00@openssh.com"), Sshsig()}) {
    for (size_t size = 0; size < whole.size(); ++size) {
      EXPECT_EQ(ReadSignaturePurpose(whole.substr(0, size)).kind, Kind::kOther) << size;
    }
    EXPECT_EQ(ReadSignaturePurpose(whole + "x").kind, Kind::kOther);
  }
  EXPECT_EQ(ReadSignaturePurpose(Userauth("hostbased")).kind, Kind::kOther);
  EXPECT_EQ(ReadSignaturePurpose(Userauth("publickey", "")).kind, Kind::kOther);
  EXPECT_EQ(ReadSignaturePurpose(Userauth("publickey", std::string(65, 's'))).kind, Kind::kOther);
  EXPECT_EQ(ReadSignaturePurpose(std::string(6, '\xff')).kind, Kind::kOther);
}

}  // namespace
}  // namespace homeport
