// Whoever says what only a server may say, or says something before its time, is out: nothing is
// answered, nothing is opened. Other people's connections go on.
#include <functional>
#include <vector>

#include "base/ssh_wire.h"
#include "gmock/gmock.h"
#include "tests/conformance/front_door.h"
#include "tests/raw_ssh/messages.h"
#include "tests/raw_ssh/user_authentication.h"

namespace homeport::story {
namespace {

using raw_ssh::RawClient;
using raw_ssh::RequestService;
using raw_ssh::SignedRequest;

struct Said {
  const char* name;
  std::string payload;
};

std::string OpenSession() {
  return WireWriter()
      .Byte(raw_ssh::kChannelOpen)
      .String("session")
      .Uint32(0)
      .Uint32(1 << 20)
      .Uint32(32768)
      .bytes();
}

std::string AskGlobally(const std::string& name) {
  return WireWriter().Byte(raw_ssh::kGlobalRequest).String(name).Bool(true).bytes();
}

// What is never a client's to say before it has signed in.
std::vector<Said> Forbidden() {
  const auto number = [](uint8_t value) { return WireWriter().Byte(value).bytes(); };
  const auto to_channel = [](uint8_t value) {
    return WireWriter().Byte(value).Uint32(0).String("x").bytes();
  };
  return {
      {"SERVICE_ACCEPT", WireWriter().Byte(raw_ssh::kServiceAccept).String("ssh-userauth").bytes()},
      {"USERAUTH_SUCCESS", number(raw_ssh::kUserauthSuccess)},
      {"USERAUTH_FAILURE",
       WireWriter().Byte(raw_ssh::kUserauthFailure).String("publickey").Bool(false).bytes()},
      {"USERAUTH_PK_OK",
       WireWriter().Byte(raw_ssh::kUserauthPkOk).String("ssh-ed25519").String("x").bytes()},
      {"USERAUTH_INFO_RESPONSE",
       WireWriter().Byte(raw_ssh::kUserauthInfoResponse).Uint32(0).bytes()},
      {"KEX_ECDH_REPLY",
       WireWriter().Byte(raw_ssh::kKexEcdhReply).String("k").String("v").String("s").bytes()},
      {"GLOBAL_REQUEST", AskGlobally("tcpip-forward")},
      {"a keepalive", AskGlobally("keepalive@openssh.com")},
      {"REQUEST_SUCCESS", number(raw_ssh::kRequestSuccess)},
      {"REQUEST_FAILURE", number(raw_ssh::kRequestFailure)},
      {"CHANNEL_OPEN", OpenSession()},
      {"CHANNEL_OPEN_CONFIRMATION", to_channel(raw_ssh::kChannelOpenConfirmation)},
      {"CHANNEL_WINDOW_ADJUST", to_channel(raw_ssh::kChannelWindowAdjust)},
      {"CHANNEL_DATA", to_channel(raw_ssh::kChannelData)},
      {"CHANNEL_REQUEST", to_channel(raw_ssh::kChannelRequest)},
      {"CHANNEL_CLOSE", to_channel(raw_ssh::kChannelClose)},
      {"an unknown message of the connection protocol", number(127)},
  };
}

class MessagesOutOfTurnEndTheConnection : public FrontDoor {
 protected:
  // The moments before sign-in.
  static void Introduced(RawClient& client) { ASSERT_TRUE(client.ExchangeIdentifications()); }
  static void Negotiated(RawClient& client) {
    Introduced(client);
    client.SendKexInit();
    ASSERT_TRUE(client.ReceiveKexInit());
  }
  static void Exchanged(RawClient& client) {
    Negotiated(client);
    client.SendKeyExchangeInit();
    ASSERT_TRUE(client.ReceiveKeyExchangeReply() && client.ReceiveNewKeys());
  }
  static void Protected(RawClient& client) { ASSERT_TRUE(client.ExchangeKeys()); }
  static void Authenticating(RawClient& client) {
    ASSERT_TRUE(client.ExchangeKeys() && client.BeginAuthentication());
  }
  static void Refused(RawClient& client) {
    Authenticating(client);
    client.Send(raw_ssh::RequestMethod("dev", "none"));
    ASSERT_EQ(client.ReceiveNumber(), raw_ssh::kUserauthFailure);
  }

