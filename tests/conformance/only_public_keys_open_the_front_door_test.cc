// The front door knows one way in, a public key. Every other is refused and named nowhere; who
// tries too often, or takes too long, is shown out.
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/ssh_wire.h"
#include "gmock/gmock.h"
#include "tests/conformance/front_door.h"
#include "tests/integration/sanitizer_reports.h"
#include "tests/raw_ssh/messages.h"
#include "tests/raw_ssh/user_authentication.h"

namespace homeport::story {
namespace {

using raw_ssh::KeyRequest;
using raw_ssh::RawClient;
using raw_ssh::RequestMethod;
using raw_ssh::SignedRequest;
using raw_ssh::SigningKey;

// The methods that the answer says can go on, or what it is instead.
std::string MethodsIn(const std::optional<std::string>& answer) {
  if (!answer.has_value()) return "(closed)";
  WireReader reader(*answer);
  if (const uint8_t number = reader.Byte(); number != raw_ssh::kUserauthFailure) {
    return absl::StrCat("(message ", number, ")");
  }
  std::string methods(reader.String());
  if (reader.Bool()) methods += " (partial success)";
  return reader.AtEnd() ? methods : "(malformed)";
}

class OnlyPublicKeysOpenTheFrontDoor : public FrontDoor {
 protected:
  static constexpr int kAttempts = 6;

  static RawClient Ready() {
    RawClient client = Connect();
    EXPECT_TRUE(client.ExchangeKeys() && client.BeginAuthentication());
    return client;
  }
  // How many failures there are until the connection ends.
  static int FailuresOf(RawClient& client, const std::string& payload) {
    int failures = 0;
    do {
      client.Send(payload);
    } while (client.ReceiveNumber() == raw_ssh::kUserauthFailure && ++failures < 100);
    EXPECT_TRUE(client.WaitUntilClosed());
    return failures;
  }
};

TEST_F(OnlyPublicKeysOpenTheFrontDoor, AndNoOtherMethod) {
  const std::string password = WireWriter().Bool(false).String("secret").bytes();
  const std::string interactive = WireWriter().String("").String("").bytes();
  const std::string gssapi =
      WireWriter().Uint32(1).String("\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02").bytes();
  const std::string hostbased = WireWriter()
                                    .String(demo().algorithm())
                                    .String(demo().blob())
                                    .String("laptop.example")
                                    .String("demo")
                                    .String(demo().Sign("x"))
                                    .bytes();
  const struct {
    const char* method;
    std::string rest;
  } others[] = {
      {"none", ""},
      {"password", password},
      {"keyboard-interactive", interactive},
      {"gssapi-with-mic", gssapi},
      {"gssapi-keyex", gssapi},
      {"hostbased", hostbased},
      {"", ""},
  };
  for (const auto& [method, rest] : others) {
    SCOPED_TRACE(method);
    RawClient client = Ready();
    for (int i = 0; i < 2; ++i) {
      client.Send(RequestMethod("dev", method, rest));
      EXPECT_EQ(MethodsIn(client.Receive()), "publickey");
    }
    client.Send(SignedRequest(client.session_id(), "dev", demo()));
    EXPECT_EQ(client.ReceiveNumber(), raw_ssh::kUserauthSuccess);
  }
}

TEST_F(OnlyPublicKeysOpenTheFrontDoor, SixTimesAtMost) {
  const KeyRequest wrong("dev", demo());
  RawClient bad_signatures = Ready();
  EXPECT_EQ(FailuresOf(bad_signatures, wrong.WithSignature(demo().Sign("x"))), kAttempts);
  EXPECT_EQ(bad_signatures.farewell(), "too many authentication failures");

  RawClient strangers = Ready();
  EXPECT_EQ(
      FailuresOf(strangers, SignedRequest(strangers.session_id(), "dev", SigningKey::Ed25519())),
      kAttempts);
  RawClient passwords = Ready();
  EXPECT_EQ(FailuresOf(passwords, RequestMethod("dev", "password")), kAttempts);
  // The first is how clients ask what there is.
  RawClient none = Ready();
  EXPECT_EQ(FailuresOf(none, RequestMethod("dev", "none")), kAttempts + 1);
}

TEST_F(OnlyPublicKeysOpenTheFrontDoor, AndTheSixthMayBeRight) {
  RawClient client = Ready();
  for (int i = 1; i < kAttempts; ++i) {
    client.Send(SignedRequest(client.session_id(), "dev", SigningKey::Ed25519()));
    EXPECT_EQ(client.ReceiveNumber(), raw_ssh::kUserauthFailure);
  }
  client.Send(SignedRequest(client.session_id(), "dev", demo()));
  EXPECT_EQ(client.ReceiveNumber(), raw_ssh::kUserauthSuccess);
}

// With so little time to sign in that the test can wait for its end.
class OnlyInTime : public OnlyPublicKeysOpenTheFrontDoor {
 public:
  static constexpr absl::Duration kGrace = absl::Seconds(3 * kSlowness);
  static void SetUpTestSuite() { StartWorld({"--sign_in_grace", absl::FormatDuration(kGrace)}); }
};

TEST_F(OnlyInTime, DoesTheFrontDoorOpen) {
  const absl::Time start = absl::Now();
  RawClient silent = Connect();
  RawClient introduced = Connect();
  EXPECT_TRUE(introduced.ExchangeIdentifications());
  RawClient negotiated = Connect();
  EXPECT_TRUE(negotiated.ExchangeIdentifications());
  negotiated.SendKexInit();
  RawClient exchanged = Connect();
  EXPECT_TRUE(exchanged.ExchangeKeys());
  RawClient offering = Ready();
  RawClient in_time = Ready();
  in_time.Send(SignedRequest(in_time.session_id(), "dev", demo()));
  EXPECT_EQ(in_time.ReceiveNumber(), raw_ssh::kUserauthSuccess);
  // Being busy is no excuse: offers fail nothing.
  while (!offering.closed() && absl::Now() - start < 10 * kGrace) {
    offering.Send(KeyRequest("dev", demo()).Offer());
    offering.Receive();
  }
  for (RawClient* late : {&silent, &introduced, &negotiated, &exchanged, &offering}) {
    EXPECT_TRUE(late->WaitUntilClosed(2 * kGrace));
  }
  EXPECT_GT(absl::Now() - start, kGrace) << "they were given less time than they may take";
  EXPECT_EQ(offering.farewell(), "sign-in took too long");
  EXPECT_EQ(RunCommand(in_time, "echo still in"), "still in\n");
}

}  // namespace
}  // namespace homeport::story
