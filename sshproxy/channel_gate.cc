#include "sshproxy/channel_gate.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "base/ssh_wire.h"
#include "ssh/message_numbers.h"
#include "sshproxy/transfer_command.h"

namespace homeport {
namespace {

// What a forbidden request is called from here on.
constexpr absl::string_view kDenied = "denied@homeport";
// A window and a packet size that take any of our sentences.
constexpr uint32_t kRoom = 512;
constexpr uint32_t kRefusalStatus = 1;
constexpr uint32_t kFarewellStatus = 255;  // what ssh itself exits with when it is cut off

bool IsSession(ChannelKind kind) {
  return kind == ChannelKind::kSession || kind == ChannelKind::kShell ||
         kind == ChannelKind::kExec || kind == ChannelKind::kFileTransfer ||
         kind == ChannelKind::kSubsystem;
}

bool IsName(absl::string_view name) { return name.find('\0') == absl::string_view::npos; }

bool AsksForForward(absl::string_view global_request) {
  return global_request == "tcpip-forward" ||
         global_request == "streamlocal-forward@openssh.com";  // OpenSSH PROTOCOL, 2.4
}

absl::string_view UpToNul(absl::string_view text) { return text.substr(0, text.find('\0')); }

// The kind that this request makes of a session channel, or that it asks to be allowed; kSession if
// it has nothing to do with kinds. `rest` is what is special to the request.
ChannelKind KindOfRequest(absl::string_view type, WireReader rest) {
  if (type == "shell") return ChannelKind::kShell;
  if (type == "exec") {
    return IsTransferCommand(rest.String()) ? ChannelKind::kFileTransfer : ChannelKind::kExec;
  }
  if (type == "subsystem") {
    return UpToNul(rest.String()) == "sftp" ? ChannelKind::kFileTransfer : ChannelKind::kSubsystem;
  }
  // draft-ietf-sshm-ssh-agent, 5 for agent-req.
  if (type == "auth-agent-req@openssh.com" || type == "auth-agent-req" || type == "agent-req") {
    return ChannelKind::kAgent;
  }
  if (type == "x11-req") return ChannelKind::kX11;
  return ChannelKind::kSession;
}

std::string CloseOf(uint32_t number) {
  return WireWriter().Byte(ssh::kChannelClose).Uint32(number).bytes();
}

std::string ExitStatusOf(uint32_t number, uint32_t status) {
  return WireWriter()
      .Byte(ssh::kChannelRequest)
      .Uint32(number)
      .String("exit-status")
      .Bool(false)
      .Uint32(status)
      .bytes();
}

std::string SwitchedOff(ChannelKind kind) {
  return absl::StrCat(FeatureOf(kind), " is switched off for this workspace.");
}

}  // namespace

ChannelGate::Verdict ChannelGate::Look(Side from, absl::string_view payload) {
  switch (static_cast<uint8_t>(payload.front())) {
    case ssh::kGlobalRequest:
      return OnGlobalRequest(from, payload);
    case ssh::kRequestSuccess:
    case ssh::kRequestFailure:
      return Verdict::kPass;
    case ssh::kChannelOpen:
      return OnOpen(from, payload);
    case ssh::kChannelOpenConfirmation:
      return OnConfirmation(from, payload);
    case ssh::kChannelOpenFailure:
      return OnOpenFailure(from, payload);
    case ssh::kChannelRequest:
      return OnRequest(from, payload);
    case ssh::kChannelClose:
      return OnClose(from, payload);
    case ssh::kChannelSuccess:
    case ssh::kChannelFailure:
      if (RelayedChannel* const channel = Addressed(from, payload);
          from == Side::kWorkspace && channel != nullptr && channel->unanswered > 0) {
        --channel->unanswered;
      }
      break;
    default:
      break;
  }
  if (draining_ == 0) return Verdict::kPass;
  const RelayedChannel* const channel = Addressed(from, payload);
  return channel != nullptr && channel->draining ? Verdict::kDealt : Verdict::kPass;
}

RelayedChannel* ChannelGate::Addressed(Side from, absl::string_view payload) {
  WireReader reader(payload.substr(1));
  const uint32_t recipient = reader.Uint32();
  return reader.ok() ? channels_.Find(Other(from), recipient) : nullptr;
}

ChannelGate::Verdict ChannelGate::OnGlobalRequest(Side from, absl::string_view payload) {
  WireReader reader(payload.substr(1));
  const absl::string_view name = reader.String();
  const bool want_reply = reader.Bool();
  if (!reader.ok() || !IsName(name)) return Verdict::kBreach;
  if (policy_.port_forwarding || !AsksForForward(name)) return Verdict::kPass;
  To(Other(from))
      .Send(WireWriter().Byte(ssh::kGlobalRequest).String(kDenied).Bool(want_reply).bytes());
  return Verdict::kDealt;
}

ChannelGate::Verdict ChannelGate::OnOpen(Side from, absl::string_view payload) {
  WireReader reader(payload.substr(1));
  const absl::string_view type = reader.String();
  const uint32_t number = reader.Uint32();
  const uint32_t window = reader.Uint32();
  const uint32_t packet = reader.Uint32();
  if (!reader.ok() || !IsName(type)) return Verdict::kBreach;
  const ChannelKind kind = KindOfType(type);
  if (!policy_.Allows(kind)) {
    RefuseOpen(from, number, ssh::kAdministrativelyProhibited, SwitchedOff(kind));
    return Verdict::kDealt;
  }
  if (const RelayedChannel* const there = channels_.Find(from, number)) {
    if (!there->draining) return Verdict::kBreach;
    // The other end still sends to the channel that had the number before.
    RefuseOpen(from, number, ssh::kResourceShortage, "This channel number is not free yet.");
    return Verdict::kDealt;
  }
  if (channels_.size() >= kMostChannels) {
    RefuseOpen(from, number, ssh::kResourceShortage, "This connection has too many channels.");
    return Verdict::kDealt;
  }
  channels_.Add(from, number, kind).roomy = window >= kRoom && packet >= kRoom;
  return Verdict::kPass;
}

ChannelGate::Verdict ChannelGate::OnConfirmation(Side from, absl::string_view payload) {
  WireReader reader(payload.substr(1));
  const uint32_t recipient = reader.Uint32();
  const uint32_t number = reader.Uint32();
  if (!reader.ok()) return Verdict::kBreach;
  RelayedChannel* const channel = channels_.Find(Other(from), recipient);
  if (channel == nullptr) return Verdict::kPass;  // that nobody asked for: the other end judges it
  if (channel->draining) return Verdict::kDealt;
  if (channel->confirmed || channel->opener == from) return Verdict::kPass;
  const RelayedChannel* const there = channels_.Find(from, number);
  if (there != nullptr && !there->draining) return Verdict::kBreach;
  if (there != nullptr || channel->doomed) {
    Abandon(*channel, number);
    return Verdict::kDealt;
  }
  channels_.Confirm(*channel, number);
  CountOpen(channel->kind, 1);
  ++counts_[static_cast<size_t>(channel->kind)].total;
  return Verdict::kPass;
}

ChannelGate::Verdict ChannelGate::OnOpenFailure(Side from, absl::string_view payload) {
  RelayedChannel* const channel = Addressed(from, payload);
  if (channel == nullptr) return Verdict::kPass;
  if (channel->draining) return Verdict::kDealt;
  if (!channel->confirmed && channel->opener != from) channels_.Release(*channel, channel->opener);
  return Verdict::kPass;
}

ChannelGate::Verdict ChannelGate::OnRequest(Side from, absl::string_view payload) {
  WireReader reader(payload.substr(1));
  const uint32_t recipient = reader.Uint32();
  const absl::string_view type = reader.String();
  const bool want_reply = reader.Bool();
  if (!reader.ok() || !IsName(type)) return Verdict::kBreach;
  RelayedChannel* const channel = channels_.Find(Other(from), recipient);
  if (channel != nullptr && channel->draining) return Verdict::kDealt;
  const ChannelKind kind = KindOfRequest(type, reader);
  const bool forbidden = !policy_.Allows(kind);
  if (forbidden && kind == ChannelKind::kFileTransfer && channel != nullptr &&
      from == Side::kUser && RefuseTransfer(*channel, want_reply)) {
    return Verdict::kDealt;
  }
  if (channel != nullptr && from == Side::kUser && want_reply && channel->unanswered < 255) {
    ++channel->unanswered;
  }
  if (forbidden) {
    if (kind == ChannelKind::kFileTransfer && channel != nullptr) Tell(*channel);
    To(Other(from))
        .Send(WireWriter()
                  .Byte(ssh::kChannelRequest)
                  .Uint32(recipient)
                  .String(kDenied)
                  .Bool(want_reply)
                  .bytes());
    return Verdict::kDealt;
  }
  if (channel != nullptr && from == Side::kUser) NoteKind(*channel, kind);
  return Verdict::kPass;
}

ChannelGate::Verdict ChannelGate::OnClose(Side from, absl::string_view payload) {
  RelayedChannel* const channel = Addressed(from, payload);
  if (channel == nullptr || channel->closed[Index(from)]) return Verdict::kPass;
  const bool draining = channel->draining;
  if (!channel->confirmed && !draining) return Verdict::kPass;
  channel->closed[Index(from)] = true;
  const bool over = channel->closed[Index(Other(from))];
  if (draining) {
    if (over) --draining_;
    channels_.Release(*channel, Other(from));
    return Verdict::kDealt;
  }
  if (over) {
    CountOpen(channel->kind, -1);
    channels_.Release(*channel, from);
    channels_.Release(*channel, Other(from));
  }
  return Verdict::kPass;
}

int ChannelGate::SetPolicy(const SessionPolicy& policy) {
  policy_ = policy;
  int closed = 0;
  channels_.ForEach([&](RelayedChannel& channel) {
    if (channel.draining || policy.Allows(channel.kind)) return;
    ++closed;
    if (channel.confirmed) {
      Drain(channel);
    } else {
      channel.doomed = true;
    }
  });
  return closed;
}

void ChannelGate::Drain(RelayedChannel& channel) {
  CountOpen(channel.kind, -1);
  channel.draining = true;
  ++draining_;
  for (const Side end : {Side::kUser, Side::kWorkspace}) {
    // An end whose peer has closed has been told so already; it says nothing more to that peer's
    // number once it has closed itself.
    if (!channel.closed[Index(Other(end))]) To(end).Send(CloseOf(channel.number[Index(end)]));
    if (channel.closed[Index(end)]) channels_.Release(channel, Other(end));
  }
}

void ChannelGate::Abandon(RelayedChannel& channel, uint32_t number) {
  const Side opener = channel.opener;
  RefuseOpen(
      opener, channel.number[Index(opener)],
      channel.doomed ? ssh::kAdministrativelyProhibited : ssh::kResourceShortage,
      channel.doomed ? SwitchedOff(channel.kind) : "The workspace is still closing another.");
  To(Other(opener)).Send(CloseOf(number));
  // The opener knows nothing of it: only the other end has something left to say.
  channel.closed[Index(opener)] = true;
  channel.draining = true;
  ++draining_;
}

void ChannelGate::RefuseOpen(Side opener, uint32_t number, uint32_t reason,
                             absl::string_view sentence) {
  To(opener).Send(WireWriter()
                      .Byte(ssh::kChannelOpenFailure)
                      .Uint32(number)
                      .Uint32(reason)
                      .String(sentence)
                      .String("")
                      .bytes());
}

void ChannelGate::Tell(RelayedChannel& channel) {
  // Before anything has been sent on the channel its window is whole.
  if (channel.told || !channel.roomy || channel.kind != ChannelKind::kSession ||
      channel.opener != Side::kUser) {
    return;
  }
  channel.told = true;
  user_.Send(WireWriter()
                 .Byte(ssh::kChannelExtendedData)
                 .Uint32(channel.number[Index(Side::kUser)])
                 .Uint32(ssh::kExtendedDataStderr)
                 .String(absl::StrCat("homeport: ", SwitchedOff(ChannelKind::kFileTransfer), "\n"))
                 .bytes());
}

bool ChannelGate::RefuseTransfer(RelayedChannel& channel, bool want_reply) {
  if (!channel.confirmed || !channel.roomy || channel.told || channel.unanswered > 0 ||
      channel.kind != ChannelKind::kSession || channel.opener != Side::kUser ||
      channel.closed[Index(Side::kUser)] || channel.closed[Index(Side::kWorkspace)]) {
    return false;
  }
  const uint32_t number = channel.number[Index(Side::kUser)];
  if (want_reply) user_.Send(WireWriter().Byte(ssh::kChannelSuccess).Uint32(number).bytes());
  Tell(channel);
  user_.Send(ExitStatusOf(number, kRefusalStatus));
  user_.Send(WireWriter().Byte(ssh::kChannelEof).Uint32(number).bytes());
  Drain(channel);
  return true;
}

bool ChannelGate::BeginFarewell(absl::string_view sentence) {
  channels_.ForEach([&](const RelayedChannel& channel) {
    if (!channel.confirmed || channel.draining || channel.closed[Index(Side::kWorkspace)] ||
        channel.closed[Index(Side::kUser)] || !IsSession(channel.kind)) {
      return;
    }
    const uint32_t number = channel.number[Index(Side::kUser)];
    // The line ends as a terminal in raw mode wants it. It may overrun the window a little; this
    // is the end anyway.
    user_.Send(WireWriter()
                   .Byte(ssh::kChannelExtendedData)
                   .Uint32(number)
                   .Uint32(ssh::kExtendedDataStderr)
                   .String(absl::StrCat(channel.kind == ChannelKind::kShell ? "\r\n" : "",
                                        "homeport: ", sentence, "\r\n"))
                   .bytes());
    user_.Send(ExitStatusOf(number, kFarewellStatus));
    user_.Send(CloseOf(number));
    farewells_.insert(channel.number[Index(Side::kWorkspace)]);
  });
  return !farewells_.empty();
}

bool ChannelGate::FarewellHeard(absl::string_view payload) {
  WireReader reader(payload);
  if (reader.Byte() != ssh::kChannelClose) return false;
  const uint32_t number = reader.Uint32();
  return reader.ok() && farewells_.erase(number) > 0 && farewells_.empty();
}

void ChannelGate::NoteKind(RelayedChannel& channel, ChannelKind kind) {
  const bool starts = kind == ChannelKind::kShell || kind == ChannelKind::kExec ||
                      kind == ChannelKind::kSubsystem || kind == ChannelKind::kFileTransfer;
  // The first one counts, for a server serves no second one; but a transfer does not get away by
  // asking for something else as well.
  const bool may =
      channel.kind == ChannelKind::kSession ||
      (kind == ChannelKind::kFileTransfer && channel.opener == Side::kUser &&
       channel.kind != ChannelKind::kFileTransfer && channel.kind <= ChannelKind::kSubsystem);
  if (!starts || !may || !channel.confirmed) return;
  CountOpen(channel.kind, -1);
  --counts_[static_cast<size_t>(channel.kind)].total;
  channel.kind = kind;
  CountOpen(kind, 1);
  ++counts_[static_cast<size_t>(kind)].total;
}

void ChannelGate::CountOpen(ChannelKind kind, int change) {
  counts_[static_cast<size_t>(kind)].open += change;
  ++changes_;
}

}  // namespace homeport
