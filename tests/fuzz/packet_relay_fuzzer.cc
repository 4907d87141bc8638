// Packets from a user and a workspace through the relay, as they come. The input is a row of
// `string`s; the first byte of each says whose packet the rest is: 'u', 'w', or 'k' for a keepalive
// of the proxy's own, or 'p' for a new policy, whose features are the bits of the next byte.
//
// The relay may hold back the workspace's host keys and the answers to its own questions, and what
// the policy forbids. All else has to come out as it went in, once, and answers must not change
// hands. While everything has always been allowed nothing may be held back for policy's sake; once
// something is forbidden, no forbidden channel may come out, and no request for a forward.
#include <algorithm>
#include <cstdlib>
#include <deque>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/ssh_wire.h"
#include "ssh/message_numbers.h"
#include "sshproxy/packet_relay.h"

namespace {

using homeport::EventLoop;
using homeport::PacketRelay;
using homeport::WireReader;
using homeport::ssh::Transport;

class NoHandler : public Transport::Handler {
  bool OnPacket(absl::string_view) override { return true; }
  void OnOutputDrained() override {}
  void OnClosed(const absl::Status&) override {}
};

// Remembers what it was last given to send.
class LastPacket : public Transport {
 public:
  LastPacket(EventLoop& loop, Handler& handler) : Transport(loop, handler) {}
  void Send(absl::string_view head, absl::string_view body) override {
    ++count;
    packet = absl::StrCat(head, body);
  }
  std::string peer_version() const override { return ""; }
  int count = 0;
  std::string packet;

 private:
  void Step() override {}
};

void Require(bool condition) {
  if (!condition) abort();
}

// The types that need port forwarding, agent forwarding or X11 forwarding, said in another way.
bool MayPass(absl::string_view packet, const homeport::SessionPolicy& policy) {
  WireReader reader(packet.substr(1));
  const absl::string_view type = reader.String();
  if (packet[0] == homeport::ssh::kGlobalRequest) {
    return policy.port_forwarding ||
           (type != "tcpip-forward" && type != "streamlocal-forward@openssh.com");
  }
  if (packet[0] == homeport::ssh::kChannelRequest) {
    WireReader request(packet.substr(5));
    const absl::string_view name = request.String();
    if (name == "x11-req") return policy.x11_forwarding;
    if (name == "auth-agent-req@openssh.com") return policy.agent_forwarding;
    request.Bool();
    return policy.file_transfer || name != "subsystem" || request.String() != "sftp";
  }
  if (packet[0] != homeport::ssh::kChannelOpen || type == "session") return true;
  if (type == "x11") return policy.x11_forwarding;
  if (type == "auth-agent@openssh.com") return policy.agent_forwarding;
  return policy.port_forwarding;
}

// What the relay should do, said in another way.
class Expectation {
 public:
  void OnKeepalive() { asked_.push_back('k'); }
  // Whether the workspace's packet goes to the user.
  bool FromWorkspace(absl::string_view packet) {
    if (packet[0] != homeport::ssh::kGlobalRequest) return true;
    WireReader reader(packet.substr(1));
    const absl::string_view name = reader.String();
    if (name == "hostkeys-00@openssh.com") return false;
    if (reader.Bool()) asked_.push_back('w');
    return true;
  }
  // Whether the user's packet goes to the workspace.
  bool FromUser(absl::string_view packet) {
    const bool answer =
        packet[0] == homeport::ssh::kRequestSuccess || packet[0] == homeport::ssh::kRequestFailure;
    if (!answer || asked_.empty()) return true;
    const char who = asked_.front();
    asked_.pop_front();
    return who == 'w';
  }
  bool IsAsking(char who) const {
    return std::find(asked_.begin(), asked_.end(), who) != asked_.end();
  }

 private:
  std::deque<char> asked_;  // in order: by the proxy, by the workspace
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  EventLoop loop;
  NoHandler handler;
  LastPacket user(loop, handler);
  LastPacket workspace(loop, handler);
  homeport::SessionPolicy policy;
  PacketRelay relay(user, workspace, policy);
  bool always_allowed = true;
  Expectation expectation;
  int64_t to_user = 0;
  int64_t to_workspace = 0;
  WireReader row({reinterpret_cast<const char*>(data), size});
  while (!row.AtEnd() && row.ok()) {
    const absl::string_view entry = row.String();
    if (entry.empty()) break;
    const absl::string_view packet = entry.substr(1);
    const int sent_to_user = user.count;
    const int sent_to_workspace = workspace.count;
    if (entry[0] == 'k') {
      relay.SendKeepaliveToUser();
      if (user.count > sent_to_user) expectation.OnKeepalive();
      // Only with a question that is still open it may keep quiet.
      Require(user.count > sent_to_user || expectation.IsAsking('k'));
      continue;
    }
    if (entry[0] == 'p') {
      const int bits = packet.empty() ? 0 : packet[0];
      policy = {(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0};
      always_allowed = always_allowed && (bits & 15) == 15;
      const int closed = relay.SetPolicy(policy);
      Require(user.count - sent_to_user <= closed);
      Require(workspace.count - sent_to_workspace <= closed);
      continue;
    }
    const bool from_user = entry[0] == 'u';
    user.packet.clear();
    workspace.packet.clear();
    const bool carried = from_user ? relay.FromUser(packet) : relay.FromWorkspace(packet);
    if (!carried) {
      Require(user.count == sent_to_user && workspace.count == sent_to_workspace);
      break;
    }
    const bool passes =
        from_user ? expectation.FromUser(packet) : expectation.FromWorkspace(packet);
    const std::string& out = from_user ? workspace.packet : user.packet;
    const int sent_on = from_user ? workspace.count - sent_to_workspace : user.count - sent_to_user;
    const int sent_back =
        from_user ? user.count - sent_to_user : workspace.count - sent_to_workspace;
    if (always_allowed && packet[0] != homeport::ssh::kChannelOpen) {
      Require(sent_on == passes && sent_back == 0);
      Require(!passes || out == packet);
    }
    // One thing for one, and an answer or a sentence at the most; what goes on may go.
    Require(sent_on <= 1 && sent_back <= 1 && (passes || sent_on == 0));
    if (out == packet && !packet.empty()) Require(MayPass(packet, policy));
    // What is counted never shrinks.
    Require(relay.bytes_to_user() >= to_user && relay.bytes_to_workspace() >= to_workspace);
    to_user = relay.bytes_to_user();
    to_workspace = relay.bytes_to_workspace();
  }
  return 0;
}
