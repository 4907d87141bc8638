// The parts of the coordinator over one channel; for grpc_coordinator.cc alone.
#ifndef HOMEPORT_CLI_GRPC_PARTS_H_
#define HOMEPORT_CLI_GRPC_PARTS_H_

#include <memory>

#include "cli/coordinator.h"
#include "grpcpp/channel.h"

namespace homeport {

using SharedChannel =
    std::shared_ptr<grpc::Channel>;  // shared by the parts; the last one closes it

std::unique_ptr<SignInApi> MakeGrpcSignInApi(const CoordinatorOptions& options,
                                             const SharedChannel& channel);
std::unique_ptr<PeopleApi> MakeGrpcPeopleApi(const CoordinatorOptions& options,
                                             const SharedChannel& channel);
std::unique_ptr<PlacesApi> MakeGrpcPlacesApi(const CoordinatorOptions& options,
                                             const SharedChannel& channel);
std::unique_ptr<SessionsApi> MakeGrpcSessionsApi(const CoordinatorOptions& options,
                                                 const SharedChannel& channel);
std::unique_ptr<InstallationApi> MakeGrpcInstallationApi(const CoordinatorOptions& options,
                                                         const SharedChannel& channel);

}  // namespace homeport

#endif  // HOMEPORT_CLI_GRPC_PARTS_H_
