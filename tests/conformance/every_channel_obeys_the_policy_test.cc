// What a provider has switched off is off for every kind of channel and every request that could
// bring it about, under whatever name it is asked for; commands and terminals go on.
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/ssh_wire.h"
#include "gmock/gmock.h"
#include "tests/conformance/front_door.h"
#include "tests/integration/tcp_connection.h"
#include "tests/raw_ssh/messages.h"

namespace homeport::story {
namespace {

using ::testing::HasSubstr;

using raw_ssh::RawClient;

constexpr uint32_t kProhibited = 1;  // RFC 4254, 5.1

class EveryChannelObeysThePolicy : public FrontDoor {
 protected:
  static void Switch(const std::string& state) {
    const Result result = world().Homeport({"providers", "update", "local", "--port-forwarding",
                                            state, "--file-transfer", state, "--agent-forwarding",
                                            state, "--x11-forwarding", state});
    ASSERT_EQ(result.status, 0) << result.err;
  }
  void TearDown() override {
    Switch("on");
    FrontDoor::TearDown();
  }

  static RawClient SignedIn() {
    RawClient client = Connect();
    EXPECT_EQ(client.SignIn("dev", demo()), raw_ssh::kUserauthSuccess);
    return client;
  }
  // The next answer, past data and windows.
  static std::string Answer(RawClient& client) {
    for (;;) {
      const std::string payload = client.Receive().value_or("");
      const uint8_t number = payload.empty() ? 0 : static_cast<uint8_t>(payload[0]);
      if (number != raw_ssh::kChannelWindowAdjust && number != raw_ssh::kChannelData &&
          number != raw_ssh::kChannelExtendedData) {
        return payload;
      }
    }
  }
  static uint8_t NumberOf(const std::string& payload) { return WireReader(payload).Byte(); }
  static std::string Open(const std::string& type, absl::string_view rest) {
    return WireWriter()
        .Byte(raw_ssh::kChannelOpen)
        .String(type)
        .Uint32(0)
        .Uint32(1 << 20)
        .Uint32(32768)
        .Raw(rest)
        .bytes();
  }
  // Why a channel of this type is refused; 0 if it is not.
  static uint32_t RefusalOf(const std::string& type, absl::string_view rest) {
    RawClient client = SignedIn();
    client.Send(Open(type, rest));
    const std::string answer = Answer(client);
    WireReader reader(answer);
    if (reader.Byte() != raw_ssh::kChannelOpenFailure) return 0;
    reader.Uint32();
    return reader.Uint32();
  }
  static uint8_t AskGlobally(const std::string& name, absl::string_view rest) {
    RawClient client = SignedIn();
    client.Send(
        WireWriter().Byte(raw_ssh::kGlobalRequest).String(name).Bool(true).Raw(rest).bytes());
    return NumberOf(Answer(client));
  }
  // The answer to this request on a session's channel.
  static uint8_t AskSession(const std::string& name, absl::string_view rest) {
    RawClient client = SignedIn();
    return AskSession(client, name, rest);
  }
  static uint8_t AskSession(RawClient& client, const std::string& name, absl::string_view rest) {
    client.Send(Open("session", ""));
    const std::string opened = Answer(client);
    WireReader reader(opened);
    EXPECT_EQ(reader.Byte(), raw_ssh::kChannelOpenConfirmation);
    reader.Uint32();
    client.Send(WireWriter()
                    .Byte(raw_ssh::kChannelRequest)
                    .Uint32(reader.Uint32())
                    .String(name)
                    .Bool(true)
                    .Raw(rest)
                    .bytes());
    return NumberOf(Answer(client));
  }

