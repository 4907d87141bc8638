#include "cli/grpc_coordinator.h"

#include "cli/failure.h"
#include "cli/grpc_parts.h"
#include "rpc/channel.h"

namespace homeport {

absl::StatusOr<Coordinator> MakeGrpcCoordinator(const CoordinatorOptions& options) {
  const absl::StatusOr<SharedChannel> channel = MakeChannelToAny(options.address, options.ca_file);
  if (!channel.ok()) {
    return absl::IsInvalidArgument(channel.status()) ? channel.status()
                                                     : LocalFailure(channel.status());
  }
  Coordinator coordinator;
  coordinator.sign_in = MakeGrpcSignInApi(options, *channel);
  coordinator.people = MakeGrpcPeopleApi(options, *channel);
  coordinator.places = MakeGrpcPlacesApi(options, *channel);
  coordinator.sessions = MakeGrpcSessionsApi(options, *channel);
  coordinator.installation = MakeGrpcInstallationApi(options, *channel);
  return coordinator;
}

}  // namespace homeport
