// Who does not read makes the other side wait, and costs no memory; who does nothing costs little.
#include <malloc.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "agent/embedded_server_fixture.h"
#include "base/allocator.h"
#include "base/file.h"

namespace homeport::agent {
namespace {

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr int64_t kMostGrowthBytes = 64 << 20;  // what the sanitizer keeps beside each byte counts
#else
constexpr int64_t kMostGrowthBytes = 8 << 20;
#endif

// The goal is 20 KiB, which dev/bench relay --only idle measures; few sessions bear what the
// process takes for other things.
constexpr int64_t kMostIdleBytes = 30 << 10;

class EmbeddedFlowTest : public EmbeddedServerFixture {
 protected:
  static void SetUpTestSuite() { KeepLittleFreeMemory(); }

  static int64_t ResidentBytes() {
    const std::vector<std::string> words = absl::StrSplit(*ReadFile("/proc/self/statm"), ' ');
    int64_t pages = 0;
    EXPECT_TRUE(absl::SimpleAtoi(words[1], &pages));
    return pages * sysconf(_SC_PAGESIZE);
  }
  int64_t NumberIn(const std::string& name) {
    int64_t number = -1;
    const absl::StatusOr<std::string> content = ReadFile(folder() + "/" + name);
    return content.ok() && absl::SimpleAtoi(*content, &number) ? number : -1;
  }
  // Bytes that a process has read or written (`which` is "rchar" or "wchar").
  static int64_t Transferred(int64_t pid, const std::string& which) {
    const absl::StatusOr<std::string> io = ReadFile(absl::StrCat("/proc/", pid, "/io"));
    if (!io.ok()) return -1;
    for (const absl::string_view line : absl::StrSplit(*io, '\n')) {
      const std::vector<std::string> words = absl::StrSplit(line, ": ");
      int64_t bytes = 0;
      if (words[0] == which && absl::SimpleAtoi(words[1], &bytes)) return bytes;
    }
    return -1;
  }
  // Waits until the count stands still for a second.
  static void AwaitStandstill(int64_t pid, const std::string& which) {
    int64_t before = -1;
    absl::Time since = absl::Now();
    AwaitOrFail("the process to be blocked", [&] {
      const int64_t now = Transferred(pid, which);
      if (now != before) since = absl::Now();
      before = now;
      return now > 0 && absl::Now() - since > absl::Seconds(1);
    });
  }
};

TEST_F(EmbeddedFlowTest, AStoppedReaderBlocksTheCommand) {
  ASSERT_EQ(Run("$SSH $TO true").status, 0);  // what a first connection needs is there
  const int64_t before = ResidentBytes();
  std::thread client([&] {
    Run("mkfifo $DIR/pipe; sleep 50 < $DIR/pipe & sleeper=$!\n"
        "$SSH $TO 'echo $$ > $HOME/writer; exec cat /dev/zero' > $DIR/pipe & "
        "echo $! > $DIR/reader; wait $!; kill $sleeper");
  });
  AwaitOrFail("the command", [&] { return NumberIn("writer") > 0 && NumberIn("reader") > 0; });
  AwaitStandstill(NumberIn("writer"), "wchar");
  EXPECT_LT(ResidentBytes() - before, kMostGrowthBytes);
  kill(static_cast<pid_t>(NumberIn("reader")), SIGKILL);
  client.join();
}

TEST_F(EmbeddedFlowTest, AnIdleSessionIsSmallAlsoAfterMovingBytes) {
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
  GTEST_SKIP() << "a sanitizer's memory is not ours";
#endif
  constexpr int kSessions = 40;
  // Sessions that begin, move 8 MiB and end when files of these names are there.
  const auto run_sessions = [&](const std::string& name) {
    return std::thread([this, name] {
      const std::string go = absl::StrCat("until [ -e $HOME/", name, ".move ]; do sleep 0.2; done");
      const CommandResult result =
          Run(absl::StrCat("HOME=$DIR\nfor i in {1..", kSessions, "}; do { ", go,
                           "; head -c 4194304 /dev/zero; } | ", "$SSH $TO '", go,
                           "; head -c 4194304 >/dev/null; head -c 4194304 /dev/zero; ",
                           "echo > $HOME/", name, ".moved.$$; until [ -e $HOME/", name,
                           ".over ]; do sleep 0.2; done' >/dev/null & done; wait"));
      EXPECT_EQ(result.status, 0) << result.err;
    });
  };
  const auto await_begun = [&] {
    AwaitOrFail("the sessions", [&] {
      size_t running = 0;
      OnLoop([&] { running = reaper().size(); });
      return running == kSessions;
    });
  };
  const auto tell = [&](const std::string& name) {
    EXPECT_TRUE(WriteFileAtomically(folder() + "/" + name, "", 0600).ok());
  };
  const auto await_moved = [&](const std::string& name) {
    tell(name + ".move");
    AwaitOrFail("the bytes", [&] {
      int moved = 0;
      for (const auto& file : std::filesystem::directory_iterator(folder())) {
        moved += absl::StartsWith(file.path().filename().string(), name + ".moved.");
      }
      return moved == kSessions;
    });
  };
  // As MemoryReturn does in the agent.
  const auto resident = [&] {
    OnLoop([] { malloc_trim(0); });
    return ResidentBytes();
  };
  // Once before, so that what stays with the process is there.
  std::thread warm = run_sessions("warm");
  await_begun();
  await_moved("warm");
  tell("warm.over");
  warm.join();
  AwaitOrFail("the end", [&] { return server().connections() == 0; });
  const int64_t before = resident();
  std::thread sessions = run_sessions("cold");
  await_begun();
  const auto is_small = [&] { return (resident() - before) / kSessions <= kMostIdleBytes; };
  AwaitOrFail("sessions that have begun to be small", is_small);
  await_moved("cold");
  AwaitOrFail("sessions that have moved bytes to be small", is_small);
  RecordProperty("bytes", static_cast<int>((resident() - before) / kSessions));
  tell("cold.over");
  sessions.join();
}

TEST_F(EmbeddedFlowTest, AStoppedCommandBlocksTheClient) {
  ASSERT_EQ(Run("$SSH $TO true").status, 0);
  const int64_t before = ResidentBytes();
  std::thread client([&] {
    Run("{ echo $BASHPID > $DIR/writer; exec cat /dev/zero; } | "
        "$SSH $TO 'echo $$ > $HOME/reader; exec sleep 50'");
  });
  AwaitOrFail("the command", [&] { return NumberIn("writer") > 0 && NumberIn("reader") > 0; });
  AwaitStandstill(NumberIn("writer"), "wchar");
  EXPECT_LT(ResidentBytes() - before, kMostGrowthBytes);
  kill(static_cast<pid_t>(NumberIn("reader")), SIGKILL);
  client.join();
}

TEST_F(EmbeddedFlowTest, AStoppedChannelDoesNotStopItsNeighbour) {
  std::thread client([&] {
    const CommandResult result =
        Run("$SSH -M -S $DIR/mux -N -f $TO || exit 99\n"
            "$SSH -S $DIR/mux $TO 'echo $$ > $HOME/writer; exec cat /dev/zero' | sleep 50 & "
            "until [ -e $DIR/go ]; do sleep 0.05; done\n"
            "[ \"$($SSH -S $DIR/mux $TO 'head -c 20000000 /dev/zero' | wc -c)\" = 20000000 ] || "
            "exit 1\n"
            "$SSH -S $DIR/mux -O exit $TO; kill %1 2>/dev/null; exit 0");
    EXPECT_EQ(result.status, 0) << result.out << result.err;
  });
  AwaitOrFail("the command", [&] { return NumberIn("writer") > 0; });
  AwaitStandstill(NumberIn("writer"), "wchar");
  EXPECT_TRUE(WriteFileAtomically(folder() + "/go", "", 0600).ok());
  client.join();
}

}  // namespace
}  // namespace homeport::agent
