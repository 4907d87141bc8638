#include "tests/chaos/crowd.h"

#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/file.h"
#include "gtest/gtest.h"

namespace homeport::story {
namespace {

constexpr int64_t kDataBytes = 16 << 20;
constexpr absl::Duration kTurn = absl::Milliseconds(10);
// Between two starts: sshd takes a quarter of a second of CPU for each, and other tests run beside.
constexpr int64_t kLeastPauseMilliseconds = 100;
constexpr int64_t kMostPauseMilliseconds = 600;
constexpr int64_t kDyingPercent = 30;  // of which some are done before

// Bytes that do not repeat, so that a lost or doubled packet changes the sum.
std::string MakeData(const std::string& path) {
  std::mt19937_64 random(1);
  std::string data;
  data.reserve(kDataBytes);
  while (data.size() < kDataBytes) {
    const uint64_t word = random();
    data.append(reinterpret_cast<const char*>(&word), sizeof word);
  }
  EXPECT_TRUE(WriteFileAtomically(path, data, 0600).ok());
  return path;
}

}  // namespace

Crowd::Crowd(World& world, size_t size, uint64_t seed, std::vector<std::string> workspaces)
    : world_(world),
      size_(size),
      workspaces_(std::move(workspaces)),
      data_file_(MakeData(world.Path("data"))),
      random_(seed) {}

int64_t Crowd::Random(int64_t from, int64_t to) {
  return std::uniform_int_distribution<int64_t>(from, to)(random_);
}

Client::Plan Crowd::MakePlan() {
  Client::Plan plan;
  plan.workspace =
      workspaces_[static_cast<size_t>(Random(0, static_cast<int64_t>(workspaces_.size()) - 1))];
  int64_t all = 0;
  for (const Verb& verb : AllVerbs()) all += verb.weight;
  int64_t chosen = Random(0, all - 1);
  for (const Verb& verb : AllVerbs()) {
    if (chosen < 0) break;
    plan.verb = verb;
    chosen -= verb.weight;
  }
  // As many small ones as large ones.
  plan.size_bytes = Random(0, kDataBytes >> Random(0, 14));
  plan.pause_seconds = static_cast<int>(Random(1, plan.verb.name == "stay" ? 40 : 4));
  if (Random(0, 99) < kDyingPercent) plan.dies_after = absl::Milliseconds(Random(0, 2000));
  plan.death = Random(0, 2) == 0 ? Client::Death::kTerminated : Client::Death::kKilled;
  return plan;
}

void Crowd::StartOne() {
  clients_.push_back(std::make_unique<Client>(
      world_, MakePlan(), world_.Path(absl::StrCat("chaos/", started_++)), data_file_));
}

void Crowd::TickAll() {
  for (auto it = clients_.begin(); it != clients_.end();) {
    Client& client = **it;
    const Client::State state = client.Tick();
    if (state == Client::State::kRunning) {
      ++it;
      continue;
    }
    const std::string what = absl::StrCat(client.plan().verb.name, " on ", client.plan().workspace);
    if (state == Client::State::kSucceeded) ++tally_[what].succeeded;
    if (state == Client::State::kDied) ++tally_[what].died;
    if (state == Client::State::kFailed) {
      ADD_FAILURE() << what << " (" << client.plan().size_bytes << " bytes, "
                    << client.plan().pause_seconds << " s): " << client.failure();
    }
    it = clients_.erase(it);
  }
  ReapOrphans();
}

void Crowd::ReapOrphans() {
  // What killed clients leave is the test's child now (AdoptOrphans), and no Process waits for it.
  std::set<pid_t> known;
  for (const auto& client : clients_) known.insert(client->pid());
  for (const char* name : {"coordinator", "sshproxy", "agent-dev", "agent-box", "sshd"}) {
    if (world_.service(name).running()) known.insert(world_.service(name).process().pid());
  }
  std::ifstream children(absl::StrCat("/proc/self/task/", getpid(), "/children"));
  for (pid_t pid = 0; children >> pid;) {
    if (known.count(pid) == 0) waitpid(pid, nullptr, WNOHANG);
  }
}

void Crowd::Work(absl::Duration duration) {
  const absl::Time end = absl::Now() + duration;
  while (absl::Now() < end && !testing::Test::HasFailure()) {
    if (clients_.size() < size_ && absl::Now() >= next_start_) {
      StartOne();
      next_start_ =
          absl::Now() + absl::Milliseconds(Random(kLeastPauseMilliseconds, kMostPauseMilliseconds));
    }
    TickAll();
    absl::SleepFor(kTurn);
  }
}

void Crowd::Drain() {
  while (!clients_.empty()) {
    TickAll();  // each has a limit of its own
    absl::SleepFor(kTurn);
  }
}

}  // namespace homeport::story
