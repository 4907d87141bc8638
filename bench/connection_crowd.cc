#include "bench/connection_crowd.h"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <utility>

#include "absl/time/clock.h"
#include "bench/load_session.h"

namespace homeport::bench {

absl::Status ConnectionCrowd::Run() {
  const absl::Time started = absl::Now();
  loop_.Post([this] {
    for (int i = 0; i < std::min(count_, parallel_); ++i) StartOne();
  });
  loop_.Run();
  Print(absl::Now() - started);
  return first_failure_;
}

void ConnectionCrowd::StartOne() {
  ++started_;
  auto session = std::make_unique<LoadSession>(loop_, target_, *this, "true");
  LoadConnection* const key = session.get();
  const absl::Time now = absl::Now();
  if (absl::Status status = session->Start(); !status.ok()) {
    Count(status);
    return;
  }
  members_[key] = {std::move(session), now};
}

void ConnectionCrowd::OnOver(LoadConnection& connection, const absl::Status& status) {
  auto member = members_.extract(&connection);
  times_.push_back(absl::Now() - member.mapped().started);
  Count(status);
  if (started_ < count_) StartOne();
}

void ConnectionCrowd::Count(const absl::Status& status) {
  if (!status.ok()) ++failed_;
  first_failure_.Update(status);
  if (++over_ == count_) loop_.Stop();
}

void ConnectionCrowd::Print(absl::Duration took) {
  std::sort(times_.begin(), times_.end());
  const auto milliseconds = [this](size_t index) {
    return times_.empty() ? 0.0 : absl::ToDoubleMilliseconds(times_[index]);
  };
  std::printf("run seconds=%.4f count=%d failed=%d median_ms=%.1f longest_ms=%.1f cpu=%.3f\n",
              absl::ToDoubleSeconds(took), count_, failed_, milliseconds(times_.size() / 2),
              milliseconds(times_.empty() ? 0 : times_.size() - 1),
              static_cast<double>(std::clock()) / CLOCKS_PER_SEC);
}

}  // namespace homeport::bench
