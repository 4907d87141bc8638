#include "cli/invocation.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/address.h"
#include "base/file.h"
#include "cli/failure.h"
#include "cli/resource_name.h"
#include "cli/terminal_text.h"

namespace homeport {
namespace {

// Only such a token can travel in a header.
bool IsTokenText(absl::string_view token) {
  return std::all_of(token.begin(), token.end(),
                     [](unsigned char c) { return absl::ascii_isgraph(c); });
}

}  // namespace

void Invocation::OnCommand(CLI::App* command, std::function<absl::Status()> action) {
  command->callback([this, action = std::move(action)] { action_ = action; });
}

absl::StatusOr<std::string> Invocation::Token() const {
  if (!options_.token_file.empty()) {
    absl::StatusOr<std::string> token = ReadSecretFile(options_.token_file);
    if (!token.ok()) return LocalFailure(token.status());
    if (IsTokenText(*token)) return token;
    return absl::InvalidArgumentError(absl::StrCat(options_.token_file, " holds no token"));
  }
  for (const char* variable : {"HOMEPORT_TOKEN", "HOMEPORT_ADMIN_TOKEN"}) {
    const char* value = getenv(variable);  // NOLINT: before any thread of ours
    if (value == nullptr || *value == '\0') continue;
    if (IsTokenText(value)) return std::string(value);
    return absl::InvalidArgumentError(absl::StrCat("what ", variable, " holds is no token"));
  }
  return absl::InvalidArgumentError(
      "who are you? Name a file with your token with --token-file, or set HOMEPORT_TOKEN");
}

absl::StatusOr<AdminApi*> Invocation::Admin() {
  if (admin_ != nullptr) return admin_.get();
  if (options_.coordinator.empty()) {
    return absl::InvalidArgumentError(
        "which coordinator? Name it with --coordinator HOST:PORT, or set HOMEPORT_COORDINATOR");
  }
  if (absl::StatusOr<HostPort> parsed = ParseHostPort(options_.coordinator); !parsed.ok()) {
    return absl::InvalidArgumentError(absl::StrCat("--coordinator: ", parsed.status().message()));
  }
  if (options_.ca_file.empty()) {
    return absl::InvalidArgumentError(
        "which coordinator to trust? Name the file with its CA's certificate with --ca-file, or "
        "set HOMEPORT_CA");
  }
  absl::StatusOr<std::string> token = Token();
  if (!token.ok()) return token.status();
  absl::StatusOr<std::unique_ptr<AdminApi>> admin =
      connect_({options_.coordinator, options_.ca_file, *std::move(token), options_.timeout});
  if (!admin.ok()) return admin.status();
  admin_ = *std::move(admin);
  return admin_.get();
}

absl::StatusOr<std::string> Invocation::ResolveWorkspace(const std::string& typed,
                                                         const std::string& owner) {
  absl::StatusOr<WorkspaceReference> reference = ParseWorkspace(typed);
  if (!reference.ok()) return reference.status();
  if (!owner.empty()) {
    absl::StatusOr<std::string> user = ParseUserId(owner);
    if (!user.ok()) return user.status();
    if (!reference->owner.empty() && reference->owner != *user) {
      return absl::InvalidArgumentError(absl::StrCat(
          "the name says that the owner is ", reference->owner, ", and --owner says ", *user));
    }
    reference->owner = *std::move(user);
  }
  if (reference->owner.empty()) {
    absl::StatusOr<AdminApi*> admin = Admin();
    if (!admin.ok()) return admin.status();
    absl::StatusOr<v1::User> caller = (*admin)->GetCaller();
    if (!caller.ok()) return caller.status();
    reference->owner = LastPart(caller->name());
  }
  return WorkspaceName(reference->owner, reference->workspace);
}

void Invocation::Print(absl::string_view text) { out_ << text; }

absl::Status Invocation::PrintJson(const absl::StatusOr<std::string>& json) {
  if (!json.ok()) return json.status();
  Print(*json);
  return absl::OkStatus();
}

absl::Status Invocation::PrintResource(const google::protobuf::Message& resource,
                                       const Table& table) {
  if (json()) return PrintJson(ToJson(resource));
  Print(table.Format());
  return absl::OkStatus();
}

absl::Status Invocation::PrintDeleted(const std::string& name) {
  if (json()) {
    Print(ToJsonObject({{"deleted", name}}));
  } else {
    Print(absl::StrCat("Deleted ", TerminalSafe(name), ".\n"));
  }
  return absl::OkStatus();
}

void Invocation::Remark(absl::string_view sentence) {
  out_.flush();
  err_ << "homeport: " << TerminalSafe(sentence) << "\n";
}

absl::Status Invocation::KeepSecret(absl::string_view what, SecretFile* file, std::string* secret) {
  if (secret->empty()) {
    return absl::InternalError(absl::StrCat("the coordinator sent no ", what));
  }
  if (file == nullptr) {
    Remark(
        absl::StrCat("The ", what, " is shown only this once; keep it where nobody else reads."));
    return absl::OkStatus();
  }
  if (absl::Status status = file->Write(*secret); !status.ok()) {
    Remark(absl::StrCat("The ", what, " is shown instead, only this once."));
    return status;
  }
  secret->clear();
  return absl::OkStatus();
}

}  // namespace homeport
