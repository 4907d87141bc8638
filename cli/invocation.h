// One run of `homeport`: the global options, where output goes, and the way to the coordinator.
//
// Commands hold a reference and ask it for what they need when they run. Threads: one.
#ifndef HOMEPORT_CLI_INVOCATION_H_
#define HOMEPORT_CLI_INVOCATION_H_

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "cli/admin_api.h"
#include "cli/json.h"
#include "cli/secret_file.h"
#include "cli/table.h"

namespace homeport {

// What the command line says for all commands.
struct GlobalOptions {
  std::string coordinator;
  std::string ca_file;
  std::string token_file;
  std::string output = "table";
  absl::Duration timeout = absl::Seconds(10);
};

using AdminConnector =
    std::function<absl::StatusOr<std::unique_ptr<AdminApi>>(const AdminApiOptions&)>;

class Invocation {
 public:
  // `out` and `err` outlive this. `connect` is called at most once.
  Invocation(std::ostream& out, std::ostream& err, AdminConnector connect)
      : out_(out), err_(err), connect_(std::move(connect)) {}

  GlobalOptions& options() { return options_; }
  bool json() const { return options_.output == "json"; }

  // What the command that was chosen does. Parsing sets it; main runs it.
  void OnCommand(CLI::App* command, std::function<absl::Status()> action);
  const std::function<absl::Status()>& action() const { return action_; }

  // The coordinator. INVALID_ARGUMENT says which option is missing.
  absl::StatusOr<AdminApi*> Admin();

  // The resource name of the workspace that was typed. Its owner is `owner` if that is not empty,
  // else the one in the name, else the caller. INVALID_ARGUMENT if the two differ.
  absl::StatusOr<std::string> ResolveWorkspace(const std::string& typed, const std::string& owner);

  // Results, on standard output.
  void Print(absl::string_view text);
  absl::Status PrintJson(const absl::StatusOr<std::string>& json);
  // One resource: as JSON or as the table.
  absl::Status PrintResource(const google::protobuf::Message& resource, const Table& table);
  template <typename Message>
  absl::Status PrintList(const std::vector<Message>& resources, const Table& table) {
    if (json()) return PrintJson(ToJsonArray(resources));
    Print(table.Format());
    return absl::OkStatus();
  }
  absl::Status PrintDeleted(const std::string& name);

  // Remarks for the person, on standard error, so that they never mix with results.
  void Remark(absl::string_view sentence);

  // A secret that is shown once: into the file if there is one, and out of `secret` then, else
  // it stays there to be printed with the rest. It also stays if the file cannot be written.
  absl::Status KeepSecret(absl::string_view what, SecretFile* file, std::string* secret);

 private:
  absl::StatusOr<std::string> Token() const;

  std::ostream& out_;
  std::ostream& err_;
  AdminConnector connect_;
  GlobalOptions options_;
  std::function<absl::Status()> action_;
  std::unique_ptr<AdminApi> admin_;
};

}  // namespace homeport

#endif  // HOMEPORT_CLI_INVOCATION_H_
