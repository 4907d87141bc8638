// OpenSSH of the last ten years gets in: with the algorithms that each version offers by default,
// as far as the ssh that is installed here still has them, and with each single one that the front
// door has. What is too old to be safe is refused, and ssh says what did not match.
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "tests/conformance/both_backends.h"

namespace homeport::story {
namespace {

using ::testing::HasSubstr;

struct Version {
  const char* name;
  const char* key_exchange;
  const char* ciphers;
  const char* macs;
  const char* host_keys;
};

constexpr char kKex74[] =
    "curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,"
    "ecdh-sha2-nistp521,diffie-hellman-group-exchange-sha256,diffie-hellman-group16-sha512,"
    "diffie-hellman-group18-sha512,diffie-hellman-group-exchange-sha1,"
    "diffie-hellman-group14-sha256,diffie-hellman-group14-sha1";
constexpr char kCiphers[] =
    "chacha20-poly1305@openssh.com,aes128-ctr,aes192-ctr,aes256-ctr,aes128-gcm@openssh.com,"
    "aes256-gcm@openssh.com";
constexpr char kMacs[] =
    "umac-64-etm@openssh.com,umac-128-etm@openssh.com,hmac-sha2-256-etm@openssh.com,"
    "hmac-sha2-512-etm@openssh.com,hmac-sha1-etm@openssh.com,umac-64@openssh.com,"
    "umac-128@openssh.com,hmac-sha2-256,hmac-sha2-512,hmac-sha1";
constexpr char kHostKeys74[] =
    "ecdsa-sha2-nistp256-cert-v01@openssh.com,ssh-ed25519-cert-v01@openssh.com,"
    "ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,ssh-ed25519,rsa-sha2-512,"
    "rsa-sha2-256,ssh-rsa";

// The defaults of their time (release notes and myproposal.h of each).
constexpr Version kVersions[] = {
    {"6.6",
     "curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,ecdh-sha2-nistp521,"
     "diffie-hellman-group-exchange-sha256,diffie-hellman-group-exchange-sha1,"
     "diffie-hellman-group14-sha1,diffie-hellman-group1-sha1",
     "aes128-ctr,aes192-ctr,aes256-ctr,aes128-gcm@openssh.com,aes256-gcm@openssh.com,"
     "chacha20-poly1305@openssh.com,aes128-cbc,3des-cbc,aes192-cbc,aes256-cbc",
     "hmac-md5-etm@openssh.com,hmac-sha1-etm@openssh.com,umac-64-etm@openssh.com,"
     "hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,hmac-md5,hmac-sha1,"
     "umac-64@openssh.com,hmac-sha2-256,hmac-sha2-512",
     "ecdsa-sha2-nistp256,ssh-ed25519,ssh-rsa"},
    {"7.4", kKex74, kCiphers, kMacs, kHostKeys74},
    {"8.0", kKex74, kCiphers, kMacs, kHostKeys74},
    {"8.9",
     "sntrup761x25519-sha512@openssh.com,curve25519-sha256,curve25519-sha256@libssh.org,"
     "ecdh-sha2-nistp256,ecdh-sha2-nistp384,ecdh-sha2-nistp521,"
     "diffie-hellman-group-exchange-sha256,diffie-hellman-group16-sha512,"
     "diffie-hellman-group18-sha512,diffie-hellman-group14-sha256",
     kCiphers, kMacs,
     "ssh-ed25519,ecdsa-sha2-nistp256,sk-ssh-ed25519@openssh.com,rsa-sha2-512,rsa-sha2-256"},
    {"9.9",
     "sntrup761x25519-sha512,sntrup761x25519-sha512@openssh.com,mlkem768x25519-sha256,"
     "curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256",
     "chacha20-poly1305@openssh.com,aes128-gcm@openssh.com,aes256-gcm@openssh.com,aes128-ctr,"
     "aes192-ctr,aes256-ctr",
     kMacs, "ssh-ed25519,ecdsa-sha2-nistp256,rsa-sha2-512,rsa-sha2-256"},
};

class OldAndNewSshWorks : public BothBackends {
 protected:
  // Those of the algorithms that the ssh installed here has, as `ssh -Q kind` lists them.
  static std::vector<std::string> Known(const std::string& kind, const std::string& names) {
    const Result listed = Run({"ssh", "-Q", kind});
    const std::vector<std::string> all = absl::StrSplit(listed.out, '\n', absl::SkipEmpty());
    std::vector<std::string> known;
    for (const absl::string_view name : absl::StrSplit(names, ',')) {
      if (std::find(all.begin(), all.end(), name) != all.end()) known.emplace_back(name);
    }
    EXPECT_FALSE(known.empty()) << "this ssh has none of " << names;
    return known;
  }
  static std::string Option(const std::string& name, const std::string& kind,
                            const std::string& names) {
    return absl::StrCat("-o", name, "=", absl::StrJoin(Known(kind, names), ","));
  }
  void ExpectToWork(const Words& options) {
    const std::string bytes = KnownBytes(700001);
    const Result result = Ssh("cat; exit 3", bytes, options);
    EXPECT_TRUE(result.out == bytes) << result.out.size() << " bytes came back; " << result.err;
    EXPECT_EQ(result.status, 3);
  }
};
HOMEPORT_STORY_OF_BOTH(OldAndNewSshWorks);

TEST_P(OldAndNewSshWorks, WithTheDefaultsOfEachVersion) {
  for (const Version& version : kVersions) {
    SCOPED_TRACE(version.name);
    ExpectToWork({Option("KexAlgorithms", "kex", version.key_exchange),
                  Option("Ciphers", "cipher", version.ciphers), Option("MACs", "mac", version.macs),
                  Option("HostKeyAlgorithms", "key-sig", version.host_keys)});
  }
}

TEST_P(OldAndNewSshWorks, WithEachKeyExchange) {
  for (const std::string& name :
       Known("kex",
             "mlkem768x25519-sha256,sntrup761x25519-sha512,sntrup761x25519-sha512@openssh.com,"
             "curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,"
             "ecdh-sha2-nistp384,ecdh-sha2-nistp521,diffie-hellman-group16-sha512,"
             "diffie-hellman-group18-sha512,diffie-hellman-group14-sha256")) {
    SCOPED_TRACE(name);
    ExpectToWork({"-oKexAlgorithms=" + name});
  }
}

TEST_P(OldAndNewSshWorks, WithEachCipherAndMac) {
  for (const std::string& name : Known("cipher", kCiphers)) {
    SCOPED_TRACE(name);
    ExpectToWork({"-oCiphers=" + name});
  }
  for (const std::string& name :
       Known("mac",
             "hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,hmac-sha2-256,"
             "hmac-sha2-512")) {
    SCOPED_TRACE(name);
    ExpectToWork({"-oCiphers=aes128-ctr", "-oMACs=" + name});
  }
}

TEST_P(OldAndNewSshWorks, WithCompression) { ExpectToWork({"-C"}); }

TEST_P(OldAndNewSshWorks, WhenOtherKeysAreTriedFirst) {
  const Result made = Bash(
      "ssh-keygen -q -t rsa -b 2048 -N '' -f rsa; ssh-keygen -q -t ecdsa -N '' -f ecdsa; "
      "ssh-keygen -q -t ed25519 -N '' -f other");
  ASSERT_EQ(made.status, 0) << made.err;
  const Result result =
      Bash("ssh -F " + world().Path("ssh_config") + " -i rsa -i ecdsa -i other -i " +
           world().KeyFile("demo") + " $WS echo in");
  EXPECT_EQ(result.out, "in\n") << result.err;
}

TEST_P(OldAndNewSshWorks, ButNotWithWhatIsBroken) {
  const struct {
    const char* option;
    const char* words;
  } refused[] = {
      {"-oKexAlgorithms=diffie-hellman-group1-sha1", "no matching key exchange method found"},
      {"-oKexAlgorithms=diffie-hellman-group14-sha1", "no matching key exchange method found"},
      {"-oCiphers=aes128-cbc", "no matching cipher found"},
      {"-oHostKeyAlgorithms=ssh-rsa", "no matching host key type found"},
  };
  for (const auto& [option, words] : refused) {
    const Result result = Ssh("echo never", "", {option});
    EXPECT_EQ(result.status, 255) << option;
    EXPECT_EQ(result.out, "");
    EXPECT_THAT(result.err, HasSubstr(words));
  }
  const Result mac = Ssh("echo never", "", {"-oCiphers=aes128-ctr", "-oMACs=hmac-md5"});
  EXPECT_EQ(mac.status, 255);
  EXPECT_THAT(mac.err, HasSubstr("no matching MAC found"));
}

}  // namespace
}  // namespace homeport::story
