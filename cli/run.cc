#include "cli/run.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/exit_code.h"
#include "base/version.h"
#include "cli/commands.h"
#include "cli/failure.h"
#include "cli/raw_arguments.h"
#include "cli/terminal_text.h"

namespace homeport {
namespace {

constexpr char kFooter[] =
    "homeport login keeps the coordinator, its CA and your token in ~/.config/homeport. A token is "
    "also read from --token-file or from HOMEPORT_TOKEN (else HOMEPORT_ADMIN_TOKEN), which go "
    "before. No option takes the token itself, because other people on this machine can see the "
    "command line.\n"
    "\n"
    "Exit status: 0 done, 1 failure, 2 not found, 64 wrong usage, 69 coordinator not reachable, 77 "
    "not permitted. homeport ssh ends with the status of the command, or 255.";

void AddGlobalOptions(CLI::App& app, GlobalOptions& options) {
  app.add_option("--coordinator", options.coordinator, "The coordinator, HOST:PORT")
      ->envname("HOMEPORT_COORDINATOR");
  app.add_option("--ca-file", options.ca_file, "Certificate of the coordinator's CA (PEM)")
      ->envname("HOMEPORT_CA");
  app.add_option("--token-file", options.token_file, "File with your token, readable by you alone");
  app.add_option("--output", options.output, "table, for people, or json, for scripts")
      ->check(CLI::IsMember({"table", "json"}))
      ->capture_default_str();
  app.add_flag("--require-all", options.require_all,
               "Fail if a change has not reached all proxies and agents concerned in time");
  app.add_option_function<std::string>(
         "--timeout",
         [&options](const std::string& text) {
           if (!absl::ParseDuration(text, &options.timeout) ||
               options.timeout <= absl::ZeroDuration()) {
             throw CLI::ValidationError(
                 absl::StrCat("\"", text, "\" is no duration; write for example 10s or 1m"));
           }
         },
         "How long to wait for each answer")
      ->default_str(absl::FormatDuration(options.timeout));
}

void AddCommands(CLI::App& app, Invocation& invocation) {
  AddLoginCommands(app, invocation);
  AddSshCommands(app, invocation);
  AddConfigSshCommand(app, invocation);
  AddKeyCommands(app, invocation);
  AddTokenCommands(app, invocation);
  AddWorkspaceCommands(app, invocation);
  AddProviderCommands(app, invocation);
  AddUserCommands(app, invocation);
  AddSessionCommands(app, invocation);
  AddAuditCommands(app, invocation);
  AddSettingsCommands(app, invocation);
  AddDoctorCommand(app, invocation);
  AddCompletionCommands(app, invocation);
  CLI::App* version = app.add_subcommand("version", "Show the version of this command");
  invocation.OnCommand(version, [&invocation] {
    invocation.Print(invocation.json() ? ToJsonObject({{"version", kVersion}})
                                       : absl::StrCat("homeport ", kVersion, "\n"));
    return absl::OkStatus();
  });
}

// CLI11's message as one line.
std::string ParseErrorText(const CLI::ParseError& error) {
  return absl::StrCat(absl::StrReplaceAll(error.what(), {{"\n", " "}}),
                      "; homeport --help shows how it is used");
}

}  // namespace

int RunCommandLine(std::vector<std::string> arguments, std::ostream& out, std::ostream& err,
                   RunSurroundings surroundings) {
  CLI::App app("Homeport: ssh into your workspaces, and administer them.", "homeport");
  app.set_version_flag("--version", absl::StrCat("homeport ", kVersion));
  app.footer(kFooter);
  app.fallthrough();  // global options may stand after the command too
  // Only one: a second command's name, as in `keys show users`, is an argument.
  app.require_subcommand(0, 1);
  Invocation invocation(out, err, std::move(surroundings));
  AddGlobalOptions(app, invocation.options());
  AddCommands(app, invocation);
  invocation.set_raw_arguments(TakeRawArguments(arguments));
  try {
    std::reverse(arguments.begin(), arguments.end());  // the order that CLI11 takes
    app.parse(std::move(arguments));
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error, out, err);
    invocation.Remark(ParseErrorText(error));
    return kExitUsage;
  }
  if (invocation.action() == nullptr) {
    out << app.help();
    return kExitOk;
  }
  const absl::Status status = invocation.action()();
  out.flush();
  if (!status.ok()) {
    invocation.Remark(status.message());
    return invocation.failure_status().value_or(ExitStatus(status));
  }
  if (!out.good()) {
    invocation.Remark("cannot write to standard output");
    return kExitFailure;
  }
  return kExitOk;
}

}  // namespace homeport
