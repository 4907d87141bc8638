// What the real clients of the other tests do not reach: a connection that cannot be served.
#include "ssh/server_transport.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "gtest/gtest.h"
#include "ssh/library.h"

namespace homeport::ssh {
namespace {

class NoHandler : public ServerTransport::ServerHandler {
  bool MayTry(const std::string&, const std::string&) override { return false; }
  void OnKeyProved(const std::string&, const std::string&) override {}
  bool OnPacket(absl::string_view) override { return false; }
  void OnOutputDrained() override {}
  void OnClosed(const absl::Status&) override {}
};

TEST(ServerTransportTest, ASocketIsClosedWhetherItIsServedOrNot) {
  InitLibrary();
  auto keys = HostKeys::Generate();
  ASSERT_TRUE(keys.ok());
  auto factory = ServerTransportFactory::Create(*keys, ServerTransport::Limits());
  ASSERT_TRUE(factory.ok());
  EventLoop loop;
  NoHandler handler;
  for (const bool client_gone : {false, true}) {
    int ends[2];
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
    UniqueFd client(ends[1]);
    if (client_gone) client.Reset();
    { auto transport = (*factory)->Accept(loop, UniqueFd(ends[0]), handler); }
    EXPECT_EQ(fcntl(ends[0], F_GETFD), -1) << client_gone;
  }
}

}  // namespace
}  // namespace homeport::ssh
