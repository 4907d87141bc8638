// Of those who have not signed in yet there is room for some of each address and for some in all.
// Who is one too many is told so and shown out; who has signed in, or is from elsewhere, notices
// nothing; and a place that is free again is anybody's.
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/conformance/front_door.h"
#include "tests/integration/wait_for.h"
#include "tests/raw_ssh/messages.h"

namespace homeport::story {
namespace {

using raw_ssh::RawClient;
using ::testing::HasSubstr;

constexpr int kPerAddress = 4;
constexpr int kOverall = 6;

class CrowdsWaitOutside : public FrontDoor {
 public:
  static void SetUpTestSuite() {
    StartWorld({"--max_unauthenticated_per_address", absl::StrCat(kPerAddress),
                "--max_unauthenticated", absl::StrCat(kOverall)});
  }

 protected:
  void TearDown() override {
    crowd_.clear();
    AwaitWaiting(0);
    FrontDoor::TearDown();
  }
  // So many more who say nothing after key exchange.
  void Add(int count, const std::string& from) {
    for (int i = 0; i < count; ++i) {
      crowd_.push_back(Connect(from));
      ASSERT_TRUE(crowd_.back().ExchangeKeys()) << from;
    }
  }
  static void AwaitWaiting(int count) {
    WaitFor([&] { return Metric("homeport_sshproxy_unauthenticated_connections") == count; },
            absl::Seconds(20), absl::StrCat(count, " to be waiting"));
  }
  // Shown out with this sentence, which is what comes in place of an identification.
  static void ExpectRefused(const std::string& from, const std::string& reason,
                            const std::string& sentence) {
    const std::string counter =
        absl::StrCat("homeport_sshproxy_refused_connections_total{reason=\"", reason, "\"}");
    const int before = Metric(counter);
    RawClient client = Connect(from);
    EXPECT_FALSE(client.ExchangeIdentifications());
    EXPECT_EQ(client.server_identification(), sentence);
    EXPECT_TRUE(client.WaitUntilClosed());
    EXPECT_EQ(Metric(counter), before + 1);
  }

  std::vector<RawClient> crowd_;
};

TEST_F(CrowdsWaitOutside, OfOneAddress) {
  ASSERT_NO_FATAL_FAILURE(Add(kPerAddress, "127.0.0.5"));
  AwaitWaiting(kPerAddress);
  ExpectRefused("127.0.0.5", "per_address",
                "Homeport: too many connections from your address are signing in. Try again in a "
                "minute.");
  EXPECT_THAT(world().sshproxy().Log(), HasSubstr("from=127.0.0.5:"));
  RawClient elsewhere = Connect("127.0.0.6");
  EXPECT_EQ(elsewhere.SignIn("dev", demo()), raw_ssh::kUserauthSuccess);
  crowd_.pop_back();
  AwaitWaiting(kPerAddress - 1);
  RawClient next = Connect("127.0.0.5");
  EXPECT_EQ(next.SignIn("dev", demo()), raw_ssh::kUserauthSuccess);
}

TEST_F(CrowdsWaitOutside, OfAllAddresses) {
  ASSERT_NO_FATAL_FAILURE(Add(kOverall / 2, "127.0.0.5"));
  ASSERT_NO_FATAL_FAILURE(Add(kOverall / 2, "127.0.0.6"));
  AwaitWaiting(kOverall);
  ExpectRefused("127.0.0.7", "unauthenticated",
                "Homeport: too many connections are signing in. Try again in a minute.");
  crowd_.pop_back();
  AwaitWaiting(kOverall - 1);
  RawClient next = Connect("127.0.0.7");
  EXPECT_EQ(next.SignIn("dev", demo()), raw_ssh::kUserauthSuccess);
}

TEST_F(CrowdsWaitOutside, AndWhoHasSignedInIsNoneOfThem) {
  std::vector<RawClient> signed_in;
  for (int i = 0; i < 2 * kOverall; ++i) {
    signed_in.push_back(Connect());
    ASSERT_EQ(signed_in.back().SignIn("dev", demo()), raw_ssh::kUserauthSuccess) << i;
  }
  AwaitWaiting(0);
}

}  // namespace
}  // namespace homeport::story
