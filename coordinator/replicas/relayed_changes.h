// Carries out changes at all replicas: here by another ChangeListener, and at the others by telling
// them, who do the same and answer.
//
// A change returns when all have acted, or after kPatience with the names of those that have not
// said so. An order that came from another replica is carried out here alone.
//
// Threads: any that may block; OnDone from any.
#ifndef HOMEPORT_COORDINATOR_REPLICAS_RELAYED_CHANGES_H_
#define HOMEPORT_COORDINATOR_REPLICAS_RELAYED_CHANGES_H_

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "coordinator/change_listener.h"
#include "coordinator/replicas/replicas.h"
#include "proto/homeport/v1/replica_message.pb.h"

namespace homeport {

class RelayedChanges final : public ChangeListener {
 public:
  // A little more than those have who act there.
  static constexpr absl::Duration kPatience = absl::Seconds(6);

  // Both outlive this object.
  RelayedChanges(ChangeListener& here, Replicas& replicas) : here_(here), replicas_(replicas) {}

  v1::Effect UserChanged(int64_t user_id) override;
  v1::Effect KeyRemoved(int64_t user_id, absl::string_view public_key_blob) override;
  v1::Effect ProviderChanged(const std::string& provider) override;
  v1::Effect WorkspaceChanged(int64_t workspace_id) override;
  v1::Effect WorkspaceDeleted(int64_t workspace_id) override;
  v1::Effect CredentialRevoked(int64_t workspace_id) override;
  v1::Effect CredentialRotated(int64_t workspace_id) override;
  v1::Effect EndSessions(const SessionFilter& filter, const std::string& sentence) override;

  // Another replica tells of a change: acts on it here, and answers.
  void CarryOut(const std::string& from, const v1::RelayedChange& change);
  // Another replica has acted on ours.
  void OnDone(const std::string& from, const v1::RelayedChangeDone& done);

 private:
  struct Waiting {
    std::set<std::string> replicas;  // that have not answered
    v1::Effect effect;               // of those that have
  };

  v1::Effect Everywhere(v1::RelayedChange change, const std::function<v1::Effect()>& here);
  v1::Effect ActHere(const v1::RelayedChange& change);

  ChangeListener& here_;
  Replicas& replicas_;
  absl::Mutex mutex_;
  int64_t last_number_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<int64_t, Waiting> waiting_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_REPLICAS_RELAYED_CHANGES_H_
