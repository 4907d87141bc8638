// The server's side of channels against a client that is made of packets.
#include "ssh/connection_server.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace homeport::ssh {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class NoHandler : public Transport::Handler {
  bool OnPacket(absl::string_view) override { return true; }
  void OnOutputDrained() override {}
  void OnClosed(const absl::Status&) override {}
};

// Keeps what is sent.
class RecordingTransport : public Transport {
 public:
  RecordingTransport(EventLoop& loop, Handler& handler) : Transport(loop, handler) {}
  std::string peer_version() const override { return ""; }
  void Send(absl::string_view head, absl::string_view body) override {
    sent_.push_back(absl::StrCat(head, body));
  }
  std::vector<std::string> Take() { return std::exchange(sent_, {}); }

 private:
  void Step() override {}

  std::vector<std::string> sent_;
};

// Notes what it is told.
class NotingHandler : public ChannelHandler {
 public:
  NotingHandler(std::vector<std::string>& notes, std::string name, bool close_at_once = true)
      : notes_(notes), name_(std::move(name)), close_at_once_(close_at_once) {}
  void OnOpened(Channel& channel) override {
    last = &channel;
    Note("opened");
  }
  void OnOpenFailed(uint32_t reason, absl::string_view description) override {
    Note(absl::StrCat("refused ", reason, " ", description));
  }
  void OnData(absl::string_view data) override { Note(data); }
  void OnEof() override { Note("eof"); }
  bool OnRequest(const std::string&, WireReader) override { return true; }
  void OnWritable() override { Note("writable"); }
  bool OnCloseReceived() override {
    Note("close");
    return close_at_once_;
  }
  void OnClosed() override { Note("closed"); }

  static Channel* last;  // the channel that was opened last

 private:
  void Note(absl::string_view what) { notes_.push_back(absl::StrCat(name_, " ", what)); }

  std::vector<std::string>& notes_;
  const std::string name_;
  const bool close_at_once_;
};

Channel* NotingHandler::last = nullptr;

class ConnectionServerTest : public ::testing::Test {
 protected:
  ConnectionServerTest()
      : transport_(loop_, no_handler_),
        server_(
            transport_, 6,
            [this](const std::string& type, absl::string_view) {
              ConnectionServer::OpenResult result;
              if (type == "now") result.handler = MakeHandler(type);
              if (type == "drains") result.handler = MakeHandler(type, /*close_at_once=*/false);
              if (type == "later") {
                result.later = [this](ConnectionServer::OpenAnswer answer) {
                  answers_.push_back(std::move(answer));
                };
              }
              return result;
            },
            /*max_pending_opens=*/3) {
    server_.set_global_request_callback([this](const std::string& name, absl::string_view, bool,
                                               ConnectionServer::GlobalReply reply) {
      if (name == "later") replies_.push_back(reply);
      if (name == "now") reply.Success("N");
      if (name == "no") reply.Failure();
      return name != "broken";
    });
  }

  std::unique_ptr<NotingHandler> MakeHandler(const std::string& name, bool close_at_once = true) {
    return std::make_unique<NotingHandler>(notes_, name, close_at_once);
  }
  bool Give(const WireWriter& packet) { return server_.OnPacket(packet.bytes()); }
  bool GiveOpen(const std::string& type, uint32_t id) {
    return Give(WireWriter().Byte(kChannelOpen).String(type).Uint32(id).Uint32(1000).Uint32(32768));
  }
  bool GiveRequest(const std::string& name, bool want_reply = true) {
    return Give(WireWriter().Byte(kGlobalRequest).String(name).Bool(want_reply));
  }
  bool GiveConfirmation(uint32_t id, uint32_t max_packet = 32768) {
    return Give(WireWriter()
                    .Byte(kChannelOpenConfirmation)
                    .Uint32(id)
                    .Uint32(70 + id)
                    .Uint32(1000)
                    .Uint32(max_packet));
  }
  bool GiveRefusal(uint32_t id) {
    return Give(WireWriter()
                    .Byte(kChannelOpenFailure)
                    .Uint32(id)
                    .Uint32(kConnectFailed)
                    .String("no")
                    .String(""));
  }
  static std::string Confirmation(uint32_t peer_id, uint32_t id) {
    return WireWriter()
        .Byte(kChannelOpenConfirmation)
        .Uint32(peer_id)
        .Uint32(id)
        .Uint32(Channel::kWindowBytes)
        .Uint32(Channel::kMaxPacketBytes)
        .bytes();
  }
  static std::string Failure(uint32_t peer_id, uint32_t reason, const std::string& text) {
    return WireWriter()
        .Byte(kChannelOpenFailure)
        .Uint32(peer_id)
        .Uint32(reason)
        .String(text)
        .String("")
        .bytes();
  }
  static std::string OfChannel(uint8_t number, uint32_t peer_id) {
    return WireWriter().Byte(number).Uint32(peer_id).bytes();
  }
  // What was posted to the loop.
  void RunPosted() {
    loop_.Stop();
    loop_.Run();
  }

