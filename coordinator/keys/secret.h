// Secrets in memory.
//
// Threads: any.
#ifndef HOMEPORT_COORDINATOR_KEYS_SECRET_H_
#define HOMEPORT_COORDINATOR_KEYS_SECRET_H_

#include <string>

namespace homeport {

// Overwrites the bytes of a secret and empties it.
void WipeSecret(std::string& secret);

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_KEYS_SECRET_H_
