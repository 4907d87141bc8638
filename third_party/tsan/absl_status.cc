// Tells ThreadSanitizer about absl::Status, for --config=tsan only.
//
// Copies share what is behind them and count their references with an atomic of Debian's Abseil,
// which is compiled without ThreadSanitizer: who lets go last frees it after all others.
#include <cstdint>

#include "absl/status/status.h"
#include "third_party/tsan/next_definition.h"

namespace absl {
ABSL_NAMESPACE_BEGIN

void Status::UnrefNonInlined(uintptr_t rep) {
  static const auto next =
      NextDefinition<void (*)(uintptr_t)>(reinterpret_cast<void*>(&Status::UnrefNonInlined));
  __tsan_release(reinterpret_cast<void*>(rep));
  __tsan_acquire(reinterpret_cast<void*>(rep));
  next(rep);
}

ABSL_NAMESPACE_END
}  // namespace absl
