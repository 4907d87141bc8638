// What AdminService does about providers, once it is settled that the caller may.
//
// Threads: any; blocks, since it asks the store, and until those concerned have heard of a change.
#ifndef HOMEPORT_COORDINATOR_PROVIDER_ADMINISTRATION_H_
#define HOMEPORT_COORDINATOR_PROVIDER_ADMINISTRATION_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "coordinator/caller.h"
#include "coordinator/change_listener.h"
#include "coordinator/replicas/replicas.h"
#include "coordinator/store/store.h"
#include "proto/homeport/v1/admin.pb.h"

namespace homeport {

class ProviderAdministration {
 public:
  ProviderAdministration(Store& store, Replicas& replicas, ChangeListener& changes)
      : store_(store), replicas_(replicas), changes_(changes) {}

  absl::Status Create(const Caller& caller, const v1::CreateProviderRequest& request,
                      v1::Provider& response);
  absl::Status Get(const Caller& caller, const v1::GetProviderRequest& request,
                   v1::Provider& response);
  absl::Status List(const Caller& caller, const v1::ListProvidersRequest& request,
                    v1::ListProvidersResponse& response);
  absl::Status Update(const Caller& caller, const v1::UpdateProviderRequest& request,
                      v1::Provider& response);
  absl::Status Delete(const Caller& caller, const v1::DeleteProviderRequest& request,
                      v1::DeleteProviderResponse& response);

 private:
  // What is so at one moment.
  struct Now;

  absl::StatusOr<Now> Look() const;
  // With how it does.
  absl::StatusOr<v1::Provider> Describe(const ProviderRecord& record, const Now& now);

  Store& store_;
  Replicas& replicas_;
  ChangeListener& changes_;
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_PROVIDER_ADMINISTRATION_H_
