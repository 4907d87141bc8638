// Fifty people who do all kinds of things in both workspaces, some of whom are killed in the
// middle, cost nothing that is not given back: descriptors, threads and memory of all services are
// afterwards what they were. And whoever is not killed gets exactly what was asked for.
//
// Five minutes, or as told. An hour by hand:
//
//   export HOMEPORT_CHAOS_MINUTES=60 HOMEPORT_SSHD=$(dev/sshd)
//   dev/bazel test --config=opt --test_timeout=4500 --test_output=streamed
//       //tests/chaos:mixed_load_test
//
// HOMEPORT_CHAOS_SEED repeats the choices of a run (though not its timing), HOMEPORT_CHAOS_CLIENTS
// sets the number of people.
#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <random>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "tests/chaos/crowd.h"
#include "tests/integration/sanitizer_reports.h"
#include "tests/integration/wait_for.h"

namespace homeport::story {
namespace {

constexpr int64_t kMebibyte = 1 << 20;
// glibc's allocator keeps what is freed below the top of its heaps, one a thread, and how full they
// are is chance. That is bounded by the largest number of people at once, while a leak grows
// with their number over all: between the first third and the end, it shows.
constexpr int64_t kMemorySlackBytes = 12 * kMebibyte;
constexpr absl::Duration kSettleLimit = absl::Seconds(60);

int64_t FromEnvironment(const char* name, int64_t otherwise) {
  const char* text = getenv(name);
  int64_t value = 0;
  return text != nullptr && absl::SimpleAtoi(text, &value) && value > 0 ? value : otherwise;
}

class MixedLoad : public Story {
 protected:
  struct Notes {
    std::map<std::string, Footprint> by_service;
  };

  void SetUp() override {
    world_.sshproxy_flags = {"--max_unauthenticated_per_address", "1000"};  // all come from here
    Story::SetUp();
    if (HasFatalFailure()) return;
    has_box_ = World::WhyNoBox().empty();
    if (has_box_) world_.StartBox();
    if (HasFatalFailure()) return;
    const std::string config =
        absl::StrCat("Host *\n  IdentityFile ", world_.KeyFile("demo"),
                     "\n  LogLevel ERROR\n  Include ", world_.Path("ssh_config"), "\n");
    ASSERT_TRUE(WriteFileAtomically(world_.Path("chaos_ssh_config"), config, 0600).ok());
  }

  // Each verb works when nothing else is going on.
  void TryVerbs(const std::string& workspace) {
    for (const Verb& verb : AllVerbs()) {
      Client::Plan plan;
      plan.verb = verb;
      plan.workspace = workspace;
      plan.pause_seconds = 1;
      Client client(world_, plan, world_.Path("chaos/try"), "/dev/null");
      Client::State state = Client::State::kRunning;
      while ((state = client.Tick()) == Client::State::kRunning) {
        absl::SleepFor(absl::Milliseconds(10));
      }
      EXPECT_EQ(state, Client::State::kSucceeded)
          << verb.name << " on an idle " << workspace << ": " << client.failure();
    }
  }

  // When everybody has left.
  Notes TakeNotes(const std::string& when) {
    WaitFor(
        [&] {
          return world_.Metric(world_.address("sshproxy_ops"), "homeport_sshproxy_connections") ==
                 0;
        },
        kSettleLimit, "the proxy to have no connections " + when);
    Notes notes;
    std::cout << when << ":";
    for (Service* service : world_.services()) {
      const Footprint now(*service);
      notes.by_service.emplace(service->name(), now);
      std::cout << "  " << service->name() << " " << now.open_files << " files, " << now.threads
                << " threads, " << now.memory_bytes / 1024 << " KiB;";
    }
    std::cout << std::endl;
    return notes;
  }

  // What lingers is given time: closing sockets, processes that are being collected.
  void ExpectBackAt(const Notes& notes) {
    for (const auto& [name, was] : notes.by_service) {
      Service& service = world_.service(name);
      const int files = was.open_files;
      const int threads = was.threads;
      WaitFor([&service, files] { return Footprint(service).open_files <= files; }, kSettleLimit,
              absl::StrCat(name, " to have no more than ", files, " files open; it has ",
                           Footprint(service).open_files));
      WaitFor([&service, threads] { return Footprint(service).threads <= threads; }, kSettleLimit,
              absl::StrCat(name, " to have no more than ", threads, " threads; it has ",
                           Footprint(service).threads));
    }
  }

  void ExpectNoGrowth(const Notes& early, const Notes& late) {
    if (!kMemoryIsChecked) return;
    for (const auto& [name, now] : late.by_service) {
      const int64_t grown = now.memory_bytes - early.by_service.at(name).memory_bytes;
      EXPECT_LE(grown, kMemorySlackBytes) << name << " has grown by " << grown / 1024 << " KiB";
    }
  }

  bool has_box_ = false;
};

TEST_F(MixedLoad, LeavesNothingBehind) {
  const absl::Duration duration = absl::Minutes(FromEnvironment("HOMEPORT_CHAOS_MINUTES", 5));
  const auto size = static_cast<size_t>(FromEnvironment("HOMEPORT_CHAOS_CLIENTS", 50));
  const int64_t seed = FromEnvironment("HOMEPORT_CHAOS_SEED", std::random_device()());
  std::cout << "HOMEPORT_CHAOS_SEED=" << seed << std::endl;
  std::vector<std::string> workspaces = {"dev"};
  if (has_box_) workspaces.push_back("box");
  for (const std::string& workspace : workspaces) TryVerbs(workspace);
  if (HasFailure()) return;
  Crowd crowd(world_, size, static_cast<uint64_t>(seed), workspaces);

  // What is reserved once, for as many as there will be, is reserved in the warm-up.
  crowd.Work(duration / 5);
  crowd.Drain();
  const Notes warm = TakeNotes("after the warm-up");
  crowd.Work(duration * 2 / 15);
  crowd.Drain();
  const Notes third = TakeNotes("after a third");
  crowd.Work(duration * 2 / 3);
  crowd.Drain();
  for (const auto& [what, tally] : crowd.tally()) {
    std::cout << what << ": " << tally.succeeded << " succeeded, " << tally.died << " were killed"
              << std::endl;
  }
  ASSERT_FALSE(HasFailure()) << "repeat with HOMEPORT_CHAOS_SEED=" << seed;
  ExpectBackAt(warm);
  const Notes end = TakeNotes("at the end");
  ExpectNoGrowth(third, end);
}

}  // namespace
}  // namespace homeport::story
