// Whatever a client says of itself, no terminal and no log gets it as it came: not as a login name,
// a version, a method, a farewell, signed in or not.
#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/ssh_wire.h"
#include "gmock/gmock.h"
#include "tests/conformance/front_door.h"
#include "tests/raw_ssh/messages.h"
#include "tests/raw_ssh/user_authentication.h"

namespace homeport::story {
namespace {

using raw_ssh::RawClient;
using ::testing::AnyOf;
using ::testing::HasSubstr;

// Sets a terminal's title, changes its colours, rings; ends a line and begins a false one; is no
// UTF-8.
constexpr char kEscape[] = "\x1b]0;owned\x07\x1b[31m";
constexpr char kFalseLine[] = "x\n2026-01-01T00:00:00.000Z info    main: stopped\r\n";
constexpr char kNotUtf8[] = "\xff\xfe\x9b";

bool IsHarmless(absl::string_view text) {
  // A log may have UTF-8 of our own, but none of the bytes that begin an escape or are no UTF-8.
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte >= 0x20 && byte != 0x7f && byte < 0xfe) || c == '\n';
  });
}

class WhatStrangersSayIsShownHarmless : public FrontDoor {
 protected:
  void TearDown() override {
    for (Service* service : world().services()) {
      EXPECT_TRUE(IsHarmless(service->Log())) << service->name();
      EXPECT_THAT(service->Log(), testing::Not(HasSubstr("info    main: stopped\n")));
    }
    FrontDoor::TearDown();
  }
  static std::vector<std::string> Hostile() {
    return {kEscape, kFalseLine, kNotUtf8, std::string(kEscape) + std::string(2000, 'x')};
  }
};

TEST_F(WhatStrangersSayIsShownHarmless, AsALoginName) {
  for (const std::string& said : Hostile()) {
    RawClient client = Connect();
    ASSERT_EQ(client.SignIn(said, demo()), raw_ssh::kUserauthSuccess);
    std::string answer = RunCommand(client, "true");
    EXPECT_THAT(answer, HasSubstr("names no workspace"));
    answer.erase(std::remove(answer.begin(), answer.end(), '\r'), answer.end());
    EXPECT_TRUE(IsHarmless(answer)) << answer;
    EXPECT_LT(answer.size(), 1000);

    RawClient stranger = Connect();
    EXPECT_EQ(stranger.SignIn(said, raw_ssh::SigningKey::Ed25519()), raw_ssh::kUserauthFailure);
  }
}

TEST_F(WhatStrangersSayIsShownHarmless, AsAVersion) {
  for (const std::string& said : {std::string(kEscape), std::string(kNotUtf8)}) {
    RawClient client = Connect();
    client.identification = absl::StrCat("SSH-2.0-", said);
    const uint8_t answer = client.SignIn("dev", demo());
    ASSERT_THAT(answer, AnyOf(0, raw_ssh::kUserauthSuccess));
    if (answer == raw_ssh::kUserauthSuccess) {
      EXPECT_EQ(RunCommand(client, "echo in"), "in\n");
    }

    RawClient other_version = Connect();
    other_version.identification = absl::StrCat("SSH-", said);
    EXPECT_EQ(other_version.SignIn("dev", demo()), 0);
  }
}

TEST_F(WhatStrangersSayIsShownHarmless, AsTheNameOfAnything) {
  for (const std::string& said : Hostile()) {
    RawClient method = Connect();
    ASSERT_TRUE(method.ExchangeKeys() && method.BeginAuthentication());
    method.Send(raw_ssh::RequestMethod("dev", said));
    EXPECT_EQ(method.ReceiveNumber(), raw_ssh::kUserauthFailure);
    raw_ssh::KeyRequest request("dev", demo());
    request.algorithm = said;
    method.Send(request.Offer());
    EXPECT_EQ(method.ReceiveNumber(), raw_ssh::kUserauthFailure);

    RawClient service = Connect();
    ASSERT_TRUE(service.ExchangeKeys());
    service.Send(raw_ssh::RequestService(said));
    EXPECT_TRUE(service.WaitUntilClosed());

    RawClient algorithms = Connect();
    algorithms.key_exchanges = {said};
    EXPECT_FALSE(algorithms.ExchangeKeys());
  }
}

TEST_F(WhatStrangersSayIsShownHarmless, AsAFarewell) {
  for (const std::string& said : Hostile()) {
    for (const bool signed_in : {false, true}) {
      RawClient client = Connect();
      if (signed_in) {
        ASSERT_EQ(client.SignIn("dev", demo()), raw_ssh::kUserauthSuccess);
      } else {
        ASSERT_TRUE(client.ExchangeKeys());
      }
      client.Send(
          WireWriter().Byte(raw_ssh::kDisconnect).Uint32(11).String(said).String("").bytes());
      EXPECT_TRUE(client.WaitUntilClosed());
    }
  }
}

}  // namespace
}  // namespace homeport::story
