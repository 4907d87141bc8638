// Behind a load balancer that is listed, the client's address is what the PROXY header says: in the
// workspace, in the logs, for the caps. From anybody else a header is no SSH, from a listed one
// everything else is no header; and one that takes its time holds up nobody.
#include <filesystem>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "tests/conformance/front_door.h"
#include "tests/integration/sanitizer_reports.h"
#include "tests/raw_ssh/messages.h"

namespace homeport::story {
namespace {

using raw_ssh::RawClient;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kBalancer[] = "127.0.0.2";
constexpr char kText[] = "PROXY TCP4 203.0.113.7 198.51.100.1 4711 22\r\n";
constexpr absl::string_view kBinaryStart("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr absl::Duration kHeaderTimeout = absl::Seconds(2 * kSlowness);
constexpr int kPerAddress = 3;

std::string Binary(absl::string_view rest) { return absl::StrCat(kBinaryStart, rest); }

std::string BinaryTcp4() {
  return Binary({"\x21\x11\x00\x0c\xcb\x00\x71\x08\xc6\x33\x64\x01\x12\x67\x00\x16", 16});
}
std::string BinaryTcp6() {
  return Binary(
      {"\x21\x21\x00\x2b"
       "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x07"
       "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\x30\x39\x08\xae"
       "\x03\x00\x04"
       "crc!",
       47});
}
std::string BinaryLocal() { return Binary({"\x20\x00\x00\x00", 4}); }

class TheLoadBalancerSaysWhoComes : public FrontDoor {
 public:
  static void SetUpTestSuite() {
    StartWorld({"--proxy_protocol_from", absl::StrCat("192.0.2.0/24,", kBalancer),
                "--proxy_header_timeout", absl::FormatDuration(kHeaderTimeout),
                "--max_unauthenticated_per_address", absl::StrCat(kPerAddress)});
  }

 protected:
  // What ssh through the balancer is told by the workspace.
  static std::string SshThroughBalancer(const std::string& header, const std::string& command) {
    const std::string script = std::filesystem::absolute("tests/conformance/balancer.py");
    const Result result =
        RunToEnd(world().SshCommand({"-o",
                                     absl::StrCat("ProxyCommand=python3 ", script, " ", kBalancer,
                                                  " %h %p ", absl::BytesToHexString(header)),
                                     "dev", command}));
    EXPECT_EQ(result.status, 0) << result.err;
    return result.out;
  }
  // A connection from the balancer that has said this.
  static RawClient FromBalancer(const std::string& said) {
    RawClient client = Connect(kBalancer);
    client.SendBytes(said);
    return client;
  }
  static std::string ClientNumber(int number) {
    return absl::StrReplaceAll(kText, {{"113.7", absl::StrCat("113.", number)}});
  }
  static int BadHeaders() {
    return Metric("homeport_sshproxy_refused_connections_total{reason=\"proxy_header\"}");
  }
};

TEST_F(TheLoadBalancerSaysWhoComes, ToTheWorkspaceAndToTheLogs) {
  const std::string command = "echo $SSH_CONNECTION";
  EXPECT_EQ(SshThroughBalancer(kText, command), "203.0.113.7 4711 198.51.100.1 22\n");
  EXPECT_EQ(SshThroughBalancer(BinaryTcp4(), command), "203.0.113.8 4711 198.51.100.1 22\n");
  EXPECT_EQ(SshThroughBalancer(BinaryTcp6(), command), "2001:db8::7 12345 2001:db8::1 2222\n");
  for (const char* service : {"sshproxy", "coordinator"}) {
    for (const char* from : {"203.0.113.7:4711", "203.0.113.8:4711", "[2001:db8::7]:12345"}) {
      EXPECT_THAT(world().service(service).Log(), HasSubstr(absl::StrCat("from=", from)));
    }
    EXPECT_THAT(world().service(service).Log(), Not(HasSubstr(kBalancer)));
  }
}

TEST_F(TheLoadBalancerSaysWhoComes, OrSpeaksForItself) {
  const std::string command = "echo ${SSH_CONNECTION%% *}";
  EXPECT_EQ(SshThroughBalancer(BinaryLocal(), command), absl::StrCat(kBalancer, "\n"));
  EXPECT_EQ(SshThroughBalancer("PROXY UNKNOWN\r\n", command), absl::StrCat(kBalancer, "\n"));
}

TEST_F(TheLoadBalancerSaysWhoComes, ByteForByte) {
  for (const std::string& header : {std::string(kText), BinaryTcp4()}) {
    RawClient client = Connect(kBalancer);
    for (const char byte : header) client.SendBytes({&byte, 1});
    EXPECT_EQ(client.SignIn("dev", demo()), raw_ssh::kUserauthSuccess);
  }
}

TEST_F(TheLoadBalancerSaysWhoComes, AndNobodyElse) {
  for (const std::string& header : {ClientNumber(99), BinaryTcp4(), BinaryLocal()}) {
    RawClient client = Connect();
    client.SendBytes(header);
    EXPECT_EQ(client.SignIn("dev", demo()), 0);
    EXPECT_TRUE(client.WaitUntilClosed());
  }
  EXPECT_THAT(world().sshproxy().Log(), Not(HasSubstr("203.0.113.99")));
}

TEST_F(TheLoadBalancerSaysWhoComes, AndSaysNothingElse) {
  const std::string no_headers[] = {
      "SSH-2.0-Client\r\n",
      "PROXY TCP4 not.an.address 1 2\r\n",
      "PROXY " + std::string(200, 'x'),
      std::string(4096, '\0'),
      Binary({"\x21\x11\xff\xff", 4}),
  };
  for (const std::string& said : no_headers) {
    const int before = BadHeaders();
    RawClient client = FromBalancer(said);
    EXPECT_TRUE(client.WaitUntilClosed(kHeaderTimeout / 2)) << said;
    EXPECT_EQ(BadHeaders(), before + 1) << said;
  }
}

TEST_F(TheLoadBalancerSaysWhoComes, WithinATimeThatNobodyElseWaits) {
  const int before = BadHeaders();
  const absl::Time start = absl::Now();
  RawClient silent = FromBalancer("");
  RawClient half = FromBalancer(std::string(kText).substr(0, 20));
  RawClient dripping = FromBalancer("PROXY ");
  for (int i = 0; i < 5; ++i) {
    dripping.SendBytes("x");
    RawClient other = FromBalancer(kText);
    EXPECT_EQ(other.SignIn("dev", demo()), raw_ssh::kUserauthSuccess);
    RawClient direct = Connect();
    EXPECT_EQ(direct.SignIn("dev", demo()), raw_ssh::kUserauthSuccess);
  }
  EXPECT_LT(absl::Now() - start, kHeaderTimeout) << "they waited for the slow ones";
  for (RawClient* slow : {&silent, &half, &dripping}) {
    EXPECT_TRUE(slow->WaitUntilClosed(2 * kHeaderTimeout));
  }
  EXPECT_EQ(BadHeaders(), before + 3);
}

TEST_F(TheLoadBalancerSaysWhoComes, AndTheClientsAreCountedNotTheBalancer) {
  std::vector<RawClient> waiting;
  for (const int number : {20, 20, 20, 21, 22, 23}) {
    waiting.push_back(FromBalancer(ClientNumber(number)));
    EXPECT_TRUE(waiting.back().ExchangeKeys()) << number;
  }
  RawClient fourth = FromBalancer(ClientNumber(20));
  EXPECT_FALSE(fourth.ExchangeKeys());
  EXPECT_EQ(Metric("homeport_sshproxy_refused_connections_total{reason=\"per_address\"}"), 1);
  RawClient another = FromBalancer(ClientNumber(21));
  EXPECT_EQ(another.SignIn("dev", demo()), raw_ssh::kUserauthSuccess);
}

}  // namespace
}  // namespace homeport::story
