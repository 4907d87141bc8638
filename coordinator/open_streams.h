// All streams of a service that are open, so that a stopping coordinator can end them itself:
// gRPC's own shutdown would wait for them until its deadline.
//
// Threads: any.
#ifndef HOMEPORT_COORDINATOR_OPEN_STREAMS_H_
#define HOMEPORT_COORDINATOR_OPEN_STREAMS_H_

#include <memory>
#include <set>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"

namespace homeport {

// `Writer` is a StreamWriter.
template <typename Writer>
class OpenStreams {
 public:
  // Takes a new stream in; ends it at once if FinishAll came before.
  void Add(const std::shared_ptr<Writer>& writer) {
    absl::Status end;
    {
      absl::MutexLock lock(&mutex_);
      if (end_.ok()) writers_.insert(writer);
      end = end_;
    }
    if (!end.ok()) writer->Finish(end);
  }
  void Remove(const std::shared_ptr<Writer>& writer) {
    absl::MutexLock lock(&mutex_);
    writers_.erase(writer);
  }
  // Takes streams in again after FinishAll.
  void Resume() {
    absl::MutexLock lock(&mutex_);
    end_ = absl::OkStatus();
  }
  // Ends all streams with `status`, which is not OK, and every one that comes later.
  void FinishAll(const absl::Status& status) {
    std::set<std::shared_ptr<Writer>> writers;
    {
      absl::MutexLock lock(&mutex_);
      end_ = status;
      writers.swap(writers_);
    }
    for (const std::shared_ptr<Writer>& writer : writers) writer->Finish(status);
  }

 private:
  absl::Mutex mutex_;
  absl::Status end_ ABSL_GUARDED_BY(mutex_);
  std::set<std::shared_ptr<Writer>> writers_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_OPEN_STREAMS_H_
