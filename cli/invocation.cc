#include "cli/invocation.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
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

absl::Status Invocation::Become(const std::vector<std::string>& argv) {
  out_.flush();
  err_.flush();
  return surroundings_.become(argv);
}

absl::StatusOr<std::string> Invocation::CoordinatorAddress() const {
  std::string address = options_.coordinator;
  if (address.empty()) {
    if (const absl::StatusOr<ConfigFolder> folder = ConfigFolder::Here(); folder.ok()) {
      const absl::StatusOr<std::optional<StoredSignIn>> stored = folder->ReadSignIn();
      if (!stored.ok()) return stored.status();
      if (stored->has_value()) address = (*stored)->coordinator;
    }
  }
  if (address.empty()) {
    return absl::InvalidArgumentError(
        "which coordinator? Run homeport login, name it with --coordinator HOST:PORT, or set "
        "HOMEPORT_COORDINATOR");
  }
  if (const auto parsed = ParseHostPorts(address); !parsed.ok()) {
    return absl::InvalidArgumentError(absl::StrCat("--coordinator: ", parsed.status().message()));
  }
  return address;
}

absl::StatusOr<std::string> Invocation::CaFile() const {
  if (!options_.ca_file.empty()) return options_.ca_file;
  const absl::StatusOr<ConfigFolder> folder = ConfigFolder::Here();
  if (folder.ok() && folder->HasCa()) return folder->ca_file();
  return absl::InvalidArgumentError(
      "which coordinator to trust? Give the certificate of its CA with --ca-file, or set "
      "HOMEPORT_CA; it is the file ca.pem in the coordinator's state folder, and whoever runs the "
      "coordinator can send it to you");
}

absl::StatusOr<Invocation::Credential> Invocation::Token() const {
  constexpr char kRefused[] = "the token was not accepted; it may have expired or been revoked";
  if (!options_.token_file.empty()) {
    absl::StatusOr<std::string> token = ReadSecretFile(options_.token_file);
    if (!token.ok()) return LocalFailure(token.status());
    if (IsTokenText(*token)) return Credential{*std::move(token), kRefused};
    return absl::InvalidArgumentError(absl::StrCat(options_.token_file, " holds no token"));
  }
  for (const char* variable : {"HOMEPORT_TOKEN", "HOMEPORT_ADMIN_TOKEN"}) {
    const char* value = getenv(variable);  // NOLINT: before any thread of ours
    if (value == nullptr || *value == '\0') continue;
    if (IsTokenText(value)) return Credential{value, kRefused};
    return absl::InvalidArgumentError(absl::StrCat("what ", variable, " holds is no token"));
  }
  return StoredToken();
}

absl::StatusOr<Invocation::Credential> Invocation::StoredToken() const {
  const absl::Status nobody = absl::InvalidArgumentError(
      "who are you? Run homeport login, name a file with your token with --token-file, or set "
      "HOMEPORT_TOKEN");
  const absl::StatusOr<ConfigFolder> folder = ConfigFolder::Here();
  if (!folder.ok()) return nobody;
  const absl::StatusOr<std::optional<StoredSignIn>> stored = folder->ReadSignIn();
  if (!stored.ok()) return stored.status();
  if (!stored->has_value() || (*stored)->token.empty()) return nobody;
  // The token is for the coordinator that the pinned CA stands for, and goes to no other.
  if (!options_.ca_file.empty() && options_.ca_file != folder->ca_file()) {
    const absl::StatusOr<std::string> pinned = ReadFile(folder->ca_file());
    const absl::StatusOr<std::string> named = ReadFile(options_.ca_file);
    if (!pinned.ok() || !named.ok() || *pinned != *named) {
      return absl::InvalidArgumentError(absl::StrCat(
          "your sign-in is for the coordinator of ", folder->ca_file(), ", not of ",
          options_.ca_file, "; run homeport login, or name a token with --token-file"));
    }
  }
  if (!IsTokenText((*stored)->token)) {
    return absl::FailedPreconditionError(
        absl::StrCat(folder->sign_in_file(), " is damaged; remove it and run homeport login"));
  }
  return Credential{(*stored)->token,
                    (*stored)->expire_time <= absl::Now()
                        ? "Your sign-in has expired; run homeport login"
                        : "Your sign-in is no longer accepted; run homeport login"};
}

absl::StatusOr<Coordinator> Invocation::Connect(const Credential& credential) {
  absl::StatusOr<std::string> address = CoordinatorAddress();
  if (!address.ok()) return address.status();
  absl::StatusOr<std::string> ca_file = CaFile();
  if (!ca_file.ok()) return ca_file.status();
  return surroundings_.connect({*std::move(address), *std::move(ca_file), credential.token,
                                options_.timeout, credential.refused});
}

