#include "tests/conformance/front_door.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/ssh_wire.h"
#include "tests/integration/tcp_connection.h"
#include "tests/raw_ssh/messages.h"

namespace homeport::story {

using raw_ssh::RawClient;
using raw_ssh::SigningKey;

std::unique_ptr<World> FrontDoor::world_;
std::unique_ptr<SigningKey> FrontDoor::demo_;
std::unique_ptr<SigningKey> FrontDoor::eve_;
std::unique_ptr<Conversation> FrontDoor::bystander_;

void FrontDoor::StartWorld(const Words& sshproxy_flags) {
  world_ = std::make_unique<World>();
  world_->sshproxy_flags = sshproxy_flags;
  ASSERT_NO_FATAL_FAILURE(world_->Start());
  world_->AddUser("eve");
  world_->AddWorkspace("eve/hers");
  demo_ = std::make_unique<SigningKey>(SigningKey::FromFile(world_->KeyFile("demo")));
  eve_ = std::make_unique<SigningKey>(SigningKey::FromFile(world_->KeyFile("eve")));
  bystander_ = world_->LiveSession({"dev"});
}

void FrontDoor::TearDownTestSuite() {
  bystander_.reset();
  world_.reset();
}

void FrontDoor::TearDown() {
  ASSERT_NE(bystander_, nullptr) << "the world of this suite did not start";
  World::Say(*bystander_, "undisturbed");
}

RawClient FrontDoor::Connect() {
  return RawClient(TcpConnection(world_->address("ssh")).TakeSocket());
}

std::string FrontDoor::RunCommand(RawClient& client, const std::string& command) {
  constexpr uint32_t kWindow = 1 << 20;
  constexpr uint32_t kLongestPacket = 32768;
  client.Send(WireWriter()
                  .Byte(raw_ssh::kChannelOpen)
                  .String("session")
                  .Uint32(0)
                  .Uint32(kWindow)
                  .Uint32(kLongestPacket)
                  .bytes());
  std::string said;
  while (std::optional<std::string> payload = client.Receive()) {
    WireReader reader(*payload);
    const uint8_t number = reader.Byte();
    reader.Uint32();  // our channel
    if (number == raw_ssh::kChannelOpenConfirmation) {
      client.Send(WireWriter()
                      .Byte(raw_ssh::kChannelRequest)
                      .Uint32(reader.Uint32())
                      .String("exec")
                      .Bool(true)
                      .String(command)
                      .bytes());
    } else if (number == raw_ssh::kChannelData) {
      absl::StrAppend(&said, reader.String());
    } else if (number == raw_ssh::kChannelExtendedData) {
      reader.Uint32();  // standard error
      absl::StrAppend(&said, reader.String());
    } else if (number == raw_ssh::kChannelClose || number == raw_ssh::kChannelOpenFailure) {
      return said;
    }
  }
  return absl::StrCat(said, client.farewell());
}

int FrontDoor::StrangersVerified() {
  const double count = world_->Metric(world_->address("sshproxy_ops"),
                                      "homeport_sshproxy_sign_ins_total{result=\"unknown_key\"}");
  return static_cast<int>(std::max(count, 0.0));
}

}  // namespace homeport::story