  // Said at that moment it ends the connection; and what is sent after it is not heard.
  static void ExpectTheEnd(const std::function<void(RawClient&)>& moment, const Said& said) {
    SCOPED_TRACE(said.name);
    RawClient client = Connect();
    ASSERT_NO_FATAL_FAILURE(moment(client));
    client.Send(said.payload);
    client.Send(OpenSession());
    while (const std::optional<std::string> payload = client.Receive()) {
      EXPECT_EQ(payload->front(), raw_ssh::kKexInit) << "an answer came";
    }
    EXPECT_TRUE(client.WaitUntilClosed());
  }
};

TEST_F(MessagesOutOfTurnEndTheConnection, BeforeKeysAreNegotiated) {
  for (const Said& said : Forbidden()) ExpectTheEnd(Introduced, said);
}

TEST_F(MessagesOutOfTurnEndTheConnection, BeforeKeysAreExchanged) {
  for (const Said& said : Forbidden()) ExpectTheEnd(Negotiated, said);
}

TEST_F(MessagesOutOfTurnEndTheConnection, BeforeKeysAreInUse) {
  for (const Said& said : Forbidden()) ExpectTheEnd(Exchanged, said);
}

TEST_F(MessagesOutOfTurnEndTheConnection, BeforeAServiceIsAskedFor) {
  for (const Said& said : Forbidden()) ExpectTheEnd(Protected, said);
}

TEST_F(MessagesOutOfTurnEndTheConnection, BeforeSigningIn) {
  for (const Said& said : Forbidden()) ExpectTheEnd(Authenticating, said);
}

TEST_F(MessagesOutOfTurnEndTheConnection, AfterARefusal) {
  for (const Said& said : Forbidden()) ExpectTheEnd(Refused, said);
}

TEST_F(MessagesOutOfTurnEndTheConnection, WhenNewKeysComeTooEarlyOrTwice) {
  const Said new_keys = {"NEWKEYS", WireWriter().Byte(raw_ssh::kNewKeys).bytes()};
  for (const auto& moment : {Introduced, Negotiated, Protected, Authenticating, Refused}) {
    ExpectTheEnd(moment, new_keys);
  }
}

TEST_F(MessagesOutOfTurnEndTheConnection, WhenSignInComesBeforeItsTime) {
  const Said service = {"SERVICE_REQUEST", RequestService("ssh-userauth")};
  for (const auto& moment : {Introduced, Negotiated, Exchanged}) ExpectTheEnd(moment, service);
  const Said none = {"USERAUTH_REQUEST", raw_ssh::RequestMethod("dev", "none")};
  for (const auto& moment : {Introduced, Negotiated, Exchanged, Protected}) {
    ExpectTheEnd(moment, none);
  }
  RawClient client = Connect();
  ASSERT_TRUE(client.ExchangeKeys());
  client.Send(SignedRequest(client.session_id(), "dev", demo()));
  EXPECT_EQ(client.ReceiveNumber(), 0) << "a signature before the service that takes it";
  EXPECT_TRUE(client.closed());
}

TEST_F(MessagesOutOfTurnEndTheConnection, WhenAServiceIsAskedForThatIsNotToBeHad) {
  for (const char* service : {"ssh-connection", "ssh-nonsense", ""}) {
    const Said request = {service, RequestService(service)};
    for (const auto& moment : {Protected, Authenticating, Refused}) ExpectTheEnd(moment, request);
  }
}

}  // namespace
}  // namespace homeport::story
