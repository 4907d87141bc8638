#include "agent/key_socket/agent_message.h"

#include "base/ssh_wire.h"
#include "gtest/gtest.h"

namespace homeport::agent {
namespace {

using Kind = AgentRequest::Kind;

std::string Framed(const std::string& message) { return WireWriter().String(message).bytes(); }

TEST(AgentMessageTest, MessagesAreTakenWhenTheyAreWhole) {
  const std::string two = Framed("ab") + Framed("c");
  EXPECT_EQ(FirstAgentMessage(two).value(), "ab");
  for (size_t size = 0; size < 6; ++size) {
    EXPECT_EQ(FirstAgentMessage(two.substr(0, size)).value(), std::nullopt) << size;
  }
}

TEST(AgentMessageTest, LengthsAreBounded) {
  EXPECT_FALSE(FirstAgentMessage(WireWriter().Uint32(0).bytes()).ok());
  EXPECT_FALSE(FirstAgentMessage(WireWriter().Uint32(~0U).bytes()).ok());
  EXPECT_FALSE(FirstAgentMessage(WireWriter().Uint32(kLongestAgentMessage + 1).bytes()).ok());
  EXPECT_TRUE(FirstAgentMessage(WireWriter().Uint32(kLongestAgentMessage).bytes()).ok());
}

TEST(AgentMessageTest, ASignRequestIsReadWhole) {
  const std::string bytes = WireWriter().Byte(13).String("key").String("data").Uint32(4).bytes();
  const AgentRequest request = ParseAgentRequest(bytes);
  EXPECT_EQ(request.kind, Kind::kSign);
  EXPECT_EQ(request.public_key, "key");
  EXPECT_EQ(request.data, "data");
  EXPECT_EQ(request.flags, 4u);
  EXPECT_EQ(ParseAgentRequest(bytes.substr(0, bytes.size() - 1)).kind, Kind::kUnknown);
  EXPECT_EQ(ParseAgentRequest(bytes + "x").kind, Kind::kUnknown);
}

TEST(AgentMessageTest, WhatWouldChangeTheKeysIsKnownByName) {
  for (const int number : {17, 18, 19, 20, 21, 22, 23, 25, 26}) {
    const AgentRequest request = ParseAgentRequest(std::string(1, static_cast<char>(number)));
    EXPECT_EQ(request.kind, Kind::kChange) << number;
    EXPECT_FALSE(request.name.empty());
  }
}

TEST(AgentMessageTest, ExtensionsAndTheRest) {
  EXPECT_EQ(ParseAgentRequest("\x0b").kind, Kind::kList);
  EXPECT_EQ(ParseAgentRequest(WireWriter().Byte(27).String("query").bytes()).kind,
            Kind::kQueryAbilities);
  const AgentRequest bind =
      ParseAgentRequest(WireWriter().Byte(27).String("session-bind@openssh.com").Raw("?").bytes());
  EXPECT_EQ(bind.kind, Kind::kExtension);
  EXPECT_EQ(bind.name, "session-bind@openssh.com");
  EXPECT_EQ(ParseAgentRequest("\x1b").kind, Kind::kUnknown);
  EXPECT_EQ(ParseAgentRequest("").kind, Kind::kUnknown);
  EXPECT_EQ(ParseAgentRequest("\x01").kind, Kind::kUnknown);  // version 1's list
}

TEST(AgentMessageTest, AnswersAreFramed) {
  EXPECT_EQ(AgentFailure(), std::string("\0\0\0\1\5", 5));
  EXPECT_EQ(AgentKeyList("", "nobody"), Framed(WireWriter().Byte(12).Uint32(0).bytes()));
  EXPECT_EQ(AgentKeyList("k", "me@example.com"),
            Framed(WireWriter().Byte(12).Uint32(1).String("k").String("me@example.com").bytes()));
  EXPECT_EQ(AgentSignature("s"), Framed(WireWriter().Byte(14).String("s").bytes()));
  EXPECT_EQ(AgentAbilities(),
            Framed(WireWriter().Byte(29).String("query").String("query").bytes()));
}

}  // namespace
}  // namespace homeport::agent
