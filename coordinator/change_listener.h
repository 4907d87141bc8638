// Who acts when the records change: tells agents and proxies, and ends what is no longer allowed.
//
// Threads: any. Every method is called after the change is in the store, and blocks until those who
// are concerned have acted or their time is over.
#ifndef HOMEPORT_COORDINATOR_CHANGE_LISTENER_H_
#define HOMEPORT_COORDINATOR_CHANGE_LISTENER_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "coordinator/session_registry.h"
#include "proto/homeport/v1/effect.pb.h"

namespace homeport {

class ChangeListener {
 public:
  virtual ~ChangeListener() = default;

  // Roles, state, e-mail or existence, or there is a key more.
  virtual v1::Effect UserChanged(int64_t user_id) = 0;
  // A user has a key less; if it was the assigned one, another instead.
  virtual v1::Effect KeyRemoved(int64_t user_id, absl::string_view public_key_blob) = 0;
  virtual v1::Effect ProviderChanged(const std::string& provider) = 0;
  virtual v1::Effect WorkspaceChanged(int64_t workspace_id) = 0;
  virtual v1::Effect WorkspaceDeleted(int64_t workspace_id) = 0;
  // What the workspace's agent has shown is not valid any more, and there is nothing instead.
  virtual v1::Effect CredentialRevoked(int64_t workspace_id) = 0;
  // It was replaced.
  virtual v1::Effect CredentialRotated(int64_t workspace_id) = 0;
  // Somebody ends sessions. `sentence` is for their people.
  virtual v1::Effect EndSessions(const SessionFilter& filter, const std::string& sentence) = 0;
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_CHANGE_LISTENER_H_