  EventLoop loop_;
  NoHandler no_handler_;
  RecordingTransport transport_;
  std::vector<std::string> notes_;
  std::vector<ConnectionServer::OpenAnswer> answers_;
  std::vector<ConnectionServer::GlobalReply> replies_;
  ConnectionServer server_;
};

TEST_F(ConnectionServerTest, AnOpenThatTakesTimeHoldsUpNoOther) {
  ASSERT_TRUE(GiveOpen("later", 40));
  ASSERT_TRUE(GiveOpen("later", 41));
  ASSERT_TRUE(GiveOpen("now", 42));
  EXPECT_THAT(transport_.Take(), ElementsAre(Confirmation(42, 0)));
  answers_[1].Refuse(kConnectFailed, "Connection refused");
  answers_[0].Confirm(MakeHandler("a"));
  EXPECT_THAT(transport_.Take(),
              ElementsAre(Failure(41, kConnectFailed, "Connection refused"), Confirmation(40, 1)));
  EXPECT_THAT(notes_, ElementsAre("now opened", "a opened"));
}

TEST_F(ConnectionServerTest, AnOpenIsAnsweredOnce) {
  ASSERT_TRUE(GiveOpen("later", 40));
  answers_[0].Refuse(kConnectFailed, "x");
  answers_[0].Refuse(kConnectFailed, "y");
  answers_[0].Confirm(MakeHandler("a"));
  EXPECT_THAT(transport_.Take(), ElementsAre(Failure(40, kConnectFailed, "x")));
  EXPECT_THAT(notes_, IsEmpty());
}

TEST_F(ConnectionServerTest, OpensThatWaitAreBounded) {
  for (uint32_t id = 0; id < 3; ++id) ASSERT_TRUE(GiveOpen("later", id));
  ASSERT_TRUE(GiveOpen("later", 3));
  EXPECT_THAT(transport_.Take(),
              ElementsAre(Failure(3, kResourceShortage, "too many channels are being opened")));
  // They count as channels, too.
  for (uint32_t id = 4; id < 7; ++id) ASSERT_TRUE(GiveOpen("now", id));
  transport_.Take();
  ASSERT_TRUE(GiveOpen("now", 7));
  EXPECT_THAT(transport_.Take(),
              ElementsAre(Failure(7, kResourceShortage, "too many channels are open")));
}

TEST_F(ConnectionServerTest, RepliesLeaveInTheOrderOfTheRequests) {
  ASSERT_TRUE(GiveRequest("later"));
  ASSERT_TRUE(GiveRequest("now"));
  ASSERT_TRUE(GiveRequest("later"));
  ASSERT_TRUE(GiveRequest("no"));
  EXPECT_THAT(transport_.Take(), IsEmpty());
  replies_[1].Failure();
  EXPECT_THAT(transport_.Take(), IsEmpty());
  replies_[0].Success("D");
  replies_[0].Failure();  // too late
  EXPECT_THAT(transport_.Take(), ElementsAre("\x51"
                                             "D",
                                             "\x51N", "\x52", "\x52"));
}

TEST_F(ConnectionServerTest, WhoWantsNoReplyGetsNone) {
  ASSERT_TRUE(GiveRequest("now", /*want_reply=*/false));
  ASSERT_TRUE(GiveRequest("later", /*want_reply=*/false));
  replies_[0].Success();
  EXPECT_THAT(transport_.Take(), IsEmpty());
}

TEST_F(ConnectionServerTest, RepliesThatWaitAreBounded) {
  for (size_t i = 0; i < ConnectionServer::kMostPendingReplies; ++i) {
    ASSERT_TRUE(GiveRequest("later"));
  }
  EXPECT_FALSE(GiveRequest("later"));
}

TEST_F(ConnectionServerTest, ACallbackMayEndTheConnection) { EXPECT_FALSE(GiveRequest("broken")); }

TEST_F(ConnectionServerTest, AChannelOfOursOpensAndCarriesData) {
  ASSERT_TRUE(server_.OpenChannel("x11", "payload", MakeHandler("ours")));
  EXPECT_THAT(transport_.Take(), ElementsAre(WireWriter()
                                                 .Byte(kChannelOpen)
                                                 .String("x11")
                                                 .Uint32(0)
                                                 .Uint32(Channel::kWindowBytes)
                                                 .Uint32(Channel::kMaxPacketBytes)
                                                 .Raw("payload")
                                                 .bytes()));
  ASSERT_TRUE(GiveConfirmation(0));
  ASSERT_TRUE(Give(WireWriter().Byte(kChannelData).Uint32(0).String("hello")));
  NotingHandler::last->Write("answer");
  EXPECT_THAT(transport_.Take(),
              ElementsAre(WireWriter().Byte(kChannelData).Uint32(70).String("answer").bytes()));
  EXPECT_THAT(notes_, ElementsAre("ours opened", "ours hello"));
}

