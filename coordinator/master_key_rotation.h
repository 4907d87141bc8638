// Another master key: what the old one sealed is sealed with the new one.
//
// The new key is `master.key`, the old one stays beside it as `master.key.old` until somebody
// deletes it, and a coordinator that finds both takes the one that opens the store. So a rotation
// that is killed at any point leaves an installation that starts, and is finished by the next one.
//
// Threads: main, while no coordinator runs.
#ifndef HOMEPORT_COORDINATOR_MASTER_KEY_ROTATION_H_
#define HOMEPORT_COORDINATOR_MASTER_KEY_ROTATION_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "coordinator/keys/key_vault.h"
#include "coordinator/store/sql_database.h"

namespace homeport {

// The key in `folder` that opens the store: master.key, or master.key.old if the front door's host
// key shows that a rotation has not come to its end. NOT_FOUND if there is no master.key.
absl::StatusOr<KeyVault> FindMasterKey(const std::string& folder, SqlDatabase& database);

// Puts a new key into master.key, and the one that was there into master.key.old first. If those
// two are from a rotation that was cut short, they stay as they are.
absl::Status MakeNextMasterKey(const std::string& folder, SqlDatabase& database);

// Seals all private keys and the audit with master.key instead of master.key.old, in one
// transaction; the answer is how many keys. Nothing changes if that was done before. DATA_LOSS if
// the old key does not open one of them.
absl::StatusOr<int64_t> ResealStore(const std::string& folder, SqlDatabase& database);

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_MASTER_KEY_ROTATION_H_
