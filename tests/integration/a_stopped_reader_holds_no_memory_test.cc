// Somebody who does not read stops the one who writes, all the way back to the workspace; nobody in
// between collects what is not read, and nobody else notices.
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "tests/integration/sanitizer_reports.h"
#include "tests/integration/wait_for.h"
#include "tests/integration/world.h"

namespace homeport::story {
namespace {

constexpr int64_t kMebibyte = 1 << 20;

class AStoppedReaderHoldsNoMemory : public StoryOfBoth {
 protected:
  void SetUp() override {
    StoryOfBoth::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    // What a first session costs once is no growth.
    ASSERT_EQ(world_.Ssh({workspace(), "head -c 33554432 /dev/zero"}).status, 0);
    for (Service* service : world_.services()) {
      before_.emplace_back(service, Memory{service->process().memory_bytes(),
                                           service->process().peak_memory_bytes()});
    }
  }

  // Starts a writer that never ends in the workspace.
  std::unique_ptr<Conversation> StartWriter() {
    return world_.TalkSsh({workspace(), WriterCommand()});
  }
  std::string WriterCommand() {
    return absl::StrCat("echo $$ >", world_.Path("writer"), "; exec cat /dev/zero");
  }

  int64_t BytesWritten() {
    std::ifstream io(absl::StrCat("/proc/", writer_, "/io"));
    for (std::string key; io >> key;) {
      int64_t value = 0;
      io >> value;
      if (key == "wchar:") return value;
    }
    return -1;
  }

  // Waits until the writer has written something and then nothing for a second.
  void WaitUntilWriterIsBlocked() {
    ASSERT_TRUE(WaitFor(
        [&] {
          return absl::SimpleAtoi(
              absl::StripAsciiWhitespace(ReadFile(world_.Path("writer")).value_or("")), &writer_);
        },
        absl::Seconds(20), "the writer's process id"));
    int64_t last = -1;
    absl::Time since = absl::Now();
    ASSERT_TRUE(WaitFor(
        [&] {
          const int64_t now = BytesWritten();
          if (now != last) since = absl::Now();
          last = now;
          return now > 0 && absl::Now() - since > absl::Seconds(1);
        },
        absl::Seconds(40), "the writer to be blocked"));
    EXPECT_TRUE(IsAlive(writer_));
  }

  void ExpectNoGrowth() {
    if (!kMemoryIsChecked) return;
    for (const auto& [service, before] : before_) {
      Process& process = service->process();
      EXPECT_LT(process.memory_bytes() - before.now, 8 * kMebibyte) << service->name();
      EXPECT_LT(process.peak_memory_bytes() - before.peak, 8 * kMebibyte) << service->name();
    }
  }

  void ExpectOthersGoOn() {
    const absl::Time start = absl::Now();
    EXPECT_EQ(world_.Ssh({workspace(), "echo prompt"}, "", absl::Seconds(10)).out, "prompt\n");
    EXPECT_LT(absl::Now() - start, absl::Seconds(5));
    EXPECT_TRUE(IsAlive(writer_)) << "the writer is still there, and blocked";
  }

  void ExpectMemoryComesBack() {
    for (const auto& entry : before_) {
      if (!kMemoryIsChecked) break;
      Service* const service = entry.first;
      const int64_t before = entry.second.now;
      WaitFor([&] { return service->process().memory_bytes() - before < 4 * kMebibyte; },
              absl::Seconds(10), absl::StrCat(service->name(), " to give memory back"));
    }
    WaitFor([&] { return !IsAlive(writer_); }, absl::Seconds(10), "the end of the writer");
  }

 private:
  struct Memory {
    int64_t now;
    int64_t peak;
  };
  std::vector<std::pair<Service*, Memory>> before_;
  pid_t writer_ = -1;
};
HOMEPORT_STORY_OF_BOTH(AStoppedReaderHoldsNoMemory);

TEST_P(AStoppedReaderHoldsNoMemory, WhenNobodyReadsSshsOutput) {
  auto writer = StartWriter();
  const UniqueFd never_read = writer->TakeOutput();
  ASSERT_NO_FATAL_FAILURE(WaitUntilWriterIsBlocked());
  ExpectNoGrowth();
  ExpectOthersGoOn();
  writer.reset();
  ExpectMemoryComesBack();
}

TEST_P(AStoppedReaderHoldsNoMemory, WhenSshItselfIsStopped) {
  auto writer = StartWriter();
  while (writer->out().empty()) writer->Pump(absl::Seconds(1));
  writer->process().Signal(SIGSTOP);
  ASSERT_NO_FATAL_FAILURE(WaitUntilWriterIsBlocked());
  ExpectNoGrowth();
  ExpectOthersGoOn();
  writer.reset();
  ExpectMemoryComesBack();
}

TEST_P(AStoppedReaderHoldsNoMemory, WhenManyChannelsOfOneConnectionAreNotRead) {
  // Their windows together are far more than anybody may hold. They are all open when ssh stops.
  const std::string socket = world_.Path("ctl");
  const std::string go = world_.Path("go");
  const auto master = world_.TalkSsh({"-M", "-N", "-S", socket, workspace()});
  ASSERT_TRUE(WaitFor([&] { return access(socket.c_str(), F_OK) == 0; }, absl::Seconds(20),
                      "the shared connection"));
  const std::string when_told =
      absl::StrCat("echo ready; until test -e ", go, "; do sleep 0.1; done; ");
  std::vector<std::unique_ptr<Conversation>> readers;
  for (int i = 0; i < 30; ++i) {
    const std::string command = i == 0 ? WriterCommand() : "exec cat /dev/zero";
    readers.push_back(world_.TalkSsh({"-S", socket, workspace(), when_told + command}));
    ASSERT_TRUE(readers.back()->WaitForOutput("ready"));
  }
  master->process().Signal(SIGSTOP);
  ASSERT_TRUE(WriteFileAtomically(go, "", 0600).ok());
  ASSERT_NO_FATAL_FAILURE(WaitUntilWriterIsBlocked());
  ExpectNoGrowth();
  ExpectOthersGoOn();
  master->process().Signal(SIGKILL);
  ExpectMemoryComesBack();
}

}  // namespace
}  // namespace homeport::story
