// tokens, and passwd.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "cli/commands.h"
#include "cli/resource_name.h"
#include "cli/resource_text.h"
#include "cli/secret_source.h"
#include "cli/terminal_prompt.h"
#include "cli/time_option.h"
#include "cli/user_text.h"

namespace homeport {
namespace {

struct TokenOptions {
  std::string name;
  std::string user;
  std::string role;
  std::string expires;
  std::string secret_file;
  bool force = false;
};

absl::Status Create(Invocation& invocation, const TokenOptions& options) {
  v1::CreateTokenRequest request;
  request.mutable_token()->set_display_name(options.name);
  if (!options.role.empty()) {
    const absl::StatusOr<v1::Role> role = ParseRole(options.role);
    if (!role.ok()) return role.status();
    request.mutable_token()->set_role(*role);
  }
  if (!options.expires.empty()) {
    const absl::StatusOr<absl::Duration> period = ParsePeriod(options.expires);
    if (!period.ok()) return period.status();
    *request.mutable_token()->mutable_expire_time() = ToProto(absl::Now() + *period);
  }
  const absl::StatusOr<std::string> caller = invocation.ResolveUser("");
  if (!caller.ok()) return caller.status();
  request.set_parent(*caller);
  const absl::StatusOr<PeopleApi*> people = invocation.People();
  if (!people.ok()) return people.status();
  const auto file = ReserveIfNamed(options.secret_file, options.force);
  if (!file.ok()) return file.status();
  absl::StatusOr<v1::Token> token = (*people)->CreateToken(request);
  if (!token.ok()) return token.status();
  absl::Status status = invocation.KeepSecret("token", file->get(), token->mutable_secret());
  status.Update(invocation.PrintResource(*token, TokenTable(*token)));
  return status;
}

absl::Status List(Invocation& invocation, const TokenOptions& options) {
  const absl::StatusOr<std::string> user = invocation.ResolveUser(options.user);
  if (!user.ok()) return user.status();
  const absl::StatusOr<PeopleApi*> people = invocation.People();
  if (!people.ok()) return people.status();
  const absl::StatusOr<std::vector<v1::Token>> tokens = (*people)->ListTokens(*user);
  if (!tokens.ok()) return tokens.status();
  Table table({"NAME", "FOR", "KIND", "MAY", "EXPIRES", "LAST USED", "FROM"});
  for (const v1::Token& token : *tokens) {
    table.AddRow({LastPart(token.name()), token.display_name(), token.sign_in() ? "sign-in" : "API",
                  token.role() == v1::ROLE_UNSPECIFIED
                      ? "everything"
                      : EnumText(v1::Role_Name(token.role()), "ROLE_", token.role()),
                  token.has_expire_time() ? TimeText(token.expire_time()) : "",
                  token.has_last_used_time() ? TimeText(token.last_used_time()) : "never",
                  token.last_used_address()});
  }
  return invocation.PrintList(*tokens, table);
}

// `typed` is the token's own name, as in the list, or its resource name.
absl::Status Revoke(Invocation& invocation, const TokenOptions& options) {
  const std::vector<std::string> parts = absl::StrSplit(options.name, '/');
  std::string name = options.name;
  if (parts.size() == 1) {
    const absl::StatusOr<std::string> user = invocation.ResolveUser(options.user);
    if (!user.ok()) return user.status();
    name = absl::StrCat(*user, "/tokens/", options.name);
  } else if (parts.size() != 4 || parts[0] != "users" || parts[2] != "tokens") {
    return absl::InvalidArgumentError(
        "write the token's name as homeport tokens list shows it, or users/USER/tokens/TOKEN");
  }
  const absl::StatusOr<PeopleApi*> people = invocation.People();
  if (!people.ok()) return people.status();
  absl::Status status = (*people)->DeleteToken(name);
  return status.ok() ? invocation.PrintDeleted(name) : status;
}

struct PasswordOptions {
  std::string current_file;
  std::string new_file;
};

// Only who has a password is asked for it; who signed in with a code does not need to know it.
absl::StatusOr<std::string> CurrentPassword(const v1::Caller& caller,
                                            const PasswordOptions& options) {
  if (!options.current_file.empty()) {
    return ReadSecret(options.current_file, "", "--current-password-file");
  }
  if (!caller.user().has_password()) return "";
  return AskSecret("Current password (empty if you signed in with a one-time code):");
}

absl::Status SetPassword(Invocation& invocation, const PasswordOptions& options) {
  const absl::StatusOr<v1::Caller> caller = invocation.Caller();
  if (!caller.ok()) return caller.status();
  const absl::StatusOr<PeopleApi*> people = invocation.People();
  if (!people.ok()) return people.status();
  const absl::StatusOr<std::string> current = CurrentPassword(*caller, options);
  if (!current.ok()) return current.status();
  const absl::StatusOr<std::string> wanted = ReadNewPassword(options.new_file, "--password-file");
  if (!wanted.ok()) return wanted.status();
  v1::SetPasswordRequest request;
  request.set_name(caller->user().name());
  request.set_current_password(*current);
  request.set_new_password(*wanted);
  if (absl::Status status = (*people)->SetPassword(request); !status.ok()) return status;
  invocation.Print(invocation.json() ? ToJsonObject({{"password_set", caller->user().name()}})
                                     : "The password is set; your other sign-ins have ended.\n");
  return absl::OkStatus();
}

}  // namespace

void AddTokenCommands(CLI::App& app, Invocation& invocation) {
  CLI::App* tokens = app.add_subcommand("tokens", "Create, list and revoke API tokens");
  tokens->require_subcommand(1);
  auto options = std::make_shared<TokenOptions>();  // shared by parser and actions
  CLI::App* create = tokens->add_subcommand("create", "Create a token for a program of yours");
  create->add_option("NAME", options->name, "What it is for, as in laptop or ci")->required();
  create
      ->add_option("--role", options->role,
                   "The most that it may do: member, site-manager or auditor; all that you may, if "
                   "not given")
      ->check(CLI::IsMember({"member", "site-manager", "auditor"}));
  create->add_option("--expires-in", options->expires,
                     "How long it is worth something, as in 30d or 12h; 90 days if not given");
  create->add_option("--secret-file", options->secret_file,
                     "Write the token to this file (mode 0600) instead of showing it");
  create->add_flag("--force", options->force, "Replace the file if it is there");
  invocation.OnCommand(create, [&invocation, options] { return Create(invocation, *options); });
  CLI::App* list = tokens->add_subcommand("list", "List tokens and sign-ins");
  list->add_option("--user", options->user, "Whose; yours if not given");
  invocation.OnCommand(list, [&invocation, options] { return List(invocation, *options); });
  CLI::App* revoke = tokens->add_subcommand("revoke", "Make a token worth nothing");
  revoke->add_option("TOKEN", options->name, "Its name, as the list shows it")->required();
  revoke->add_option("--user", options->user, "Whose; yours if not given");
  invocation.OnCommand(revoke, [&invocation, options] { return Revoke(invocation, *options); });

  CLI::App* passwd = app.add_subcommand("passwd", "Set your password");
  auto passwords = std::make_shared<PasswordOptions>();  // shared by parser and action
  passwd->add_option("--password-file", passwords->new_file,
                     "File with the new password; - for standard input");
  passwd->add_option("--current-password-file", passwords->current_file,
                     "File with the password that you have now");
  invocation.OnCommand(passwd,
                       [&invocation, passwords] { return SetPassword(invocation, *passwords); });
}

}  // namespace homeport
