#include "coordinator/sign_in_limits.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace homeport {
namespace {

using ::testing::HasSubstr;

const absl::Time kStart = absl::FromUnixSeconds(1700000000);

TEST(SignInLimitsTest, AnAccountIsLimitedWhereverTheAttemptsComeFrom) {
  SignInLimits limits;
  for (int i = 0; i < SignInLimits::kAccountBurst; ++i) {
    EXPECT_TRUE(limits.Take("demo", absl::StrCat("192.0.2.", i), kStart).ok());
  }
  const absl::Status status = limits.Take("demo", "192.0.2.99", kStart);
  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
  EXPECT_EQ(status.message(), "too many attempts for this account; try again in 12 seconds");
  EXPECT_TRUE(limits.Take("eve", "192.0.2.99", kStart).ok()) << "others are not concerned";
  EXPECT_FALSE(limits.Take("demo", "192.0.2.99", kStart + absl::Seconds(11)).ok());
  EXPECT_TRUE(limits.Take("demo", "192.0.2.99", kStart + absl::Seconds(12)).ok());
}

TEST(SignInLimitsTest, AnAddressIsLimitedWhateverItTries) {
  SignInLimits limits;
  for (int i = 0; i < SignInLimits::kAddressBurst; ++i) {
    EXPECT_TRUE(limits.Take(i % 2 == 0 ? absl::StrCat("user", i) : "", "192.0.2.1", kStart).ok());
  }
  const absl::Status status = limits.Take("somebody", "192.0.2.1", kStart);
  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("from your address; try again in 3 sec"));
  EXPECT_TRUE(limits.Take("somebody", "192.0.2.2", kStart).ok());
  EXPECT_TRUE(limits.Take("somebody", "192.0.2.1", kStart + absl::Seconds(3)).ok());
}

TEST(SignInLimitsTest, ANetworkOfIpv6IsOneAddress) {
  SignInLimits limits;
  for (int i = 0; i < SignInLimits::kAddressBurst; ++i) {
    EXPECT_TRUE(limits.Take("", absl::StrCat("2001:db8:0:1::", i), kStart).ok());
  }
  EXPECT_FALSE(limits.Take("", "2001:db8:0:1:ffff::1", kStart).ok());
  EXPECT_TRUE(limits.Take("", "2001:db8:0:2::1", kStart).ok());
  // IPv4 in IPv6's clothes: each is an address of its own.
  for (int i = 0; i < SignInLimits::kAddressBurst; ++i) {
    EXPECT_TRUE(limits.Take("", "::ffff:192.0.2.1", kStart).ok());
  }
  EXPECT_FALSE(limits.Take("", "::ffff:192.0.2.1", kStart).ok());
  EXPECT_TRUE(limits.Take("", "::ffff:192.0.2.2", kStart).ok());
}

TEST(SignInLimitsTest, SuccessCostsLittle) {
  SignInLimits limits;
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(limits.Take("demo", "192.0.2.1", kStart).ok()) << i;
    limits.OnSuccess("demo", "192.0.2.1", kStart);
  }
  for (int i = 0; i < 200; ++i) {
    if (!limits.Take("demo", "192.0.2.1", kStart).ok()) return;
    limits.OnSuccess("demo", "192.0.2.1", kStart);
  }
  ADD_FAILURE() << "an address must not hash passwords without end";
}

}  // namespace
}  // namespace homeport
