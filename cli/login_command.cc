// login and logout.
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/file.h"
#include "cli/commands.h"
#include "cli/failure.h"
#include "cli/resource_name.h"
#include "cli/resource_text.h"
#include "cli/secret_source.h"
#include "cli/terminal_prompt.h"
#include "cli/terminal_text.h"

namespace homeport {
namespace {

struct LoginOptions {
  std::string username;
  std::string email;
  bool code = false;
  std::string code_file;
  std::string password_file;
  bool set_up = false;
};

// What the line says, or what the person types.
absl::StatusOr<std::string> GivenOrAsked(const std::string& given, absl::string_view question,
                                         absl::string_view option) {
  if (!given.empty()) return given;
  absl::StatusOr<std::string> line = AskLine(question);
  if (absl::IsFailedPrecondition(line.status())) {
    return absl::InvalidArgumentError(
        absl::StrCat(line.status().message(), "; give ", option, " on the command line"));
  }
  if (line.ok() && line->empty()) return absl::InvalidArgumentError("nothing was typed");
  return line;
}

// For the list of tokens.
std::string ThisMachine() {
  char name[256] = {};
  return gethostname(name, sizeof(name) - 1) == 0 ? TerminalSafe(name).substr(0, 100) : "";
}

absl::StatusOr<v1::SignInResponse> SetUp(SignInApi& api, const LoginOptions& options) {
  v1::SetUpRequest request;
  absl::StatusOr<std::string> code =
      ReadSecret(options.code_file,
                 "Set-up code (the coordinator printed it at its first start):", "--code-file");
  if (!code.ok()) return code.status();
  absl::StatusOr<std::string> user = GivenOrAsked(options.username, "Username:", "--username");
  if (!user.ok()) return user.status();
  absl::StatusOr<std::string> id = ParseUserId(*user);
  if (!id.ok()) return id.status();
  absl::StatusOr<std::string> email = GivenOrAsked(options.email, "E-mail address:", "--email");
  if (!email.ok()) return email.status();
  absl::StatusOr<std::string> password = ReadNewPassword(options.password_file, "--password-file");
  if (!password.ok()) return password.status();
  request.set_set_up_code(*std::move(code));
  request.set_user_id(*std::move(id));
  request.set_email(*std::move(email));
  request.set_password(*std::move(password));
  return api.SetUp(request);
}

absl::StatusOr<v1::SignInResponse> SignIn(SignInApi& api, const LoginOptions& options) {
  v1::SignInRequest request;
  request.set_display_name(ThisMachine());
  if (options.code || !options.code_file.empty()) {
    absl::StatusOr<std::string> code =
        ReadSecret(options.code_file, "One-time code:", "--code-file");
    if (!code.ok()) return code.status();
    request.set_code(*std::move(code));
    return api.SignIn(request);
  }
  absl::StatusOr<std::string> user = GivenOrAsked(options.username, "Username:", "--username");
  if (!user.ok()) return user.status();
  absl::StatusOr<std::string> id = ParseUserId(*user);
  if (!id.ok()) return id.status();
  absl::StatusOr<std::string> password =
      ReadSecret(options.password_file, "Password:", "--password-file");
  if (!password.ok()) return password.status();
  request.mutable_password()->set_user_id(*std::move(id));
  request.mutable_password()->set_password(*std::move(password));
  return api.SignIn(request);
}

// Asks for the address if nobody has said it, and looks that there is a CA to trust.
absl::Status PrepareWay(Invocation& invocation) {
  const absl::StatusOr<std::string> address = invocation.CoordinatorAddress();
  if (absl::IsInvalidArgument(address.status()) && invocation.options().coordinator.empty()) {
    absl::StatusOr<std::string> typed =
        GivenOrAsked("", "Coordinator (HOST:PORT):", "--coordinator");
    if (!typed.ok()) return typed.status();
    invocation.options().coordinator = *std::move(typed);
    if (absl::Status status = invocation.CoordinatorAddress().status(); !status.ok()) return status;
  } else if (!address.ok()) {
    return address.status();
  }
  return invocation.CaFile().status();
}

// Keeps the CA and the sign-in. What was there is whole until the new one is.
absl::Status Keep(Invocation& invocation, const v1::SignInResponse& answer) {
  const absl::StatusOr<ConfigFolder> folder = ConfigFolder::Here();
  if (!folder.ok()) return folder.status();
  const absl::StatusOr<std::string> ca_file = invocation.CaFile();
  if (!ca_file.ok()) return ca_file.status();
  if (*ca_file != folder->ca_file()) {
    const absl::StatusOr<std::string> ca = ReadFile(*ca_file);
    if (!ca.ok()) return LocalFailure(ca.status());
    if (absl::Status status = folder->PinCa(*ca); !status.ok()) return status;
  }
  StoredSignIn sign_in;
  sign_in.coordinator = *invocation.CoordinatorAddress();
  sign_in.user = answer.user().name();
  sign_in.token = answer.token();
  if (answer.has_expire_time()) {
    sign_in.expire_time = absl::FromUnixSeconds(answer.expire_time().seconds());
  }
  return folder->WriteSignIn(sign_in);
}

absl::Status Login(Invocation& invocation, const LoginOptions& options) {
  if (absl::Status status = PrepareWay(invocation); !status.ok()) return status;
  const absl::StatusOr<SignInApi*> api = invocation.SignIn();
  if (!api.ok()) return api.status();
  // Before anybody types a password: is it there, is it the right one, what does it want?
  const absl::StatusOr<v1::SignInOptions> wanted = (*api)->GetSignInOptions();
  if (!wanted.ok()) return wanted.status();
  if (wanted->set_up_needed() && !options.set_up) {
    return absl::FailedPreconditionError(
        "this coordinator has no site manager yet; whoever started it makes one with homeport "
        "login --setup");
  }
  if (options.set_up && !wanted->set_up_needed()) {
    return absl::FailedPreconditionError(
        "this coordinator is set up already; run homeport login without --setup");
  }
  absl::StatusOr<v1::SignInResponse> answer =
      options.set_up ? SetUp(**api, options) : SignIn(**api, options);
  if (!answer.ok()) return answer.status();
  if (absl::Status status = Keep(invocation, *answer); !status.ok()) return status;
  for (const char* variable : {"HOMEPORT_TOKEN", "HOMEPORT_ADMIN_TOKEN"}) {
    if (getenv(variable) == nullptr) continue;  // NOLINT: before any thread of ours
    invocation.Remark(absl::StrCat(variable, " is set and goes before this sign-in."));
  }
  if (invocation.json()) return invocation.PrintJson(ToJson(answer->user()));
  invocation.Print(absl::StrCat(
      "Signed in at ", TerminalSafe(*invocation.CoordinatorAddress()), " as ",
      TerminalSafe(LastPart(answer->user().name())), " (", RolesText(answer->user()), ")",
      answer->has_expire_time() ? absl::StrCat(" until ", TimeText(answer->expire_time())) : "",
      ".\n"));
  return absl::OkStatus();
}

absl::Status Logout(Invocation& invocation) {
  const absl::StatusOr<ConfigFolder> folder = ConfigFolder::Here();
  if (!folder.ok()) return folder.status();
  const absl::StatusOr<std::optional<StoredSignIn>> stored = folder->ReadSignIn();
  if (!stored.ok()) return stored.status();
  if (!stored->has_value() || (*stored)->token.empty()) {
    invocation.Print("Nobody is signed in.\n");
    return absl::OkStatus();
  }
  StoredSignIn sign_in = **stored;
  const std::string token = std::exchange(sign_in.token, "");
  // Where the token is from, whatever the command line says.
  invocation.options().coordinator = sign_in.coordinator;
  invocation.options().ca_file = folder->ca_file();
  const absl::StatusOr<SignInApi*> api = invocation.SignIn(token);
  const absl::Status revoked = api.ok() ? (*api)->SignOut() : api.status();
  if (absl::Status status = folder->WriteSignIn(sign_in); !status.ok()) return status;
  if (revoked.ok() || absl::IsUnauthenticated(revoked)) {  // it was worth nothing before
    invocation.Print(invocation.json() ? ToJsonObject({{"signed_out", sign_in.user}})
                                       : "Signed out.\n");
    return absl::OkStatus();
  }
  return {revoked.code(),
          absl::StrCat("signed out here, but the token could not be revoked: ", revoked.message())};
}

}  // namespace

void AddLoginCommands(CLI::App& app, Invocation& invocation) {
  auto options = std::make_shared<LoginOptions>();  // shared by parser and action
  CLI::App* login = app.add_subcommand(
      "login", "Sign in; asks for what is missing, and keeps coordinator, CA and token");
  login->add_option("--username", options->username, "Who you are");
  login->add_flag("--code", options->code, "Sign in with a one-time code instead of a password");
  login->add_option("--code-file", options->code_file,
                    "File with the one-time or set-up code; - for standard input");
  login->add_option("--password-file", options->password_file,
                    "File with the password; - for standard input");
  login->add_flag("--setup", options->set_up,
                  "Make the first site manager, with the code that the coordinator printed");
  login->add_option("--email", options->email, "With --setup: your e-mail address");
  invocation.OnCommand(login, [&invocation, options] { return Login(invocation, *options); });

  CLI::App* logout = app.add_subcommand("logout", "Revoke the token of your sign-in and forget it");
  invocation.OnCommand(logout, [&invocation] { return Logout(invocation); });
}

}  // namespace homeport
