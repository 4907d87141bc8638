#include "tests/conformance/front_door.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/ssh_wire.h"
#include "base/unique_fd.h"
#include "tests/raw_ssh/messages.h"

namespace homeport::story {
namespace {

sockaddr_in Address(const std::string& ip, int port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  inet_pton(AF_INET, ip.c_str(), &address.sin_addr);
  return address;
}

}  // namespace

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

RawClient FrontDoor::Connect(const std::string& from) {
  const std::pair<std::string, std::string> parts = absl::StrSplit(world_->address("ssh"), ':');
  int port = 0;
  EXPECT_TRUE(absl::SimpleAtoi(parts.second, &port));
  const sockaddr_in source = Address(from, 0);
  const sockaddr_in target = Address(parts.first, port);
  UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  EXPECT_EQ(bind(socket.get(), reinterpret_cast<const sockaddr*>(&source), sizeof(source)), 0);
  EXPECT_EQ(connect(socket.get(), reinterpret_cast<const sockaddr*>(&target), sizeof(target)), 0);
  const int on = 1;
  setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));  // what is sent goes at once
  fcntl(socket.get(), F_SETFL, O_NONBLOCK);
  return RawClient(std::move(socket));
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

int FrontDoor::Metric(const std::string& name) {
  return static_cast<int>(std::max(world_->Metric(world_->address("sshproxy_ops"), name), 0.0));
}

int FrontDoor::StrangersVerified() {
  return Metric("homeport_sshproxy_sign_ins_total{result=\"unknown_key\"}");
}

}  // namespace homeport::story
