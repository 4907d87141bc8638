// How long a stream that has ended waits before it is opened again, so that thousands that end in
// the same moment do not come back in the same moment.
//
// Threads: one at a time; the caller's.
#ifndef HOMEPORT_RPC_RECONNECT_PACE_H_
#define HOMEPORT_RPC_RECONNECT_PACE_H_

#include <optional>

#include "absl/random/random.h"
#include "absl/time/time.h"
#include "base/backoff.h"

namespace homeport {

class ReconnectPace {
 public:
  struct Options {
    // After a failure: capped exponential backoff from here ...
    absl::Duration base = absl::Milliseconds(200);
    // ... to here, with full jitter.
    absl::Duration cap = absl::Seconds(15);
    // After a stream that stood for `stable_after`: any time from zero to this, all equally likely.
    absl::Duration spread = absl::Seconds(2);
    absl::Duration stable_after = absl::Seconds(10);
  };

  // How a stream went.
  struct Outcome {
    absl::Duration stood;  // from its opening to its end; zero if the peer never answered
    bool refused = false;  // its credential; that does not mend itself soon
    std::optional<absl::Duration> come_back;  // what the server asked for, if it asked
    bool others = false;  // whether there is an address that has not been tried since one answered
  };

  explicit ReconnectPace(const Options& options)
      : options_(options), backoff_(options.base, options.cap) {}

  // How long to wait now. Never less than the server asked for, unless that is more than
  // kLongestAsked.
  static constexpr absl::Duration kLongestAsked = absl::Minutes(5);
  absl::Duration After(const Outcome& outcome);

 private:
  absl::Duration UpTo(absl::Duration most);

  const Options options_;
  Backoff backoff_;
  absl::BitGen random_;
};

}  // namespace homeport

#endif  // HOMEPORT_RPC_RECONNECT_PACE_H_
