#include "sshproxy/channel_gate.h"

#include <string>

#include "base/ssh_wire.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ssh/message_numbers.h"
#include "sshproxy/recording_transport.h"

namespace homeport {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Verdict = ChannelGate::Verdict;

std::string Open(absl::string_view type, uint32_t number, uint32_t window = 100000) {
  return WireWriter()
      .Byte(ssh::kChannelOpen)
      .String(type)
      .Uint32(number)
      .Uint32(window)
      .Uint32(32768)
      .bytes();
}
std::string Confirmation(uint32_t recipient, uint32_t number) {
  return WireWriter()
      .Byte(ssh::kChannelOpenConfirmation)
      .Uint32(recipient)
      .Uint32(number)
      .Uint32(100000)
      .Uint32(32768)
      .bytes();
}
std::string Failure(uint32_t recipient, uint32_t reason, absl::string_view sentence) {
  return WireWriter()
      .Byte(ssh::kChannelOpenFailure)
      .Uint32(recipient)
      .Uint32(reason)
      .String(sentence)
      .String("")
      .bytes();
}
std::string Request(uint32_t recipient, absl::string_view type, absl::string_view argument = "",
                    bool want_reply = true) {
  return WireWriter()
      .Byte(ssh::kChannelRequest)
      .Uint32(recipient)
      .String(type)
      .Bool(want_reply)
      .String(argument)
      .bytes();
}
std::string Denied(uint32_t recipient, bool want_reply = true) {
  return WireWriter()
      .Byte(ssh::kChannelRequest)
      .Uint32(recipient)
      .String("denied@homeport")
      .Bool(want_reply)
      .bytes();
}
std::string Data(uint32_t recipient) {
  return WireWriter().Byte(ssh::kChannelData).Uint32(recipient).String("data").bytes();
}
std::string Close(uint32_t recipient) {
  return WireWriter().Byte(ssh::kChannelClose).Uint32(recipient).bytes();
}

class ChannelGateTest : public testing::Test {
 protected:
  Verdict FromUser(const std::string& packet) { return gate_.Look(Side::kUser, packet); }
  Verdict FromWorkspace(const std::string& packet) { return gate_.Look(Side::kWorkspace, packet); }
  void Forbid(bool SessionPolicy::*feature) {
    policy_.*feature = false;
    gate_.SetPolicy(policy_);
  }
  // A channel that the user has opened, by the user's and the workspace's number.
  void Opened(absl::string_view type, uint32_t user, uint32_t workspace) {
    EXPECT_EQ(FromUser(Open(type, user)), Verdict::kPass);
    EXPECT_EQ(FromWorkspace(Confirmation(user, workspace)), Verdict::kPass);
  }
  ChannelCount Count(ChannelKind kind) const { return gate_.counts()[static_cast<size_t>(kind)]; }

