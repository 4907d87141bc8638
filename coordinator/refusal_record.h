// Refusals in the audit. Whoever is refused again and again gets a few lines at once and then one a
// second; the next line says how many were left out.
//
// Threads: any; a mutex guards what is counted. Note and Flush block, since they write to the
// store.
#ifndef HOMEPORT_COORDINATOR_REFUSAL_RECORD_H_
#define HOMEPORT_COORDINATOR_REFUSAL_RECORD_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "coordinator/store/store.h"

namespace homeport {

class RefusalRecord {
 public:
  // How many are told apart; those who come when that many are being counted are counted as one.
  static constexpr size_t kMostCounted = 4096;
  static constexpr int kBurst = 10;

  explicit RefusalRecord(Store& store, size_t most_counted = kMostCounted)
      : store_(store), most_counted_(most_counted) {}

  // Writes the line down, or counts it. `who` was refused, at the line's time. A line that cannot
  // be written is lost: the refusal stands all the same.
  void Note(const std::string& who, const AuditRecord& line);

  // Writes down what is still left out, a second after the last line. To be called now and then.
  void Flush(absl::Time now);
  // Whether Flush may have something to do.
  bool waiting() const;

 private:
  struct Count {
    double lines = kBurst;  // that may be written at once
    absl::Time filled;      // as of when
    int64_t left_out = 0;
    AuditRecord last;  // of those that were left out
  };

  static void Fill(Count& count, absl::Time now);
  Count& FindLocked(const std::string& who, absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Write(AuditRecord line, int64_t left_out);

  Store& store_;
  const size_t most_counted_;
  mutable absl::Mutex mutex_;
  std::map<std::string, Count> counts_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_REFUSAL_RECORD_H_
