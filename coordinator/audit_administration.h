// What AdminService does about the audit, once it is settled that the caller may, and what happens
// to it by its age.
//
// Threads: any; blocks, since it asks the store. Verify reads all of it.
#ifndef HOMEPORT_COORDINATOR_AUDIT_ADMINISTRATION_H_
#define HOMEPORT_COORDINATOR_AUDIT_ADMINISTRATION_H_

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "coordinator/caller.h"
#include "coordinator/store/store.h"
#include "proto/homeport/v1/admin.pb.h"

namespace homeport {

class AuditAdministration {
 public:
  explicit AuditAdministration(Store& store) : store_(store) {}

  absl::Status List(const Caller& caller, const v1::ListAuditEntriesRequest& request,
                    v1::ListAuditEntriesResponse& response);
  absl::Status Verify(const Caller& caller, const v1::VerifyAuditRequest& request,
                      v1::VerifyAuditResponse& response);

  // Deletes what is older than the settings say. A failure is logged.
  void Purge(absl::Time now);

 private:
  Store& store_;
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_AUDIT_ADMINISTRATION_H_
