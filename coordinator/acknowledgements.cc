#include "coordinator/acknowledgements.h"

#include <limits>

namespace homeport {

int64_t Acknowledgements::Expect(Batch& batch, const std::string& name, const void* stream,
                                 Counts counts) {
  absl::MutexLock lock(&mutex_);
  const int64_t number = ++last_number_;
  expected_[number] = {&batch, name, stream, counts};
  by_stream_.insert({stream, number});
  ++batch.waiting_;
  return number;
}

void Acknowledgements::NoteLaggard(Batch& batch, const std::string& name,
                                   const std::string& reason) {
  absl::MutexLock lock(&mutex_);
  AddLaggard(batch, name, reason);
}

void Acknowledgements::AddLaggard(Batch& batch, const std::string& name,
                                  const std::string& reason) {
  v1::Laggard& laggard = *batch.effect_.add_laggards();
  laggard.set_name(name);
  laggard.set_reason(reason);
}

void Acknowledgements::OnAnswer(int64_t number, const void* stream, int sessions,
                                const std::string& error) {
  absl::MutexLock lock(&mutex_);
  const auto found = expected_.find(number);
  if (found == expected_.end() || found->second.stream != stream) return;
  Batch& batch = *found->second.batch;
  if (found->second.counts == Counts::kEndedSessions && sessions > 0) {
    batch.effect_.set_ended_sessions(batch.effect_.ended_sessions() + sessions);
  }
  if (!error.empty()) AddLaggard(batch, found->second.name, error);
  EraseLocked(found);
}

void Acknowledgements::OnGone(const void* stream) {
  absl::MutexLock lock(&mutex_);
  for (;;) {
    const auto first = by_stream_.lower_bound({stream, std::numeric_limits<int64_t>::min()});
    if (first == by_stream_.end() || first->first != stream) return;
    const auto it = expected_.find(first->second);
    AddLaggard(*it->second.batch, it->second.name, "Its connection was lost before it had acted.");
    EraseLocked(it);
  }
}

Acknowledgements::Expectations::iterator Acknowledgements::EraseLocked(Expectations::iterator it) {
  --it->second.batch->waiting_;
  by_stream_.erase({it->second.stream, it->first});
  return expected_.erase(it);
}

void Acknowledgements::Await(Batch& batch, absl::Time deadline) {
  absl::MutexLock lock(&mutex_);
  const auto none = [&batch] { return batch.waiting_ == 0; };
  mutex_.AwaitWithDeadline(absl::Condition(&none), deadline);
}

v1::Effect Acknowledgements::Finish(Batch& batch) {
  absl::MutexLock lock(&mutex_);
  for (auto it = expected_.begin(); it != expected_.end();) {
    if (it->second.batch != &batch) {
      ++it;
      continue;
    }
    AddLaggard(batch, it->second.name, "It has not answered in time.");
    it = EraseLocked(it);
  }
  return batch.effect_;
}

}  // namespace homeport
