#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/commands.h"
#include "cli/provider_fields.h"
#include "cli/resource_name.h"
#include "cli/resource_text.h"

namespace homeport {
namespace {

std::string StatusText(const v1::Provider& provider) {
  return EnumText(v1::ProviderStatus_Name(provider.status()), "PROVIDER_STATUS_",
                  provider.status());
}

Table ProviderTable(const v1::Provider& provider) {
  Table table;
  table.AddRow({"name", LastPart(provider.name())});
  table.AddRow({"display name", provider.display_name()});
  if (provider.kind() != v1::PROVIDER_KIND_UNSPECIFIED) {
    table.AddRow({"kind", EnumText(v1::ProviderKind_Name(provider.kind()), "PROVIDER_KIND_",
                                   provider.kind())});
  }
  if (!provider.namespace_().empty()) table.AddRow({"namespace", provider.namespace_()});
  AddFeatureRows(table, provider.features());
  if (provider.status() != v1::PROVIDER_STATUS_UNSPECIFIED) {
    table.AddRow({"status", StatusText(provider)});
    table.AddRow({"workspaces", absl::StrCat(provider.workspaces(), ", ",
                                             provider.online_workspaces(), " online")});
    table.AddRow({"live sessions", absl::StrCat(provider.live_sessions())});
  }
  if (provider.has_create_time()) table.AddRow({"created", TimeText(provider.create_time())});
  return table;
}

// What the options of create and update fill.
struct ProviderOptions {
  std::string name;
  ProviderFields fields;
};

absl::Status Create(Invocation& invocation, const ProviderOptions& options) {
  absl::StatusOr<std::string> id = ParseProviderId(options.name);
  if (!id.ok()) return id.status();
  absl::StatusOr<PlacesApi*> places = invocation.Places();
  if (!places.ok()) return places.status();
  v1::CreateProviderRequest request;
  request.set_provider_id(*id);
  request.mutable_provider()->set_display_name(*id);
  options.fields.Apply(*request.mutable_provider());
  absl::StatusOr<v1::Provider> provider = (*places)->CreateProvider(request);
  if (!provider.ok()) return provider.status();
  return invocation.PrintResource(*provider, ProviderTable(*provider));
}

absl::Status Update(Invocation& invocation, const ProviderOptions& options) {
  if (options.fields.empty()) {
    return absl::InvalidArgumentError(
        "what is to change? Name it, for example with --external-connect off or --display-name");
  }
  absl::StatusOr<std::string> id = ParseProviderId(options.name);
  if (!id.ok()) return id.status();
  absl::StatusOr<PlacesApi*> places = invocation.Places();
  if (!places.ok()) return places.status();
  v1::UpdateProviderRequest request;
  request.mutable_provider()->set_name(ProviderName(*id));
  *request.mutable_update_mask() = options.fields.Apply(*request.mutable_provider());
  absl::StatusOr<v1::Provider> provider = (*places)->UpdateProvider(request);
  if (!provider.ok()) return provider.status();
  absl::Status status = invocation.PrintResource(*provider, ProviderTable(*provider));
  status.Update(invocation.TellEffect(provider->effect()));
  return status;
}

absl::Status Get(Invocation& invocation, const std::string& name) {
  absl::StatusOr<std::string> id = ParseProviderId(name);
  if (!id.ok()) return id.status();
  absl::StatusOr<PlacesApi*> places = invocation.Places();
  if (!places.ok()) return places.status();
  absl::StatusOr<v1::Provider> provider = (*places)->GetProvider(ProviderName(*id));
  if (!provider.ok()) return provider.status();
  return invocation.PrintResource(*provider, ProviderTable(*provider));
}

absl::Status List(Invocation& invocation) {
  absl::StatusOr<PlacesApi*> places = invocation.Places();
  if (!places.ok()) return places.status();
  absl::StatusOr<std::vector<v1::Provider>> providers = (*places)->ListProviders();
  if (!providers.ok()) return providers.status();
  Table table({"NAME", "DISPLAY NAME", "STATUS", "WORKSPACES", "ONLINE", "SESSIONS", "FEATURES"});
  for (const v1::Provider& provider : *providers) {
    table.AddRow({LastPart(provider.name()), provider.display_name(), StatusText(provider),
                  absl::StrCat(provider.workspaces()), absl::StrCat(provider.online_workspaces()),
                  absl::StrCat(provider.live_sessions()), FeaturesText(provider.features())});
  }
  return invocation.PrintList(*providers, table);
}

absl::Status Delete(Invocation& invocation, const std::string& name) {
  absl::StatusOr<std::string> id = ParseProviderId(name);
  if (!id.ok()) return id.status();
  absl::StatusOr<PlacesApi*> places = invocation.Places();
  if (!places.ok()) return places.status();
  absl::Status status = (*places)->DeleteProvider(ProviderName(*id));
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
  options->fields.AddOptions(*create, "Name for people; NAME if not given");
  invocation.OnCommand(create, [&invocation, options] { return Create(invocation, *options); });
  CLI::App* update =
      providers->add_subcommand("update", "Change a provider; what is not named stays as it is");
  update->add_option("NAME", options->name, "Name")->required();
  options->fields.AddOptions(*update, "Name for people");
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
