#include "bench/agent_crowd.h"

#include <unistd.h>

#include <cstdio>
#include <ctime>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "rpc/coordinator_route.h"

namespace homeport::bench {
namespace {

double Monotonic() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

// As much as an ordinary workspace says of itself.
v1::AgentHello MakeHello(int number) {
  v1::AgentHello hello;
  hello.set_version("bench");
  hello.set_hostname(absl::StrCat("workspace-", number, "-5d9c7b8f64-x2x7q"));
  hello.set_os_user("coder");
  v1::Backend& backend = *hello.mutable_status()->add_backends();
  backend.set_kind(v1::BACKEND_KIND_EMBEDDED);
  // An Ed25519 key's blob: two strings with their lengths.
  std::string key("\0\0\0\x0bssh-ed25519\0\0\0\x20", 19);
  key.append(32, static_cast<char>(number));
  backend.add_host_keys(key);
  return hello;
}

}  // namespace

class AgentCrowd::Member : public agent::HomeStream::Listener {
 public:
  Member(AgentCrowd& crowd, std::shared_ptr<CoordinatorRoute> route,
         agent::HomeStream::Options options)
      : crowd_(crowd), home_(std::move(route), crowd.loop_, *this, std::move(options)) {}

  void Start() { home_.Start(); }
  void Stop() { home_.Stop(); }

 private:
  void OnWelcome(const std::string&) override {
    standing_ = true;
    crowd_.OnStanding();
  }
  void OnAway(const absl::Status&) override {
    if (std::exchange(standing_, false)) crowd_.OnGone();
  }
  void OnSettings(const v1::WorkspaceSettings&, int64_t revision) override { Act(revision); }
  void OnOwnerKeys(const v1::OwnerKeys&, int64_t revision) override { Act(revision); }
  void OnDial(const v1::Dial&) override {}

  void Act(int64_t revision) {
    if (revision == 0) return;
    v1::Applied applied;
    applied.set_revision(revision);
    home_.SendApplied(applied);
    crowd_.OnTold();
  }

  AgentCrowd& crowd_;
  bool standing_ = false;
  agent::HomeStream home_;
};

AgentCrowd::AgentCrowd(Options options) : options_(std::move(options)) {}

AgentCrowd::~AgentCrowd() = default;

absl::Status AgentCrowd::Run() {
  for (int i = 0; i < options_.count; ++i) {
    if (absl::Status status = Add(i); !status.ok()) return status;
  }
  std::thread starter([this] {
    for (const auto& member : members_) member->Start();
  });
  loop_.Watch(STDIN_FILENO, EPOLLIN, [this](uint32_t) {
    char bytes[256];
    if (read(STDIN_FILENO, bytes, sizeof bytes) <= 0) loop_.Stop();
  });
  loop_.Run();
  starter.join();
  // To stop thousands in turn would take long, and there is nobody left whom it mattered to.
  fflush(stdout);
  _exit(0);
}

absl::Status AgentCrowd::Add(int number) {
  auto route = CoordinatorRoute::Create(options_.coordinator, options_.ca_file);
  if (!route.ok()) return route.status();
  agent::HomeStream::Options home;
  home.credential_file = absl::StrCat(options_.credentials, "/", number);
  home.hello = MakeHello(number);
  members_.push_back(std::make_unique<Member>(*this, *std::move(route), std::move(home)));
  return absl::OkStatus();
}

void AgentCrowd::OnStanding() {
  welcomes_.Note();
  if (++standing_ < options_.count) return;
  welcomes_.Print("standing");
  welcomes_.times.clear();
  told_.times.clear();
}

void AgentCrowd::OnGone() {
  if (--standing_ > 0) return;
  std::printf("gone count=%d last=%.6f\n", options_.count, Monotonic());
  welcomes_.times.clear();
}

void AgentCrowd::OnTold() {
  told_.Note();
  if (told_.times.size() < members_.size()) return;
  told_.Print("told");
  told_.times.clear();
}

void AgentCrowd::Times::Note() { times.push_back(Monotonic()); }

void AgentCrowd::Times::Print(const char* word) const {
  std::printf("%s count=%zu first=%.6f middle=%.6f p99=%.6f last=%.6f\n", word, times.size(),
              times.front(), times[times.size() / 2], times[times.size() * 99 / 100], times.back());
}

}  // namespace homeport::bench
