#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cli/commands.h"
#include "cli/resource_name.h"
#include "cli/resource_text.h"

namespace homeport {
namespace {

Table ProviderTable(const v1::Provider& provider) {
  Table table;
  table.AddRow({"name", LastPart(provider.name())});
  table.AddRow({"display name", provider.display_name()});
  if (provider.features().has_key_socket()) {
    table.AddRow({"key socket", provider.features().key_socket() ? "on" : "off"});
  }
  if (provider.has_create_time()) table.AddRow({"created", TimeText(provider.create_time())});
  return table;
}

// What the options of create and update fill.
struct ProviderOptions {
  std::string name;
  std::string display_name;
  std::string key_socket;  // "on", "off" or empty

  void AddFields(CLI::App& command, const char* display_name_help) {
    command.add_option("--display-name", display_name, display_name_help);
    command.add_option("--key-socket", key_socket, "The key socket in its workspaces, on or off")
        ->check(CLI::IsMember({"on", "off"}));
  }
};

absl::Status Create(Invocation& invocation, const ProviderOptions& options) {
  absl::StatusOr<std::string> id = ParseProviderId(options.name);
  if (!id.ok()) return id.status();
  absl::StatusOr<AdminApi*> admin = invocation.Admin();
  if (!admin.ok()) return admin.status();
  v1::CreateProviderRequest request;
  request.set_provider_id(*id);
  request.mutable_provider()->set_display_name(options.display_name.empty() ? *id
                                                                            : options.display_name);
  if (!options.key_socket.empty()) {
    request.mutable_provider()->mutable_features()->set_key_socket(options.key_socket == "on");
  }
  absl::StatusOr<v1::Provider> provider = (*admin)->CreateProvider(request);
  if (!provider.ok()) return provider.status();
  return invocation.PrintResource(*provider, ProviderTable(*provider));
}

absl::Status Update(Invocation& invocation, const ProviderOptions& options) {
  v1::UpdateProviderRequest request;
  if (!options.display_name.empty()) {
    request.mutable_provider()->set_display_name(options.display_name);
    request.mutable_update_mask()->add_paths("display_name");
  }
  if (!options.key_socket.empty()) {
    request.mutable_provider()->mutable_features()->set_key_socket(options.key_socket == "on");
    request.mutable_update_mask()->add_paths("features.key_socket");
  }
  if (request.update_mask().paths().empty()) {
    return absl::InvalidArgumentError(
        "what is to change? Name it with --key-socket or --display-name");
  }
  absl::StatusOr<std::string> id = ParseProviderId(options.name);
  if (!id.ok()) return id.status();
  absl::StatusOr<AdminApi*> admin = invocation.Admin();
  if (!admin.ok()) return admin.status();
  request.mutable_provider()->set_name(ProviderName(*id));
  absl::StatusOr<v1::Provider> provider = (*admin)->UpdateProvider(request);
  if (!provider.ok()) return provider.status();
  return invocation.PrintResource(*provider, ProviderTable(*provider));
}

absl::Status Get(Invocation& invocation, const std::string& name) {
  absl::StatusOr<std::string> id = ParseProviderId(name);
  if (!id.ok()) return id.status();
  absl::StatusOr<AdminApi*> admin = invocation.Admin();
  if (!admin.ok()) return admin.status();
  absl::StatusOr<v1::Provider> provider = (*admin)->GetProvider(ProviderName(*id));
  if (!provider.ok()) return provider.status();
  return invocation.PrintResource(*provider, ProviderTable(*provider));
}

absl::Status List(Invocation& invocation) {
  absl::StatusOr<AdminApi*> admin = invocation.Admin();
  if (!admin.ok()) return admin.status();
  absl::StatusOr<std::vector<v1::Provider>> providers = (*admin)->ListProviders();
  if (!providers.ok()) return providers.status();
  Table table({"NAME", "DISPLAY NAME", "CREATED"});
  for (const v1::Provider& provider : *providers) {
    table.AddRow({LastPart(provider.name()), provider.display_name(),
                  provider.has_create_time() ? TimeText(provider.create_time()) : ""});
  }
  return invocation.PrintList(*providers, table);
}

absl::Status Delete(Invocation& invocation, const std::string& name) {
  absl::StatusOr<std::string> id = ParseProviderId(name);
  if (!id.ok()) return id.status();
  absl::StatusOr<AdminApi*> admin = invocation.Admin();
  if (!admin.ok()) return admin.status();
  absl::Status status = (*admin)->DeleteProvider(ProviderName(*id));
  return status.ok() ? invocation.PrintDeleted(ProviderName(*id)) : status;
}

}  // namespace

void AddProviderCommands(CLI::App& app, Invocation& invocation) {
  CLI::App* providers =
      app.add_subcommand("providers", "Create, show, change and delete providers");
  providers->require_subcommand(1);
  // Shared by the parser, which fills them, and the actions, which read them.
  auto name = std::make_shared<std::string>();
  auto options = std::make_shared<ProviderOptions>();
  CLI::App* create = providers->add_subcommand("create", "Create a provider");
  create->add_option("NAME", options->name, "Name, a DNS label")->required();
  options->AddFields(*create, "Name for people; NAME if not given");
  invocation.OnCommand(create, [&invocation, options] { return Create(invocation, *options); });
  CLI::App* update =
      providers->add_subcommand("update", "Change a provider; what is not named stays as it is");
  update->add_option("NAME", options->name, "Name")->required();
  options->AddFields(*update, "Name for people");
  invocation.OnCommand(update, [&invocation, options] { return Update(invocation, *options); });
  CLI::App* get = providers->add_subcommand("get", "Show a provider");
  get->add_option("NAME", *name, "Name")->required();
  invocation.OnCommand(get, [&invocation, name] { return Get(invocation, *name); });
  CLI::App* list = providers->add_subcommand("list", "List all providers");
  invocation.OnCommand(list, [&invocation] { return List(invocation); });
  CLI::App* remove = providers->add_subcommand("delete", "Delete a provider without workspaces");
  remove->add_option("NAME", *name, "Name")->required();
  invocation.OnCommand(remove, [&invocation, name] { return Delete(invocation, *name); });
}

}  // namespace homeport
