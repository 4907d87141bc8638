#include "coordinator/acknowledgements.h"

namespace homeport {

int64_t Acknowledgements::Expect(Batch& batch, const std::string& name, const void* stream,
                                 Counts counts) {
  absl::MutexLock lock(&mutex_);
  const int64_t number = ++last_number_;
  expected_[number] = {&batch, name, stream, counts};
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
  --batch.waiting_;
  expected_.erase(found);
}

void Acknowledgements::OnGone(const void* stream) {
  absl::MutexLock lock(&mutex_);
  for (auto it = expected_.begin(); it != expected_.end();) {
    if (it->second.stream != stream) {
      ++it;
      continue;
    }
    AddLaggard(*it->second.batch, it->second.name, "Its connection was lost before it had acted.");
    --it->second.batch->waiting_;
    it = expected_.erase(it);
  }
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
    it = expected_.erase(it);
  }
  batch.waiting_ = 0;
  return batch.effect_;
}

}  // namespace homeport
