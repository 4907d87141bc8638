// Signs authentication requests with the owner's key, which no proxy ever sees.
//
// Threads: any; blocks, since it asks the store.
#ifndef HOMEPORT_COORDINATOR_SESSION_SIGNER_H_
#define HOMEPORT_COORDINATOR_SESSION_SIGNER_H_

#include <string>

#include "absl/status/statusor.h"
#include "coordinator/keys/key_vault.h"
#include "coordinator/replicas/replicas.h"
#include "coordinator/session_registry.h"
#include "coordinator/store/store.h"
#include "proto/homeport/v1/session.pb.h"

namespace homeport {

class SessionSigner {
 public:
  SessionSigner(Store& store, const KeyVault& vault, Replicas& replicas, SessionRegistry& sessions)
      : store_(store), vault_(vault), replicas_(replicas), sessions_(sessions) {}

  // The signature blob; the errors are those of SessionService.Sign.
  absl::StatusOr<std::string> Sign(const v1::SignRequest& request);

 private:
  // Whether the agent of the session's workspace reported that host key for that backend.
  absl::Status CheckHostKey(const Session& session, const v1::SignRequest& request);

  Store& store_;
  const KeyVault& vault_;
  Replicas& replicas_;
  SessionRegistry& sessions_;
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_SESSION_SIGNER_H_
