// What AdminService does about live sessions, once it is settled that the caller may.
//
// Threads: any; List does not block, End blocks until those concerned have acted.
#ifndef HOMEPORT_COORDINATOR_SESSION_ADMINISTRATION_H_
#define HOMEPORT_COORDINATOR_SESSION_ADMINISTRATION_H_

#include <string>

#include "absl/status/status.h"
#include "coordinator/caller.h"
#include "coordinator/change_listener.h"
#include "coordinator/replicas/replicas.h"
#include "coordinator/store/store.h"
#include "proto/homeport/v1/admin.pb.h"

namespace homeport {

// The resource that a filter is about, for the question who may ask: the user whose sessions it
// selects, or a workspace of theirs; empty for anybody's.
std::string FilteredResource(const v1::SessionFilter& filter);

class SessionAdministration {
 public:
  SessionAdministration(Store& store, Replicas& replicas, ChangeListener& changes)
      : store_(store), replicas_(replicas), changes_(changes) {}

  absl::Status List(const Caller& caller, const v1::ListSessionsRequest& request,
                    v1::ListSessionsResponse& response);
  absl::Status End(const Caller& caller, const v1::EndSessionsRequest& request,
                   v1::Effect& response);

 private:
  Store& store_;
  Replicas& replicas_;
  ChangeListener& changes_;
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_SESSION_ADMINISTRATION_H_
