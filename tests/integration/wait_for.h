// Waits of the stories: for a condition, never for a time, and with a name for what did not come.
#ifndef HOMEPORT_TESTS_INTEGRATION_WAIT_FOR_H_
#define HOMEPORT_TESTS_INTEGRATION_WAIT_FOR_H_

#include <functional>
#include <string>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"

namespace homeport::story {

// True as soon as `condition` is. After `limit` the test has failed, saying that `what` did not
// happen, and the answer is false.
inline bool WaitFor(const std::function<bool()>& condition, absl::Duration limit,
                    const std::string& what) {
  const absl::Time start = absl::Now();
  while (!condition()) {
    if (absl::Now() - start > limit) {
      ADD_FAILURE() << "waited " << absl::FormatDuration(limit) << " in vain: " << what;
      return false;
    }
    absl::SleepFor(absl::Milliseconds(10));
  }
  return true;
}

}  // namespace homeport::story

#endif  // HOMEPORT_TESTS_INTEGRATION_WAIT_FOR_H_
