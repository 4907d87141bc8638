#include "sshproxy/packet_relay.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/ssh_wire.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ssh/message_numbers.h"

namespace homeport {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Nobody : public ssh::Transport::Handler {
 public:
  bool OnPacket(absl::string_view) override { return true; }
  void OnOutputDrained() override {}
  void OnClosed(const absl::Status&) override {}
};

// Remembers what it was given to send.
class RecordingTransport : public ssh::Transport {
 public:
  RecordingTransport(EventLoop& loop, Handler& handler) : Transport(loop, handler) {}
  void Send(absl::string_view head, absl::string_view body) override {
    sent.push_back(absl::StrCat(head, body));
  }
  std::string peer_version() const override { return ""; }
  std::vector<std::string> sent;

 private:
  void Step() override {}
};

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
  PacketRelay relay_{user_, workspace_};
};

TEST_F(PacketRelayTest, PacketsPassUnchanged) {
  const std::string open =
      std::string(WireWriter().Byte(ssh::kChannelOpen).String("session").Uint32(7).bytes());
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

TEST_F(PacketRelayTest, TheUserIsHeardOnce) {
  EXPECT_FALSE(relay_.HeardFromUser());
  relay_.FromUser(kFailure);
  EXPECT_TRUE(relay_.HeardFromUser());
  EXPECT_FALSE(relay_.HeardFromUser());
}

}  // namespace
}  // namespace homeport
