// Capped exponential backoff with full jitter.
//
// Threads: one at a time; the caller's.
#ifndef HOMEPORT_BASE_BACKOFF_H_
#define HOMEPORT_BASE_BACKOFF_H_

#include "absl/random/random.h"
#include "absl/time/time.h"

namespace homeport {

class Backoff {
 public:
  // The first delay is drawn from [0, base], each next from a range twice as wide, up to [0, cap].
  Backoff(absl::Duration base, absl::Duration cap) : base_(base), cap_(cap), range_(base) {}

  // How long to wait before the next try. At least a tenth of the range, so that a fast failure
  // does not spin.
  absl::Duration Next();

  // After a success that lasted.
  void Reset() { range_ = base_; }

  // After a refusal that will not mend itself soon: the next delay is drawn from [0, cap].
  void JumpToCap() { range_ = cap_; }

 private:
  const absl::Duration base_;
  const absl::Duration cap_;
  absl::Duration range_;
  absl::BitGen random_;
};

}  // namespace homeport

#endif  // HOMEPORT_BASE_BACKOFF_H_
