// Looks at the channels and requests that pass between a user and a workspace, counts them, and
// keeps back what the session's policy forbids.
//
// How each thing is refused:
//  - A channel that may not be is refused at once to whoever asks for it (CHANNEL_OPEN_FAILURE,
//    administratively prohibited): answers to these come in any order.
//  - A global request or a channel request that may not be goes on under a name that no server
//    knows, so that the other end's own failure comes back in its place among other answers (RFC
//    4254, 4 and 5.4), and no queue of them is needed here.
//  - Before a file transfer is refused its channel is told why, on standard error.
//  - Live channels that a new policy forbids get a CHANNEL_CLOSE to both ends; until each has
//    answered with its own, what it still says on the channel is dropped. That such a channel's
//    user is not told a sentence has a reason: it would take room in a window that the workspace
//    believes to be its own. A port that the workspace listens on for the user stays, and each
//    connection to it is refused.
//
// A channel type that is not known here passes only where all forwarding is allowed: it could be a
// forward. Requests that are not known pass: what they could bring about are channels of such
// types. What a command does with its own input and output is nobody's business here; see
// transfer_command.h for what that means for file transfer.
//
// Servers take names for C strings, so that bytes behind a NUL could hide a name from us: a name
// with a NUL breaks the connection protocol, as everything does that cannot be read.
//
// Cost: a data packet is looked up only while a forbidden channel is being closed.
//
// Threads: the connection's loop thread.
#ifndef HOMEPORT_SSHPROXY_CHANNEL_GATE_H_
#define HOMEPORT_SSHPROXY_CHANNEL_GATE_H_

#include <cstddef>
#include <cstdint>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "ssh/transport.h"
#include "sshproxy/channel_kind.h"
#include "sshproxy/channel_table.h"

namespace homeport {

class ChannelGate {
 public:
  // Channels that a connection may have, those that are being opened included.
  static constexpr size_t kMostChannels = 32768;

  enum class Verdict {
    kPass,    // it goes to the other end
    kDealt,   // it stays here, and has been answered if it wants an answer
    kBreach,  // it breaks the connection protocol
  };

  // Both outlive the gate.
  ChannelGate(ssh::Transport& user, ssh::Transport& workspace, const SessionPolicy& policy)
      : user_(user), workspace_(workspace), policy_(policy) {}

  // A packet of the connection protocol.
  Verdict Look(Side from, absl::string_view payload);

  // From now on this holds. Channels that it forbids are closed; the answer is how many.
  int SetPolicy(const SessionPolicy& policy);

  // Says a sentence on the standard error of every session that the user has open, and closes it
  // with exit status 255: a client that shares its connection among several shows nothing else to
  // their people. Whether there is any; nothing goes through the gate from now on.
  bool BeginFarewell(absl::string_view sentence);
  // A packet of the user's since then. Whether the last of these sessions is closed with it, and
  // what was said has been shown.
  bool FarewellHeard(absl::string_view payload);

  const ChannelCounts& counts() const { return counts_; }
  // Grows with every change of the counts.
  uint64_t changes() const { return changes_; }

 private:
  ssh::Transport& To(Side side) { return side == Side::kUser ? user_ : workspace_; }
  Verdict OnGlobalRequest(Side from, absl::string_view payload);
  Verdict OnOpen(Side from, absl::string_view payload);
  Verdict OnConfirmation(Side from, absl::string_view payload);
  Verdict OnOpenFailure(Side from, absl::string_view payload);
  Verdict OnRequest(Side from, absl::string_view payload);
  Verdict OnClose(Side from, absl::string_view payload);
  // The channel that a packet from this side is about, or null.
  RelayedChannel* Addressed(Side from, absl::string_view payload);

  void RefuseOpen(Side opener, uint32_t number, uint32_t reason, absl::string_view sentence);
  // Tells the user why a transfer is refused, once a channel.
  void Tell(RelayedChannel& channel);
  // Plays the part of a command that says why and fails, so that a client shows it: many show
  // nothing of a session whose request fails. False if others' replies would have to come first.
  bool RefuseTransfer(RelayedChannel& channel, bool want_reply);
  void NoteKind(RelayedChannel& channel, ChannelKind kind);
  // Ends a channel at both ends.
  void Drain(RelayedChannel& channel);
  // Ends one that has just been confirmed, though its opener may not have it.
  void Abandon(RelayedChannel& channel, uint32_t number);
  void CountOpen(ChannelKind kind, int change);

  ssh::Transport& user_;
  ssh::Transport& workspace_;
  SessionPolicy policy_;
  ChannelTable channels_;
  size_t draining_ = 0;  // channels
  ChannelCounts counts_{};
  uint64_t changes_ = 0;
  // Sessions that the user has yet to close, by the workspace's number.
  absl::flat_hash_set<uint32_t> farewells_;
};

}  // namespace homeport

#endif  // HOMEPORT_SSHPROXY_CHANNEL_GATE_H_
