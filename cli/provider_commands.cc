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
  if (provider.has_create_time()) table.AddRow({"created", TimeText(provider.create_time())});
  return table;
}

absl::Status Create(Invocation& invocation, const std::string& name,
                    const std::string& display_name) {
  absl::StatusOr<std::string> id = ParseProviderId(name);
  if (!id.ok()) return id.status();
  absl::StatusOr<AdminApi*> admin = invocation.Admin();
  if (!admin.ok()) return admin.status();
  v1::CreateProviderRequest request;
  request.set_provider_id(*id);
  request.mutable_provider()->set_display_name(display_name.empty() ? *id : display_name);
  absl::StatusOr<v1::Provider> provider = (*admin)->CreateProvider(request);
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
  CLI::App* providers = app.add_subcommand("providers", "Create, show and delete providers");
  providers->require_subcommand(1);
  // Shared by the parser, which fills them, and the actions, which read them.
  auto name = std::make_shared<std::string>();
  auto display_name = std::make_shared<std::string>();
  CLI::App* create = providers->add_subcommand("create", "Create a provider");
  create->add_option("NAME", *name, "Name, a DNS label")->required();
  create->add_option("--display-name", *display_name, "Name for people; NAME if not given");
  invocation.OnCommand(create, [&invocation, name, display_name] {
    return Create(invocation, *name, *display_name);
  });
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
