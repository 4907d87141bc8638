#include "coordinator/sign_in_limits.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <string>

#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"

namespace homeport {
namespace {

constexpr double kSuccessRefund = 0.9;

// The hash is another one in each process: nobody can choose two names that share a bucket.
int64_t KeyOf(absl::string_view text) {
  return static_cast<int64_t>(absl::Hash<absl::string_view>()(text));
}

int64_t KeyOfNetwork(absl::string_view host) {
  in6_addr address = {};
  if (inet_pton(AF_INET6, std::string(host).c_str(), &address) != 1) return KeyOf(host);
  const auto* bytes = reinterpret_cast<const char*>(address.s6_addr);
  return KeyOf(IN6_IS_ADDR_V4MAPPED(&address) ? absl::string_view(bytes, 16)
                                              : absl::string_view(bytes, 8));
}

absl::Status TooMany(absl::string_view of_what, absl::Duration wait) {
  const int64_t seconds = absl::ToInt64Seconds(absl::Ceil(wait, absl::Seconds(1)));
  return absl::ResourceExhaustedError(absl::StrCat("too many attempts ", of_what, "; try again in ",
                                                   seconds, " second", seconds == 1 ? "" : "s"));
}

}  // namespace

SignInLimits::SignInLimits()
    : accounts_(1 / absl::ToDoubleSeconds(kAccountInterval), kAccountBurst),
      addresses_(1 / absl::ToDoubleSeconds(kAddressInterval), kAddressBurst) {}

absl::Status SignInLimits::Take(absl::string_view account, absl::string_view host, absl::Time now) {
  const int64_t network = KeyOfNetwork(host);
  if (!addresses_.Take(network, now)) {
    return TooMany("from your address", addresses_.Wait(network, now));
  }
  if (!account.empty() && !accounts_.Take(KeyOf(account), now)) {
    return TooMany("for this account", accounts_.Wait(KeyOf(account), now));
  }
  return absl::OkStatus();
}

void SignInLimits::OnSuccess(absl::string_view account, absl::string_view host, absl::Time now) {
  addresses_.GiveBack(KeyOfNetwork(host), kSuccessRefund, now);
  if (!account.empty()) accounts_.GiveBack(KeyOf(account), 1, now);
}

}  // namespace homeport
