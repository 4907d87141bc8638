// What the commands ask of the coordinator; each call blocks.
//
// Errors are the coordinator's canonical codes with a message for the person (cli/failure.h). Lists
// are whole, if nothing else is said: all pages are fetched. Threads: one at a time.
#ifndef HOMEPORT_CLI_ADMIN_API_H_
#define HOMEPORT_CLI_ADMIN_API_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "proto/homeport/v1/admin.pb.h"

namespace homeport {

// What an AdminApi needs to know.
struct AdminApiOptions {
  std::string coordinator;  // host:port
  std::string ca_file;
  std::string token;
  absl::Duration timeout = absl::Seconds(10);  // of each call
};

class AdminApi {
 public:
  virtual ~AdminApi() = default;

  virtual absl::StatusOr<v1::User> GetCaller() = 0;

  virtual absl::StatusOr<v1::User> CreateUser(const v1::CreateUserRequest& request) = 0;
  virtual absl::StatusOr<v1::User> GetUser(const std::string& name) = 0;
  virtual absl::StatusOr<std::vector<v1::User>> ListUsers() = 0;
  virtual absl::Status DeleteUser(const std::string& name) = 0;
  // In OpenSSH's file format.
  virtual absl::StatusOr<std::string> DownloadPrivateKey(const std::string& user_name) = 0;

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
  virtual absl::Status DeleteWorkspace(const std::string& name) = 0;

  virtual absl::StatusOr<v1::FrontDoor> GetFrontDoor() = 0;

  // The newest first, at most `limit`, which is positive.
  virtual absl::StatusOr<std::vector<v1::AuditEntry>> ListAuditEntries(
      const v1::ListAuditEntriesRequest& request, int limit) = 0;
};

}  // namespace homeport

#endif  // HOMEPORT_CLI_ADMIN_API_H_
