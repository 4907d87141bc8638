#include "coordinator/provider_administration.h"

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "coordinator/audit_line.h"
#include "coordinator/page.h"
#include "coordinator/provider_fields.h"
#include "coordinator/resource_name.h"

namespace homeport {
namespace {

constexpr char kListing[] = "providers";

}  // namespace

struct ProviderAdministration::Now {
  std::set<int64_t> online;     // workspaces
  std::map<int64_t, int> live;  // sessions by workspace
};

absl::StatusOr<ProviderAdministration::Now> ProviderAdministration::Look() const {
  absl::StatusOr<std::set<int64_t>> online = replicas_.OnlineWorkspaces();
  if (!online.ok()) return online.status();
  absl::StatusOr<std::map<int64_t, int>> live = replicas_.CountSessions();
  if (!live.ok()) return live.status();
  return Now{*std::move(online), *std::move(live)};
}

absl::StatusOr<v1::Provider> ProviderAdministration::Describe(const ProviderRecord& record,
                                                              const Now& now) {
  v1::Provider provider = ToProto(record);
  provider.set_status(record.workspaces == 0 ? v1::PROVIDER_STATUS_EMPTY
                                             : v1::PROVIDER_STATUS_OFFLINE);
  if (record.workspaces == 0 || (now.online.empty() && now.live.empty())) return provider;
  const absl::StatusOr<std::vector<int64_t>> ids = store_.ListProviderWorkspaceIds(record.name);
  if (!ids.ok()) return ids.status();
  int online = 0, live = 0;
  for (const int64_t id : *ids) {
    online += static_cast<int>(now.online.count(id));
    const auto found = now.live.find(id);
    live += found == now.live.end() ? 0 : found->second;
  }
  if (online > 0) provider.set_status(v1::PROVIDER_STATUS_ONLINE);
  provider.set_online_workspaces(online);
  provider.set_live_sessions(live);
  return provider;
}

absl::Status ProviderAdministration::Create(const Caller& caller,
                                            const v1::CreateProviderRequest& request,
                                            v1::Provider& response) {
  absl::Status status = CheckResourceId("provider_id", request.provider_id());
  if (!status.ok()) return status;
  absl::StatusOr<ProviderRecord> provider = ReadNewProvider(request.provider());
  if (!provider.ok()) return provider.status();
  provider->name = request.provider_id();
  const absl::StatusOr<ProviderRecord> made = store_.CreateProvider(
      *provider, AuditLine(caller, "provider.create", FormatProviderName(provider->name),
                           DescribeProvider(*provider)));
  if (!made.ok()) return made.status();
  response = ToProto(*made);
  response.set_status(v1::PROVIDER_STATUS_EMPTY);
  return absl::OkStatus();
}

absl::Status ProviderAdministration::Get(const Caller&, const v1::GetProviderRequest& request,
                                         v1::Provider& response) {
  const absl::StatusOr<std::string> name = ParseProviderName(request.name());
  if (!name.ok()) return name.status();
  const absl::StatusOr<ProviderRecord> provider = store_.GetProvider(*name);
  if (absl::IsNotFound(provider.status())) return ResourceNotFound(request.name());
  if (!provider.ok()) return provider.status();
  const absl::StatusOr<Now> now = Look();
  if (!now.ok()) return now.status();
  absl::StatusOr<v1::Provider> described = Describe(*provider, *now);
  if (described.ok()) response = *std::move(described);
  return described.status();
}

absl::Status ProviderAdministration::List(const Caller&, const v1::ListProvidersRequest& request,
                                          v1::ListProvidersResponse& response) {
  const absl::StatusOr<int> size = PageSize(request.page_size());
  if (!size.ok()) return size.status();
  const absl::StatusOr<std::vector<std::string>> after =
      ParsePageToken(request.page_token(), kListing, 1);
  if (!after.ok()) return after.status();
  // One more than asked for says whether there is another page.
  const absl::StatusOr<std::vector<ProviderRecord>> providers =
      store_.ListProviders(after->at(0), *size + 1);
  if (!providers.ok()) return providers.status();
  const absl::StatusOr<Now> now = Look();
  if (!now.ok()) return now.status();
  for (const ProviderRecord& provider : *providers) {
    if (response.providers_size() == *size) {
      const ProviderRecord& last = providers->at(static_cast<size_t>(*size - 1));
      response.set_next_page_token(MakePageToken(kListing, {last.name}));
      break;
    }
    absl::StatusOr<v1::Provider> described = Describe(provider, *now);
    if (!described.ok()) return described.status();
    *response.add_providers() = *std::move(described);
  }
  return absl::OkStatus();
}

absl::Status ProviderAdministration::Update(const Caller& caller,
                                            const v1::UpdateProviderRequest& request,
                                            v1::Provider& response) {
  const std::string& full_name = request.provider().name();
  const absl::StatusOr<std::string> name = ParseProviderName(full_name);
  if (!name.ok()) return name.status();
  absl::StatusOr<ProviderChange> change =
      ReadProviderChange(request.provider(), request.update_mask());
  if (!change.ok()) return change.status();
  const absl::StatusOr<ProviderRecord> old = store_.GetProvider(*name);
  if (absl::IsNotFound(old.status())) return ResourceNotFound(full_name);
  if (!old.ok()) return old.status();
  change = FitProviderChange(*old, *std::move(change));
  if (!change.ok()) return change.status();
  const absl::StatusOr<ProviderRecord> updated = store_.UpdateProvider(
      *name, *change,
      AuditLine(caller, "provider.update", full_name, DescribeProviderChange(*old, *change)));
  if (absl::IsNotFound(updated.status())) return ResourceNotFound(full_name);
  if (!updated.ok()) return updated.status();
  v1::Effect effect = changes_.ProviderChanged(*name);
  const absl::StatusOr<Now> now = Look();
  if (!now.ok()) return now.status();
  absl::StatusOr<v1::Provider> described = Describe(*updated, *now);
  if (!described.ok()) return described.status();
  response = *std::move(described);
  *response.mutable_effect() = std::move(effect);
  return absl::OkStatus();
}

absl::Status ProviderAdministration::Delete(const Caller& caller,
                                            const v1::DeleteProviderRequest& request,
                                            v1::DeleteProviderResponse&) {
  const absl::StatusOr<std::string> name = ParseProviderName(request.name());
  if (!name.ok()) return name.status();
  const absl::Status status =
      store_.DeleteProvider(*name, AuditLine(caller, "provider.delete", request.name()));
  return absl::IsNotFound(status) ? ResourceNotFound(request.name()) : status;
}

}  // namespace homeport
