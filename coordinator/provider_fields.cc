#include "coordinator/provider_fields.h"

#include <optional>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/dns_label.h"
#include "base/logging.h"
#include "coordinator/field_mask.h"
#include "coordinator/resource_name.h"
#include "coordinator/text_rules.h"
#include "coordinator/timestamps.h"

namespace homeport {
namespace {

constexpr size_t kLongestDisplayName = 255;

// A feature in each of its shapes.
struct Feature {
  const char* path;
  bool ProviderFeatures::*field;
  std::optional<bool> ProviderChange::*change;
  bool (v1::ProviderFeatures::*has)() const;
  bool (v1::ProviderFeatures::*get)() const;
  void (v1::ProviderFeatures::*set)(bool);
};
#define HOMEPORT_FEATURE(name)                                          \
  {                                                                     \
    "features." #name, &ProviderFeatures::name, &ProviderChange::name,  \
        &v1::ProviderFeatures::has_##name, &v1::ProviderFeatures::name, \
        &v1::ProviderFeatures::set_##name                               \
  }
constexpr Feature kFeatures[] = {
    HOMEPORT_FEATURE(external_connect), HOMEPORT_FEATURE(port_forwarding),
    HOMEPORT_FEATURE(file_transfer),    HOMEPORT_FEATURE(agent_forwarding),
    HOMEPORT_FEATURE(x11_forwarding),   HOMEPORT_FEATURE(key_socket),
};
#undef HOMEPORT_FEATURE

// What is not said is on.
bool IsOn(const Feature& feature, const v1::Provider& provider) {
  const v1::ProviderFeatures& features = provider.features();
  return !(features.*feature.has)() || (features.*feature.get)();
}

absl::StatusOr<ProviderKind> ReadKind(v1::ProviderKind kind) {
  switch (static_cast<int>(kind)) {
    case v1::PROVIDER_KIND_UNSPECIFIED:
    case v1::PROVIDER_KIND_KUBERNETES:
      return ProviderKind::kKubernetes;
    case v1::PROVIDER_KIND_OTHER:
      return ProviderKind::kOther;
    default:
      return absl::InvalidArgumentError(
          absl::StrCat("provider.kind has the unknown value ", static_cast<int>(kind),
                       "; there are PROVIDER_KIND_KUBERNETES and PROVIDER_KIND_OTHER"));
  }
}

std::string KindName(ProviderKind kind) {
  return kind == ProviderKind::kKubernetes ? "kubernetes" : "other";
}

absl::Status CheckNamespace(const std::string& name) {
  if (name.empty() || IsDnsLabel(name)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("provider.namespace is \"", Printable(name),
                                                 "\"; it must be empty, or ", kDnsLabelRule));
}

const FieldPaths& Changeable() {
  static const auto* paths = [] {
    auto* all = new FieldPaths{"display_name", "kind", "namespace"};
    for (const Feature& feature : kFeatures) all->emplace_back(feature.path);
    return all;
  }();
  return *paths;
}

absl::StatusOr<ProviderChange> Read(const v1::Provider& provider,
                                    const std::set<std::string>& fields) {
  ProviderChange change;
  if (fields.count("display_name") > 0) {
    absl::Status status =
        CheckLine("provider.display_name", provider.display_name(), kLongestDisplayName);
    if (!status.ok()) return status;
    change.display_name = provider.display_name();
  }
  if (fields.count("kind") > 0) {
    const absl::StatusOr<ProviderKind> kind = ReadKind(provider.kind());
    if (!kind.ok()) return kind.status();
    change.kind = *kind;
  }
  if (fields.count("namespace") > 0) {
    if (absl::Status status = CheckNamespace(provider.namespace_()); !status.ok()) return status;
    change.name_space = provider.namespace_();
  }
  for (const Feature& feature : kFeatures) {
    if (fields.count(feature.path) > 0) change.*feature.change = IsOn(feature, provider);
  }
  return change;
}

}  // namespace

absl::StatusOr<ProviderRecord> ReadNewProvider(const v1::Provider& provider) {
  absl::StatusOr<ProviderChange> all =
      Read(provider, std::set<std::string>(Changeable().begin(), Changeable().end()));
  if (all.ok()) all = FitProviderChange(ProviderRecord(), *std::move(all));
  if (!all.ok()) return all.status();
  ProviderRecord record;
  record.display_name = *all->display_name;
  record.kind = *all->kind;
  record.name_space = *all->name_space;
  for (const Feature& feature : kFeatures) {
    record.features.*feature.field = *(*all.*feature.change);
  }
  return record;
}

absl::StatusOr<ProviderChange> ReadProviderChange(const v1::Provider& provider,
                                                  const google::protobuf::FieldMask& mask) {
  const absl::StatusOr<std::set<std::string>> fields = ReadFieldMask(mask, Changeable());
  if (!fields.ok()) return fields.status();
  return Read(provider, *fields);
}

absl::StatusOr<ProviderChange> FitProviderChange(const ProviderRecord& old, ProviderChange change) {
  if (change.kind.value_or(old.kind) == ProviderKind::kKubernetes) return change;
  if (!change.name_space.value_or("").empty()) {
    return absl::InvalidArgumentError(
        "provider.namespace is for providers of the kind PROVIDER_KIND_KUBERNETES alone");
  }
  if (!old.name_space.empty()) change.name_space = "";
  return change;
}

v1::Provider ToProto(const ProviderRecord& record) {
  v1::Provider provider;
  provider.set_name(FormatProviderName(record.name));
  provider.set_display_name(record.display_name);
  *provider.mutable_create_time() = ToTimestamp(record.create_time);
  provider.set_kind(record.kind == ProviderKind::kKubernetes ? v1::PROVIDER_KIND_KUBERNETES
                                                             : v1::PROVIDER_KIND_OTHER);
  provider.set_namespace_(record.name_space);
  provider.set_workspaces(record.workspaces);
  for (const Feature& feature : kFeatures) {
    (provider.mutable_features()->*feature.set)(record.features.*feature.field);
  }
  return provider;
}

AuditDetail DescribeProvider(const ProviderRecord& record) {
  AuditDetail detail = {{"display_name", record.display_name},
                        {"kind", KindName(record.kind)},
                        {"namespace", record.name_space}};
  for (const Feature& feature : kFeatures) detail[feature.path] = record.features.*feature.field;
  return detail;
}

AuditDetail DescribeProviderChange(const ProviderRecord& old, const ProviderChange& change) {
  AuditDetail detail = AuditDetail::object();
  if (change.display_name.value_or(old.display_name) != old.display_name) {
    detail["display_name"] = OldAndNew(old.display_name, *change.display_name);
  }
  if (change.kind.value_or(old.kind) != old.kind) {
    detail["kind"] = OldAndNew(KindName(old.kind), KindName(*change.kind));
  }
  if (change.name_space.value_or(old.name_space) != old.name_space) {
    detail["namespace"] = OldAndNew(old.name_space, *change.name_space);
  }
  for (const Feature& feature : kFeatures) {
    const bool was = old.features.*feature.field;
    const bool is = (change.*feature.change).value_or(was);
    if (was != is) detail[feature.path] = OldAndNew(was, is);
  }
  return detail;
}

}  // namespace homeport
