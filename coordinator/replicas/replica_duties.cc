#include "coordinator/replicas/replica_duties.h"

#include <utility>

namespace homeport {

void ReplicaDuties::OnMessage(v1::ReplicaMessage message) {
  using Message = v1::ReplicaMessage;
  switch (message.message_case()) {
    case Message::kDial:
      parts_.dials.Dial(message.from(), message.dial());
      break;
    case Message::kDialResult: {
      const v1::RelayedDialResult& answer = message.dial_result();
      parts_.broker.OnDialResult(answer.workspace_id(), answer.workspace(), answer.result());
      break;
    }
    case Message::kChange:
      parts_.pool.Submit([&changes = parts_.changes, message = std::move(message)] {
        changes.CarryOut(message.from(), message.change());
      });
      break;
    case Message::kChangeDone:
      parts_.changes.OnDone(message.from(), message.change_done());
      break;
    case Message::kAgentMoved:
      parts_.agents.DisconnectOlder(message.agent_moved().workspace_id(),
                                    message.agent_moved().epoch());
      parts_.broker.OnAgentMoved(message.agent_moved().workspace_id(),
                                 message.agent_moved().epoch(), message.from());
      break;
    case Message::kProxyMoved:
      parts_.proxies.Disconnect(message.proxy_moved().proxy());
      parts_.sessions.Disown(message.proxy_moved().proxy());
      break;
    case Message::kArriving:
    case Message::kWelcomed:
    case Message::kLeaving:
    case Message::MESSAGE_NOT_SET:
      break;  // something newer than this coordinator, or not for us
  }
}

void ReplicaDuties::OnMissed() {
  parts_.pool.Submit([&revocation = parts_.revocation] { revocation.CatchUp(); });
}

void ReplicaDuties::OnSessionsLost(std::vector<Session> sessions) {
  for (const Session& session : sessions) {
    parts_.ledger.RecordEnd(session, "Nobody has told more of it.");
  }
}

}  // namespace homeport
