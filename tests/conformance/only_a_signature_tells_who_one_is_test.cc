// Who one is, a signature says: of this connection, of this login name, by the key that it names.
// Offering a key says nothing, and nothing of it is remembered.
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/conformance/front_door.h"
#include "tests/raw_ssh/messages.h"
#include "tests/raw_ssh/user_authentication.h"

namespace homeport::story {
namespace {

using raw_ssh::KeyRequest;
using raw_ssh::kUserauthFailure;
using raw_ssh::kUserauthPkOk;
using raw_ssh::kUserauthSuccess;
using raw_ssh::RawClient;
using raw_ssh::SignedRequest;
using raw_ssh::SigningKey;
using ::testing::HasSubstr;

class OnlyASignatureTellsWhoOneIs : public FrontDoor {
 protected:
  // A connection that may authenticate.
  static RawClient Ready() {
    RawClient client = Connect();
    EXPECT_TRUE(client.ExchangeKeys() && client.BeginAuthentication());
    return client;
  }
  static uint8_t Offer(RawClient& client, const std::string& user, const SigningKey& key) {
    client.Send(KeyRequest(user, key).Offer());
    return client.ReceiveNumber();
  }
  static uint8_t Sign(RawClient& client, const std::string& user, const SigningKey& key) {
    client.Send(SignedRequest(client.session_id(), user, key));
    return client.ReceiveNumber();
  }
};

TEST_F(OnlyASignatureTellsWhoOneIs, NotAnOffer) {
  RawClient client = Ready();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Offer(client, "dev", demo()), kUserauthPkOk);
  EXPECT_EQ(Sign(client, "dev", SigningKey::Ed25519()), kUserauthFailure);
  EXPECT_EQ(Offer(client, "dev", demo()), kUserauthPkOk);
  EXPECT_EQ(Sign(client, "dev", SigningKey::Ed25519()), kUserauthFailure);
}

TEST_F(OnlyASignatureTellsWhoOneIs, WhateverWasOffered) {
  RawClient as_eve = Ready();
  EXPECT_EQ(Offer(as_eve, "hers", demo()), kUserauthPkOk);
  ASSERT_EQ(Sign(as_eve, "hers", eve()), kUserauthSuccess);
  EXPECT_THAT(RunCommand(as_eve, "true"),
              HasSubstr("The workspace hers has never been connected."));

  RawClient as_demo = Ready();
  EXPECT_EQ(Offer(as_demo, "hers", eve()), kUserauthPkOk);
  ASSERT_EQ(Sign(as_demo, "hers", demo()), kUserauthSuccess);
  EXPECT_THAT(RunCommand(as_demo, "true"), HasSubstr("You have no workspace \"hers\"."));

  RawClient as_owner = Ready();
  EXPECT_EQ(Offer(as_owner, "dev", eve()), kUserauthPkOk);
  ASSERT_EQ(Sign(as_owner, "dev", demo()), kUserauthSuccess);
  EXPECT_EQ(RunCommand(as_owner, "echo in"), "in\n");
}

TEST_F(OnlyASignatureTellsWhoOneIs, AndNotOneOfAnotherKey) {
  RawClient client = Ready();
  const KeyRequest request("dev", demo());
  const std::string by_eve = eve().Sign(request.ToSign(client.session_id()));
  client.Send(request.WithSignature(by_eve));
  EXPECT_EQ(client.ReceiveNumber(), kUserauthFailure);
}

TEST_F(OnlyASignatureTellsWhoOneIs, AndNotOneOfAnotherConnection) {
  RawClient first = Ready();
  const std::string overheard = SignedRequest(first.session_id(), "dev", demo());
  RawClient second = Ready();
  second.Send(overheard);
  EXPECT_EQ(second.ReceiveNumber(), kUserauthFailure);
  first.Send(overheard);
  EXPECT_EQ(first.ReceiveNumber(), kUserauthSuccess) << "it was right where it belongs";
}

TEST_F(OnlyASignatureTellsWhoOneIs, AndNotOneOfAnotherRequest) {
  const KeyRequest right("dev", demo());
  KeyRequest other_user = right;
  other_user.user = "box";
  KeyRequest other_algorithm = right;
  other_algorithm.algorithm = "rsa-sha2-512";
  KeyRequest other_key = right;
  other_key.blob = eve().blob();
  for (const KeyRequest& other : {other_user, other_algorithm, other_key}) {
    RawClient client = Ready();
    client.Send(right.WithSignature(demo().Sign(other.ToSign(client.session_id()))));
    EXPECT_EQ(client.ReceiveNumber(), kUserauthFailure) << other.user << " " << other.algorithm;
  }
}

TEST_F(OnlyASignatureTellsWhoOneIs, AndNotHalfOfOne) {
  for (const size_t left : {0, 4, 15, 40, 82}) {
    RawClient client = Ready();
    const KeyRequest request("dev", demo());
    const std::string right = demo().Sign(request.ToSign(client.session_id()));
    client.Send(request.WithSignature(right.substr(0, left)));
    EXPECT_EQ(client.ReceiveNumber(), kUserauthFailure) << left;
    std::string wrong = right;
    wrong.back() = static_cast<char>(wrong.back() ^ 1);
    client.Send(request.WithSignature(wrong));
    EXPECT_EQ(client.ReceiveNumber(), kUserauthFailure) << left;
    client.Send(request.WithSignature(right));
    EXPECT_EQ(client.ReceiveNumber(), kUserauthSuccess) << left;
  }
}

}  // namespace
}  // namespace homeport::story
