// What is of the whole installation: its front door, its settings, its record. See
// cli/coordinator.h.
#ifndef HOMEPORT_CLI_INSTALLATION_API_H_
#define HOMEPORT_CLI_INSTALLATION_API_H_

#include <functional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "proto/homeport/v1/audit.pb.h"
#include "proto/homeport/v1/settings.pb.h"

namespace homeport {

class InstallationApi {
 public:
  // Whether to go on.
  using EntryReader = std::function<bool(const v1::AuditEntry& entry)>;

  virtual ~InstallationApi() = default;

  virtual absl::StatusOr<v1::FrontDoor> GetFrontDoor() = 0;
  virtual absl::StatusOr<v1::Settings> GetSettings() = 0;
  virtual absl::StatusOr<v1::Settings> UpdateSettings(const v1::UpdateSettingsRequest& request) = 0;

  // Entries in the order that the request asks for, page by page: nothing holds them all. A page
  // has as many as the request says, or 1000. OK when `reader` has enough, or after the last.
  virtual absl::Status ReadAudit(const v1::ListAuditEntriesRequest& request,
                                 const EntryReader& reader) = 0;
  virtual absl::StatusOr<v1::VerifyAuditResponse> VerifyAudit() = 0;
};

}  // namespace homeport

#endif  // HOMEPORT_CLI_INSTALLATION_API_H_
