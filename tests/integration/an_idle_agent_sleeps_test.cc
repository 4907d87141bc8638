// An agent that nobody asks anything costs its workspace next to nothing: it holds little memory
// and is hardly ever woken, and it is awake at once when somebody comes.
#include <filesystem>
#include <fstream>
#include <iostream>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "tests/integration/sanitizer_reports.h"
#include "tests/integration/wait_for.h"
#include "tests/integration/world.h"

namespace homeport::story {
namespace {

constexpr int64_t kMostMemoryBytes = 16 << 20;
constexpr absl::Duration kWatched = absl::Seconds(20);
constexpr absl::Duration kLimit = absl::Minutes(2);

// How often its threads have gone to sleep so far.
int64_t Sleeps(pid_t pid) {
  int64_t sum = 0;
  std::error_code none;
  for (const auto& thread :
       std::filesystem::directory_iterator(absl::StrCat("/proc/", pid, "/task"), none)) {
    std::ifstream status(thread.path() / "status");
    for (std::string line; std::getline(status, line);) {
      absl::string_view rest = line;
      int64_t count = 0;
      if (absl::ConsumePrefix(&rest, "voluntary_ctxt_switches:") &&
          absl::SimpleAtoi(rest, &count)) {
        sum += count;
      }
    }
  }
  return sum;
}

using AnIdleAgent = Story;

TEST_F(AnIdleAgent, SleepsAndWakesAtOnce) {
  if (!kMemoryIsChecked) GTEST_SKIP() << "a sanitizer has threads and memory of its own";
  const Process& agent = world_.agent("dev").process();
  // The first look may fall into the time in which it starts.
  int64_t sleeps = 0;
  WaitFor(
      [&] {
        const int64_t before = Sleeps(agent.pid());
        absl::SleepFor(kWatched);
        sleeps = Sleeps(agent.pid()) - before;
        return static_cast<double>(sleeps) < absl::ToDoubleSeconds(kWatched);
      },
      kLimit, "the agent to wake less than once a second");
  std::cout << "woken " << sleeps << " times in " << kWatched << "\n";
  EXPECT_LE(agent.memory_bytes(), kMostMemoryBytes);
  EXPECT_EQ(world_.Ssh({"dev", "echo awake"}).out, "awake\n");
}

TEST_F(AnIdleAgent, ComesBackToACoordinatorThatWasAway) {
  world_.coordinator().Kill9();
  ASSERT_TRUE(
      WaitFor([&] { return absl::StrContains(world_.AgentStatus("dev"), "state=disconnected\n"); },
              absl::Seconds(20), "the agent to notice that the coordinator is gone"));
  world_.Restart("coordinator");
  EXPECT_TRUE(world_.WaitForAgent("dev"));
  EXPECT_EQ(world_.Ssh({"dev", "echo back"}).out, "back\n");
}

}  // namespace
}  // namespace homeport::story
