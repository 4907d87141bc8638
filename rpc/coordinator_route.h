// Which of the coordinators a program is with, and the channel to it.
//
// The addresses that the program was given, and all addresses of those that are names, are one
// round, in random order. The program's stream leads: it takes the first that answers, stays there,
// and goes on to the next when that one is lost. Calls follow it.
//
//   auto route = CoordinatorRoute::Create("a.example:7443,b.example:7443", ca_file);
//   home.Start();                                        // a ReconnectingStream on the route
//   (*route)->Use(deadline, [](auto channel) { … });     // a call, where the stream is
//
// Names are looked up again in each round, and every certificate has to be for the name or address
// that was given. With one address alone there is one channel, which reconnects by itself.
//
// Threads: Prepare, GoOn and SetStanding from the stream's own, one at a time; Use and Close from
// any. Callbacks are called without a lock, from the caller's thread, the stream's or gRPC's.
#ifndef HOMEPORT_RPC_COORDINATOR_ROUTE_H_
#define HOMEPORT_RPC_COORDINATOR_ROUTE_H_

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/random/random.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/address.h"
#include "grpcpp/alarm.h"
#include "grpcpp/channel.h"
#include "rpc/channel.h"

namespace homeport {

class CoordinatorRoute {
 public:
  using SharedChannel = std::shared_ptr<grpc::Channel>;

  // `addresses`: host:port with commas between. Does not connect or look anything up yet. Errors
  // name the address or the file.
  static absl::StatusOr<std::shared_ptr<CoordinatorRoute>> Create(const std::string& addresses,
                                                                  const std::string& ca_file);
  // This channel and no other.
  explicit CoordinatorRoute(SharedChannel only)
      : only_(std::move(only)), channel_(only_), alone_(true) {}
  // Closes it.
  ~CoordinatorRoute() { Close(); }

  // For the next attempt to open the stream. May block for kLookUpPatience.
  static constexpr absl::Duration kLookUpPatience = absl::Seconds(3);
  SharedChannel Prepare();
  // The present one does not answer, or not any more: the next Prepare is for another, if there is
  // one. `stood` begins a new round: there was a stream for long enough. Whether there is an
  // address left in this round.
  bool GoOn(bool stood);
  // The peer has answered on the stream, or the stream is over.
  void SetStanding(bool standing);

  // Calls back with the channel to make a call on. If there are several addresses that is when the
  // stream stands, or an error at the deadline or at Close.
  using Callback = std::function<void(absl::StatusOr<SharedChannel>)>;
  void Use(absl::Time deadline, Callback callback);
  // Whoever waits gets an error now, and whoever comes does. Returns when no callback is under way
  // that a deadline has called.
  void Close();

 private:
  struct Waiting {
    Callback callback;
    std::unique_ptr<grpc::Alarm> alarm;
  };

  CoordinatorRoute(std::vector<HostPort> given, std::string ca_pem)
      : given_(std::move(given)), ca_pem_(std::move(ca_pem)) {}

  // The round's next target; begins a new round at the end of one.
  ChannelTarget Next();
  void BeginRound();
  // Puts all addresses of a name, or the one address, before what is left of the round.
  void Expand(const HostPort& given);
  void Replace(const ChannelTarget& target);
  void Forget(int64_t waiting);
  void CallAll(const absl::StatusOr<SharedChannel>& channel, std::map<int64_t, Waiting> waiting);

  const SharedChannel only_;  // null if there are addresses
  const std::vector<HostPort> given_;
  const std::string ca_pem_;

  // The stream's thread.
  absl::BitGen random_;
  std::deque<HostPort> not_looked_up_;  // of this round
  std::deque<ChannelTarget> targets_;   // of what was looked up, not tried yet
  std::string present_;                 // the target of channel_
  bool go_on_ = true;
  // Calls may hold on to a channel that the stream has left. The last to let go of one must be
  // here: in gRPC's own thread a channel's end would wait for itself.
  std::vector<SharedChannel> left_;

  absl::Mutex mutex_;
  SharedChannel channel_ ABSL_GUARDED_BY(mutex_);
  bool alone_ ABSL_GUARDED_BY(mutex_) = false;  // whether there is but one address
  bool standing_ ABSL_GUARDED_BY(mutex_) = false;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  int64_t last_waiting_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<int64_t, Waiting> waiting_ ABSL_GUARDED_BY(mutex_);
  int alarms_ ABSL_GUARDED_BY(mutex_) = 0;  // that have not called back
};

}  // namespace homeport

#endif  // HOMEPORT_RPC_COORDINATOR_ROUTE_H_