TEST_F(ConnectionServerTest, ARefusedChannelOfOursGoes) {
  ASSERT_TRUE(server_.OpenChannel("x11", "", MakeHandler("ours")));
  ASSERT_TRUE(GiveRefusal(0));
  EXPECT_THAT(notes_, ElementsAre("ours refused 2 no"));
  EXPECT_FALSE(GiveRefusal(0));
  EXPECT_FALSE(GiveConfirmation(0));
  RunPosted();
  EXPECT_EQ(server_.channel_count(), 0u);
}

TEST_F(ConnectionServerTest, ChannelsOfOursThatWaitAreBounded) {
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(server_.OpenChannel("x11", "", MakeHandler("ours")));
  EXPECT_FALSE(server_.CanOpen());
  EXPECT_FALSE(server_.OpenChannel("x11", "", MakeHandler("ours")));
  ASSERT_TRUE(GiveConfirmation(1));
  EXPECT_TRUE(server_.CanOpen());
  ASSERT_TRUE(GiveRefusal(0));
  RunPosted();
  EXPECT_TRUE(server_.OpenChannel("x11", "", MakeHandler("ours")));
}

TEST_F(ConnectionServerTest, NothingMayComeForAChannelThatTheClientHasNotConfirmed) {
  for (const uint8_t number :
       {kChannelWindowAdjust, kChannelData, kChannelEof, kChannelClose, kChannelRequest}) {
    ASSERT_TRUE(server_.OpenChannel("x11", "", MakeHandler("ours")));
    EXPECT_FALSE(Give(WireWriter().Byte(number).Uint32(0))) << int{number};
    EXPECT_FALSE(Give(WireWriter().Byte(number).Uint32(0).Uint32(1))) << int{number};
    ASSERT_TRUE(GiveRefusal(0));
    RunPosted();
  }
}

TEST_F(ConnectionServerTest, MalformedAnswersEndTheConnection) {
  ASSERT_TRUE(server_.OpenChannel("x11", "", MakeHandler("ours")));
  EXPECT_FALSE(GiveConfirmation(0, /*max_packet=*/0));
  EXPECT_FALSE(GiveConfirmation(1));
  EXPECT_FALSE(Give(WireWriter().Byte(kChannelOpenConfirmation).Uint32(0).Uint32(7)));
  EXPECT_FALSE(Give(WireWriter().Byte(kChannelOpenFailure).Uint32(0).Uint32(1).String("")));
  EXPECT_FALSE(Give(WireWriter().Byte(kRequestSuccess)));
  ASSERT_TRUE(GiveOpen("now", 5));
  EXPECT_FALSE(GiveConfirmation(1));  // the client's own channel
}

TEST_F(ConnectionServerTest, CloseWaitsForTheHandlerThatHasDataToUse) {
  ASSERT_TRUE(GiveOpen("drains", 5));
  Channel* channel = NotingHandler::last;
  transport_.Take();
  ASSERT_TRUE(Give(WireWriter().Byte(kChannelClose).Uint32(0)));
  EXPECT_FALSE(Give(WireWriter().Byte(kChannelData).Uint32(0).String("more")));
  // No data may follow a close; how the process ended may.
  EXPECT_EQ(channel->writable_bytes(), 0u);
  channel->SendEof();
  EXPECT_THAT(transport_.Take(), IsEmpty());
  channel->SendRequest("exit-status", "");
  EXPECT_EQ(transport_.Take().size(), 1u);
  channel->Close();
  EXPECT_THAT(transport_.Take(), ElementsAre(OfChannel(kChannelClose, 5)));
  RunPosted();
  EXPECT_THAT(notes_, ElementsAre("drains opened", "drains close", "drains closed"));
}

TEST_F(ConnectionServerTest, AnswersThatComeAfterTheEndDoNothing) {
  auto server = std::make_unique<ConnectionServer>(
      transport_, 6, [this](const std::string&, absl::string_view) {
        ConnectionServer::OpenResult result;
        result.later = [this](ConnectionServer::OpenAnswer answer) { answers_.push_back(answer); };
        return result;
      });
  server->set_global_request_callback(
      [this](const std::string&, absl::string_view, bool, ConnectionServer::GlobalReply reply) {
        replies_.push_back(reply);
        return true;
      });
  const auto open =
      WireWriter().Byte(kChannelOpen).String("x").Uint32(1).Uint32(1).Uint32(1).bytes();
  ASSERT_TRUE(server->OnPacket(open));
  ASSERT_TRUE(server->OnPacket(WireWriter().Byte(kGlobalRequest).String("x").Bool(true).bytes()));
  ASSERT_TRUE(server->OpenChannel("x11", "", MakeHandler("ours")));
  transport_.Take();
  server.reset();
  answers_[0].Confirm(MakeHandler("a"));
  answers_[0].Refuse(kConnectFailed, "");
  replies_[0].Success();
  EXPECT_THAT(transport_.Take(), IsEmpty());
  EXPECT_THAT(notes_, ElementsAre("ours closed"));
}

}  // namespace
}  // namespace homeport::ssh