  static std::string DirectTcpip() {
    return WireWriter().String("127.0.0.1").Uint32(Port()).String("127.0.0.1").Uint32(1).bytes();
  }
  static std::string DirectStreamlocal() {
    return WireWriter().String("/nowhere").String("").Uint32(0).bytes();
  }
  static std::string X11() {
    return WireWriter().Bool(false).String("MIT-MAGIC-COOKIE-1").String("00").Uint32(0).bytes();
  }
  // A port that nobody listens on.
  static uint32_t Port() {
    static const std::string port = FreePort();
    uint32_t number = 0;
    EXPECT_TRUE(absl::SimpleAtoi(port, &number));
    return number;
  }
  static std::string RemotePort() {
    return WireWriter().String("127.0.0.1").Uint32(Port()).bytes();
  }
  static std::string RemoteSocket() {
    return WireWriter().String(world().Path("forwarded")).bytes();
  }
};

TEST_F(EveryChannelObeysThePolicy, WhateverItsType) {
  const struct {
    const char* type;
    std::string rest;
  } opens[] = {
      {"direct-tcpip", DirectTcpip()},
      {"direct-streamlocal@openssh.com", DirectStreamlocal()},
      {"tun@openssh.com", WireWriter().Uint32(1).Uint32(0).bytes()},
      {"forwarded-tcpip", DirectTcpip()},
      {"forwarded-streamlocal@openssh.com", DirectStreamlocal()},
      {"x11", WireWriter().String("127.0.0.1").Uint32(1).bytes()},
      {"auth-agent@openssh.com", ""},
      {"agent-connect", ""},
      {"Direct-Tcpip", DirectTcpip()},
      {"nonsense@example.com", DirectTcpip()},
      {"", ""},
  };
  for (const auto& [type, rest] : opens) EXPECT_NE(RefusalOf(type, rest), kProhibited) << type;
  Switch("off");
  for (const auto& [type, rest] : opens) EXPECT_EQ(RefusalOf(type, rest), kProhibited) << type;
}

TEST_F(EveryChannelObeysThePolicy, AndSoDoesEveryGlobalRequest) {
  EXPECT_EQ(AskGlobally("tcpip-forward", RemotePort()), raw_ssh::kRequestSuccess);
  EXPECT_EQ(AskGlobally("streamlocal-forward@openssh.com", RemoteSocket()),
            raw_ssh::kRequestSuccess);
  Switch("off");
  for (const char* name : {"tcpip-forward", "cancel-tcpip-forward"}) {
    EXPECT_EQ(AskGlobally(name, RemotePort()), raw_ssh::kRequestFailure) << name;
  }
  for (const char* name :
       {"streamlocal-forward@openssh.com", "cancel-streamlocal-forward@openssh.com"}) {
    EXPECT_EQ(AskGlobally(name, RemoteSocket()), raw_ssh::kRequestFailure) << name;
  }
  // Not only the answer says so.
  RawClient client = SignedIn();
  client.Send(WireWriter()
                  .Byte(raw_ssh::kGlobalRequest)
                  .String("tcpip-forward")
                  .Bool(true)
                  .Raw(RemotePort())
                  .bytes());
  EXPECT_EQ(NumberOf(Answer(client)), raw_ssh::kRequestFailure);
  EXPECT_FALSE(TcpConnection(absl::StrCat("127.0.0.1:", Port())).connected());
}

TEST_F(EveryChannelObeysThePolicy, AndSoDoesEveryRequestOfASession) {
  const auto string = [](const std::string& text) { return WireWriter().String(text).bytes(); };
  const struct {
    const char* name;
    std::string rest;
  } requests[] = {
      {"x11-req", X11()},
      {"auth-agent-req@openssh.com", ""},
      {"subsystem", string("sftp")},
      {"exec", string("scp -t /tmp/nowhere")},
      {"exec", string("scp -qf /etc/hostname")},
      {"exec", string("rsync --server -e.LsfxC . /tmp/nowhere")},
      {"exec", string("/usr/lib/openssh/sftp-server")},
  };
  for (const auto& [name, rest] : requests) {
    EXPECT_EQ(AskSession(name, rest), raw_ssh::kChannelSuccess) << name << " " << rest;
  }
  Switch("off");
  for (const auto& [name, rest] : requests) {
    SCOPED_TRACE(absl::StrCat(name, " ", rest));
    RawClient client = SignedIn();
    const uint8_t answer = AskSession(client, name, rest);
    if (answer == raw_ssh::kChannelFailure) continue;
    // A transfer is answered by the proxy, which plays a command that says why and fails.
    EXPECT_EQ(answer, raw_ssh::kChannelSuccess);
    EXPECT_THAT(Answer(client), HasSubstr("exit-status"));
    EXPECT_EQ(NumberOf(Answer(client)), raw_ssh::kChannelEof);
    EXPECT_EQ(NumberOf(Answer(client)), raw_ssh::kChannelClose);
  }
  RawClient client = SignedIn();
  EXPECT_EQ(RunCommand(client, "echo in"), "in\n");
}

TEST_F(EveryChannelObeysThePolicy, AndNoNameHidesBehindAnother) {
  Switch("off");
  for (const std::string& type :
       {std::string("session\0direct-tcpip", 20), std::string("direct-tcpip\0", 13)}) {
    RawClient client = SignedIn();
    client.Send(Open(type, DirectTcpip()));
    EXPECT_TRUE(client.WaitUntilClosed());
  }
}

}  // namespace
}  // namespace homeport::story
