// Nothing can be slipped into the first key exchange: the front door offers strict key exchange,
// and what does not belong there ends the connection. It begins with what a quantum computer does
// not break.
#include <algorithm>

#include "base/ssh_wire.h"
#include "gmock/gmock.h"
#include "tests/conformance/front_door.h"
#include "tests/raw_ssh/messages.h"

namespace homeport::story {
namespace {

using raw_ssh::RawClient;
using ::testing::Contains;
using ::testing::Ge;
using ::testing::SizeIs;

class KeyExchangeIsStrict : public FrontDoor {
 protected:
  enum Moment { kBeforeKexInit, kAfterKexInit, kBeforeNewKeys };

  // What is harmless at every other time.
  static std::vector<std::string> Harmless() {
    return {
        WireWriter().Byte(raw_ssh::kIgnore).String("x").bytes(),
        WireWriter().Byte(raw_ssh::kDebug).Bool(false).String("x").String("").bytes(),
        WireWriter().Byte(raw_ssh::kUnimplemented).Uint32(0).bytes(),
        WireWriter().Byte(raw_ssh::kExtInfo).Uint32(0).bytes(),
        WireWriter().Byte(192).bytes(),  // unknown
    };
  }
  // Whether the client gets as far as user authentication with this slipped in.
  static bool Survives(RawClient& client, Moment moment, const std::string& injected) {
    if (!client.ExchangeIdentifications()) return false;
    if (moment == kBeforeKexInit) client.Send(injected);
    client.SendKexInit();
    if (!client.ReceiveKexInit()) return false;
    if (moment == kAfterKexInit) client.Send(injected);
    client.SendKeyExchangeInit();
    if (!client.ReceiveKeyExchangeReply()) return false;
    if (moment == kBeforeNewKeys) client.Send(injected);
    client.SendNewKeys();
    return client.ReceiveNewKeys() && client.BeginAuthentication();
  }
};

TEST_F(KeyExchangeIsStrict, AndEndsTheConnectionForWhatDoesNotBelongInIt) {
  for (const std::string& injected : Harmless()) {
    for (const Moment moment : {kBeforeKexInit, kAfterKexInit, kBeforeNewKeys}) {
      SCOPED_TRACE(testing::Message()
                   << "message " << int{static_cast<uint8_t>(injected[0])} << " at " << moment);
      RawClient client = Connect();
      EXPECT_FALSE(Survives(client, moment, injected));
      EXPECT_TRUE(client.WaitUntilClosed());
    }
  }
}

TEST_F(KeyExchangeIsStrict, AndLetsItPassAfterwards) {
  RawClient client = Connect();
  ASSERT_TRUE(client.ExchangeKeys());
  for (const std::string& harmless : Harmless()) client.Send(harmless);
  EXPECT_TRUE(client.BeginAuthentication());
}

TEST_F(KeyExchangeIsStrict, AndCountsPacketsAnewAfterIt) {
  // The count is part of every packet's MAC, and this client counts as both have offered.
  RawClient client = Connect();
  ASSERT_TRUE(client.ExchangeKeys());
  EXPECT_THAT(client.server_names(0), Contains("kex-strict-s-v00@openssh.com"));
  EXPECT_TRUE(client.BeginAuthentication());
}

TEST_F(KeyExchangeIsStrict, OnlyWithThoseWhoKnowIt) {
  RawClient old = Connect();
  old.key_exchanges = {"curve25519-sha256"};
  ASSERT_TRUE(old.ExchangeKeys());
  EXPECT_TRUE(old.BeginAuthentication());
}

TEST_F(KeyExchangeIsStrict, AndBeginsWithWhatQuantumComputersDoNotBreak) {
  RawClient client = Connect();
  ASSERT_TRUE(client.ExchangeIdentifications());
  client.SendKexInit();
  ASSERT_TRUE(client.ReceiveKexInit());
  const std::vector<std::string> offered = client.server_names(0);
  ASSERT_THAT(offered, SizeIs(Ge(3)));
  EXPECT_EQ(offered[0], "mlkem768x25519-sha256");
  EXPECT_EQ(offered[1], "sntrup761x25519-sha512");
}

}  // namespace
}  // namespace homeport::story
