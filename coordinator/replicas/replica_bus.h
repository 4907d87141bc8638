// What replicas of the coordinator say to each other: PostgreSQL's LISTEN and NOTIFY.
//
// A message goes to one replica or to all others, in the order of sending, to those that listen at
// that moment; whoever was away is told by on_connected that it may have missed some. A message
// that is longer than a notification may be goes through a table.
//
// Threads: Send and connected from any. The callbacks are called on the bus's own thread and must
// not block.
#ifndef HOMEPORT_COORDINATOR_REPLICAS_REPLICA_BUS_H_
#define HOMEPORT_COORDINATOR_REPLICAS_REPLICA_BUS_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/unique_fd.h"
#include "coordinator/replicas/postgresql_connection.h"
#include "proto/homeport/v1/replica_message.pb.h"

namespace homeport {

class ReplicaBus {
 public:
  struct Callbacks {
    std::function<void(v1::ReplicaMessage message)> on_message;
    // It listens again, after a time in which messages may have been missed.
    std::function<void()> on_connected;
    // It does not listen any more.
    std::function<void()> on_disconnected;
  };
  // While nobody can be told more than this, the oldest are forgotten.
  static constexpr size_t kMostWaiting = 10000;

  // Listens as `replica` by the time that this returns. `url` as PostgresqlConnection::Open.
  static absl::StatusOr<std::unique_ptr<ReplicaBus>> Start(std::string url, std::string replica,
                                                           Callbacks callbacks);
  ~ReplicaBus() { Stop(); }
  ReplicaBus(const ReplicaBus&) = delete;
  ReplicaBus& operator=(const ReplicaBus&) = delete;

  // `to` is a replica's name; empty: all others. Only queues.
  void Send(const std::string& to, v1::ReplicaMessage message);
  bool connected() const;
  // Sends what waits, if it can be sent at once; what is sent later is lost. Once, by whoever
  // started it.
  void Stop();

 private:
  struct Waiting {
    std::string channel;
    std::string payload;  // serialised
  };

  ReplicaBus(std::string url, std::string replica, Callbacks callbacks);

  absl::Status Connect();
  void Run();
  // Until something has come, is to be sent, or the bus ends. False: it ends.
  bool Wait();
  absl::Status SendWaiting();
  absl::Status SendBatch(const std::vector<Waiting>& batch);
  absl::Status Receive();
  absl::Status Deliver(const std::string& payload);
  void SetConnected(bool connected);
  void Reconnect();

  const std::string url_;
  const std::string replica_;
  const Callbacks callbacks_;
  UniqueFd wake_;                                     // an eventfd
  std::unique_ptr<PostgresqlConnection> connection_;  // the thread's
  uint64_t last_sent_ = 0;                            // the thread's
  mutable absl::Mutex mutex_;
  std::deque<Waiting> waiting_ ABSL_GUARDED_BY(mutex_);
  bool connected_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_REPLICAS_REPLICA_BUS_H_
