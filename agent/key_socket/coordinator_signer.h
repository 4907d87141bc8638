// Has the coordinator sign (AgentService.SignForWorkspace): many at once, each with a deadline.
//
// The credential is read anew for every call: it may have been rotated. A coordinator that is away
// is found out at once if there is but one, else when none is found within kPatience; one that does
// not answer within kPatience.
//
// Threads: Sign from the loop's; the destructor from any, and it waits for the calls that are under
// way, which it cancels.
#ifndef HOMEPORT_AGENT_KEY_SOCKET_COORDINATOR_SIGNER_H_
#define HOMEPORT_AGENT_KEY_SOCKET_COORDINATOR_SIGNER_H_

#include <memory>
#include <set>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "agent/key_socket/signer.h"
#include "base/event_loop.h"
#include "base/worker_pool.h"
#include "grpcpp/client_context.h"
#include "proto/homeport/v1/agent.grpc.pb.h"
#include "rpc/coordinator_route.h"

namespace homeport::agent {

class CoordinatorSigner : public Signer {
 public:
  static constexpr absl::Duration kPatience = absl::Seconds(10);

  // `loop` and `pool`, where the credential is read, outlive the signer; callbacks that the loop
  // has not run yet when the signer goes are run or dropped.
  CoordinatorSigner(std::shared_ptr<CoordinatorRoute> route, EventLoop& loop, WorkerPool& pool,
                    std::string credential_file, absl::Duration patience = kPatience);
  ~CoordinatorSigner() override;

  void Sign(SignatureWanted wanted, Callback on_signed) override;

 private:
  struct Call;

  void Start(const std::shared_ptr<Call>& call);
  void StartOn(const std::shared_ptr<grpc::Channel>& channel, const std::shared_ptr<Call>& call);
  void Finish(const std::shared_ptr<Call>& call, absl::StatusOr<std::string> signature);

  const std::shared_ptr<CoordinatorRoute> route_;  // shared with the stream home
  EventLoop& loop_;
  WorkerPool& pool_;
  const std::string credential_file_;
  const absl::Duration patience_;
  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::set<std::shared_ptr<Call>> calls_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace homeport::agent

#endif  // HOMEPORT_AGENT_KEY_SOCKET_COORDINATOR_SIGNER_H_
