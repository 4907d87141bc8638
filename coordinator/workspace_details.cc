#include "coordinator/workspace_details.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "coordinator/field_mask.h"
#include "coordinator/identity/token_claims.h"

namespace homeport {
namespace {

constexpr size_t kLongestImageUri = 1024;
constexpr size_t kLongestTag = 128;  // of the OCI distribution specification
constexpr size_t kLongestUrl = 2048;
constexpr size_t kLongestPath = 1024;
constexpr int64_t kMostCpuMillis = 1000000000;          // a million CPUs
constexpr int64_t kMostMemoryBytes = int64_t{1} << 60;  // an exbibyte

// These values become lines of an environment: nothing in them may end a line.
bool HasControl(absl::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_iscntrl(static_cast<unsigned char>(c)); });
}

absl::Status CheckText(absl::string_view field, absl::string_view text, size_t longest) {
  if (text.size() <= longest && !HasControl(text)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(field, " must be at most ", longest, " bytes without control characters"));
}

absl::Status CheckUrl(absl::string_view field, absl::string_view url) {
  absl::string_view rest = url;
  const bool http = absl::ConsumePrefix(&rest, "https://") || absl::ConsumePrefix(&rest, "http://");
  const bool has_host = !rest.empty() && rest.front() != '/';
  if (url.empty() || (http && has_host && url.size() <= kLongestUrl && !HasControl(url) &&
                      !absl::StrContains(url, ' '))) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat(field, " must be empty, or http://… or https://… of at most ", kLongestUrl,
                   " bytes without spaces"));
}

bool IsLowerHex(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isdigit(static_cast<unsigned char>(c)) || (c >= 'a' && c <= 'f');
  });
}

absl::Status CheckDigest(absl::string_view digest) {
  absl::string_view hex = digest;
  const size_t wanted = absl::ConsumePrefix(&hex, "sha256:")   ? 64
                        : absl::ConsumePrefix(&hex, "sha512:") ? 128
                                                               : 0;
  if (digest.empty() || (wanted != 0 && hex.size() == wanted && IsLowerHex(hex))) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      "workspace.image.digest must be empty, or sha256: and 64 or sha512: and 128 hexadecimal "
      "digits in lower case");
}

absl::Status CheckBasePath(absl::string_view path) {
  if (!path.empty() && path.front() != '/') {
    return absl::InvalidArgumentError("workspace.base_path must be empty or start with /");
  }
  return CheckText("workspace.base_path", path, kLongestPath);
}

absl::StatusOr<BackendPin> ToPin(v1::BackendKind kind) {
  for (const BackendPin pin : {BackendPin::kAuto, BackendPin::kEmbedded, BackendPin::kOpenSsh}) {
    if (ToProto(pin) == kind) return pin;
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "workspace.pinned_backend has the unknown value ", static_cast<int>(kind),
      "; there are BACKEND_KIND_UNSPECIFIED, BACKEND_KIND_EMBEDDED and BACKEND_KIND_OPENSSH"));
}

absl::Status CheckLimit(absl::string_view field, int64_t limit, int64_t most) {
  if (limit >= 0 && limit <= most) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(field, " must be 0, for what its control group says, or up to ", most));
}

absl::Status CheckServiceAccount(absl::string_view account) {
  if (account.empty() || IsKubernetesName(account)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "workspace.service_account must be empty, or the name of a service account of Kubernetes': "
      "lower-case letters, digits, hyphens and dots, at most 253 bytes");
}

const FieldPaths& Changeable() {
  static const auto* paths =
      new FieldPaths{"image.uri",           "image.tag",      "image.digest",   "gallery.item_url",
                     "gallery.service_url", "base_path",      "pinned_backend", "limits.cpu_millis",
                     "limits.memory_bytes", "service_account"};
  return *paths;
}

// The fields of `workspace` whose paths are in `fields`, checked.
absl::StatusOr<WorkspaceChange> Read(const v1::Workspace& workspace,
                                     const std::set<std::string>& fields) {
  WorkspaceChange change;
  absl::Status status;
  const auto take = [&](const char* path, std::optional<std::string>& into,
                        const std::string& value, absl::Status checked) {
    if (fields.count(path) == 0) return;
    status.Update(checked);
    into = value;
  };
  const v1::WorkspaceImage& image = workspace.image();
  const v1::ExtensionGallery& gallery = workspace.gallery();
  take("image.uri", change.image_uri, image.uri(),
       CheckText("workspace.image.uri", image.uri(), kLongestImageUri));
  take("image.tag", change.image_tag, image.tag(),
       CheckText("workspace.image.tag", image.tag(), kLongestTag));
  take("image.digest", change.image_digest, image.digest(), CheckDigest(image.digest()));
  take("gallery.item_url", change.gallery_item_url, gallery.item_url(),
       CheckUrl("workspace.gallery.item_url", gallery.item_url()));
  take("gallery.service_url", change.gallery_service_url, gallery.service_url(),
       CheckUrl("workspace.gallery.service_url", gallery.service_url()));
  take("base_path", change.base_path, workspace.base_path(), CheckBasePath(workspace.base_path()));
  take("service_account", change.service_account, workspace.service_account(),
       CheckServiceAccount(workspace.service_account()));
  if (fields.count("pinned_backend") > 0) {
    const absl::StatusOr<BackendPin> pin = ToPin(workspace.pinned_backend());
    status.Update(pin.status());
    if (pin.ok()) change.pinned_backend = *pin;
  }
  const auto take_limit = [&](const char* path, std::optional<int64_t>& into, int64_t value,
                              int64_t most) {
    if (fields.count(path) == 0) return;
    status.Update(CheckLimit(absl::StrCat("workspace.", path), value, most));
    into = value;
  };
  take_limit("limits.cpu_millis", change.cpu_limit_millis, workspace.limits().cpu_millis(),
             kMostCpuMillis);
  take_limit("limits.memory_bytes", change.memory_limit_bytes, workspace.limits().memory_bytes(),
             kMostMemoryBytes);
  if (!status.ok()) return status;
  return change;
}

}  // namespace

