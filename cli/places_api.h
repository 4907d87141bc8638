// Providers and workspaces: proto/homeport/v1/provider.proto, workspace.proto. See
// cli/coordinator.h.
#ifndef HOMEPORT_CLI_PLACES_API_H_
#define HOMEPORT_CLI_PLACES_API_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "proto/homeport/v1/provider.pb.h"
#include "proto/homeport/v1/workspace.pb.h"

namespace homeport {

class PlacesApi {
 public:
  virtual ~PlacesApi() = default;

  virtual absl::StatusOr<v1::Provider> CreateProvider(const v1::CreateProviderRequest& request) = 0;
  virtual absl::StatusOr<v1::Provider> GetProvider(const std::string& name) = 0;
  virtual absl::StatusOr<std::vector<v1::Provider>> ListProviders() = 0;
  virtual absl::StatusOr<v1::Provider> UpdateProvider(const v1::UpdateProviderRequest& request) = 0;
  virtual absl::Status DeleteProvider(const std::string& name) = 0;

  virtual absl::StatusOr<v1::Workspace> CreateWorkspace(
      const v1::CreateWorkspaceRequest& request) = 0;
  virtual absl::StatusOr<v1::Workspace> GetWorkspace(const std::string& name) = 0;
  // Of one user, `users/{user}`, or everybody's if empty.
  virtual absl::StatusOr<std::vector<v1::Workspace>> ListWorkspaces(const std::string& parent) = 0;
  virtual absl::StatusOr<v1::Workspace> UpdateWorkspace(
      const v1::UpdateWorkspaceRequest& request) = 0;
  virtual absl::StatusOr<v1::Effect> DeleteWorkspace(const std::string& name) = 0;
  virtual absl::StatusOr<v1::Workspace> RotateCredential(
      const v1::RotateCredentialRequest& request) = 0;
  virtual absl::StatusOr<v1::Workspace> RevokeCredential(const std::string& name) = 0;
};

}  // namespace homeport

#endif  // HOMEPORT_CLI_PLACES_API_H_
