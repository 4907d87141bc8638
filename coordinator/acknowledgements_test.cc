#include "coordinator/acknowledgements.h"

#include <thread>

#include "gtest/gtest.h"

namespace homeport {
namespace {

class AcknowledgementsTest : public ::testing::Test {
 protected:
  const int one_ = 0, other_ = 0;  // two streams, by their addresses
  Acknowledgements acknowledgements_;
  Acknowledgements::Batch batch_;
};

TEST_F(AcknowledgementsTest, WaitsForEveryAnswerAndAddsThemUp) {
  const auto ended = Acknowledgements::Counts::kEndedSessions;
  const int64_t first = acknowledgements_.Expect(batch_, "proxies/a", &one_, ended);
  const int64_t second = acknowledgements_.Expect(batch_, "proxies/b", &other_, ended);
  const int64_t third = acknowledgements_.Expect(batch_, "proxies/b", &other_);
  EXPECT_NE(first, second);
  std::thread answers([&] {
    acknowledgements_.OnAnswer(first, &one_, 2, "");
    acknowledgements_.OnAnswer(third, &other_, 100, "");
    acknowledgements_.OnAnswer(second, &other_, 3, "");
  });
  acknowledgements_.Await(batch_, absl::Now() + absl::Seconds(20));
  answers.join();
  const v1::Effect effect = acknowledgements_.Finish(batch_);
  EXPECT_EQ(effect.ended_sessions(), 5);
  EXPECT_EQ(effect.laggards_size(), 0);
}

TEST_F(AcknowledgementsTest, OnlyTheStreamThatWasToldCanAnswer) {
  const int64_t number = acknowledgements_.Expect(batch_, "proxies/a", &one_);
  acknowledgements_.OnAnswer(number, &other_, 7, "");
  acknowledgements_.OnAnswer(number + 1, &one_, 7, "");
  acknowledgements_.Await(batch_, absl::Now() + absl::Milliseconds(20));
  const v1::Effect effect = acknowledgements_.Finish(batch_);
  EXPECT_EQ(effect.ended_sessions(), 0);
  ASSERT_EQ(effect.laggards_size(), 1);
  EXPECT_EQ(effect.laggards(0).name(), "proxies/a");
  EXPECT_EQ(effect.laggards(0).reason(), "It has not answered in time.");
  // Too late, and nobody is there any more to be told.
  acknowledgements_.OnAnswer(number, &one_, 7, "");
}

TEST_F(AcknowledgementsTest, WhoGoesAwayOrFailsIsNamedAndNotWaitedFor) {
  acknowledgements_.Expect(batch_, "proxies/a", &one_);
  const int64_t number = acknowledgements_.Expect(batch_, "users/x/workspaces/y/agent", &other_);
  acknowledgements_.NoteLaggard(batch_, "proxies/c", "It is not connected.");
  acknowledgements_.OnGone(&one_);
  acknowledgements_.OnAnswer(number, &other_, 0, "The disk is full.");
  acknowledgements_.Await(batch_, absl::InfiniteFuture());
  const v1::Effect effect = acknowledgements_.Finish(batch_);
  ASSERT_EQ(effect.laggards_size(), 3);
  EXPECT_EQ(effect.laggards(0).name(), "proxies/c");
  EXPECT_EQ(effect.laggards(1).reason(), "Its connection was lost before it had acted.");
  EXPECT_EQ(effect.laggards(2).reason(), "The disk is full.");
}

}  // namespace
}  // namespace homeport
