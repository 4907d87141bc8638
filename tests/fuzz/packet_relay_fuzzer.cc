// Packets from a user and a workspace through the relay, as they come. The input is a row of
// `string`s; the first byte of each says whose packet the rest is: 'u', 'w', or 'k' for a keepalive
// of the proxy's own.
//
// The relay may hold back the workspace's host keys and the answers to its own questions. All else
// has to come out as it went in, once, and answers must not change hands.
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
  PacketRelay relay(user, workspace);
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
    const bool from_user = entry[0] == 'u';
    if (!(from_user ? relay.FromUser(packet) : relay.FromWorkspace(packet))) {
      Require(user.count == sent_to_user && workspace.count == sent_to_workspace);
      break;
    }
    const bool passes =
        from_user ? expectation.FromUser(packet) : expectation.FromWorkspace(packet);
    Require(user.count == sent_to_user + (passes && !from_user));
    Require(workspace.count == sent_to_workspace + (passes && from_user));
    Require(!passes || (from_user ? workspace.packet : user.packet) == packet);
    // What is counted never shrinks.
    Require(relay.bytes_to_user() >= to_user && relay.bytes_to_workspace() >= to_workspace);
    to_user = relay.bytes_to_user();
    to_workspace = relay.bytes_to_workspace();
  }
  return 0;
}
