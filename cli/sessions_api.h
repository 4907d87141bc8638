// Sessions: proto/homeport/v1/live_session.proto. See cli/coordinator.h.
#ifndef HOMEPORT_CLI_SESSIONS_API_H_
#define HOMEPORT_CLI_SESSIONS_API_H_

#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "proto/homeport/v1/effect.pb.h"
#include "proto/homeport/v1/live_session.pb.h"

namespace homeport {

class SessionsApi {
 public:
  // Whether to go on.
  using EventReader = std::function<bool(const v1::SessionEvent& event)>;

  virtual ~SessionsApi() = default;

  virtual absl::StatusOr<std::vector<v1::Session>> ListSessions(
      const v1::SessionFilter& filter) = 0;
  // Reads events until `reader` has enough (OK) or the coordinator ends it.
  virtual absl::Status WatchSessions(const v1::SessionFilter& filter,
                                     const EventReader& reader) = 0;
  virtual absl::StatusOr<v1::Effect> EndSessions(const v1::EndSessionsRequest& request) = 0;
};

}  // namespace homeport

#endif  // HOMEPORT_CLI_SESSIONS_API_H_
