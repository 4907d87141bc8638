// What AdminService does about the audit, once it is settled that the caller may.
//
// Threads: any; blocks, since it asks the store.
#ifndef HOMEPORT_COORDINATOR_AUDIT_ADMINISTRATION_H_
#define HOMEPORT_COORDINATOR_AUDIT_ADMINISTRATION_H_

#include "absl/status/status.h"
#include "coordinator/store/store.h"
#include "proto/homeport/v1/admin.pb.h"

namespace homeport {

class AuditAdministration {
 public:
  explicit AuditAdministration(Store& store) : store_(store) {}

  absl::Status List(const v1::ListAuditEntriesRequest& request,
                    v1::ListAuditEntriesResponse& response);

 private:
  Store& store_;
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_AUDIT_ADMINISTRATION_H_
