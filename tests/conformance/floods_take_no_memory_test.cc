// Who sends without end and reads nothing is stopped, or shown out, before it costs memory: of the
// front door and of the workspace's server, before sign-in and after. Lengths that no packet has
// are not believed.
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/ssh_wire.h"
#include "gmock/gmock.h"
#include "tests/conformance/front_door.h"
#include "tests/integration/sanitizer_reports.h"
#include "tests/raw_ssh/messages.h"

namespace homeport::story {
namespace {

using raw_ssh::RawClient;

constexpr int64_t kMebibyte = 1 << 20;
// What one connection may cost, with what the allocator keeps of it.
constexpr int64_t kSlackBytes = 6 * kMebibyte;
// So many bytes are tried at most, and a peer that takes none for so long takes none any more.
constexpr size_t kFloodBytes = 48 * kMebibyte;
constexpr absl::Duration kStopped = absl::Seconds(1 * kSlowness);

class FloodsTakeNoMemory : public FrontDoor {
 protected:
  // Sends the packets again and again, reading nothing, and looks what it costs.
  static void Flood(RawClient& client, const std::vector<std::string>& payloads) {
    // The coordinator hears nothing of it; and its peak is of the password that it hashed.
    const std::vector<Service*> services = {&world().sshproxy(), &world().agent("dev")};
    std::vector<Footprint> before;
    for (Service* service : services) before.emplace_back(*service);
    for (size_t sent = 0; sent < kFloodBytes;) {
      for (const std::string& payload : payloads) {
        if (!client.Offer(payload, kStopped)) {
          sent = kFloodBytes;
          break;
        }
        sent += payload.size() + kPacketBytes;
      }
    }
    if (!kMemoryIsChecked) return;
    for (size_t i = 0; i < services.size(); ++i) {
      EXPECT_LT(services[i]->process().peak_memory_bytes() - before[i].memory_bytes, kSlackBytes)
          << services[i]->name();
    }
  }
  static std::string Number(uint8_t number) { return WireWriter().Byte(number).bytes(); }
  static std::string Ping() {
    return WireWriter().Byte(192).String("x").bytes();  // OpenSSH's PROTOCOL, 1.10: not offered
  }
  static std::string Extensions() {
    return WireWriter().Byte(raw_ssh::kExtInfo).Uint32(1).String("x").String("y").bytes();
  }
  static std::string OpenNonsense() {
    return WireWriter()
        .Byte(raw_ssh::kChannelOpen)
        .String("nonsense")
        .Uint32(0)
        .Uint32(1 << 20)
        .Uint32(32768)
        .bytes();
  }
  static std::string AskNonsense() {
    return WireWriter().Byte(raw_ssh::kGlobalRequest).String("nonsense").Bool(true).bytes();
  }

  static constexpr size_t kPacketBytes = 40;  // about what a packet has beyond its payload
};

TEST_F(FloodsTakeNoMemory, BeforeKeysAreExchanged) {
  for (const std::string& payload : {Ping(), Number(raw_ssh::kIgnore), Extensions()}) {
    RawClient client = Connect();
    ASSERT_TRUE(client.ExchangeIdentifications());
    Flood(client, {payload});
  }
}

TEST_F(FloodsTakeNoMemory, BeforeSignIn) {
  for (const std::string& payload : {Ping(), Extensions()}) {
    RawClient client = Connect();
    ASSERT_TRUE(client.ExchangeKeys() && client.BeginAuthentication());
    Flood(client, {payload});
  }
}

TEST_F(FloodsTakeNoMemory, AfterSignIn) {
  for (const std::string& payload : {Ping(), OpenNonsense(), AskNonsense()}) {
    RawClient client = Connect();
    ASSERT_EQ(client.SignIn("dev", demo()), raw_ssh::kUserauthSuccess);
    Flood(client, {payload});
  }
}

TEST_F(FloodsTakeNoMemory, AndLengthsThatNoPacketHasEndTheConnection) {
  for (const uint32_t length : {0u, 1u, 5u, 13u, 0x50000u, 0x7fffffffu, 0xffffffffu}) {
    for (const bool keys : {false, true}) {
      SCOPED_TRACE(absl::StrCat(length, keys ? " with keys" : ""));
      RawClient client = Connect();
      ASSERT_TRUE(keys ? client.ExchangeKeys() : client.ExchangeIdentifications());
      client.SendBytes(WireWriter().Uint32(length).Raw(std::string(4096, 'x')).bytes());
      EXPECT_TRUE(client.WaitUntilClosed());
    }
  }
}

}  // namespace
}  // namespace homeport::story
