#include "coordinator/keys/password.h"

#include <sodium.h>

#include <algorithm>
#include <ctime>
#include <functional>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace homeport {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST(PasswordTest, RulesAreSaid) {
  EXPECT_TRUE(CheckPasswordRules(std::string(12, 'x')).ok());
  EXPECT_TRUE(CheckPasswordRules(std::string(256, '\xff')).ok());
  const auto rule = [](const std::string& password) {
    const absl::Status status = CheckPasswordRules(password);
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    return std::string(status.message());
  };
  EXPECT_THAT(rule(""), HasSubstr("at least 12"));
  EXPECT_THAT(rule("hunter2hunt"), HasSubstr("at least 12"));
  EXPECT_THAT(rule("hunter2hunt"), Not(HasSubstr("hunter")));
  EXPECT_THAT(rule(std::string(257, 'x')), HasSubstr("at most 256"));
  EXPECT_THAT(rule(std::string("correct horse\0battery", 21)), HasSubstr("zero byte"));
}

TEST(PasswordTest, VerifiesWhatItHashedAndNothingElse) {
  const absl::StatusOr<std::string> hash = HashPassword("correct horse battery");
  ASSERT_TRUE(hash.ok()) << hash.status();
  EXPECT_THAT(*hash, StartsWith("$argon2id$v=19$m=65536,t=2,p=1$"));
  EXPECT_TRUE(VerifyPassword(*hash, "correct horse battery"));
  EXPECT_FALSE(VerifyPassword(*hash, "correct horse batterz"));
  EXPECT_FALSE(VerifyPassword(*hash, "correct horse battery "));
  EXPECT_FALSE(VerifyPassword(*hash, ""));
  EXPECT_NE(*HashPassword("correct horse battery"), *hash) << "there is no salt";
}

TEST(PasswordTest, WhatIsNoHashMatchesNothing) {
  for (const std::string& hash :
       {std::string(), std::string("correct horse battery"), std::string("$argon2id$"),
        std::string("$argon2id$v=19$m=65536,t=2,p=1$\0$", 33), std::string(128, '$')}) {
    EXPECT_FALSE(VerifyPassword(hash, "correct horse battery")) << hash;
    EXPECT_TRUE(NeedsRehash(hash)) << hash;
  }
}

TEST(PasswordTest, ALongPasswordIsNotCutToOneThatFits) {
  const std::string longest(kMostPasswordBytes, 'x');
  const std::string hash = *HashPassword(longest);
  EXPECT_TRUE(VerifyPassword(hash, longest));
  EXPECT_FALSE(VerifyPassword(hash, longest + "x"));
}

TEST(PasswordTest, OldLimitsAskForANewHash) {
  char old[crypto_pwhash_STRBYTES];
  ASSERT_EQ(crypto_pwhash_str(old, "correct horse battery", 21, 3, 16 << 20), 0);
  EXPECT_TRUE(VerifyPassword(old, "correct horse battery"));
  EXPECT_TRUE(NeedsRehash(old));
  EXPECT_FALSE(NeedsRehash(*HashPassword("correct horse battery")));
}

// The shortest of a few, in the CPU's time, which other programs do not lengthen much.
double Seconds(const std::function<void()>& work) {
  double shortest = 1e9;
  for (int i = 0; i < 5; ++i) {
    timespec begin = {}, end = {};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begin);
    work();
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
    shortest = std::min(shortest, static_cast<double>(end.tv_sec - begin.tv_sec) +
                                      1e-9 * static_cast<double>(end.tv_nsec - begin.tv_nsec));
  }
  return shortest;
}

TEST(PasswordTest, NobodyTakesAsLongAsSomebody) {
  const std::string hash = *HashPassword("correct horse battery");
  const double somebody = Seconds([&] { VerifyPassword(hash, "a wrong password"); });
  const double nobody = Seconds([] { EXPECT_FALSE(VerifyAgainstNobody("a wrong password")); });
  const double too_long = Seconds([&] { VerifyPassword(hash, std::string(100000, 'x')); });
  EXPECT_GT(nobody, somebody / 2);
  EXPECT_LT(nobody, somebody * 2);
  EXPECT_GT(too_long, somebody / 2);
}

}  // namespace
}  // namespace homeport
