// Carries out what takes rights away: whoever was connected hears of it, acts on it, and says so.
//
// The admin services commit a change to the records and then call the method for it, which
// decides anew about every session that the change concerns (admission.h), has proxies end those
// that may not be any longer and change the policy of the others, tells the agents concerned their
// owner's keys and their settings, and returns when all of them have acted, or after kPatience with
// the names of those that have not.
//
// Proxies are told first, and agents when these have acted or a moment later: a proxy can tell the
// person why the session ends, an agent only closes its tunnel. A proxy that is not connected is
// told what has become of its sessions when it says hello (OnHello).
//
// Against a session that is being opened at the same time: session_broker.h says why none slips
// through. Against another change: each decision is made from records that were read after the
// sessions were listed, and of two policies for one session the one that was read later is told
// last (SessionRegistry::NotePolicy).
//
// Threads: any that may block for kPatience: a pool of their own, not the one that the streams
// need. No lock is held while anything is waited for.
#ifndef HOMEPORT_COORDINATOR_REVOCATION_H_
#define HOMEPORT_COORDINATOR_REVOCATION_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "coordinator/acknowledgements.h"
#include "coordinator/admission.h"
#include "coordinator/agent_registry.h"
#include "coordinator/change_listener.h"
#include "coordinator/proxy_registry.h"
#include "coordinator/session_registry.h"
#include "coordinator/settings_publisher.h"
#include "coordinator/store/store.h"
#include "proto/homeport/v1/effect.pb.h"

namespace homeport {

class Revocation : public ChangeListener {
 public:
  static constexpr absl::Duration kPatience = absl::Seconds(5);
  // How long agents are told later than proxies, at most.
  static constexpr absl::Duration kHeadStart = absl::Milliseconds(300);

  // Everything given outlives this object.
  Revocation(Store& store, SessionRegistry& sessions, AgentRegistry& agents, ProxyRegistry& proxies,
             SettingsPublisher& publisher, Acknowledgements& acknowledgements)
      : store_(store),
        sessions_(sessions),
        agents_(agents),
        proxies_(proxies),
        publisher_(publisher),
        acknowledgements_(acknowledgements) {}

  // The user was changed, suspended or deleted, or has other keys than before, or more.
  v1::Effect UserChanged(int64_t user_id) override;
  // A key is not the user's any more.
  v1::Effect KeyRemoved(int64_t user_id, absl::string_view public_key_blob) override;
  // The provider's features have changed.
  v1::Effect ProviderChanged(const std::string& provider) override;
  // The workspace's record has changed: that takes nothing away. Its agent is told, and not waited
  // for.
  v1::Effect WorkspaceChanged(const WorkspaceRecord& workspace) override;
  // The workspace is gone: so are its sessions, and its agent's stream ends.
  v1::Effect WorkspaceDeleted(const WorkspaceRecord& workspace) override;
  // The workspace's credentials of before are worth nothing any more: as WorkspaceDeleted.
  v1::Effect CredentialRevoked(const WorkspaceRecord& workspace) override;
  // They were replaced: the agent has to come again with the new one, and sessions go on.
  v1::Effect CredentialRotated(const WorkspaceRecord& workspace) override;
  // Somebody ends sessions. `sentence` is for their people.
  v1::Effect EndSessions(const SessionFilter& filter, const std::string& sentence);

  // A replica has said which sessions it has (SessionRegistry::Adopt): decides about each, since
  // nobody could tell the replica what has changed. Does not wait for answers. Those about which
  // nothing can be decided now wait for Recheck.
  void OnHello(const std::string& replica);
  // Decides about adopted sessions that are still undecided; to be called now and then.
  void Recheck();

 private:
  using Batch = Acknowledgements::Batch;
  // What is told to proxies: by what and to whom.
  struct Orders;

  // Decides about these sessions, and tells their proxies.
  void Reconsider(std::vector<Session> sessions, int64_t ticket, Batch& batch);
  // Fills in whose an adopted session is; NOT_FOUND with the sentence to end it with.
  absl::Status Identify(Session& session);
  void Send(const Orders& orders, Batch& batch);
  void SendOrder(const std::string& replica, v1::ConnectProxyResponse message, Batch& batch);
  void EndAll(const std::vector<Session>& sessions, const std::string& sentence, Batch& batch);
  // Ends what the workspace has by the agent that is connected now, and the agent's stream.
  v1::Effect CutOff(int64_t workspace_id, const std::string& sentence, const absl::Status& status);
  // Gives agents that are told something with this a number, and waits for their answers.
  SettingsPublisher::Revision RevisionFor(Batch& batch);
  // The common course: proxies, a moment, agents, the answers.
  v1::Effect Act(const std::function<bool(const Session&)>& concerned,
                 const std::function<void(const SettingsPublisher::Revision&)>& tell_agents);

  Store& store_;
  SessionRegistry& sessions_;
  AgentRegistry& agents_;
  ProxyRegistry& proxies_;
  SettingsPublisher& publisher_;
  Acknowledgements& acknowledgements_;
  // Held while orders are queued, so that of two for one session the newer one goes last.
  absl::Mutex sending_;
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_REVOCATION_H_
