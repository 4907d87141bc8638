#include "rpc/coordinator_route.h"

#include <arpa/inet.h>

#include <algorithm>
#include <optional>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"

namespace homeport {
namespace {

// One that does not answer at all may take so long when there are others to go to.
constexpr absl::Duration kPatienceWithOthers = absl::Seconds(5);

bool IsIp(const std::string& host) {
  in6_addr address;
  return inet_pton(AF_INET, host.c_str(), &address) == 1 ||
         inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

ChannelTarget TargetOf(const HostPort& address, const HostPort& given) {
  return {FormatHostPort(address), FormatHostPort(given)};
}

// LookUp with an end: a name server that is away holds a thread for longer than a program may take
// to stop.
std::vector<HostPort> LookUpInTime(const HostPort& name) {
  struct Answer {
    std::vector<HostPort> addresses;
    absl::Notification come;
  };
  const auto answer = std::make_shared<Answer>();  // shared with the thread, which may go last
  std::thread([name, answer] {
    absl::StatusOr<std::vector<HostPort>> found = LookUp(name);
    if (found.ok()) answer->addresses = *std::move(found);
    answer->come.Notify();
  }).detach();
  if (!answer->come.WaitForNotificationWithTimeout(CoordinatorRoute::kLookUpPatience)) return {};
  return answer->addresses;
}

}  // namespace

absl::StatusOr<std::shared_ptr<CoordinatorRoute>> CoordinatorRoute::Create(
    const std::string& addresses, const std::string& ca_file) {
  absl::StatusOr<std::vector<HostPort>> given = ParseHostPorts(addresses);
  if (!given.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("coordinator ", std::string(given.status().message())));
  }
  absl::StatusOr<std::string> ca = ReadCa(ca_file);
  if (!ca.ok()) return ca.status();
  const bool alone = given->size() == 1 && IsIp(given->front().host);
  auto route =
      std::shared_ptr<CoordinatorRoute>(new CoordinatorRoute(*std::move(given), *std::move(ca)));
  // Calls need not wait for the stream.
  if (alone) route->Prepare();
  return route;
}

CoordinatorRoute::SharedChannel CoordinatorRoute::Prepare() {
  if (only_ == nullptr && std::exchange(go_on_, false)) Replace(Next());
  left_.erase(std::remove_if(left_.begin(), left_.end(),
                             [](const SharedChannel& left) { return left.use_count() == 1; }),
              left_.end());
  absl::MutexLock lock(&mutex_);
  return channel_;
}

bool CoordinatorRoute::GoOn(bool stood) {
  if (only_ != nullptr) return false;
  go_on_ = true;
  if (stood) BeginRound();
  return !targets_.empty() || !not_looked_up_.empty();
}

ChannelTarget CoordinatorRoute::Next() {
  if (targets_.empty() && not_looked_up_.empty()) BeginRound();
  if (targets_.empty()) {
    const HostPort given = not_looked_up_.front();
    not_looked_up_.pop_front();
    Expand(given);
  }
  ChannelTarget next = targets_.front();
  targets_.pop_front();
  return next;
}

void CoordinatorRoute::BeginRound() {
  targets_.clear();
  not_looked_up_.assign(given_.begin(), given_.end());
  std::shuffle(not_looked_up_.begin(), not_looked_up_.end(), random_);
  // The one that was lost comes last.
  std::stable_partition(not_looked_up_.begin(), not_looked_up_.end(), [this](const HostPort& it) {
    return TargetOf(it, it).address != present_;
  });
}

void CoordinatorRoute::Expand(const HostPort& given) {
  std::vector<HostPort> addresses = {given};
  if (!IsIp(given.host)) addresses = LookUpInTime(given);
  for (const HostPort& address : addresses) targets_.push_back(TargetOf(address, given));
  std::shuffle(targets_.begin(), targets_.end(), random_);
  std::stable_partition(targets_.begin(), targets_.end(),
                        [this](const ChannelTarget& it) { return it.address != present_; });
  const bool alone = given_.size() == 1 && targets_.size() <= 1;
  // gRPC looks it up again, and says what is wrong.
  if (targets_.empty()) targets_.push_back({FormatHostPort(given), ""});
  for (ChannelTarget& target : targets_) {
    if (!alone) target.patience = kPatienceWithOthers;
  }
  absl::MutexLock lock(&mutex_);
  alone_ = alone;
}

void CoordinatorRoute::Replace(const ChannelTarget& target) {
  // A name is not as good: it may lead elsewhere by now.
  if (target.address == present_ && !target.name.empty()) return;
  present_ = target.address;
  SharedChannel channel = MakeChannel(target, ca_pem_);
  absl::MutexLock lock(&mutex_);
  channel.swap(channel_);
  if (channel != nullptr) left_.push_back(std::move(channel));
}

void CoordinatorRoute::SetStanding(bool standing) {
  std::map<int64_t, Waiting> waiting;
  SharedChannel channel;
  {
    absl::MutexLock lock(&mutex_);
    standing_ = standing;
    if (!standing) return;
    waiting.swap(waiting_);
    channel = channel_;
  }
  CallAll(channel, std::move(waiting));
}

void CoordinatorRoute::Use(absl::Time deadline, Callback callback) {
  absl::StatusOr<SharedChannel> channel = absl::UnavailableError("the program is stopping");
  {
    absl::MutexLock lock(&mutex_);
    if (!closed_ && channel_ != nullptr && (standing_ || alone_)) {
      channel = channel_;
    } else if (!closed_) {
      const int64_t number = ++last_waiting_;
      Waiting& waiting = waiting_[number];
      waiting.callback = std::move(callback);
      waiting.alarm = std::make_unique<grpc::Alarm>();
      ++alarms_;
      waiting.alarm->Set(absl::ToChronoTime(deadline), [this, number](bool expired) {
        if (expired) Forget(number);
        absl::MutexLock done(&mutex_);
        --alarms_;
      });
      return;
    }
  }
  callback(std::move(channel));
}

void CoordinatorRoute::Forget(int64_t waiting) {
  std::map<int64_t, Waiting> forgotten;
  {
    absl::MutexLock lock(&mutex_);
    const auto found = waiting_.find(waiting);
    if (found == waiting_.end()) return;
    forgotten.insert(waiting_.extract(found));
  }
  CallAll(absl::UnavailableError("no coordinator answers"), std::move(forgotten));
}

void CoordinatorRoute::Close() {
  std::map<int64_t, Waiting> waiting;
  {
    absl::MutexLock lock(&mutex_);
    closed_ = true;
    waiting.swap(waiting_);
  }
  CallAll(absl::UnavailableError("the program is stopping"), std::move(waiting));
  absl::MutexLock lock(&mutex_);
  const auto over = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return alarms_ == 0; };
  mutex_.Await(absl::Condition(&over));
}

void CoordinatorRoute::CallAll(const absl::StatusOr<SharedChannel>& channel,
                               std::map<int64_t, Waiting> waiting) {
  for (auto& [number, one] : waiting) one.callback(channel);
}

}  // namespace homeport
