// Counts those who have connected and not signed in yet: they cost memory and key exchanges, and
// nobody knows who they are. There is room for some of each address, and for some in all.
//
// An address is what its owner can hardly have many of: one of IPv4, a /64 of IPv6.
//
// Threads: any.
#ifndef HOMEPORT_SSHPROXY_WAITING_ROOM_H_
#define HOMEPORT_SSHPROXY_WAITING_ROOM_H_

#include <cstddef>
#include <memory>
#include <string>
#include <unordered_map>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "sshproxy/proxy_metrics.h"

namespace homeport {

class WaitingRoom {
 public:
  struct Limits {
    int per_address = 50;
    int overall = 1000;
  };
  enum class Answer { kComeIn, kAddressHasMany, kFull };

  // `metrics` outlives the room.
  WaitingRoom(const Limits& limits, ProxyMetrics& metrics);
  ~WaitingRoom();

  // Takes a place for somebody from this `host:port`. It is free again when the last copy of
  // `place` is gone, which may be after the room is.
  Answer Enter(const std::string& address, std::shared_ptr<void>& place);

 private:
  class Counts;
  class Place;

  const Limits limits_;
  const std::shared_ptr<Counts> counts_;  // shared with the places; the last to go frees it
};

}  // namespace homeport

#endif  // HOMEPORT_SSHPROXY_WAITING_ROOM_H_
