// Two hundred people at once cost files and memory but no threads, and leave nothing behind when
// they go.
#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/integration/wait_for.h"
#include "tests/integration/world.h"

namespace homeport::story {
namespace {

constexpr int kAtOnce = 20;

class ManySessions : public Story {
 protected:
  using Sessions = std::vector<std::unique_ptr<Conversation>>;

  // Connections that are all started before one of them is waited for.
  Sessions StartSome() {
    Sessions started;
    for (int i = 0; i < kAtOnce; ++i) started.push_back(world_.TalkSsh({"dev", "cat"}));
    for (auto& session : started) {
      session->Send("here\n");
      EXPECT_TRUE(session->WaitForOutput("here\n", absl::Seconds(40)));
    }
    return started;
  }

  double Connections() {
    return world_.Metric(world_.address("sshproxy_ops"), "homeport_sshproxy_connections");
  }

  static void Finish(Sessions& sessions) {
    for (auto& session : sessions) {
      session->CloseInput();
      session->Pump(absl::ZeroDuration());
    }
    for (auto& session : sessions) EXPECT_EQ(session->WaitToEnd().status, 0);
    sessions.clear();
  }
};

TEST_F(ManySessions, TakeNoThreadsAndLeaveNothing) {
  // The first round costs once: gRPC's threads and connections, the allocator's arenas.
  Sessions sessions = StartSome();
  Finish(sessions);
  WaitFor([&] { return Connections() == 0; }, absl::Seconds(10), "the first sessions to be over");
  std::vector<std::pair<Service*, Footprint>> before;
  for (Service* service : world_.services()) before.emplace_back(service, Footprint(*service));

  for (int round = 0; round < 10; ++round) {
    for (auto& session : StartSome()) sessions.push_back(std::move(session));
    ASSERT_FALSE(HasFailure()) << "in round " << round;
  }
  EXPECT_EQ(Connections(), 200);
  for (auto& session : sessions) World::Say(*session, "still here");
  for (const auto& [service, was] : before) {
    // gRPC's own pool comes and goes by one or two.
    EXPECT_LE(service->process().threads(), was.threads + 2) << service->name();
  }
  Finish(sessions);
  WaitFor([&] { return Connections() == 0; }, absl::Seconds(20), "all sessions to be over");
  for (const auto& entry : before) {
    Service& service = *entry.first;
    const Footprint& was = entry.second;
    WaitFor([&] { return Footprint(service).open_files <= was.open_files; }, absl::Seconds(20),
            absl::StrCat(service.name(), " to have no more than ", was.open_files, " files open"));
    EXPECT_LE(service.process().threads(), was.threads + 2) << service.name();
  }
}

}  // namespace
}  // namespace homeport::story
