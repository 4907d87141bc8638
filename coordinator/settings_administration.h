// What AdminService does about the settings of the installation, once it is settled that the caller
// may.
//
// Threads: any; blocks, since it asks the store.
#ifndef HOMEPORT_COORDINATOR_SETTINGS_ADMINISTRATION_H_
#define HOMEPORT_COORDINATOR_SETTINGS_ADMINISTRATION_H_

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "coordinator/caller.h"
#include "coordinator/store/store.h"
#include "proto/homeport/v1/admin.pb.h"

namespace homeport {

class SettingsAdministration {
 public:
  explicit SettingsAdministration(Store& store) : store_(store) {}

  absl::Status Get(const Caller& caller, const v1::GetSettingsRequest& request,
                   v1::Settings& response);
  absl::Status Update(const Caller& caller, const v1::UpdateSettingsRequest& request,
                      v1::Settings& response);

 private:
  // Held over both the look and the change, on purpose: two changes at once must not undo each
  // other.
  absl::Mutex changing_;
  Store& store_;
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_SETTINGS_ADMINISTRATION_H_
