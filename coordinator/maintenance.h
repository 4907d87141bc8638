// What the coordinator's program does besides serving: `coordinator make-secrets`, `copy-store`,
// `backup` and `rotate-master-key`. Each has flags of its own, says what it did on standard output,
// and ends.
//
// Threads: main.
#ifndef HOMEPORT_COORDINATOR_MAINTENANCE_H_
#define HOMEPORT_COORDINATOR_MAINTENANCE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace homeport {

// The command that the first argument names, and its exit status; nothing if it names none.
std::optional<int> RunMaintenance(int argc, char** argv);

// The names of a certificate, with commas in between. INVALID_ARGUMENT for what is neither a DNS
// name nor an IP address.
absl::StatusOr<std::vector<std::string>> ParseTlsNames(const std::string& names);
bool IsTlsName(const std::string& name);

// The store that a program is told: `store`, or the first line of `store_file` if that is not
// empty. INVALID_ARGUMENT if both are given, or it is none.
absl::StatusOr<std::string> StoreLocation(const std::string& store, const std::string& store_file);

// The status to end a program with.
int ExitCodeOf(const absl::Status& status);

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_MAINTENANCE_H_
