#include "sshproxy/packet_relay.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/ssh_wire.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ssh/message_numbers.h"
#include "sshproxy/recording_transport.h"

namespace homeport {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string GlobalRequest(absl::string_view name, bool want_reply) {
  return std::string(WireWriter().Byte(ssh::kGlobalRequest).String(name).Bool(want_reply).bytes());
}

const std::string kSuccess(1, static_cast<char>(ssh::kRequestSuccess));
const std::string kFailure(1, static_cast<char>(ssh::kRequestFailure));

class PacketRelayTest : public testing::Test {
 protected:
  EventLoop loop_;
  Nobody nobody_;
  RecordingTransport user_{loop_, nobody_};
  RecordingTransport workspace_{loop_, nobody_};
  PacketRelay relay_{user_, workspace_, SessionPolicy()};
};

TEST_F(PacketRelayTest, PacketsPassUnchanged) {
  const std::string open = std::string(WireWriter()
                                           .Byte(ssh::kChannelOpen)
                                           .String("session")
                                           .Uint32(7)
                                           .Uint32(1000)
                                           .Uint32(100)
                                           .bytes());
  EXPECT_TRUE(relay_.FromUser(open));
  EXPECT_TRUE(relay_.FromWorkspace(kSuccess));
  EXPECT_THAT(workspace_.sent, ElementsAre(open));
  EXPECT_THAT(user_.sent, ElementsAre(kSuccess));
}

TEST_F(PacketRelayTest, WhatIsNoPacketOfTheConnectionProtocolEndsIt) {
  EXPECT_FALSE(relay_.FromUser(""));
  EXPECT_FALSE(relay_.FromUser(std::string(1, 79)));
  EXPECT_FALSE(relay_.FromWorkspace(std::string(1, 101)));
  EXPECT_FALSE(relay_.FromWorkspace(std::string(1, static_cast<char>(ssh::kGlobalRequest))));
}

TEST_F(PacketRelayTest, HostKeysOfTheWorkspaceStayHere) {
  EXPECT_TRUE(relay_.FromWorkspace(GlobalRequest("hostkeys-00@openssh.com", false)));
  EXPECT_THAT(user_.sent, IsEmpty());
}

TEST_F(PacketRelayTest, AnswersGoToWhoAsked) {
  const std::string other = GlobalRequest("other@example.com", true);
  const std::string silent = GlobalRequest("silent@example.com", false);
  relay_.FromWorkspace(other);
  relay_.SendKeepaliveToUser();
  relay_.FromWorkspace(silent);
  relay_.FromWorkspace(other);
  ASSERT_EQ(user_.sent.size(), 4U);
  EXPECT_EQ(user_.sent[1], GlobalRequest("keepalive@openssh.com", true));

  relay_.FromUser(kSuccess);
  EXPECT_THAT(workspace_.sent, ElementsAre(kSuccess));
  relay_.FromUser(kFailure);
  EXPECT_THAT(workspace_.sent, ElementsAre(kSuccess)) << "the keepalive's answer stays here";
  relay_.FromUser(kFailure);
  EXPECT_THAT(workspace_.sent, ElementsAre(kSuccess, kFailure));
}

TEST_F(PacketRelayTest, AnAnswerThatNobodyAskedForIsTheWorkspacesBusiness) {
  EXPECT_TRUE(relay_.FromUser(kFailure));
  EXPECT_THAT(workspace_.sent, ElementsAre(kFailure));
}

TEST_F(PacketRelayTest, AClientThatDoesNotAnswerIsNotAskedWithoutEnd) {
  for (int i = 0; i < 100; ++i) relay_.SendKeepaliveToUser();
  EXPECT_EQ(user_.sent.size(), 3U);
  relay_.FromUser(kFailure);
  relay_.SendKeepaliveToUser();
  EXPECT_EQ(user_.sent.size(), 4U);
}

TEST_F(PacketRelayTest, AWorkspaceThatAsksWithoutEndIsEnded) {
  const std::string request = GlobalRequest("more@example.com", true);
  int passed = 0;
  while (passed < 100000 && relay_.FromWorkspace(request)) ++passed;
  EXPECT_EQ(passed, 1024);
}

TEST_F(PacketRelayTest, TrafficIsCountedAndItsMarkMoves) {
  EXPECT_EQ(relay_.traffic_mark(), 0U);
  const std::string data(WireWriter().Byte(ssh::kChannelData).Uint32(0).String("four").bytes());
  relay_.FromUser(data);
  EXPECT_EQ(relay_.traffic().bytes_to_workspace, 4);
  EXPECT_EQ(relay_.traffic().bytes_to_user, 0);
  const uint64_t mark = relay_.traffic_mark();
  EXPECT_NE(mark, 0U);
  EXPECT_EQ(relay_.traffic_mark(), mark);
  relay_.FromWorkspace(data);
  EXPECT_NE(relay_.traffic_mark(), mark);
}

TEST_F(PacketRelayTest, WhatIsForbiddenStaysHereAndAnswersKeepTheirPlace) {
  relay_.SetPolicy({false, true, true, true});
  relay_.FromUser(GlobalRequest("tcpip-forward", true));
  relay_.FromUser(GlobalRequest("keepalive@openssh.com", true));
  EXPECT_THAT(workspace_.sent, ElementsAre(GlobalRequest("denied@homeport", true),
                                           GlobalRequest("keepalive@openssh.com", true)));
  EXPECT_THAT(user_.sent, IsEmpty());
}

TEST_F(PacketRelayTest, TheUserIsHeardOnce) {
  EXPECT_FALSE(relay_.HeardFromUser());
  relay_.FromUser(kFailure);
  EXPECT_TRUE(relay_.HeardFromUser());
  EXPECT_FALSE(relay_.HeardFromUser());
}

}  // namespace
}  // namespace homeport
