#include "base/flags.h"

#include "base/exit_code.h"
#include "base/version.h"

namespace homeport {

Flags::Flags(const std::string& program, const std::string& description)
    : app_(description, program) {
  app_.set_version_flag("--version", absl::StrCat(program, " ", kVersion));
  Add("--log_format", logging_.format, "text or json");
  Add("--log_level", logging_.level, "debug, info, warning or error");
  app_.footer("Every flag is also read from the environment: --some_flag from HOMEPORT_SOME_FLAG.");
}

std::string Flags::EnvironmentName(const std::string& name) {
  return absl::StrCat("HOMEPORT_", absl::AsciiStrToUpper(name.substr(2)));
}

std::string Flags::Spellings(const std::string& name) {
  const std::string hyphens = absl::StrReplaceAll(name.substr(2), {{"_", "-"}});
  return name.substr(2) == hyphens ? name : absl::StrCat(name, ",--", hyphens);
}

CLI::Option* Flags::Add(const std::string& name, absl::Duration& value, const std::string& help) {
  return app_
      .add_option_function<std::string>(
          Spellings(name),
          [&value, name](const std::string& text) {
            if (!absl::ParseDuration(text, &value) || value < absl::ZeroDuration()) {
              throw CLI::ValidationError(
                  name,
                  absl::StrCat("\"", text, "\" is no duration; write for example 90s or 10m"));
            }
          },
          help)
      ->envname(EnvironmentName(name))
      ->default_str(absl::FormatDuration(value));
}

CLI::Option* Flags::AddSwitch(const std::string& name, bool& value, const std::string& help) {
  return app_.add_flag(Spellings(name), value, help)->envname(EnvironmentName(name));
}

std::optional<int> Flags::Parse(int argc, char** argv) {
  try {
    app_.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app_.exit(error) == 0 ? kExitOk : kExitUsage;
  }
  if (const absl::Status status = InitLogging(logging_); !status.ok()) {
    fprintf(stderr, "%s\n", std::string(status.message()).c_str());
    return kExitUsage;
  }
  return std::nullopt;
}

}  // namespace homeport
