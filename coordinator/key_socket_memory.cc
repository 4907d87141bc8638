#include "coordinator/key_socket_memory.h"

namespace homeport {

bool KeySocketMemory::Note(absl::string_view session_identifier, absl::Time now) {
  if (replicas_ != nullptr && !replicas_->NoteSignature(session_identifier).ok()) return false;
  absl::MutexLock lock(&mutex_);
  while (!noted_.empty() && noted_.front().first + kRemember < now) {
    identifiers_.erase(identifiers_.find(noted_.front().second));
    noted_.pop_front();
  }
  if (noted_.size() >= kMostRemembered) return false;
  noted_.emplace_back(now, std::string(session_identifier));
  identifiers_.emplace(session_identifier);
  return true;
}

bool KeySocketMemory::Contains(absl::string_view session_identifier) const {
  if (session_identifier.empty()) return false;
  {
    absl::MutexLock lock(&mutex_);
    if (identifiers_.find(session_identifier) != identifiers_.end()) return true;
  }
  return replicas_ != nullptr && replicas_->HasSignature(session_identifier).value_or(true);
}

}  // namespace homeport
