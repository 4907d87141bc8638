#include "agent/status_board.h"

#include <algorithm>
#include <utility>

namespace homeport::agent {

StatusBoard::StatusBoard(ChangeCallback on_change, Clock clock)
    : on_change_(std::move(on_change)), clock_(std::move(clock)) {}

v1::AgentStatus StatusBoard::status() const {
  absl::MutexLock lock(&mutex_);
  return status_;
}

void StatusBoard::Apply(const Change& change) {
  absl::MutexLock delivery(&delivery_);
  v1::AgentStatus changed;
  {
    absl::MutexLock lock(&mutex_);
    changed = status_;
    change(changed);
    if (changed.SerializeAsString() == status_.SerializeAsString()) return;
    status_ = changed;
  }
  on_change_(changed);
}

void StatusBoard::SetBackends(const v1::AgentStatus& backends) {
  Apply([&](v1::AgentStatus& status) {
    *status.mutable_backends() = backends.backends();
    status.set_openssh_passed_over(backends.openssh_passed_over());
  });
}

void StatusBoard::SetFile(const v1::ManagedFile& file) {
  Apply([&](v1::AgentStatus& status) {
    for (v1::ManagedFile& known : *status.mutable_files()) {
      if (known.path() != file.path()) continue;
      known = file;
      return;
    }
    *status.add_files() = file;
  });
}

void StatusBoard::RemoveFile(const std::string& path) {
  Apply([&](v1::AgentStatus& status) {
    auto& files = *status.mutable_files();
    files.erase(std::remove_if(files.begin(), files.end(),
                               [&](const v1::ManagedFile& file) { return file.path() == path; }),
                files.end());
  });
}

void StatusBoard::SetKeySocket(const v1::KeySocketStatus& key_socket) {
  Apply([&](v1::AgentStatus& status) { *status.mutable_key_socket() = key_socket; });
}

void StatusBoard::SetLimits(const v1::ResourceLimits& limits) {
  Apply([&](v1::AgentStatus& status) { *status.mutable_limits() = limits; });
}

void StatusBoard::SetError(const std::string& sentence) {
  const int64_t now = absl::ToUnixSeconds(clock_());
  {
    absl::MutexLock delivery(&delivery_);
    absl::MutexLock lock(&mutex_);
    if (status_.last_error() == sentence) {
      status_.mutable_last_error_time()->set_seconds(now);
      return;
    }
  }
  Apply([&](v1::AgentStatus& status) {
    status.set_last_error(sentence);
    status.mutable_last_error_time()->set_seconds(now);
  });
}

}  // namespace homeport::agent
