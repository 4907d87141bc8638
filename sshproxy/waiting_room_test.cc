#include "sshproxy/waiting_room.h"

#include <gtest/gtest.h>

#include <vector>

namespace homeport {
namespace {

class WaitingRoomTest : public testing::Test {
 protected:
  using Answer = WaitingRoom::Answer;

  Answer Enter(const std::string& address) {
    std::shared_ptr<void> place;
    const Answer answer = room_->Enter(address, place);
    EXPECT_EQ(place != nullptr, answer == Answer::kComeIn);
    if (place != nullptr) places_.push_back(std::move(place));
    return answer;
  }

  ProxyMetrics metrics_;
  std::unique_ptr<WaitingRoom> room_ =
      std::make_unique<WaitingRoom>(WaitingRoom::Limits{2, 5}, metrics_);
  std::vector<std::shared_ptr<void>> places_;
};

TEST_F(WaitingRoomTest, AnAddressHasSoManyPlaces) {
  EXPECT_EQ(Enter("192.0.2.1:1"), Answer::kComeIn);
  EXPECT_EQ(Enter("[::ffff:192.0.2.1]:2"), Answer::kComeIn);
  EXPECT_EQ(Enter("192.0.2.1:3"), Answer::kAddressHasMany);
  EXPECT_EQ(Enter("192.0.2.2:3"), Answer::kComeIn);
  places_.erase(places_.begin());
  EXPECT_EQ(Enter("192.0.2.1:4"), Answer::kComeIn);
  EXPECT_EQ(Enter("192.0.2.1:5"), Answer::kAddressHasMany);
}

TEST_F(WaitingRoomTest, ASiteOfIPv6IsOneAddress) {
  EXPECT_EQ(Enter("[2001:db8:0:1::1]:1"), Answer::kComeIn);
  EXPECT_EQ(Enter("[2001:db8:0:1:ffff::2]:1"), Answer::kComeIn);
  EXPECT_EQ(Enter("[2001:db8:0:1:2::3]:1"), Answer::kAddressHasMany);
  EXPECT_EQ(Enter("[2001:db8:0:2::1]:1"), Answer::kComeIn);
}

TEST_F(WaitingRoomTest, ThereIsRoomForSoMany) {
  for (const char* address : {"10.0.0.1:1", "10.0.0.2:1", "10.0.0.3:1", "10.0.0.4:1"}) {
    EXPECT_EQ(Enter(address), Answer::kComeIn);
  }
  EXPECT_EQ(Enter("no address"), Answer::kComeIn);
  EXPECT_EQ(Enter("10.0.0.5:1"), Answer::kFull);
  places_.clear();
  EXPECT_EQ(Enter("10.0.0.5:1"), Answer::kComeIn);
}

TEST_F(WaitingRoomTest, APlaceMayOutliveTheRoom) {
  EXPECT_EQ(Enter("10.0.0.1:1"), Answer::kComeIn);
  room_.reset();
  places_.clear();
}

}  // namespace
}  // namespace homeport
