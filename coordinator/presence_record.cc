#include "coordinator/presence_record.h"

#include "absl/status/status.h"
#include "absl/time/clock.h"

namespace homeport {

void PresenceRecord::Note(int64_t workspace_id) {
  {
    absl::MutexLock lock(&mutex_);
    noted_.insert(workspace_id);
    if (writing_) return;
    writing_ = true;
  }
  pool_.Submit([this] { Write(); });
}

void PresenceRecord::Write() {
  std::vector<int64_t> workspaces;
  {
    absl::MutexLock lock(&mutex_);
    workspaces.assign(noted_.begin(), noted_.end());
    noted_.clear();
  }
  const absl::StatusOr<int> there = store_.TouchWorkspaces(workspaces, absl::Now());
  // A workspace that was deleted between its agent's sign-in and its hello.
  if (there.ok() && *there < static_cast<int>(workspaces.size())) DisconnectDeleted(workspaces);
  {
    absl::MutexLock lock(&mutex_);
    writing_ = !noted_.empty();
    if (!writing_) return;
  }
  // Behind those who wait for the pool: meanwhile more come together.
  pool_.Submit([this] { Write(); });
}

void PresenceRecord::DisconnectDeleted(const std::vector<int64_t>& workspaces) {
  for (const int64_t id : workspaces) {
    if (absl::IsNotFound(store_.GetWorkspaceById(id).status())) {
      agents_.Disconnect(id, absl::PermissionDeniedError("The workspace was deleted."));
    }
  }
}

}  // namespace homeport
