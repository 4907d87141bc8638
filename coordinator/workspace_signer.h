// Signs with the key of a workspace's owner for the workspace's key socket.
//
// Every signature, and every refusal, is recorded in the audit first: what cannot be recorded is
// not signed. Of refusals because of the rate, one a second is recorded for each workspace.
//
// Threads: any; blocks, since it asks the store.
#ifndef HOMEPORT_COORDINATOR_WORKSPACE_SIGNER_H_
#define HOMEPORT_COORDINATOR_WORKSPACE_SIGNER_H_

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "coordinator/key_socket_memory.h"
#include "coordinator/keys/key_vault.h"
#include "coordinator/keys/signature_purpose.h"
#include "coordinator/rate_limit.h"
#include "coordinator/store/store.h"
#include "proto/homeport/v1/agent.pb.h"

namespace homeport {

class WorkspaceSigner {
 public:
  static constexpr size_t kMostBytes = 256 * 1024;

  struct Policy {
    std::string front_door_key;  // blob of its host key
    // Whether a workspace may sign in to the front door as its owner. A request that is bound to
    // the front door's host key is refused here; one that is bound to no host is refused at the
    // front door, which finds it in the memory.
    bool may_open_front_door = false;
    // How many signatures one workspace may ask for.
    double per_second = 50;
    double burst = 100;
  };

  // `memory` is told of every sign-in that is signed.
  WorkspaceSigner(Store& store, const KeyVault& vault, KeySocketMemory& memory, Policy policy)
      : store_(store),
        vault_(vault),
        memory_(memory),
        policy_(std::move(policy)),
        rate_(policy_.per_second, policy_.burst) {}

  // What AgentService.SignForWorkspace answers to the agent of `workspace`, which called from
  // `address`.
  absl::StatusOr<std::string> Sign(const WorkspaceRecord& workspace,
                                   const v1::SignForWorkspaceRequest& request,
                                   const std::string& address);

 private:
  // OK if the workspace may have it signed; `key` is the owner's then.
  absl::Status Check(const WorkspaceRecord& workspace, const v1::SignForWorkspaceRequest& request,
                     const SignaturePurpose& purpose, KeyRecord& key);

  Store& store_;
  const KeyVault& vault_;
  KeySocketMemory& memory_;
  const Policy policy_;
  RateLimit rate_;
  RateLimit recorded_excess_{1, 1};
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_WORKSPACE_SIGNER_H_
