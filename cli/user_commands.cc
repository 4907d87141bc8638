// whoami, passwd and users.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/commands.h"
#include "cli/resource_name.h"
#include "cli/resource_text.h"
#include "cli/terminal_text.h"
#include "cli/user_text.h"

namespace homeport {
namespace {

// What the commands' options fill.
struct UserOptions {
  std::string name;
  std::string email;
  std::vector<std::string> roles;
  bool suspend = false;
  bool activate = false;
  std::string secret_file;
  bool force = false;
};

absl::Status SetRoles(const std::vector<std::string>& typed, v1::User& user) {
  for (const std::string& text : typed) {
    const absl::StatusOr<v1::Role> role = ParseRole(text);
    if (!role.ok()) return role.status();
    user.add_roles(*role);
  }
  return absl::OkStatus();
}

absl::Status Create(Invocation& invocation, const UserOptions& options) {
  absl::StatusOr<std::string> id = ParseUserId(options.name);
  if (!id.ok()) return id.status();
  v1::CreateUserRequest request;
  request.set_user_id(*id);
  request.mutable_user()->set_email(options.email);
  if (absl::Status status = SetRoles(options.roles, *request.mutable_user()); !status.ok()) {
    return status;
  }
  absl::StatusOr<PeopleApi*> people = invocation.People();
  if (!people.ok()) return people.status();
  const auto file = ReserveIfNamed(options.secret_file, options.force);
  if (!file.ok()) return file.status();
  absl::StatusOr<v1::User> user = (*people)->CreateUser(request);
  if (!user.ok()) return user.status();
  absl::Status status = invocation.KeepSecret("token", file->get(), user->mutable_initial_token());
  status.Update(invocation.PrintResource(*user, UserTable(*user)));
  return status;
}

absl::Status Get(Invocation& invocation, const UserOptions& options) {
  absl::StatusOr<std::string> id = ParseUserId(options.name);
  if (!id.ok()) return id.status();
  absl::StatusOr<PeopleApi*> people = invocation.People();
  if (!people.ok()) return people.status();
  absl::StatusOr<v1::User> user = (*people)->GetUser(UserName(*id));
  if (!user.ok()) return user.status();
  return invocation.PrintResource(*user, UserTable(*user));
}

absl::Status List(Invocation& invocation) {
  absl::StatusOr<PeopleApi*> people = invocation.People();
  if (!people.ok()) return people.status();
  absl::StatusOr<std::vector<v1::User>> users = (*people)->ListUsers();
  if (!users.ok()) return users.status();
  Table table({"NAME", "EMAIL", "ROLES", "STATE", "LAST SIGN-IN", "CREATED"});
  for (const v1::User& user : *users) {
    table.AddRow({LastPart(user.name()), user.email(), RolesText(user), StateText(user),
                  user.has_last_sign_in_time() ? TimeText(user.last_sign_in_time()) : "",
                  user.has_create_time() ? TimeText(user.create_time()) : ""});
  }
  return invocation.PrintList(*users, table);
}

absl::Status Update(Invocation& invocation, const UserOptions& options) {
  v1::UpdateUserRequest request;
  if (!options.email.empty()) {
    request.mutable_user()->set_email(options.email);
    request.mutable_update_mask()->add_paths("email");
  }
  if (!options.roles.empty()) {
    if (absl::Status status = SetRoles(options.roles, *request.mutable_user()); !status.ok()) {
      return status;
    }
    request.mutable_update_mask()->add_paths("roles");
  }
  if (options.suspend && options.activate) {
    return absl::InvalidArgumentError("--suspend and --activate cannot both be meant");
  }
  if (options.suspend || options.activate) {
    request.mutable_user()->set_state(options.suspend ? v1::USER_STATE_SUSPENDED
                                                      : v1::USER_STATE_ACTIVE);
    request.mutable_update_mask()->add_paths("state");
  }
  if (request.update_mask().paths().empty()) {
    return absl::InvalidArgumentError(
        "what is to change? Name it with --email, --role, --suspend or --activate");
  }
  absl::StatusOr<std::string> id = ParseUserId(options.name);
  if (!id.ok()) return id.status();
  request.mutable_user()->set_name(UserName(*id));
  absl::StatusOr<PeopleApi*> people = invocation.People();
  if (!people.ok()) return people.status();
  absl::StatusOr<v1::User> user = (*people)->UpdateUser(request);
  if (!user.ok()) return user.status();
  absl::Status status = invocation.PrintResource(*user, UserTable(*user));
  status.Update(invocation.TellEffect(user->effect()));
  return status;
}

absl::Status Delete(Invocation& invocation, const UserOptions& options) {
  absl::StatusOr<std::string> id = ParseUserId(options.name);
  if (!id.ok()) return id.status();
  absl::StatusOr<PeopleApi*> people = invocation.People();
  if (!people.ok()) return people.status();
  absl::StatusOr<v1::Effect> effect = (*people)->DeleteUser(UserName(*id));
  if (!effect.ok()) return effect.status();
  return invocation.PrintDeleted(UserName(*id), *effect);
}

absl::Status Code(Invocation& invocation, const UserOptions& options) {
  absl::StatusOr<std::string> id = ParseUserId(options.name);
  if (!id.ok()) return id.status();
  absl::StatusOr<PeopleApi*> people = invocation.People();
  if (!people.ok()) return people.status();
  const auto file = ReserveIfNamed(options.secret_file, options.force);
  if (!file.ok()) return file.status();
  absl::StatusOr<v1::CreateSignInCodeResponse> code = (*people)->CreateSignInCode(UserName(*id));
  if (!code.ok()) return code.status();
  absl::Status status = invocation.KeepSecret("code", file->get(), code->mutable_code());
  Table table;
  table.AddRow({"user", *id});
  if (!code->code().empty()) table.AddRow({"code", code->code()});
  if (code->has_expire_time()) table.AddRow({"expires", TimeText(code->expire_time())});
  status.Update(invocation.PrintResource(*code, table));
  return status;
}

absl::Status WhoAmI(Invocation& invocation) {
  absl::StatusOr<v1::Caller> caller = invocation.Caller();
  if (!caller.ok()) return caller.status();
  if (invocation.json()) return invocation.PrintJson(ToJson(*caller));
  Table table = UserTable(caller->user());
  if (caller->roles_size() > 0) table.AddRow({"this token may act as", RolesText(caller->roles())});
  if (caller->token().has_expire_time()) {
    table.AddRow({"until", TimeText(caller->token().expire_time())});
  }
  invocation.Print(table.Format());
  return absl::OkStatus();
}

constexpr char kRoleHelp[] = "member, site-manager or auditor; may be given again";

void AddRoleOption(CLI::App& command, UserOptions& options) {
  command.add_option("--role", options.roles, kRoleHelp)
      ->check(CLI::IsMember({"member", "site-manager", "auditor"}))
      ->allow_extra_args(false);
}

void AddSecretOptions(CLI::App& command, UserOptions& options, const char* names,
                      const char* help) {
  command.add_option(names, options.secret_file, help);
  command.add_flag("--force", options.force, "Replace the file if it is there");
}

void AddChanges(CLI::App& users, Invocation& invocation,
                const std::shared_ptr<UserOptions>& options) {
  CLI::App* create = users.add_subcommand("create", "Create a user with a key pair and a token");
  create->add_option("NAME", options->name, "Username, a DNS label")->required();
  create->add_option("--email", options->email, "E-mail address")->required();
  AddRoleOption(*create, *options);
  AddSecretOptions(*create, *options, "--token-file-out",
                   "Write the person's token to this file (mode 0600) instead of showing it");
  invocation.OnCommand(create, [&invocation, options] { return Create(invocation, *options); });
  CLI::App* update =
      users.add_subcommand("update", "Change a user; what is not named stays as it is");
  update->add_option("NAME", options->name, "Username")->required();
  update->add_option("--email", options->email, "E-mail address");
  AddRoleOption(*update, *options);
  update->add_flag("--suspend", options->suspend,
                   "Let the user in nowhere any more: sessions end, nothing is deleted");
  update->add_flag("--activate", options->activate, "Let a suspended user in again");
  invocation.OnCommand(update, [&invocation, options] { return Update(invocation, *options); });
  CLI::App* code = users.add_subcommand(
      "code", "Make a one-time code that signs a user in who has no password yet");
  code->add_option("NAME", options->name, "Username")->required();
  AddSecretOptions(*code, *options, "--secret-file,--code-file",
                   "Write the code to this file (mode 0600) instead of showing it");
  invocation.OnCommand(code, [&invocation, options] { return Code(invocation, *options); });
}

}  // namespace

void AddUserCommands(CLI::App& app, Invocation& invocation) {
  CLI::App* whoami = app.add_subcommand("whoami", "Show who you are and what your token may do");
  invocation.OnCommand(whoami, [&invocation] { return WhoAmI(invocation); });

  CLI::App* users = app.add_subcommand("users", "Create, show, change and delete users");
  users->require_subcommand(1);
  auto options = std::make_shared<UserOptions>();  // shared by parser and actions
  AddChanges(*users, invocation, options);
  CLI::App* get = users->add_subcommand("get", "Show a user");
  get->add_option("NAME", options->name, "Username")->required();
  invocation.OnCommand(get, [&invocation, options] { return Get(invocation, *options); });
  CLI::App* list = users->add_subcommand("list", "List all users");
  invocation.OnCommand(list, [&invocation] { return List(invocation); });
  CLI::App* remove = users->add_subcommand("delete", "Delete a user with keys and tokens");
  remove->add_option("NAME", options->name, "Username")->required();
  invocation.OnCommand(remove, [&invocation, options] { return Delete(invocation, *options); });
}

}  // namespace homeport
