// The login name of a connection's first attempt is that of all others: with another one the
// connection ends, whatever became of the first and however good the signature is.
#include "base/ssh_wire.h"
#include "gmock/gmock.h"
#include "tests/conformance/front_door.h"
#include "tests/raw_ssh/messages.h"
#include "tests/raw_ssh/user_authentication.h"

namespace homeport::story {
namespace {

using raw_ssh::KeyRequest;
using raw_ssh::kUserauthSuccess;
using raw_ssh::RawClient;
using raw_ssh::RequestMethod;
using raw_ssh::SignedRequest;
using raw_ssh::SigningKey;

class TheLoginNameStays : public FrontDoor {};

TEST_F(TheLoginNameStays, WhateverTheFirstAttemptWas) {
  const SigningKey stranger = SigningKey::Ed25519();
  const KeyRequest right("box", demo());
  KeyRequest no_key = right;
  no_key.blob = "garbage";
  KeyRequest no_algorithm = right;
  no_algorithm.algorithm = "nonsense";
  const struct {
    const char* name;
    std::string payload;
  } attempts[] = {
      {"none", RequestMethod("box", "none")},
      {"a password", RequestMethod("box", "password", WireWriter().Bool(false).String("").bytes())},
      {"half a password", RequestMethod("box", "password")},
      {"half a keyboard-interactive", RequestMethod("box", "keyboard-interactive")},
      {"an unknown method", RequestMethod("box", "telepathy")},
      {"an offer", right.Offer()},
      {"an offer of garbage", no_key.Offer()},
      {"an offer of an unknown algorithm", no_algorithm.Offer()},
      {"half an offer", RequestMethod("box", "publickey")},
      {"a wrong signature", right.WithSignature(demo().Sign("something else"))},
      {"no signature", right.WithSignature("")},
      {"a stranger's signature", ""},
  };
  for (const auto& [name, payload] : attempts) {
    SCOPED_TRACE(name);
    RawClient client = Connect();
    ASSERT_TRUE(client.ExchangeKeys() && client.BeginAuthentication());
    client.Send(payload.empty() ? SignedRequest(client.session_id(), "box", stranger) : payload);
    EXPECT_NE(client.ReceiveNumber(), 0) << "the first attempt got no answer";
    client.Send(SignedRequest(client.session_id(), "dev", demo()));
    EXPECT_NE(client.ReceiveNumber(), kUserauthSuccess);
    EXPECT_TRUE(client.WaitUntilClosed());
    EXPECT_EQ(client.farewell(), "the login name changed during sign-in");
  }
}

TEST_F(TheLoginNameStays, AndThenTheRightKeyOpens) {
  RawClient client = Connect();
  ASSERT_TRUE(client.ExchangeKeys() && client.BeginAuthentication());
  client.Send(RequestMethod("dev", "none"));
  EXPECT_EQ(client.ReceiveNumber(), raw_ssh::kUserauthFailure);
  client.Send(SignedRequest(client.session_id(), "dev", demo()));
  EXPECT_EQ(client.ReceiveNumber(), kUserauthSuccess);
}

}  // namespace
}  // namespace homeport::story
