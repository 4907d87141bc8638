// A session that does nothing costs the proxy and the agent some kilobytes: from its beginning, and
// again soon after it has moved many bytes.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/integration/sanitizer_reports.h"
#include "tests/integration/wait_for.h"
#include "tests/integration/world.h"

namespace homeport::story {
namespace {

constexpr int kSessions = 60;
constexpr int kAtOnce = 20;
constexpr int kMegabytes = 4;
// dev/bench relay --only idle has the goals and measures exactly; here a few hundred kilobytes that
// a process takes for other things are divided among few sessions.
constexpr int64_t kMostInProxy = 60 << 10;
constexpr int64_t kMostInAgent = 30 << 10;

class IdleSessions : public Story {
 protected:
  using Sessions = std::vector<std::unique_ptr<Conversation>>;

  void SetUp() override {
    if (!kMemoryIsChecked) GTEST_SKIP() << "a sanitizer's memory is not ours";
    Story::SetUp();
    // What the first sessions cost once is no growth.
    Sessions first = StartSome();
    for (auto& session : first) Move(*session);
    for (auto& session : first) session->CloseInput();
    for (auto& session : first) EXPECT_EQ(session->WaitToEnd().status, 0);
    AwaitNoConnection();
    agent_before_ = world_.agent("dev").process().memory_bytes();
    proxy_before_ = world_.sshproxy().process().memory_bytes();
  }

  Sessions StartSome() {
    Sessions started;
    for (int i = 0; i < kAtOnce; ++i) started.push_back(world_.TalkSsh({"dev", "cat"}));
    for (auto& session : started) {
      session->Send("here\n");
      EXPECT_TRUE(session->WaitForOutput("here\n", absl::Seconds(60)));
    }
    return started;
  }

  // There and back.
  static void Move(Conversation& session) {
    for (int i = 0; i < kMegabytes; ++i) {
      session.ForgetOutput();
      session.Send(absl::StrCat(std::string(1 << 20, '.'), "moved ", i, "\n"));
      ASSERT_TRUE(session.WaitForOutput(absl::StrCat("moved ", i, "\n"), absl::Seconds(60)));
    }
    session.ForgetOutput();
  }

  void AwaitNoConnection() {
    WaitFor(
        [&] {
          return world_.Metric(world_.address("sshproxy_ops"), "homeport_sshproxy_connections") ==
                 0;
        },
        absl::Seconds(20), "all sessions to be over");
  }

  void ExpectLittle(const std::string& when) {
    AwaitLittle(world_.sshproxy(), proxy_before_, kMostInProxy, when);
    AwaitLittle(world_.agent("dev"), agent_before_, kMostInAgent, when);
  }

 private:
  static void AwaitLittle(Service& service, int64_t before, int64_t most, const std::string& when) {
    const auto a_session = [&] { return (service.process().memory_bytes() - before) / kSessions; };
    WaitFor([&] { return a_session() <= most; }, absl::Seconds(25),
            absl::StrCat(service.name(), " to take at most ", most, " bytes a session ", when));
    RecordProperty(absl::StrCat(service.name(), " ", when), static_cast<int>(a_session()));
    EXPECT_LE(a_session(), most) << service.name() << " " << when;
  }

  int64_t agent_before_ = 0;
  int64_t proxy_before_ = 0;
};

TEST_F(IdleSessions, TakeLittleMemoryBeforeAndAfterMovingBytes) {
  Sessions sessions;
  while (sessions.size() < kSessions) {
    for (auto& session : StartSome()) sessions.push_back(std::move(session));
    ASSERT_FALSE(HasFailure()) << "after " << sessions.size() << " sessions";
  }
  ExpectLittle("when they have begun");
  for (auto& session : sessions) ASSERT_NO_FATAL_FAILURE(Move(*session));
  ExpectLittle("when they have moved bytes");
}

}  // namespace
}  // namespace homeport::story
