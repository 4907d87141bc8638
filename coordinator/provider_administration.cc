#include "coordinator/provider_administration.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "coordinator/field_mask.h"
#include "coordinator/page.h"
#include "coordinator/resource_name.h"
#include "coordinator/timestamps.h"

namespace homeport {
namespace {

constexpr size_t kLongestDisplayName = 255;
constexpr char kListing[] = "providers";

absl::Status CheckDisplayName(absl::string_view name) {
  const bool control = std::any_of(name.begin(), name.end(), [](char c) {
    return absl::ascii_iscntrl(static_cast<unsigned char>(c));
  });
  if (name.size() <= kLongestDisplayName && !control) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("provider.display_name must be at most ",
                                                 kLongestDisplayName,
                                                 " bytes without control characters"));
}

// What is not said is on.
bool KeySocket(const v1::Provider& provider) {
  return !provider.features().has_key_socket() || provider.features().key_socket();
}

v1::Provider ToProto(const ProviderRecord& record) {
  v1::Provider provider;
  provider.set_name(FormatProviderName(record.name));
  provider.set_display_name(record.display_name);
  *provider.mutable_create_time() = ToTimestamp(record.create_time);
  provider.mutable_features()->set_key_socket(record.features.key_socket);
  return provider;
}

}  // namespace

absl::Status ProviderAdministration::Create(const v1::CreateProviderRequest& request,
                                            v1::Provider& response) {
  absl::Status status = CheckResourceId("provider_id", request.provider_id());
  if (status.ok()) status = CheckDisplayName(request.provider().display_name());
  if (!status.ok()) return status;
  ProviderRecord provider;
  provider.name = request.provider_id();
  provider.display_name = request.provider().display_name();
  provider.features.key_socket = KeySocket(request.provider());
  const absl::StatusOr<ProviderRecord> made = store_.CreateProvider(
      provider,
      {0, absl::Now(), "", "provider.create", FormatProviderName(provider.name), "", "{}"});
  if (made.ok()) response = ToProto(*made);
  return made.status();
}

absl::Status ProviderAdministration::Get(const v1::GetProviderRequest& request,
                                         v1::Provider& response) {
  const absl::StatusOr<std::string> name = ParseProviderName(request.name());
  if (!name.ok()) return name.status();
  const absl::StatusOr<ProviderRecord> provider = store_.GetProvider(*name);
  if (absl::IsNotFound(provider.status())) return ResourceNotFound(request.name());
  if (provider.ok()) response = ToProto(*provider);
  return provider.status();
}

absl::Status ProviderAdministration::List(const v1::ListProvidersRequest& request,
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
  for (const ProviderRecord& provider : *providers) {
    if (response.providers_size() == *size) {
      const ProviderRecord& last = providers->at(static_cast<size_t>(*size - 1));
      response.set_next_page_token(MakePageToken(kListing, {last.name}));
      break;
    }
    *response.add_providers() = ToProto(provider);
  }
  return absl::OkStatus();
}

absl::Status ProviderAdministration::Update(const v1::UpdateProviderRequest& request,
                                            v1::Provider& response) {
  const v1::Provider& provider = request.provider();
  const absl::StatusOr<std::string> name = ParseProviderName(provider.name());
  if (!name.ok()) return name.status();
  const absl::StatusOr<std::set<std::string>> fields =
      ReadFieldMask(request.update_mask(), {"display_name", "features.key_socket"});
  if (!fields.ok()) return fields.status();
  ProviderChange change;
  if (fields->count("display_name") > 0) {
    if (absl::Status status = CheckDisplayName(provider.display_name()); !status.ok()) {
      return status;
    }
    change.display_name = provider.display_name();
  }
  if (fields->count("features.key_socket") > 0) change.key_socket = KeySocket(provider);
  const absl::StatusOr<ProviderRecord> updated = store_.UpdateProvider(
      *name, change, {0, absl::Now(), "", "provider.update", provider.name(), "", "{}"});
  if (absl::IsNotFound(updated.status())) return ResourceNotFound(provider.name());
  if (!updated.ok()) return updated.status();
  response = ToProto(*updated);
  publisher_.PublishProvider(*name);
  return absl::OkStatus();
}

absl::Status ProviderAdministration::Delete(const v1::DeleteProviderRequest& request) {
  const absl::StatusOr<std::string> name = ParseProviderName(request.name());
  if (!name.ok()) return name.status();
  absl::Status status = store_.DeleteProvider(
      *name, {0, absl::Now(), "", "provider.delete", request.name(), "", "{}"});
  return absl::IsNotFound(status) ? ResourceNotFound(request.name()) : status;
}

}  // namespace homeport
