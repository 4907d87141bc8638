// Tells ThreadSanitizer about absl::Mutex, CondVar and Notification, for --config=tsan only.
//
// Debian's Abseil is compiled without ThreadSanitizer, which therefore does not see that a Mutex
// orders anything and reports what it guards. These definitions come before the library's, say so,
// and call the library's.
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "third_party/tsan/next_definition.h"

extern "C" {
void AnnotateIgnoreReadsBegin(const char* file, int line);
void AnnotateIgnoreReadsEnd(const char* file, int line);
}

namespace {

template <typename Method>
void* Address(Method method) {
  union {
    Method method;
    void* address;
  } both = {method};
  return both.address;
}

// While the library holds the mutex on its way out it reads the conditions of those who wait.
class IgnoreReads {
 public:
  IgnoreReads() { AnnotateIgnoreReadsBegin(__FILE__, __LINE__); }
  ~IgnoreReads() { AnnotateIgnoreReadsEnd(__FILE__, __LINE__); }
};

}  // namespace

namespace absl {
ABSL_NAMESPACE_BEGIN

void Mutex::Lock() {
  static const auto next = NextDefinition<void (*)(Mutex*)>(Address(&Mutex::Lock));
  {
    const IgnoreReads ignore;
    next(this);
  }
  __tsan_acquire(this);
}

void Mutex::Unlock() {
  static const auto next = NextDefinition<void (*)(Mutex*)>(Address(&Mutex::Unlock));
  __tsan_release(this);
  const IgnoreReads ignore;
  next(this);
}

void Mutex::Await(const Condition& condition) {
  static const auto next =
      NextDefinition<void (*)(Mutex*, const Condition&)>(Address(&Mutex::Await));
  __tsan_release(this);
  {
    const IgnoreReads ignore;
    next(this, condition);
  }
  __tsan_acquire(this);
}

bool Mutex::AwaitWithTimeout(const Condition& condition, absl::Duration timeout) {
  static const auto next = NextDefinition<bool (*)(Mutex*, const Condition&, absl::Duration)>(
      Address(&Mutex::AwaitWithTimeout));
  __tsan_release(this);
  bool result;
  {
    const IgnoreReads ignore;
    result = next(this, condition, timeout);
  }
  __tsan_acquire(this);
  return result;
}

bool Mutex::AwaitWithDeadline(const Condition& condition, absl::Time deadline) {
  static const auto next = NextDefinition<bool (*)(Mutex*, const Condition&, absl::Time)>(
      Address(&Mutex::AwaitWithDeadline));
  __tsan_release(this);
  bool result;
  {
    const IgnoreReads ignore;
    result = next(this, condition, deadline);
  }
  __tsan_acquire(this);
  return result;
}

bool Mutex::TryLock() {
  static const auto next = NextDefinition<bool (*)(Mutex*)>(Address(&Mutex::TryLock));
  const bool locked = next(this);
  if (locked) __tsan_acquire(this);
  return locked;
}

// gRPC's way to wait.
void CondVar::Wait(Mutex* mutex) {
  static const auto next = NextDefinition<void (*)(CondVar*, Mutex*)>(Address(&CondVar::Wait));
  __tsan_release(mutex);
  next(this, mutex);
  __tsan_acquire(mutex);
}

bool CondVar::WaitWithTimeout(Mutex* mutex, absl::Duration timeout) {
  static const auto next = NextDefinition<bool (*)(CondVar*, Mutex*, absl::Duration)>(
      Address(&CondVar::WaitWithTimeout));
  __tsan_release(mutex);
  const bool timed_out = next(this, mutex, timeout);
  __tsan_acquire(mutex);
  return timed_out;
}

bool CondVar::WaitWithDeadline(Mutex* mutex, absl::Time deadline) {
  static const auto next =
      NextDefinition<bool (*)(CondVar*, Mutex*, absl::Time)>(Address(&CondVar::WaitWithDeadline));
  __tsan_release(mutex);
  const bool timed_out = next(this, mutex, deadline);
  __tsan_acquire(mutex);
  return timed_out;
}

void Notification::Notify() {
  static const auto next = NextDefinition<void (*)(Notification*)>(Address(&Notification::Notify));
  __tsan_release(this);
  next(this);
}

void Notification::WaitForNotification() const {
  static const auto next =
      NextDefinition<void (*)(const Notification*)>(Address(&Notification::WaitForNotification));
  next(this);
  __tsan_acquire(const_cast<Notification*>(this));
}

bool Notification::WaitForNotificationWithTimeout(absl::Duration timeout) const {
  static const auto next = NextDefinition<bool (*)(const Notification*, absl::Duration)>(
      Address(&Notification::WaitForNotificationWithTimeout));
  const bool notified = next(this, timeout);
  if (notified) __tsan_acquire(const_cast<Notification*>(this));
  return notified;
}

ABSL_NAMESPACE_END
}  // namespace absl
