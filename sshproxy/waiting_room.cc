#include "sshproxy/waiting_room.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/status/statusor.h"
#include "base/address.h"
#include "base/network_ranges.h"

namespace homeport {
namespace {

constexpr size_t kNetworkBytes = 8;  // of IPv6: what one site is given at least

// What is counted as one address.
std::string Neighbourhood(const std::string& host_port) {
  const absl::StatusOr<HostPort> parsed = ParseHostPort(host_port);
  const std::optional<IpAddress> address =
      parsed.ok() ? ParseIpAddress(parsed->host) : std::nullopt;
  if (!address.has_value()) return "";  // such as have none share what one may have
  const size_t size = IsIpv4(*address) ? address->size() : kNetworkBytes;
  return std::string(reinterpret_cast<const char*>(address->data()), size);
}

}  // namespace

class WaitingRoom::Counts {
 public:
  explicit Counts(ProxyMetrics& metrics) : metrics_(metrics) {}

  Answer Take(const std::string& neighbourhood, const Limits& limits) {
    absl::MutexLock lock(&mutex_);
    if (overall_ >= limits.overall) return Answer::kFull;
    int& here = by_neighbourhood_[neighbourhood];
    if (here >= limits.per_address) return Answer::kAddressHasMany;
    ++here;
    metrics_.SetUnauthenticated(++overall_);
    return Answer::kComeIn;
  }
  void GiveBack(const std::string& neighbourhood) {
    absl::MutexLock lock(&mutex_);
    metrics_.SetUnauthenticated(--overall_);
    const auto found = by_neighbourhood_.find(neighbourhood);
    if (--found->second == 0) by_neighbourhood_.erase(found);
  }

 private:
  ProxyMetrics& metrics_;
  absl::Mutex mutex_;
  int overall_ ABSL_GUARDED_BY(mutex_) = 0;
  std::unordered_map<std::string, int> by_neighbourhood_ ABSL_GUARDED_BY(mutex_);
};

class WaitingRoom::Place {
 public:
  Place(std::shared_ptr<Counts> counts, std::string neighbourhood)
      : counts_(std::move(counts)), neighbourhood_(std::move(neighbourhood)) {}
  ~Place() { counts_->GiveBack(neighbourhood_); }

 private:
  const std::shared_ptr<Counts> counts_;  // shared with the room and the other places
  const std::string neighbourhood_;
};

WaitingRoom::WaitingRoom(const Limits& limits, ProxyMetrics& metrics)
    : limits_(limits), counts_(std::make_shared<Counts>(metrics)) {}

WaitingRoom::~WaitingRoom() = default;

WaitingRoom::Answer WaitingRoom::Enter(const std::string& address, std::shared_ptr<void>& place) {
  const std::string neighbourhood = Neighbourhood(address);
  const Answer answer = counts_->Take(neighbourhood, limits_);
  if (answer == Answer::kComeIn) place = std::make_shared<Place>(counts_, neighbourhood);
  return answer;
}

}  // namespace homeport
