#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "cli/commands.h"
#include "cli/resource_name.h"
#include "cli/resource_text.h"

namespace homeport {
namespace {

struct CreateOptions {
  std::string name;
  std::string email;
  std::vector<std::string> roles;
  std::string token_file;
  bool force = false;
};

Table UserTable(const v1::User& user) {
  Table table;
  table.AddRow({"name", LastPart(user.name())});
  table.AddRow({"email", user.email()});
  table.AddRow({"roles", RolesText(user)});
  table.AddRow({"public key", user.public_key()});
  if (user.has_create_time()) table.AddRow({"created", TimeText(user.create_time())});
  if (!user.initial_token().empty()) table.AddRow({"token", user.initial_token()});
  return table;
}

absl::Status Create(Invocation& invocation, const CreateOptions& options) {
  absl::StatusOr<std::string> id = ParseUserId(options.name);
  if (!id.ok()) return id.status();
  v1::CreateUserRequest request;
  request.set_user_id(*id);
  request.mutable_user()->set_email(options.email);
  for (const std::string& role : options.roles) {
    request.mutable_user()->add_roles(role == "member" ? v1::ROLE_MEMBER : v1::ROLE_SITE_MANAGER);
  }
  absl::StatusOr<AdminApi*> admin = invocation.Admin();
  if (!admin.ok()) return admin.status();
  std::unique_ptr<SecretFile> file;
  if (!options.token_file.empty()) {
    auto reserved = SecretFile::Reserve(options.token_file, options.force);
    if (!reserved.ok()) return reserved.status();
    file = *std::move(reserved);
  }
  absl::StatusOr<v1::User> user = (*admin)->CreateUser(request);
  if (!user.ok()) return user.status();
  absl::Status status = invocation.KeepSecret("token", file.get(), user->mutable_initial_token());
  status.Update(invocation.PrintResource(*user, UserTable(*user)));
  return status;
}

absl::Status Get(Invocation& invocation, const std::string& name) {
  absl::StatusOr<std::string> id = ParseUserId(name);
  if (!id.ok()) return id.status();
  absl::StatusOr<AdminApi*> admin = invocation.Admin();
  if (!admin.ok()) return admin.status();
  absl::StatusOr<v1::User> user = (*admin)->GetUser(UserName(*id));
  if (!user.ok()) return user.status();
  return invocation.PrintResource(*user, UserTable(*user));
}

absl::Status List(Invocation& invocation) {
  absl::StatusOr<AdminApi*> admin = invocation.Admin();
  if (!admin.ok()) return admin.status();
  absl::StatusOr<std::vector<v1::User>> users = (*admin)->ListUsers();
  if (!users.ok()) return users.status();
  Table table({"NAME", "EMAIL", "ROLES", "CREATED"});
  for (const v1::User& user : *users) {
    table.AddRow({LastPart(user.name()), user.email(), RolesText(user),
                  user.has_create_time() ? TimeText(user.create_time()) : ""});
  }
  return invocation.PrintList(*users, table);
}

absl::Status Delete(Invocation& invocation, const std::string& name) {
  absl::StatusOr<std::string> id = ParseUserId(name);
  if (!id.ok()) return id.status();
  absl::StatusOr<AdminApi*> admin = invocation.Admin();
  if (!admin.ok()) return admin.status();
  absl::Status status = (*admin)->DeleteUser(UserName(*id));
  return status.ok() ? invocation.PrintDeleted(UserName(*id)) : status;
}

absl::Status WhoAmI(Invocation& invocation) {
  absl::StatusOr<AdminApi*> admin = invocation.Admin();
  if (!admin.ok()) return admin.status();
  absl::StatusOr<v1::User> user = (*admin)->GetCaller();
  if (!user.ok()) return user.status();
  return invocation.PrintResource(*user, UserTable(*user));
}

void AddCreate(CLI::App& users, Invocation& invocation) {
  CLI::App* create = users.add_subcommand("create", "Create a user with a key pair and a token");
  // Shared by the parser, which fills it, and the action, which reads it.
  auto options = std::make_shared<CreateOptions>();
  create->add_option("NAME", options->name, "Username, a DNS label")->required();
  create->add_option("--email", options->email, "E-mail address")->required();
  create->add_option("--role", options->roles, "member or site-manager; may be given again")
      ->check(CLI::IsMember({"member", "site-manager"}))
      ->allow_extra_args(false);
  create->add_option("--token-file-out", options->token_file,
                     "Write the person's token to this file (mode 0600) instead of showing it");
  create->add_flag("--force", options->force, "Replace the file if it is there");
  invocation.OnCommand(create, [&invocation, options] { return Create(invocation, *options); });
}

}  // namespace

void AddUserCommands(CLI::App& app, Invocation& invocation) {
  CLI::App* whoami = app.add_subcommand("whoami", "Show whose token this is");
  invocation.OnCommand(whoami, [&invocation] { return WhoAmI(invocation); });

  CLI::App* users = app.add_subcommand("users", "Create, show and delete users");
  users->require_subcommand(1);
  AddCreate(*users, invocation);
  auto name = std::make_shared<std::string>();  // shared by parser and actions
  CLI::App* get = users->add_subcommand("get", "Show a user");
  get->add_option("NAME", *name, "Username")->required();
  invocation.OnCommand(get, [&invocation, name] { return Get(invocation, *name); });
  CLI::App* list = users->add_subcommand("list", "List all users");
  invocation.OnCommand(list, [&invocation] { return List(invocation); });
  CLI::App* remove = users->add_subcommand("delete", "Delete a user with key and tokens");
  remove->add_option("NAME", *name, "Username")->required();
  invocation.OnCommand(remove, [&invocation, name] { return Delete(invocation, *name); });
}

}  // namespace homeport
