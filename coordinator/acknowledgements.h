// Waits until proxies and agents have acted on what they were told.
//
// Each message that is to be acknowledged has a number of its own, and only the stream that it was
// sent on can answer it. One change that needs several of them collects them in a Batch:
//
//   Acknowledgements::Batch batch;
//   const int64_t order = acknowledgements.Expect(batch, "proxies/r1", writer.get());
//   if (!writer->Write(MakeMessage(order))) acknowledgements.OnGone(writer.get());
//   acknowledgements.Await(batch, absl::Now() + absl::Seconds(5));
//   v1::Effect effect = acknowledgements.Finish(batch);
//
// Threads: any; a mutex guards it all. Await blocks, and holds no lock of anybody's.
#ifndef HOMEPORT_COORDINATOR_ACKNOWLEDGEMENTS_H_
#define HOMEPORT_COORDINATOR_ACKNOWLEDGEMENTS_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "proto/homeport/v1/effect.pb.h"

namespace homeport {

class Acknowledgements {
 public:
  // What one change waits for. Used by one thread, between the first Expect and Finish.
  class Batch {
   public:
    Batch() = default;
    Batch(const Batch&) = delete;
    Batch& operator=(const Batch&) = delete;

   private:
    friend class Acknowledgements;
    int waiting_ = 0;    // guarded by the Acknowledgements' mutex, as all here
    v1::Effect effect_;  // so far
  };

  Acknowledgements() : last_number_(absl::ToUnixMicros(absl::Now())) {}

  // Draws the number of a message that is about to be written to `stream`. `name` is for people:
  // Laggard.name. What its answer counts are ended sessions, or not.
  enum class Counts { kNothing, kEndedSessions };
  int64_t Expect(Batch& batch, const std::string& name, const void* stream,
                 Counts counts = Counts::kNothing);
  // Somebody cannot even be told.
  void NoteLaggard(Batch& batch, const std::string& name, const std::string& reason);

  // The peer of this stream has acted, on so many sessions; `error` says what it could not do, if
  // anything.
  void OnAnswer(int64_t number, const void* stream, int sessions, const std::string& error);
  // The stream is over: nothing will be answered on it any more.
  void OnGone(const void* stream);

  // Until everything is answered or the time has come. More may be expected afterwards.
  void Await(Batch& batch, absl::Time deadline);
  // What came of it; who has not answered by now is a laggard. Ends the batch.
  v1::Effect Finish(Batch& batch);

 private:
  struct Expected {
    Batch* batch;
    std::string name;
    const void* stream;
    Counts counts;
  };

  using Expectations = std::map<int64_t, Expected>;
  // Answered or given up; the next one.
  Expectations::iterator EraseLocked(Expectations::iterator it)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  static void AddLaggard(Batch& batch, const std::string& name, const std::string& reason);

  absl::Mutex mutex_;
  int64_t last_number_
      ABSL_GUARDED_BY(mutex_);  // grows over restarts, for it starts with the clock
  Expectations expected_ ABSL_GUARDED_BY(mutex_);
  // Each of them by its stream: thousands may be lost while thousands are expected.
  std::set<std::pair<const void*, int64_t>> by_stream_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_ACKNOWLEDGEMENTS_H_
