// Names of users, providers and workspaces: DNS labels (RFC 1123, 2.1), lower case.
#ifndef HOMEPORT_BASE_DNS_LABEL_H_
#define HOMEPORT_BASE_DNS_LABEL_H_

#include "absl/strings/string_view.h"

namespace homeport {

// 1 to 63 of a-z, 0-9 and `-`, with a letter or digit first and last.
bool IsDnsLabel(absl::string_view name);

// The rule in words, for error messages.
inline constexpr char kDnsLabelRule[] =
    "1 to 63 lower-case letters, digits and hyphens, with a letter or digit first and last";

}  // namespace homeport

#endif  // HOMEPORT_BASE_DNS_LABEL_H_
