// How often somebody may try to sign in: for each account, and for each address that tries.
//
// An account is limited whether it exists or not, so that the limits do not tell. IPv6 addresses
// count by their network of 64 bits: whoever has one has them all.
//
// Threads: any. In memory: a restart forgets.
#ifndef HOMEPORT_COORDINATOR_SIGN_IN_LIMITS_H_
#define HOMEPORT_COORDINATOR_SIGN_IN_LIMITS_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "coordinator/rate_limit.h"

namespace homeport {

class SignInLimits {
 public:
  static constexpr int kAccountBurst = 5;
  static constexpr absl::Duration kAccountInterval = absl::Seconds(12);
  static constexpr int kAddressBurst = 20;
  static constexpr absl::Duration kAddressInterval = absl::Seconds(3);

  SignInLimits();

  // Counts an attempt. `account` is the name as it was typed, empty if none was; `host` an IP
  // address. RESOURCE_EXHAUSTED with how long to wait: nothing may be looked at then, not even a
  // correct password.
  absl::Status Take(absl::string_view account, absl::string_view host, absl::Time now);
  // The attempt that was counted last was a success. It costs the account nothing, and the address
  // a tenth.
  void OnSuccess(absl::string_view account, absl::string_view host, absl::Time now);

 private:
  RateLimit accounts_;
  RateLimit addresses_;
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_SIGN_IN_LIMITS_H_
