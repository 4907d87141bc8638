#include "coordinator/keys/userauth_request.h"

#include <functional>
#include <map>
#include <set>
#include <string>

#include "base/ssh_wire.h"
#include "coordinator/keys/ed25519_key_pair.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace homeport {
namespace {

using ::testing::HasSubstr;

constexpr char kHostBound[] = "publickey-hostbound-v00@openssh.com";

// The fields of a request, right unless a test changes one.
struct Fields {
  std::string session_id = std::string(32, 's');
  uint8_t message = 50;
  std::string user = "coder";
  std::string service = "ssh-connection";
  std::string method = "publickey";
  uint8_t has_signature = 1;
  std::string algorithm = "ssh-ed25519";
  std::string key;
  std::string host_key;  // of the host-bound method
  std::string after;

  std::string Encode() const {
    WireWriter writer;
    writer.String(session_id).Byte(message).String(user).String(service).String(method);
    writer.Byte(has_signature).String(algorithm).String(key);
    if (method == kHostBound) writer.String(host_key);
    return writer.Raw(after).bytes();
  }
};

class UserauthRequestTest : public ::testing::Test {
 protected:
  UserauthRequestTest() {
    fields_.key = key_;
    fields_.host_key = host_key_;
  }

  absl::Status Check(absl::string_view data) const {
    return CheckUserauthRequest(data, {"coder", key_, host_key_}).status();
  }

  void ExpectRefused(const std::function<void(Fields&)>& change, const std::string& reason) const {
    Fields fields = fields_;
    change(fields);
    const absl::Status status = Check(fields.Encode());
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << reason << ": " << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(reason));
  }

  const std::string key_ = Ed25519KeyPair::Generate().PublicKeyBlob();
  const std::string host_key_ = Ed25519KeyPair::Generate().PublicKeyBlob();
  Fields fields_;
};

TEST_F(UserauthRequestTest, TakesBothMethods) {
  EXPECT_TRUE(Check(fields_.Encode()).ok()) << Check(fields_.Encode());
  fields_.method = kHostBound;
  EXPECT_TRUE(Check(fields_.Encode()).ok()) << Check(fields_.Encode());
}

TEST_F(UserauthRequestTest, RefusesEveryFieldThatIsNotAsExpected) {
  ExpectRefused([](Fields& f) { f.session_id.resize(15); }, "session identifier");
  ExpectRefused([](Fields& f) { f.session_id.resize(65); }, "session identifier");
  ExpectRefused([](Fields& f) { f.message = 51; }, "SSH_MSG_USERAUTH_REQUEST");
  ExpectRefused([](Fields& f) { f.user = "root"; }, "user name");
  ExpectRefused([](Fields& f) { f.user = ""; }, "user name");
  ExpectRefused([](Fields& f) { f.user += '\0'; }, "user name");
  ExpectRefused([](Fields& f) { f.service = "ssh-userauth"; }, "service");
  ExpectRefused([](Fields& f) { f.method = "password"; }, "method");
  ExpectRefused([](Fields& f) { f.has_signature = 0; }, "flag");
  ExpectRefused([](Fields& f) { f.has_signature = 2; }, "flag");
  ExpectRefused([](Fields& f) { f.algorithm = "rsa-sha2-512"; }, "algorithm");
  ExpectRefused([](Fields& f) { f.key.back() ^= 1; }, "public key");
  ExpectRefused([](Fields& f) { f.key.clear(); }, "public key");
  ExpectRefused([](Fields& f) { f.after = "x"; }, "follows");
}

TEST_F(UserauthRequestTest, GivesTheAlgorithmIfTheKeyHasIt) {
  const std::map<std::string, std::set<std::string>> algorithms = {
      {"ssh-ed25519", {"ssh-ed25519"}},
      {"ecdsa-sha2-nistp256", {"ecdsa-sha2-nistp256"}},
      {"ssh-rsa", {"rsa-sha2-256", "rsa-sha2-512"}},
      {"ecdsa-sha2-nistp384", {}},  // of keys that are not assigned
      {"rsa-sha2-512", {}},         // no key is called that
      {"ssh-ed25519-cert-v01@openssh.com", {}},
      {"", {}},
  };
  std::set<std::string> names;
  for (const auto& [key, allowed] : algorithms) {
    names.insert(key);
    names.insert(allowed.begin(), allowed.end());
  }
  for (const auto& [key, allowed] : algorithms) {
    for (const std::string& name : names) {
      fields_.key = WireWriter().String(key).String("rest").bytes();
      fields_.algorithm = name;
      const std::string data = fields_.Encode();
      const absl::StatusOr<absl::string_view> algorithm =
          CheckUserauthRequest(data, {"coder", fields_.key, host_key_});
      EXPECT_EQ(algorithm.ok(), allowed.count(name) == 1) << key << " " << name;
      EXPECT_EQ(algorithm.value_or(name), name);
    }
  }
}

TEST_F(UserauthRequestTest, HostBoundMeansThisHost) {
  fields_.method = kHostBound;
  ExpectRefused([](Fields& f) { f.host_key.back() ^= 1; }, "another host key");
  ExpectRefused([](Fields& f) { f.host_key.clear(); }, "another host key");
  ExpectRefused([](Fields& f) { f.after = std::string(1, '\0'); }, "follows");
}

TEST_F(UserauthRequestTest, RefusesEveryTruncation) {
  fields_.method = kHostBound;
  const std::string whole = fields_.Encode();
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(Check(whole.substr(0, size)).ok()) << size;
  }
}

TEST_F(UserauthRequestTest, EmptyExpectationsMatchNothing) {
  fields_.user.clear();
  fields_.key.clear();
  EXPECT_FALSE(CheckUserauthRequest(fields_.Encode(), {"", "", ""}).ok());
}

}  // namespace
}  // namespace homeport
