// A fixed number of threads for work that may block (the database, files), so that reactors and
// loops never do.
//
// Threads: Submit from any. The destructor runs what was submitted and then joins.
#ifndef HOMEPORT_BASE_WORKER_POOL_H_
#define HOMEPORT_BASE_WORKER_POOL_H_

#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace homeport {

class WorkerPool {
 public:
  explicit WorkerPool(int threads);
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // Runs `work` on one of the threads, in order of submission among idle threads.
  void Submit(std::function<void()> work);

 private:
  void Run();

  absl::Mutex mutex_;
  std::deque<std::function<void()>> queue_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace homeport

#endif  // HOMEPORT_BASE_WORKER_POOL_H_