v1::BackendKind ToProto(BackendPin pin) {
  switch (pin) {
    case BackendPin::kAuto:
      return v1::BACKEND_KIND_UNSPECIFIED;
    case BackendPin::kEmbedded:
      return v1::BACKEND_KIND_EMBEDDED;
    case BackendPin::kOpenSsh:
      return v1::BACKEND_KIND_OPENSSH;
  }
  return v1::BACKEND_KIND_UNSPECIFIED;
}

absl::StatusOr<WorkspaceDetails> ReadWorkspaceDetails(const v1::Workspace& workspace) {
  absl::StatusOr<WorkspaceChange> all =
      Read(workspace, std::set<std::string>(Changeable().begin(), Changeable().end()));
  if (!all.ok()) return all.status();
  return WorkspaceDetails{*std::move(all->image_uri),
                          *std::move(all->image_tag),
                          *std::move(all->image_digest),
                          *std::move(all->gallery_item_url),
                          *std::move(all->gallery_service_url),
                          *std::move(all->base_path),
                          *all->pinned_backend,
                          *all->cpu_limit_millis,
                          *all->memory_limit_bytes,
                          *std::move(all->service_account)};
}

absl::StatusOr<WorkspaceChange> ReadWorkspaceChange(const v1::Workspace& workspace,
                                                    const google::protobuf::FieldMask& mask) {
  const absl::StatusOr<std::set<std::string>> fields = ReadFieldMask(mask, Changeable());
  if (!fields.ok()) return fields.status();
  return Read(workspace, *fields);
}

void WriteWorkspaceDetails(const WorkspaceDetails& details, v1::Workspace& workspace) {
  workspace.set_service_account(details.service_account);
  // A message that has nothing in it is left out.
  if (!details.image_uri.empty() || !details.image_tag.empty() || !details.image_digest.empty()) {
    workspace.mutable_image()->set_uri(details.image_uri);
    workspace.mutable_image()->set_tag(details.image_tag);
    workspace.mutable_image()->set_digest(details.image_digest);
  }
  if (!details.gallery_item_url.empty() || !details.gallery_service_url.empty()) {
    workspace.mutable_gallery()->set_item_url(details.gallery_item_url);
    workspace.mutable_gallery()->set_service_url(details.gallery_service_url);
  }
  workspace.set_base_path(details.base_path);
  workspace.set_pinned_backend(ToProto(details.pinned_backend));
  if (details.cpu_limit_millis != 0 || details.memory_limit_bytes != 0) {
    workspace.mutable_limits()->set_cpu_millis(details.cpu_limit_millis);
    workspace.mutable_limits()->set_memory_bytes(details.memory_limit_bytes);
  }
}

AuditDetail DescribeWorkspaceChange(const WorkspaceDetails& old, const WorkspaceChange& change) {
  AuditDetail detail = AuditDetail::object();
  const auto note = [&detail](const char* path, const auto& was, const auto& is) {
    if (is.has_value() && *is != was) detail[path] = OldAndNew(was, *is);
  };
  note("image.uri", old.image_uri, change.image_uri);
  note("image.tag", old.image_tag, change.image_tag);
  note("image.digest", old.image_digest, change.image_digest);
  note("gallery.item_url", old.gallery_item_url, change.gallery_item_url);
  note("gallery.service_url", old.gallery_service_url, change.gallery_service_url);
  note("base_path", old.base_path, change.base_path);
  note("limits.cpu_millis", old.cpu_limit_millis, change.cpu_limit_millis);
  note("limits.memory_bytes", old.memory_limit_bytes, change.memory_limit_bytes);
  note("service_account", old.service_account, change.service_account);
  if (change.pinned_backend.has_value() && *change.pinned_backend != old.pinned_backend) {
    detail["pinned_backend"] = OldAndNew(v1::BackendKind_Name(ToProto(old.pinned_backend)),
                                         v1::BackendKind_Name(ToProto(*change.pinned_backend)));
  }
  return detail;
}

}  // namespace homeport
