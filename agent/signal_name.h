// Signals by their names in SSH: RFC 4254, 6.10, without "SIG".
//
// Threads: any.
#ifndef HOMEPORT_AGENT_SIGNAL_NAME_H_
#define HOMEPORT_AGENT_SIGNAL_NAME_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace homeport::agent {

// The number of one of the RFC's names; nothing for any other.
std::optional<int> SignalNumber(absl::string_view name);

// The RFC's name, or for a signal that it does not list one of the form that it leaves to us:
// "SEGV", "BUS@homeport".
std::string SignalName(int number);

}  // namespace homeport::agent

#endif  // HOMEPORT_AGENT_SIGNAL_NAME_H_
