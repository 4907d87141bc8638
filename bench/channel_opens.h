// A connection that opens session channels one after the other, so many at a time, and closes each
// as soon as it is open.
//
// Threads: everything on the loop's thread.
#ifndef HOMEPORT_BENCH_CHANNEL_OPENS_H_
#define HOMEPORT_BENCH_CHANNEL_OPENS_H_

#include <cstdint>

#include "bench/load_connection.h"

namespace homeport::bench {

class ChannelOpens : public LoadConnection {
 public:
  // OnOver's status is OK when `count` channels have been opened and closed.
  ChannelOpens(EventLoop& loop, const Target& target, Owner& owner, uint32_t count,
               uint32_t at_once)
      : LoadConnection(loop, target, owner), count_(count), at_once_(at_once) {}

 private:
  void OnSignedIn() override;
  bool OnPacket(absl::string_view payload) override;
  void Open();

  const uint32_t count_;
  const uint32_t at_once_;
  uint32_t opened_ = 0;  // as asked for; also the next channel's number
  uint32_t closed_ = 0;
};

}  // namespace homeport::bench

#endif  // HOMEPORT_BENCH_CHANNEL_OPENS_H_
