// Command lines of the services: CLI11, with every flag also read from HOMEPORT_<FLAG> in the
// environment.
//
//   Flags flags("sshproxy", "The SSH front door.");
//   flags.Add("--listen", options.listen, "Address for users' SSH, host:port");
//   if (const auto exit_code = flags.Parse(argc, argv)) return *exit_code;
//
// Threads: main, before any other starts.
#ifndef HOMEPORT_BASE_FLAGS_H_
#define HOMEPORT_BASE_FLAGS_H_

#include <optional>
#include <string>

#include "CLI/CLI.hpp"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "base/logging.h"

namespace homeport {

class Flags {
 public:
  Flags(const std::string& program, const std::string& description);

  // `name` as typed, "--some_flag". `value` holds the default, which --help shows.
  template <typename T>
  CLI::Option* Add(const std::string& name, T& value, const std::string& help) {
    return app_.add_option(Spellings(name), value, help)
        ->envname(EnvironmentName(name))
        ->capture_default_str();
  }
  // A duration in Go's notation: "90s", "10m".
  CLI::Option* Add(const std::string& name, absl::Duration& value, const std::string& help);
  // An option that is there or not.
  CLI::Option* AddSwitch(const std::string& name, bool& value, const std::string& help);

  // Parses and sets up logging. A value is the exit status to end with: 0 after --help and
  // --version, kExitUsage after a mistake, which has been named on standard error.
  std::optional<int> Parse(int argc, char** argv);

  CLI::App& app() { return app_; }

 private:
  static std::string EnvironmentName(const std::string& name);
  // Both --some_flag and --some-flag.
  static std::string Spellings(const std::string& name);

  CLI::App app_;
  LoggingOptions logging_;
};

}  // namespace homeport

#endif  // HOMEPORT_BASE_FLAGS_H_
