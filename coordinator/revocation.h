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
#include <utility>
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

  // Everything given outlives this object. `alone` says whether no other coordinator has proxies;
  // null: there is never another. The proxies of others get the whole of kHeadStart.
  Revocation(Store& store, SessionRegistry& sessions, AgentRegistry& agents, ProxyRegistry& proxies,
             SettingsPublisher& publisher, Acknowledgements& acknowledgements,
             std::function<bool()> alone = nullptr)
      : store_(store),
        sessions_(sessions),
        agents_(agents),
        proxies_(proxies),
        publisher_(publisher),
        acknowledgements_(acknowledgements),
        alone_(std::move(alone)) {}

  // The user was changed, suspended or deleted, or has other keys than before, or more.
  v1::Effect UserChanged(int64_t user_id) override;
  // A key is not the user's any more.
  v1::Effect KeyRemoved(int64_t user_id, absl::string_view public_key_blob) override;
  // The provider's features have changed.
  v1::Effect ProviderChanged(const std::string& provider) override;
  // The workspace's record has changed: that takes nothing away. Its agent is told, and not waited
  // for.
  v1::Effect WorkspaceChanged(int64_t workspace_id) override;
  // The workspace is gone: so are its sessions, and its agent's stream ends.
  v1::Effect WorkspaceDeleted(int64_t workspace_id) override;
  // The workspace's credentials of before are worth nothing any more: as WorkspaceDeleted.
  v1::Effect CredentialRevoked(int64_t workspace_id) override;
  // They were replaced: the agent has to come again with the new one, and sessions go on.
  v1::Effect CredentialRotated(int64_t workspace_id) override;
  // Somebody ends sessions. `sentence` is for their people.
  v1::Effect EndSessions(const SessionFilter& filter, const std::string& sentence) override;

  // A replica has said which sessions it has (SessionRegistry::Adopt): decides about each, since
  // nobody could tell the replica what has changed. Does not wait for answers. Those about which
  // nothing can be decided now wait for Recheck.
  void OnHello(const std::string& replica);
  // Decides about adopted sessions that are still undecided; to be called now and then.
  void Recheck();
  // Changes may have been committed that nobody has told of: looks at everything that is connected
  // here. Does not wait for answers.
  void CatchUp();

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
  // Waits until proxies have told their people, or have had the time to.
  void GiveHeadStart(Batch& batch, absl::Time start);
  // The common course: proxies, a moment, agents, the answers.
  v1::Effect Act(const std::function<bool(const Session&)>& concerned,
                 const std::function<void(const SettingsPublisher::Revision&)>& tell_agents);

  Store& store_;
  SessionRegistry& sessions_;
  AgentRegistry& agents_;
  ProxyRegistry& proxies_;
  SettingsPublisher& publisher_;
  Acknowledgements& acknowledgements_;
  const std::function<bool()> alone_;
  // Held while orders are queued, so that of two for one session the newer one goes last.
  absl::Mutex sending_;
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_REVOCATION_H_
