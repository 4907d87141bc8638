// Dials that another replica has asked for: the agent is here, its session there.
//
// Threads: any; a mutex guards it.
#ifndef HOMEPORT_COORDINATOR_REPLICAS_RELAYED_DIALS_H_
#define HOMEPORT_COORDINATOR_REPLICAS_RELAYED_DIALS_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "coordinator/agent_registry.h"
#include "coordinator/replicas/replicas.h"
#include "proto/homeport/v1/replica_message.pb.h"

namespace homeport {

class RelayedDials {
 public:
  // Both outlive this object.
  RelayedDials(AgentRegistry& agents, Replicas& replicas) : agents_(agents), replicas_(replicas) {}

  // Another replica wants the agent to dial: tells the agent, or answers that it is not there.
  void Dial(const std::string& from, const v1::RelayedDial& dial);
  // The agent of this workspace has answered a dial. False if no other replica asked for it.
  bool OnResult(int64_t workspace_id, const std::string& workspace, const v1::DialResult& result);
  // This stream of the agent is over: answers for it.
  void OnAgentLost(int64_t workspace_id, const std::string& workspace, int64_t epoch);

 private:
  struct Asked {
    std::string replica;
    int64_t workspace_id;
    int64_t epoch;
    absl::Time forget;
  };

  void Answer(const std::string& replica, int64_t workspace_id, const std::string& workspace,
              const v1::DialResult& result);

  AgentRegistry& agents_;
  Replicas& replicas_;
  absl::Mutex mutex_;
  std::map<std::string, Asked> asked_ ABSL_GUARDED_BY(mutex_);  // by session
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_REPLICAS_RELAYED_DIALS_H_
