// AdminService's calls about live sessions.
#include <utility>
#include <vector>

#include "coordinator/access.h"
#include "coordinator/admin_service.h"
#include "coordinator/peer_address.h"
#include "rpc/bearer_token.h"

namespace homeport {

AdminService::Reactor* AdminService::ListSessions(Context* context,
                                                  const v1::ListSessionsRequest* request,
                                                  v1::ListSessionsResponse* response) {
  return Call({context, "ListSessions", FilteredResource(request->filter())},
              session_administration_, &SessionAdministration::List, request, response);
}

AdminService::Reactor* AdminService::EndSessions(Context* context,
                                                 const v1::EndSessionsRequest* request,
                                                 v1::Effect* response) {
  return Call({context, "EndSessions", FilteredResource(request->filter())},
              session_administration_, &SessionAdministration::End, request, response);
}

grpc::ServerWriteReactor<v1::SessionEvent>* AdminService::WatchSessions(
    Context* context, const v1::WatchSessionsRequest* request) {
  Watching watching;
  watching.watch = SessionWatch::Make(sessions_, replicas_, [this](SessionWatch& watch) {
    absl::MutexLock lock(&watches_mutex_);
    watches_.erase(&watch);
  });
  watching.token = BearerToken(*context);
  watching.address = PeerAddress(context->peer());
  watching.resource = FilteredResource(request->filter());
  absl::Status end;
  {
    absl::MutexLock lock(&watches_mutex_);
    end = watches_end_;
    watches_[watching.watch.get()] = watching;
  }
  SessionWatch* const reactor = watching.watch.get();
  if (!end.ok()) {
    reactor->End(end);
    return reactor;
  }
  pool_.Submit([this, watching = std::move(watching), filter = request->filter()] {
    absl::Status status = CheckWatch(watching);
    const absl::StatusOr<SessionFilter> read = ReadSessionFilter(filter);
    if (status.ok()) status = read.status();
    metrics_.CountRpc("WatchSessions", status);
    if (status.ok()) {
      watching.watch->Begin(*read);
    } else {
      watching.watch->End(status);
    }
  });
  return reactor;
}

absl::Status AdminService::CheckWatch(const Watching& watching) {
  absl::StatusOr<Caller> caller = authenticator_.User(watching.token);
  if (!caller.ok()) return caller.status();
  caller->address = watching.address;
  return Admit(*caller, "WatchSessions", watching.resource);
}

void AdminService::RecheckWatches() {
  std::vector<Watching> all;
  {
    absl::MutexLock lock(&watches_mutex_);
    for (const auto& [reactor, watching] : watches_) all.push_back(watching);
  }
  for (const Watching& watching : all) {
    const absl::Status status = CheckWatch(watching);
    if (absl::IsUnauthenticated(status) || absl::IsPermissionDenied(status) ||
        absl::IsNotFound(status)) {
      watching.watch->End(status);
    }
  }
}

void AdminService::FinishAll(const absl::Status& status) {
  std::vector<Watching> all;
  {
    absl::MutexLock lock(&watches_mutex_);
    watches_end_ = status;
    for (const auto& [reactor, watching] : watches_) all.push_back(watching);
  }
  for (const Watching& watching : all) watching.watch->End(status);
}

}  // namespace homeport
