// The channels of one relayed connection, under the numbers that its two ends know them by (RFC
// 4254, 5).
//
// Each end chooses numbers of its own, and a packet names the receiver's. So a channel is found by
// the end that is addressed and that end's number. A number is held from the moment that its end
// uses it until the other end has sent its last packet to it.
//
// Memory: 16 bytes a channel and two entries of a hash table; none without channels.
//
// Threads: each object one at a time.
#ifndef HOMEPORT_SSHPROXY_CHANNEL_TABLE_H_
#define HOMEPORT_SSHPROXY_CHANNEL_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "sshproxy/channel_kind.h"

namespace homeport {

// An end of the relay.
enum class Side : uint8_t { kUser = 0, kWorkspace = 1 };
inline Side Other(Side side) { return side == Side::kUser ? Side::kWorkspace : Side::kUser; }
inline size_t Index(Side side) { return static_cast<size_t>(side); }

struct RelayedChannel {
  uint32_t number[2] = {0, 0};  // by Side; of the one that did not open it: once confirmed
  ChannelKind kind = ChannelKind::kUnknown;
  Side opener = Side::kUser;
  bool closed[2] = {false, false};  // by Side: whether that end has sent its last packet
  uint8_t unanswered = 0;           // requests of the user's that want a reply; at most 255
  bool confirmed : 1;
  bool doomed : 1;    // forbidden since it was asked for; ends when it is confirmed
  bool draining : 1;  // ended by us: what the ends still say is dropped
  bool roomy : 1;     // the opener's window takes a sentence
  bool told : 1;      // the user has been told a sentence
  bool used : 1;      // this place of the table

  RelayedChannel()
      : confirmed(false), doomed(false), draining(false), roomy(false), told(false), used(true) {}
};

class ChannelTable {
 public:
  // The channel that `end` knows by this number, or null. The pointer is good until the next Add.
  RelayedChannel* Find(Side end, uint32_t number);

  // A channel that `opener` asks for. The number must not be there.
  RelayedChannel& Add(Side opener, uint32_t number, ChannelKind kind);
  // The end that did not open it knows it by this number, which must not be there.
  void Confirm(RelayedChannel& channel, uint32_t number);
  // Forgets the number by which `end` knows it; the channel goes with its last number.
  void Release(RelayedChannel& channel, Side end);

  size_t size() const { return places_.size() - free_.size(); }

  // Calls `visit(RelayedChannel&)` for each; it may release, but not add.
  template <typename Visit>
  void ForEach(Visit visit) {
    for (size_t i = 0; i < places_.size(); ++i) {
      if (places_[i].used) visit(places_[i]);
    }
  }

 private:
  static uint64_t Key(Side end, uint32_t number) {
    return (static_cast<uint64_t>(end) << 32) | number;
  }

  absl::flat_hash_map<uint64_t, uint32_t> index_;  // into places_
  std::vector<RelayedChannel> places_;
  std::vector<uint32_t> free_;  // of places_
};

}  // namespace homeport

#endif  // HOMEPORT_SSHPROXY_CHANNEL_TABLE_H_
