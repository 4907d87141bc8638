#include "coordinator/settings_administration.h"

#include <set>
#include <string>

#include "coordinator/audit_line.h"
#include "coordinator/field_mask.h"
#include "coordinator/timestamps.h"
#include "coordinator/user_messages.h"

namespace homeport {
namespace {

constexpr absl::Duration kShortestRetention = absl::Hours(24);
constexpr absl::Duration kLongestRetention = absl::Hours(24 * 366 * 100);
constexpr absl::Duration kShortestSignIn = absl::Minutes(5);
constexpr absl::Duration kLongestSignIn = absl::Hours(24 * 30);

v1::Settings ToProto(const SiteSettings& settings) {
  v1::Settings message;
  message.set_key_algorithm(ToProto(NewKeysAlgorithm(settings)));
  message.set_private_key_download(settings.private_key_download);
  if (settings.audit_retention != absl::InfiniteDuration()) {
    *message.mutable_audit_retention() = ToDuration(settings.audit_retention);
  }
  *message.mutable_sign_in_lifetime() = ToDuration(settings.sign_in_lifetime);
  return message;
}

absl::StatusOr<absl::Duration> ReadRetention(const v1::Settings& settings) {
  if (!settings.has_audit_retention()) return absl::InfiniteDuration();
  const absl::Duration retention = ReadDuration(settings.audit_retention());
  if (retention >= kShortestRetention && retention <= kLongestRetention) return retention;
  return absl::InvalidArgumentError(
      "settings.audit_retention must be a day or more, or unset to keep entries for ever");
}

absl::StatusOr<absl::Duration> ReadSignInLifetime(const v1::Settings& settings) {
  const absl::Duration lifetime = ReadDuration(settings.sign_in_lifetime());
  if (lifetime >= kShortestSignIn && lifetime <= kLongestSignIn) return lifetime;
  return absl::InvalidArgumentError("settings.sign_in_lifetime must be 5 minutes to 30 days");
}

// Changes those of `fields`.
absl::Status Change(const v1::Settings& wanted, const std::set<std::string>& fields,
                    SiteSettings& settings) {
  if (fields.count("key_algorithm") > 0) {
    const absl::StatusOr<KeyAlgorithm> algorithm =
        ReadKeyAlgorithm("settings.key_algorithm", wanted.key_algorithm());
    if (!algorithm.ok()) return algorithm.status();
    settings.key_algorithm = KeyAlgorithmName(*algorithm);
  }
  if (fields.count("private_key_download") > 0) {
    settings.private_key_download = wanted.private_key_download();
  }
  if (fields.count("audit_retention") > 0) {
    const absl::StatusOr<absl::Duration> retention = ReadRetention(wanted);
    if (!retention.ok()) return retention.status();
    settings.audit_retention = *retention;
  }
  if (fields.count("sign_in_lifetime") > 0) {
    const absl::StatusOr<absl::Duration> lifetime = ReadSignInLifetime(wanted);
    if (!lifetime.ok()) return lifetime.status();
    settings.sign_in_lifetime = *lifetime;
  }
  return absl::OkStatus();
}

std::string Say(absl::Duration duration) {
  return duration == absl::InfiniteDuration() ? "for ever" : absl::FormatDuration(duration);
}

AuditDetail Describe(const SiteSettings& old, const SiteSettings& now) {
  AuditDetail detail = AuditDetail::object();
  if (old.key_algorithm != now.key_algorithm) {
    detail["key_algorithm"] = OldAndNew(old.key_algorithm, now.key_algorithm);
  }
  if (old.private_key_download != now.private_key_download) {
    detail["private_key_download"] = OldAndNew(old.private_key_download, now.private_key_download);
  }
  if (old.audit_retention != now.audit_retention) {
    detail["audit_retention"] = OldAndNew(Say(old.audit_retention), Say(now.audit_retention));
  }
  if (old.sign_in_lifetime != now.sign_in_lifetime) {
    detail["sign_in_lifetime"] = OldAndNew(Say(old.sign_in_lifetime), Say(now.sign_in_lifetime));
  }
  return detail;
}

}  // namespace

absl::Status SettingsAdministration::Get(const Caller&, const v1::GetSettingsRequest&,
                                         v1::Settings& response) {
  const absl::StatusOr<SiteSettings> settings = store_.GetSettings();
  if (settings.ok()) response = ToProto(*settings);
  return settings.status();
}

absl::Status SettingsAdministration::Update(const Caller& caller,
                                            const v1::UpdateSettingsRequest& request,
                                            v1::Settings& response) {
  const absl::StatusOr<std::set<std::string>> fields = ReadFieldMask(
      request.update_mask(),
      {"key_algorithm", "private_key_download", "audit_retention", "sign_in_lifetime"});
  if (!fields.ok()) return fields.status();
  absl::MutexLock lock(&changing_);
  const absl::StatusOr<SiteSettings> old = store_.GetSettings();
  if (!old.ok()) return old.status();
  SiteSettings settings = *old;
  absl::Status status = Change(request.settings(), *fields, settings);
  if (status.ok()) {
    status = store_.SetSettings(
        settings, AuditLine(caller, "settings.update", "settings", Describe(*old, settings)));
  }
  if (status.ok()) response = ToProto(settings);
  return status;
}

}  // namespace homeport
