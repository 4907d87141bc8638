// One run of `homeport`: the global options, where output goes, and the way to the coordinator.
//
// Commands hold a reference and ask it for what they need when they run. Threads: one.
#ifndef HOMEPORT_CLI_INVOCATION_H_
#define HOMEPORT_CLI_INVOCATION_H_

#include <functional>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "cli/config_folder.h"
#include "cli/coordinator.h"
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
  bool require_all = false;
  absl::Duration timeout = absl::Seconds(10);
};

// Replaces this program by another, found by PATH, with its arguments; returns only on failure:
// NOT_FOUND if there is no such program.
using ProgramRunner = std::function<absl::Status(const std::vector<std::string>& argv)>;

// The world around a run, for tests to make up.
struct RunSurroundings {
  CoordinatorConnector connect;
  ProgramRunner become;
};

class Invocation {
 public:
  // `out` and `err` outlive this. `connect` is called at most once.
  Invocation(std::ostream& out, std::ostream& err, RunSurroundings surroundings)
      : out_(out), err_(err), surroundings_(std::move(surroundings)) {}

  GlobalOptions& options() { return options_; }
  bool json() const { return options_.output == "json"; }

  // What the command that was chosen does. Parsing sets it; main runs it.
  void OnCommand(CLI::App* command, std::function<absl::Status()> action);
  const std::function<absl::Status()>& action() const { return action_; }
  // Words of the command line that are another program's, as in `homeport ssh`.
  void set_raw_arguments(std::vector<std::string> words) { raw_arguments_ = std::move(words); }
  const std::vector<std::string>& raw_arguments() const { return raw_arguments_; }
  // From now on each failure ends with this status.
  void set_failure_status(int status) { failure_status_ = status; }
  std::optional<int> failure_status() const { return failure_status_; }
  absl::Status Become(const std::vector<std::string>& argv);

  // The parts of the coordinator, with the person's token. INVALID_ARGUMENT says what is missing.
  absl::StatusOr<PeopleApi*> People();
  absl::StatusOr<PlacesApi*> Places();
  absl::StatusOr<SessionsApi*> Sessions();
  absl::StatusOr<InstallationApi*> Installation();
  // Sign-in, without a token; or with this one.
  absl::StatusOr<SignInApi*> SignIn(const std::string& token = "");

  // Who calls; asked once.
  absl::StatusOr<v1::Caller> Caller();
  // `users/{user}` of the user that was typed, or of the caller if that is empty.
  absl::StatusOr<std::string> ResolveUser(const std::string& typed);
  // The resource name of the workspace that was typed. Its owner is `owner` if that is not empty,
  // else the one in the name, else the caller. INVALID_ARGUMENT if the two differ.
  absl::StatusOr<std::string> ResolveWorkspace(const std::string& typed, const std::string& owner);

  // The coordinator's address and CA: as named, else as stored. INVALID_ARGUMENT says what is
  // missing.
  absl::StatusOr<std::string> CoordinatorAddress() const;
  absl::StatusOr<std::string> CaFile() const;

  // Results, on standard output.
  void Print(absl::string_view text);
  // The same for a live view: at once. False if nobody reads any more.
  bool PrintNow(absl::string_view text);
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
  // The same with what the deletion did to sessions.
  absl::Status PrintDeleted(const std::string& name, const v1::Effect& effect);
  // What a change did to sessions, in words for people, and who has not acted yet. ABORTED for
  // laggards if the command line requires all.
  absl::Status TellEffect(const v1::Effect& effect);

  // Remarks for the person, on standard error, so that they never mix with results.
  void Remark(absl::string_view sentence);

  // A secret that is shown once: into the file if there is one, and out of `secret` then, else
  // it stays there to be printed with the rest. It also stays if the file cannot be written.
  absl::Status KeepSecret(absl::string_view what, SecretFile* file, std::string* secret);

 private:
  struct Credential {
    std::string token;
    std::string refused;  // what the person reads when it is not accepted
  };
  absl::StatusOr<Credential> Token() const;
  absl::StatusOr<Credential> StoredToken() const;
  absl::StatusOr<Coordinator> Connect(const Credential& credential);
  absl::StatusOr<Coordinator*> Connected();

  std::ostream& out_;
  std::ostream& err_;
  RunSurroundings surroundings_;
  GlobalOptions options_;
  std::function<absl::Status()> action_;
  std::vector<std::string> raw_arguments_;
  std::optional<int> failure_status_;
  std::optional<Coordinator> coordinator_;
  std::optional<v1::Caller> caller_;
  std::vector<Coordinator> others_;  // for sign-in
};

// A file for a secret if `path` says so, none if it is empty.
absl::StatusOr<std::unique_ptr<SecretFile>> ReserveIfNamed(const std::string& path, bool replace);

}  // namespace homeport

#endif  // HOMEPORT_CLI_INVOCATION_H_
