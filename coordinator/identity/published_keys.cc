#include "coordinator/identity/published_keys.h"

#include <utility>

#include "base/logging.h"
#include "coordinator/identity/web_token.h"

namespace homeport {

PublishedKeys::PublishedKeys(Source keys, Source issuer, std::string audience)
    : read_keys_(std::move(keys)),
      read_issuer_(std::move(issuer)),
      audience_(std::move(audience)) {}

absl::StatusOr<TokenClaims> PublishedKeys::Verify(absl::string_view token, absl::Time now) {
  const absl::StatusOr<WebToken> parsed = ParseWebToken(token);
  if (!parsed.ok()) return parsed.status();
  absl::StatusOr<TokenClaims> claims = ReadTokenClaims(parsed->payload);
  if (!claims.ok()) return claims;
  // Before the keys: what cannot be good must not have them read.
  absl::Status status = CheckTokenClaims(*claims, "", audience_, now);
  if (!status.ok()) return status;
  const absl::StatusOr<PublishedPointer> published = Current(parsed->key_id, now);
  if (!published.ok()) return published.status();
  status = CheckTokenClaims(*claims, (*published)->issuer, audience_, now);
  if (status.ok()) status = (*published)->keys.Verify(*parsed);
  if (!status.ok()) return status;
  return claims;
}

bool PublishedKeys::IsDueLocked(absl::string_view key_id, absl::Time now) const {
  if (published_ == nullptr) return now - last_try_ >= kRetry;
  const bool wanted = !published_->keys.Has(key_id) || now - published_->read_time >= kLongestUse;
  return wanted && now - last_try_ >= kShortestUse;
}

absl::StatusOr<PublishedKeys::PublishedPointer> PublishedKeys::Current(absl::string_view key_id,
                                                                       absl::Time now) {
  {
    absl::MutexLock lock(&mutex_);
    const auto idle = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return !reading_; };
    if (published_ == nullptr || !published_->keys.Has(key_id)) {
      mutex_.AwaitWithTimeout(absl::Condition(&idle), kPatience);
    }
    if (reading_ || !IsDueLocked(key_id, now)) {
      if (published_ != nullptr) return published_;
      return absl::UnavailableError("the cluster's keys are not known yet");
    }
    reading_ = true;
    last_try_ = now;
  }
  absl::StatusOr<PublishedPointer> read = Read(now);
  if (!read.ok()) {
    Logger("identity")
        ->warn("cannot read the cluster's keys: {}", std::string(read.status().message()));
  }
  absl::MutexLock lock(&mutex_);
  reading_ = false;
  if (read.ok()) published_ = *read;
  if (published_ == nullptr) return read.status();
  return published_;
}

absl::StatusOr<PublishedKeys::PublishedPointer> PublishedKeys::Read(absl::Time now) const {
  absl::StatusOr<std::string> issuer = read_issuer_();
  if (!issuer.ok()) return absl::UnavailableError(issuer.status().message());
  const absl::StatusOr<std::string> json = read_keys_();
  if (!json.ok()) return absl::UnavailableError(json.status().message());
  absl::StatusOr<KeySet> keys = KeySet::Parse(*json);
  if (!keys.ok()) return absl::UnavailableError(keys.status().message());
  if (keys->size() == 0) return absl::UnavailableError("there is no key that can be used");
  return std::make_shared<const Published>(Published{*std::move(keys), *std::move(issuer), now});
}

}  // namespace homeport