absl::StatusOr<Coordinator*> Invocation::Connected() {
  if (coordinator_.has_value()) return &*coordinator_;
  // What is missing is said in this order.
  if (absl::Status status = CoordinatorAddress().status(); !status.ok()) return status;
  if (absl::Status status = CaFile().status(); !status.ok()) return status;
  const absl::StatusOr<Credential> credential = Token();
  if (!credential.ok()) return credential.status();
  absl::StatusOr<Coordinator> coordinator = Connect(*credential);
  if (!coordinator.ok()) return coordinator.status();
  coordinator_ = *std::move(coordinator);
  return &*coordinator_;
}

absl::StatusOr<PeopleApi*> Invocation::People() {
  const absl::StatusOr<Coordinator*> coordinator = Connected();
  if (!coordinator.ok()) return coordinator.status();
  return (*coordinator)->people.get();
}

absl::StatusOr<PlacesApi*> Invocation::Places() {
  const absl::StatusOr<Coordinator*> coordinator = Connected();
  if (!coordinator.ok()) return coordinator.status();
  return (*coordinator)->places.get();
}

absl::StatusOr<SessionsApi*> Invocation::Sessions() {
  const absl::StatusOr<Coordinator*> coordinator = Connected();
  if (!coordinator.ok()) return coordinator.status();
  return (*coordinator)->sessions.get();
}

absl::StatusOr<InstallationApi*> Invocation::Installation() {
  const absl::StatusOr<Coordinator*> coordinator = Connected();
  if (!coordinator.ok()) return coordinator.status();
  return (*coordinator)->installation.get();
}

absl::StatusOr<SignInApi*> Invocation::SignIn(const std::string& token) {
  absl::StatusOr<Coordinator> coordinator = Connect({token, ""});
  if (!coordinator.ok()) return coordinator.status();
  others_.push_back(*std::move(coordinator));
  return others_.back().sign_in.get();
}

absl::StatusOr<v1::Caller> Invocation::Caller() {
  if (caller_.has_value()) return *caller_;
  const absl::StatusOr<PeopleApi*> people = People();
  if (!people.ok()) return people.status();
  absl::StatusOr<v1::Caller> caller = (*people)->GetCaller();
  if (caller.ok()) caller_ = *caller;
  return caller;
}

absl::StatusOr<std::string> Invocation::ResolveUser(const std::string& typed) {
  if (!typed.empty()) {
    const absl::StatusOr<std::string> id = ParseUserId(typed);
    if (!id.ok()) return id.status();
    return UserName(*id);
  }
  const absl::StatusOr<v1::Caller> caller = Caller();
  if (!caller.ok()) return caller.status();
  // What becomes part of a request and of file names is looked at first.
  const absl::StatusOr<std::string> id = ParseUserId(caller->user().name());
  if (!id.ok()) return absl::InternalError("the coordinator gave the caller no proper name");
  return UserName(*id);
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
    const absl::StatusOr<std::string> caller = ResolveUser("");
    if (!caller.ok()) return caller.status();
    reference->owner = LastPart(*caller);
  }
  return WorkspaceName(reference->owner, reference->workspace);
}

void Invocation::Print(absl::string_view text) { out_ << text; }

bool Invocation::PrintNow(absl::string_view text) {
  out_ << text << std::flush;
  return out_.good();
}

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

absl::Status Invocation::PrintDeleted(const std::string& name, const v1::Effect& effect) {
  if (!json()) {
    absl::Status status = PrintDeleted(name);
    status.Update(TellEffect(effect));
    return status;
  }
  const absl::StatusOr<std::string> effect_json = ToJson(effect);
  if (!effect_json.ok()) return effect_json.status();
  Print(ToJsonObject({{"deleted", name}}, {{"effect", *effect_json}}));
  return TellEffect(effect);
}

absl::Status Invocation::TellEffect(const v1::Effect& effect) {
  if (!json() && effect.ended_sessions() > 0) {
    Print(absl::StrCat(effect.ended_sessions(),
                       effect.ended_sessions() == 1 ? " session ended.\n" : " sessions ended.\n"));
  }
  for (const v1::Laggard& laggard : effect.laggards()) {
    Remark(absl::StrCat(laggard.name(), " has not acted on this yet: ", laggard.reason()));
  }
  if (!options_.require_all || effect.laggards().empty()) return absl::OkStatus();
  return absl::AbortedError(
      "the change is made, but not everybody who is concerned has acted on it yet");
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

absl::StatusOr<std::unique_ptr<SecretFile>> ReserveIfNamed(const std::string& path, bool replace) {
  if (path.empty()) return nullptr;
  return SecretFile::Reserve(path, replace);
}

}  // namespace homeport
