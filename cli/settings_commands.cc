#include <map>
#include <memory>
#include <string>

#include "cli/commands.h"
#include "cli/resource_text.h"
#include "cli/time_option.h"

namespace homeport {
namespace {

// What the options of update fill; empty: not named.
struct SettingsOptions {
  std::string key_algorithm;
  std::string private_key_download;
  std::string audit_retention;
  std::string sign_in_lifetime;
};

const std::map<std::string, v1::KeyAlgorithm>& Algorithms() {
  static const auto& algorithms =
      *new std::map<std::string, v1::KeyAlgorithm>{{"ed25519", v1::KEY_ALGORITHM_ED25519},
                                                   {"ecdsa-p256", v1::KEY_ALGORITHM_ECDSA_P256},
                                                   {"rsa-4096", v1::KEY_ALGORITHM_RSA_4096}};
  return algorithms;
}

Table SettingsTable(const v1::Settings& settings) {
  Table table;
  table.AddRow({"key algorithm", EnumText(v1::KeyAlgorithm_Name(settings.key_algorithm()),
                                          "KEY_ALGORITHM_", settings.key_algorithm())});
  table.AddRow({"private key download", settings.private_key_download() ? "on" : "off"});
  table.AddRow({"audit retention", settings.has_audit_retention()
                                       ? PeriodText(settings.audit_retention())
                                       : "forever"});
  if (settings.has_sign_in_lifetime()) {
    table.AddRow({"sign-in lifetime", PeriodText(settings.sign_in_lifetime())});
  }
  return table;
}

absl::Status Show(Invocation& invocation) {
  const absl::StatusOr<InstallationApi*> installation = invocation.Installation();
  if (!installation.ok()) return installation.status();
  const absl::StatusOr<v1::Settings> settings = (*installation)->GetSettings();
  if (!settings.ok()) return settings.status();
  return invocation.PrintResource(*settings, SettingsTable(*settings));
}

absl::StatusOr<v1::UpdateSettingsRequest> Request(const SettingsOptions& options) {
  v1::UpdateSettingsRequest request;
  v1::Settings& settings = *request.mutable_settings();
  if (!options.key_algorithm.empty()) {
    settings.set_key_algorithm(Algorithms().at(options.key_algorithm));
    request.mutable_update_mask()->add_paths("key_algorithm");
  }
  if (!options.private_key_download.empty()) {
    settings.set_private_key_download(options.private_key_download == "on");
    request.mutable_update_mask()->add_paths("private_key_download");
  }
  if (!options.audit_retention.empty()) {
    if (options.audit_retention != "forever") {
      const absl::StatusOr<absl::Duration> period = ParsePeriod(options.audit_retention);
      if (!period.ok()) return period.status();
      *settings.mutable_audit_retention() = ToProto(*period);
    }
    request.mutable_update_mask()->add_paths("audit_retention");
  }
  if (!options.sign_in_lifetime.empty()) {
    const absl::StatusOr<absl::Duration> period = ParsePeriod(options.sign_in_lifetime);
    if (!period.ok()) return period.status();
    *settings.mutable_sign_in_lifetime() = ToProto(*period);
    request.mutable_update_mask()->add_paths("sign_in_lifetime");
  }
  if (request.update_mask().paths().empty()) {
    return absl::InvalidArgumentError(
        "what is to change? Name it, for example with --audit-retention 365d");
  }
  return request;
}

absl::Status Update(Invocation& invocation, const SettingsOptions& options) {
  const absl::StatusOr<v1::UpdateSettingsRequest> request = Request(options);
  if (!request.ok()) return request.status();
  const absl::StatusOr<InstallationApi*> installation = invocation.Installation();
  if (!installation.ok()) return installation.status();
  const absl::StatusOr<v1::Settings> settings = (*installation)->UpdateSettings(*request);
  if (!settings.ok()) return settings.status();
  return invocation.PrintResource(*settings, SettingsTable(*settings));
}

}  // namespace

void AddSettingsCommands(CLI::App& app, Invocation& invocation) {
  CLI::App* settings = app.add_subcommand("settings", "Show and change what holds for everybody");
  settings->require_subcommand(1);
  CLI::App* show = settings->add_subcommand("show", "Show the settings");
  invocation.OnCommand(show, [&invocation] { return Show(invocation); });
  auto options = std::make_shared<SettingsOptions>();  // shared by parser and action
  CLI::App* update =
      settings->add_subcommand("update", "Change settings; what is not named stays as it is");
  update
      ->add_option("--key-algorithm", options->key_algorithm,
                   "Of keys that are made from now on: ed25519, ecdsa-p256 or rsa-4096")
      ->check(CLI::IsMember({"ed25519", "ecdsa-p256", "rsa-4096"}));
  update
      ->add_option("--private-key-download", options->private_key_download,
                   "Whether people may download their private keys, on or off")
      ->check(CLI::IsMember({"on", "off"}));
  update->add_option("--audit-retention", options->audit_retention,
                     "How long audit entries are kept, as in 365d, at least a day; or forever");
  update->add_option("--sign-in-lifetime", options->sign_in_lifetime,
                     "How long a sign-in lasts, as in 12h, from 5m to 30d");
  invocation.OnCommand(update, [&invocation, options] { return Update(invocation, *options); });
}

}  // namespace homeport
