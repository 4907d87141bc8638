// What ThreadSanitizer, AddressSanitizer or UndefinedBehaviorSanitizer say of the programs that a
// story starts, when these are built with one (dev/sanitize). A report fails the test, whatever
// becomes of the program and its exit status.
//
// Threads: the test's main thread.
#ifndef HOMEPORT_TESTS_INTEGRATION_SANITIZER_REPORTS_H_
#define HOMEPORT_TESTS_INTEGRATION_SANITIZER_REPORTS_H_

#include <string>

namespace homeport::story {

// LeakSanitizer looks when a program ends by itself: not when it is killed.
#ifdef __SANITIZE_ADDRESS__
constexpr bool kLeaksAreSought = true;
#else
constexpr bool kLeaksAreSought = false;
#endif

// What a program takes of memory is the sanitizer's more than its own: no figures of it are
// checked.
// And programs are several times slower.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kMemoryIsChecked = false;
constexpr int kSlowness = 8;
#else
constexpr bool kMemoryIsChecked = true;
constexpr int kSlowness = 1;
#endif

// Programs that are started from now on write their reports to files in `folder`, through what
// their environment holds. Without a sanitizer nothing happens.
void CollectSanitizerReports(const std::string& folder);

// The test has failed for every report that is in `folder`.
void FailForSanitizerReports(const std::string& folder);

}  // namespace homeport::story

#endif  // HOMEPORT_TESTS_INTEGRATION_SANITIZER_REPORTS_H_
