// What AdminService does about providers, once it is settled that the caller may.
//
// Threads: any; blocks, since it asks the store.
#ifndef HOMEPORT_COORDINATOR_PROVIDER_ADMINISTRATION_H_
#define HOMEPORT_COORDINATOR_PROVIDER_ADMINISTRATION_H_

#include "absl/status/status.h"
#include "coordinator/settings_publisher.h"
#include "coordinator/store/store.h"
#include "proto/homeport/v1/admin.pb.h"

namespace homeport {

class ProviderAdministration {
 public:
  ProviderAdministration(Store& store, SettingsPublisher& publisher)
      : store_(store), publisher_(publisher) {}

  absl::Status Create(const v1::CreateProviderRequest& request, v1::Provider& response);
  absl::Status Get(const v1::GetProviderRequest& request, v1::Provider& response);
  absl::Status List(const v1::ListProvidersRequest& request, v1::ListProvidersResponse& response);
  absl::Status Update(const v1::UpdateProviderRequest& request, v1::Provider& response);
  absl::Status Delete(const v1::DeleteProviderRequest& request);

 private:
  Store& store_;
  SettingsPublisher& publisher_;
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_PROVIDER_ADMINISTRATION_H_
