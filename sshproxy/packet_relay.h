// Carries the connection protocol (RFC 4254) between a user and a workspace, packet by packet,
// unchanged.
//
// Each user's connection has a backend connection of its own, so channel numbers, windows, requests
// and replies mean the same at both ends, and nothing has to be translated: what one end sends is
// what the other receives, in order. Windows bound what is under way on a channel. What TCP does
// not take is bounded by the transports' watermarks: past them the relay stops reading from the
// other side.
//
// What stays here is what the session's policy forbids (channel_gate.h), and what concerns one leg
// alone: the workspace's announcement of its host keys, and the answers to the proxy's own
// keepalives. Global requests are answered in order (RFC 4254, 4), so the relay remembers whose
// request each answer is for.
//
// Threads: the connection's loop thread.
#ifndef HOMEPORT_SSHPROXY_PACKET_RELAY_H_
#define HOMEPORT_SSHPROXY_PACKET_RELAY_H_

#include <cstdint>
#include <list>
#include <utility>

#include "absl/strings/string_view.h"
#include "ssh/transport.h"
#include "sshproxy/channel_gate.h"
#include "sshproxy/channel_kind.h"

namespace homeport {

class PacketRelay {
 public:
  // Both outlive the relay.
  PacketRelay(ssh::Transport& user, ssh::Transport& workspace, const SessionPolicy& policy)
      : user_(user), workspace_(workspace), gate_(user, workspace, policy) {}

  // A packet from one side goes to the other. False for what breaks the connection protocol.
  bool FromUser(absl::string_view payload);
  bool FromWorkspace(absl::string_view payload);

  // From now on this holds; live channels that it forbids are closed. The answer is how many.
  int SetPolicy(const SessionPolicy& policy) { return gate_.SetPolicy(policy); }

  // As ChannelGate::BeginFarewell and FarewellHeard.
  bool BeginFarewell(absl::string_view sentence) { return gate_.BeginFarewell(sentence); }
  bool FarewellHeard(absl::string_view payload) { return gate_.FarewellHeard(payload); }

  // Asks the user's client for a sign of life, keepalive@openssh.com, unless it owes us several
  // already.
  void SendKeepaliveToUser();
  // Whether the user's client has sent anything since the last call.
  bool HeardFromUser() { return std::exchange(heard_from_user_, false); }

  // That side has room again.
  void UserDrained() { Drained(Side::kUser); }
  void WorkspaceDrained() { Drained(Side::kWorkspace); }

  // Bytes of channel data carried so far.
  int64_t bytes_to_user() const { return bytes_to_[Index(Side::kUser)]; }
  int64_t bytes_to_workspace() const { return bytes_to_[Index(Side::kWorkspace)]; }
  SessionTraffic traffic() const { return {bytes_to_user(), bytes_to_workspace(), gate_.counts()}; }
  // Another number whenever the traffic is another.
  uint64_t traffic_mark() const {
    return static_cast<uint64_t>(bytes_to_user() + bytes_to_workspace()) + gate_.changes();
  }

 private:
  ssh::Transport& To(Side side) { return side == Side::kUser ? user_ : workspace_; }
  bool Carry(Side from, absl::string_view payload);
  void Drained(Side side);
  // A global request of the workspace's; false if too many wait for the user's answer.
  bool NoteGlobalRequest(absl::string_view payload);
  // The user's answer to a global request: whether it is for the workspace.
  bool IsAnswerForWorkspace();

  ssh::Transport& user_;
  ssh::Transport& workspace_;
  ChannelGate gate_;
  int64_t bytes_to_[2] = {0, 0};  // by Side
  bool heard_from_user_ = false;
  // The global requests that the user's client has yet to answer: true for our own. Mostly empty:
  // a deque would hold half a kilobyte then.
  std::list<bool> unanswered_;
  int own_unanswered_ = 0;
};

}  // namespace homeport

#endif  // HOMEPORT_SSHPROXY_PACKET_RELAY_H_
