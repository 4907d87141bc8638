// Lets a program that only waits for its peer sleep.
//
// gRPC's threads wake several times a second even when no timer is set: its timers' lists are
// looked through at least once a second, each by itself, and the threads of the callback API look
// up every 1.1 s. In a workspace that nobody uses that is ten wake-ups a second for nothing. While
// timers rest, they are late by up to kRest (keepalive, retries, deadlines); what comes over the
// network is not.
//
// It works in static programs alone, by --wrap of the linker (rpc/BUILD.bazel), and does nothing in
// others, or with a gRPC or Abseil that waits in another way.
//
// Threads: any.
#ifndef HOMEPORT_RPC_RESTING_TIMERS_H_
#define HOMEPORT_RPC_RESTING_TIMERS_H_

namespace homeport {

// In seconds.
inline constexpr int kRest = 8;

// Whether gRPC's timers may be late from now on. Not when a stream is being opened: its retries are
// timers. False wakes those that rest.
void LetTimersRest(bool rest);

}  // namespace homeport

#endif  // HOMEPORT_RPC_RESTING_TIMERS_H_