  EventLoop loop_;
  Nobody nobody_;
  RecordingTransport user_{loop_, nobody_};
  RecordingTransport workspace_{loop_, nobody_};
  SessionPolicy policy_;
  ChannelGate gate_{user_, workspace_, policy_};
};

TEST_F(ChannelGateTest, WhatIsAllowedPasses) {
  for (const char* type : {"session", "direct-tcpip", "x11", "what@example.com"}) {
    static uint32_t number = 0;
    EXPECT_EQ(FromUser(Open(type, ++number)), Verdict::kPass) << type;
    EXPECT_EQ(FromWorkspace(Open(type, number)), Verdict::kPass) << type;
  }
  EXPECT_EQ(FromUser(Request(0, "exec", "scp -t .")), Verdict::kPass);
  EXPECT_EQ(FromUser(Data(0)), Verdict::kPass);
  EXPECT_THAT(user_.sent, IsEmpty());
  EXPECT_THAT(workspace_.sent, IsEmpty());
}

TEST_F(ChannelGateTest, ForbiddenChannelsAreRefusedToWhoAsks) {
  policy_ = {false, true, false, false};
  gate_.SetPolicy(policy_);
  const auto refused = [](uint32_t number, absl::string_view sentence) {
    return Failure(number, ssh::kAdministrativelyProhibited, sentence);
  };
  const std::string forwards = "Port forwarding is switched off for this workspace.";
  EXPECT_EQ(FromUser(Open("direct-tcpip", 1)), Verdict::kDealt);
  EXPECT_EQ(FromUser(Open("direct-streamlocal@openssh.com", 2)), Verdict::kDealt);
  EXPECT_EQ(FromUser(Open("tun@openssh.com", 3)), Verdict::kDealt);
  EXPECT_EQ(FromUser(Open("new@example.com", 4)), Verdict::kDealt);
  EXPECT_EQ(FromUser(Open("session", 5)), Verdict::kPass);
  EXPECT_THAT(user_.sent,
              ElementsAre(refused(1, forwards), refused(2, forwards), refused(3, forwards),
                          refused(4, "This kind of channel is switched off for this workspace.")));
  EXPECT_EQ(FromWorkspace(Open("forwarded-tcpip", 1)), Verdict::kDealt);
  EXPECT_EQ(FromWorkspace(Open("forwarded-streamlocal@openssh.com", 2)), Verdict::kDealt);
  EXPECT_EQ(FromWorkspace(Open("auth-agent@openssh.com", 3)), Verdict::kDealt);
  EXPECT_EQ(FromWorkspace(Open("agent-connect", 4)), Verdict::kDealt);
  EXPECT_EQ(FromWorkspace(Open("x11", 5)), Verdict::kDealt);
  EXPECT_THAT(workspace_.sent,
              ElementsAre(refused(1, forwards), refused(2, forwards),
                          refused(3, "Agent forwarding is switched off for this workspace."),
                          refused(4, "Agent forwarding is switched off for this workspace."),
                          refused(5, "X11 forwarding is switched off for this workspace.")));
}

TEST_F(ChannelGateTest, ForbiddenRequestsAreAnsweredByTheOtherEnd) {
  policy_ = {true, true, false, false};
  gate_.SetPolicy(policy_);
  Opened("session", 1, 10);
  EXPECT_EQ(FromUser(Request(10, "auth-agent-req@openssh.com", "", false)), Verdict::kDealt);
  EXPECT_EQ(FromUser(Request(10, "agent-req")), Verdict::kDealt);
  EXPECT_EQ(FromUser(Request(10, "x11-req")), Verdict::kDealt);
  EXPECT_EQ(FromUser(Request(10, "pty-req")), Verdict::kPass);
  EXPECT_THAT(workspace_.sent, ElementsAre(Denied(10, false), Denied(10), Denied(10)));
  EXPECT_THAT(user_.sent, IsEmpty());
}

const char kWhy[] = "homeport: File transfer is switched off for this workspace.\n";

std::string Stderr(uint32_t number, const std::string& text) {
  return WireWriter()
      .Byte(ssh::kChannelExtendedData)
      .Uint32(number)
      .Uint32(ssh::kExtendedDataStderr)
      .String(text)
      .bytes();
}

TEST_F(ChannelGateTest, ARefusedTransferIsACommandThatSaysWhyAndFails) {
  Forbid(&SessionPolicy::file_transfer);
  Opened("session", 1, 10);
  EXPECT_EQ(FromUser(Request(10, "subsystem", "sftp")), Verdict::kDealt);
  const std::string number("\0\0\0\1", 4);
  ASSERT_EQ(user_.sent.size(), 5U);
  EXPECT_EQ(user_.sent[0], "c" + number);  // success
  EXPECT_EQ(user_.sent[1], Stderr(1, kWhy));
  EXPECT_THAT(user_.sent[2], ::testing::HasSubstr("exit-status"));
  EXPECT_EQ(user_.sent[3], "`" + number);  // end of file
  EXPECT_EQ(user_.sent[4], "a" + number);  // close
  EXPECT_THAT(workspace_.sent, ElementsAre(std::string("a\0\0\0\n", 5)));
  // Nothing that either end says on it goes further.
  EXPECT_EQ(FromUser(Request(10, "exec", "true")), Verdict::kDealt);
  EXPECT_EQ(workspace_.sent.size(), 1U);
}

TEST_F(ChannelGateTest, ARefusedTransferWaitsForTheRepliesBeforeIt) {
  Forbid(&SessionPolicy::file_transfer);
  Opened("session", 1, 10);
  EXPECT_EQ(FromUser(Request(10, "pty-req")), Verdict::kPass);
  // The reply to that must come first: the workspace refuses this one, in its turn.
  EXPECT_EQ(FromUser(Request(10, "exec", "scp -t .")), Verdict::kDealt);
  EXPECT_THAT(workspace_.sent, ElementsAre(Denied(10)));
  EXPECT_THAT(user_.sent, ElementsAre(Stderr(1, kWhy)));
  // Into a window that has no room nothing is said.
  EXPECT_EQ(FromUser(Open("session", 2, 10)), Verdict::kPass);
  EXPECT_EQ(FromWorkspace(Confirmation(2, 20)), Verdict::kPass);
  EXPECT_EQ(FromUser(Request(20, "subsystem", "sftp")), Verdict::kDealt);
  EXPECT_EQ(user_.sent.size(), 1U);
}

TEST_F(ChannelGateTest, AFarewellIsSaidToEverySessionAndHeardOut) {
  Opened("session", 1, 10);
  Opened("session", 2, 20);
  Opened("direct-tcpip", 3, 30);
  EXPECT_TRUE(gate_.BeginFarewell("Bye."));
  ASSERT_EQ(user_.sent.size(), 6U);
  EXPECT_THAT(user_.sent, ::testing::Contains(Stderr(1, "homeport: Bye.\r\n")));
  EXPECT_THAT(user_.sent, ::testing::Contains(Stderr(2, "homeport: Bye.\r\n")));
  EXPECT_FALSE(gate_.FarewellHeard(Request(10, "exec", "true")));
  EXPECT_FALSE(gate_.FarewellHeard(std::string("a\0\0\0\x1e", 5))) << "of no session";
  EXPECT_FALSE(gate_.FarewellHeard(std::string("a\0\0\0\n", 5)));
  EXPECT_FALSE(gate_.FarewellHeard(std::string("a\0\0\0\n", 5))) << "once each";
  EXPECT_TRUE(gate_.FarewellHeard(std::string("a\0\0\0\x14", 5)));
}

TEST_F(ChannelGateTest, WithoutSessionsThereIsNoFarewell) {
  Opened("direct-tcpip", 3, 30);
  EXPECT_FALSE(gate_.BeginFarewell("Bye."));
}

TEST_F(ChannelGateTest, ANulHidesNoName) {
  Forbid(&SessionPolicy::port_forwarding);
  EXPECT_EQ(FromUser(Open(absl::string_view("direct-tcpip\0", 13), 1)), Verdict::kBreach);
  EXPECT_EQ(FromUser(Request(1, absl::string_view("x11-req\0", 8))), Verdict::kBreach);
  EXPECT_EQ(FromUser(WireWriter()
                         .Byte(ssh::kGlobalRequest)
                         .String(absl::string_view("tcpip-forward\0x", 15))
                         .Bool(true)
                         .bytes()),
            Verdict::kBreach);
  Forbid(&SessionPolicy::file_transfer);
  EXPECT_EQ(FromUser(Request(1, "subsystem", absl::string_view("sftp\0", 5))), Verdict::kDealt);
}

TEST_F(ChannelGateTest, WhatCannotBeReadBreaksTheProtocol) {
  for (const uint8_t number : {ssh::kGlobalRequest, ssh::kChannelOpen, ssh::kChannelRequest,
                               ssh::kChannelOpenConfirmation}) {
    EXPECT_EQ(FromUser(std::string(1, static_cast<char>(number))), Verdict::kBreach);
  }
  EXPECT_EQ(FromUser(Open("session", 1)), Verdict::kPass);
  EXPECT_EQ(FromUser(Open("direct-tcpip", 1)), Verdict::kBreach) << "the number is taken";
}

TEST_F(ChannelGateTest, ChannelsAreCountedByWhatRunsInThem) {
  Opened("session", 1, 10);
  Opened("session", 2, 20);
  Opened("session", 3, 30);
  Opened("direct-tcpip", 4, 40);
  FromUser(Request(10, "shell"));
  FromUser(Request(20, "exec", "rsync --server ."));
  EXPECT_EQ(Count(ChannelKind::kSession).open, 1);
  EXPECT_EQ(Count(ChannelKind::kSession).total, 1);
  EXPECT_EQ(Count(ChannelKind::kShell).open, 1);
  EXPECT_EQ(Count(ChannelKind::kFileTransfer).total, 1);
  EXPECT_EQ(Count(ChannelKind::kDirectForward).open, 1);
  EXPECT_EQ(FromUser(Close(40)), Verdict::kPass);
  EXPECT_EQ(Count(ChannelKind::kDirectForward).open, 1) << "the workspace has not closed it yet";
  EXPECT_EQ(FromWorkspace(Close(4)), Verdict::kPass);
  EXPECT_EQ(Count(ChannelKind::kDirectForward).open, 0);
  EXPECT_EQ(Count(ChannelKind::kDirectForward).total, 1);
  EXPECT_EQ(FromUser(Open("session", 5)), Verdict::kPass);
  EXPECT_EQ(FromWorkspace(Failure(5, ssh::kResourceShortage, "no")), Verdict::kPass);
  EXPECT_EQ(FromUser(Open("session", 5)), Verdict::kPass) << "the number is free again";
  EXPECT_EQ(Count(ChannelKind::kSession).total, 1);
}

TEST_F(ChannelGateTest, ANewPolicyClosesWhatItForbidsAndNothingElse) {
  Opened("session", 1, 10);
  Opened("direct-tcpip", 2, 20);
  Opened("session", 3, 30);
  FromUser(Request(30, "subsystem", "sftp"));
  Forbid(&SessionPolicy::port_forwarding);
  EXPECT_THAT(user_.sent, ElementsAre(Close(2)));
  EXPECT_THAT(workspace_.sent, ElementsAre(Close(20)));
  EXPECT_EQ(Count(ChannelKind::kDirectForward).open, 0);
  // What is said on it until both ends have closed it is dropped.
  EXPECT_EQ(FromUser(Data(20)), Verdict::kDealt);
  EXPECT_EQ(FromWorkspace(Data(2)), Verdict::kDealt);
  EXPECT_EQ(FromUser(Data(10)), Verdict::kPass);
  EXPECT_EQ(FromUser(Request(20, "what")), Verdict::kDealt);
  EXPECT_EQ(FromUser(Close(20)), Verdict::kDealt);
  EXPECT_EQ(FromWorkspace(Data(2)), Verdict::kDealt);
  EXPECT_EQ(FromWorkspace(Close(2)), Verdict::kDealt);
  EXPECT_EQ(FromWorkspace(Data(2)), Verdict::kPass) << "the workspace speaks of something else now";
  EXPECT_EQ(FromUser(Open("session", 2)), Verdict::kPass);
  Forbid(&SessionPolicy::file_transfer);
  EXPECT_THAT(user_.sent, ElementsAre(Close(2), Close(3)));
}

TEST_F(ChannelGateTest, AnEndThatHadClosedIsNotToldAgain) {
  Opened("direct-tcpip", 2, 20);
  EXPECT_EQ(FromUser(Close(20)), Verdict::kPass);
  Forbid(&SessionPolicy::port_forwarding);
  EXPECT_THAT(user_.sent, ElementsAre(Close(2)));
  EXPECT_THAT(workspace_.sent, IsEmpty());
  EXPECT_EQ(FromWorkspace(Close(2)), Verdict::kDealt);
  EXPECT_EQ(FromUser(Open("session", 2)), Verdict::kPass);
}

TEST_F(ChannelGateTest, AChannelThatIsForbiddenWhileItIsOpenedNeverReachesWhoAsked) {
  EXPECT_EQ(FromUser(Open("direct-tcpip", 2)), Verdict::kPass);
  Forbid(&SessionPolicy::port_forwarding);
  EXPECT_EQ(FromWorkspace(Confirmation(2, 20)), Verdict::kDealt);
  EXPECT_THAT(workspace_.sent, ElementsAre(Close(20)));
  ASSERT_EQ(user_.sent.size(), 1U);
  EXPECT_THAT(user_.sent[0], HasSubstr("Port forwarding is switched off"));
  EXPECT_EQ(FromWorkspace(Data(2)), Verdict::kDealt);
  // The number is the user's again, but the workspace still speaks to it.
  EXPECT_EQ(FromUser(Open("session", 2)), Verdict::kDealt);
  EXPECT_EQ(FromWorkspace(Close(2)), Verdict::kDealt);
  EXPECT_EQ(FromUser(Open("session", 2)), Verdict::kPass);
  EXPECT_EQ(FromWorkspace(Confirmation(2, 20)), Verdict::kPass);
}

TEST_F(ChannelGateTest, AWorkspacesNumberThatTheUserStillSpeaksToIsNotGivenOutAgain) {
  Opened("direct-tcpip", 2, 20);
  Forbid(&SessionPolicy::port_forwarding);
  EXPECT_EQ(FromWorkspace(Close(2)), Verdict::kDealt);
  user_.sent.clear();
  workspace_.sent.clear();
  EXPECT_EQ(FromUser(Open("session", 3)), Verdict::kPass);
  EXPECT_EQ(FromWorkspace(Confirmation(3, 20)), Verdict::kDealt);
  ASSERT_EQ(user_.sent.size(), 1U);
  EXPECT_EQ(static_cast<uint8_t>(user_.sent[0][0]), ssh::kChannelOpenFailure);
  EXPECT_THAT(workspace_.sent, ElementsAre(Close(20)));
  EXPECT_EQ(FromUser(Data(20)), Verdict::kDealt);
  EXPECT_EQ(FromUser(Close(20)), Verdict::kDealt);
  EXPECT_EQ(FromWorkspace(Close(3)), Verdict::kDealt);
  Opened("session", 3, 20);
  EXPECT_EQ(FromUser(Data(20)), Verdict::kPass);
}

TEST_F(ChannelGateTest, ChannelsAreLimited) {
  for (uint32_t i = 0; i < ChannelGate::kMostChannels; ++i) {
    ASSERT_EQ(FromUser(Open("session", i)), Verdict::kPass);
  }
  EXPECT_EQ(FromUser(Open("session", ChannelGate::kMostChannels)), Verdict::kDealt);
  ASSERT_EQ(user_.sent.size(), 1U);
  EXPECT_THAT(user_.sent[0], HasSubstr("too many channels"));
  for (uint32_t i = 0; i < ChannelGate::kMostChannels; ++i) {
    ASSERT_EQ(FromWorkspace(Failure(i, 1, "no")), Verdict::kPass);
  }
  EXPECT_EQ(FromUser(Open("session", 1)), Verdict::kPass);
}

}  // namespace
}  // namespace homeport
