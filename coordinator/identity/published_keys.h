// Verifies tokens with the keys that the cluster publishes, without asking anybody about each.
//
// The keys are read when they are first needed, again after kLongestUse, and when a token names one
// that is not among them, but not more often than every kShortestUse: made-up names make no
// traffic. When they cannot be read anew, those that are known go on being good.
//
// Threads: any; one reads the keys while others that need them wait. The mutex is not held then.
#ifndef HOMEPORT_COORDINATOR_IDENTITY_PUBLISHED_KEYS_H_
#define HOMEPORT_COORDINATOR_IDENTITY_PUBLISHED_KEYS_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "coordinator/identity/key_set.h"
#include "coordinator/identity/token_verifier.h"

namespace homeport {

class PublishedKeys : public TokenVerifier {
 public:
  static constexpr absl::Duration kShortestUse = absl::Minutes(1);
  static constexpr absl::Duration kLongestUse = absl::Minutes(10);
  // After a failure when there are no keys at all.
  static constexpr absl::Duration kRetry = absl::Seconds(1);
  // How long somebody waits for another who is reading the keys.
  static constexpr absl::Duration kPatience = absl::Seconds(10);

  // What reads the key set (JSON), or the issuer; each may block for seconds.
  using Source = std::function<absl::StatusOr<std::string>()>;

  PublishedKeys(Source keys, Source issuer, std::string audience);

  absl::StatusOr<TokenClaims> Verify(absl::string_view token, absl::Time now) override;

 private:
  struct Published {
    KeySet keys;
    std::string issuer;
    absl::Time read_time;
  };
  // Shared between the cache and those who verify with it just now.
  using PublishedPointer = std::shared_ptr<const Published>;

  // What is published, read anew if that is due. UNAVAILABLE if nothing is known.
  absl::StatusOr<PublishedPointer> Current(absl::string_view key_id, absl::Time now);
  // Whether it has to be read before a key of that name can be looked for.
  bool IsDueLocked(absl::string_view key_id, absl::Time now) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::StatusOr<PublishedPointer> Read(absl::Time now) const;

  const Source read_keys_;
  const Source read_issuer_;
  const std::string audience_;
  absl::Mutex mutex_;
  PublishedPointer published_ ABSL_GUARDED_BY(mutex_);
  bool reading_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Time last_try_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_IDENTITY_PUBLISHED_KEYS_H_
