// How many sessions live now.
#ifndef HOMEPORT_COORDINATOR_LIVE_SESSIONS_H_
#define HOMEPORT_COORDINATOR_LIVE_SESSIONS_H_

#include <cstdint>
#include <functional>
#include <map>

namespace homeport {

// By the number of their workspace; those without are left out. May be called from any thread.
using LiveSessions = std::function<std::map<int64_t, int>()>;

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_LIVE_SESSIONS_H_
