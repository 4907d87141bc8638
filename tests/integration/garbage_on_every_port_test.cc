// Whoever speaks nonsense to a port of ours, or nothing at all, is shown out; nobody else notices
// and nothing is left behind.
#include <list>
#include <random>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/integration/sanitizer_reports.h"
#include "tests/integration/tcp_connection.h"
#include "tests/integration/wait_for.h"
#include "tests/integration/world.h"

namespace homeport::story {
namespace {

constexpr int64_t kMebibyte = 1 << 20;

struct Nonsense {
  std::string name;
  std::string bytes;
};

std::string RandomBytes(size_t size) {
  std::mt19937 random(7);
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

// The start of a TLS handshake, without anything that would make sense of it.
std::string TlsClientHello() {
  const std::string body = absl::StrCat(std::string("\x03\x03", 2), RandomBytes(250));
  const std::string handshake = absl::StrCat(std::string("\x01\x00\x00\xfc", 4), body);
  return absl::StrCat(std::string("\x16\x03\x01\x01\x00", 5), handshake);
}

std::vector<Nonsense> AllNonsense() {
  const std::string banner = "SSH-2.0-Nonsense\r\n";
  return {
      {"silence", ""},
      {"random bytes", RandomBytes(64 << 10)},
      {"zeros", std::string(64 << 10, '\0')},
      {"an HTTP request", "GET / HTTP/1.1\r\nHost: x\r\n\r\n"},
      {"an endless HTTP header",
       absl::StrCat("GET / HTTP/1.1\r\nX: ", std::string(256 << 10, 'x'))},
      {"an endless line", std::string(256 << 10, 'x')},
      {"a TLS ClientHello", TlsClientHello()},
      {"an HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + RandomBytes(4096)},
      {"a banner and garbage", banner + RandomBytes(64 << 10)},
      {"a banner and silence", banner},
      {"a packet of 4 GiB", absl::StrCat(banner, "\xff\xff\xff\xff", RandomBytes(1024))},
      {"an empty packet", banner + std::string(8, '\0')},
      {"half a preamble", std::string("HOMEPORT\x01\x01 and no", 17)},
      {"a preamble of another version", std::string("HOMEPORT\x7f\x01", 10) + std::string(32, 'x')},
      {"a banner of another version", "SSH-1.5-Old\r\n"},
  };
}

class GarbageOnEveryPort : public Story {
 protected:
  void SetUp() override {
    // So that a silent guest is shown out while the story lasts.
    world_.sshproxy_flags = {"--sign_in_grace", "3s"};
    Story::SetUp();
  }

  // All of it to all ports at once. Waits until all who must go have been shown out.
  void SpeakNonsense() {
    struct Guest {
      std::string what;
      bool must_go;
      TcpConnection connection;
    };
    std::list<Guest> guests;
    for (const char* port : {"ssh", "tunnel", "grpc", "coordinator_ops", "sshproxy_ops"}) {
      for (const Nonsense& nonsense : AllNonsense()) {
        // gRPC itself gives a handshake that does not come two minutes.
        const bool must_go = std::string(port) != "grpc";
        guests.push_back({absl::StrCat(nonsense.name, " to ", port), must_go,
                          TcpConnection(world_.address(port))});
        ASSERT_TRUE(guests.back().connection.connected()) << guests.back().what;
        guests.back().connection.Send(nonsense.bytes, absl::Seconds(1));
      }
    }
    ExpectAllIsWell();
    const absl::Time deadline = absl::Now() + absl::Seconds(40);
    for (Guest& guest : guests) {
      if (guest.must_go) {
        EXPECT_TRUE(guest.connection.WaitUntilClosed(deadline - absl::Now())) << guest.what;
      }
    }
  }

  void ExpectAllIsWell() {
    EXPECT_EQ(world_.Ssh({"dev", "echo well"}, "", absl::Seconds(15)).out, "well\n");
    for (Service* service : world_.services()) EXPECT_TRUE(service->running()) << service->name();
  }
};

TEST_F(GarbageOnEveryPort, IsShownOutAndLeavesNothingBehind) {
  ASSERT_NO_FATAL_FAILURE(SpeakNonsense());  // what it costs the first time is no leak
  std::map<Service*, Footprint> before;
  ASSERT_TRUE(WaitFor(
      [&] {
        return world_.Metric(world_.address("sshproxy_ops"), "homeport_sshproxy_connections") == 0;
      },
      absl::Seconds(10), "the proxy to have no connection left"));
  for (Service* service : world_.services()) before.emplace(service, Footprint(*service));

  ASSERT_NO_FATAL_FAILURE(SpeakNonsense());
  ExpectAllIsWell();
  for (const auto& entry : before) {
    Service& service = *entry.first;
    const Footprint& was = entry.second;
    WaitFor([&] { return Footprint(service).open_files <= was.open_files; }, absl::Seconds(20),
            absl::StrCat(service.name(), " to have no more than ", was.open_files, " files open"));
    if (!kMemoryIsChecked) continue;
    EXPECT_LT(Footprint(service).memory_bytes - was.memory_bytes, 4 * kMebibyte) << service.name();
  }
  for (const char* ops : {"coordinator_ops", "sshproxy_ops"}) {
    EXPECT_EQ(HttpGet(world_.address(ops), "/readyz").status, 200) << ops;
  }
  EXPECT_EQ(world_.Homeport({"users", "list"}).status, 0);
}

}  // namespace
}  // namespace homeport::story
