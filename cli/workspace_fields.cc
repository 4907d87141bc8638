#include "cli/workspace_fields.h"

#include <cstdint>
#include <cstring>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace homeport {
namespace {

struct Field {
  const char* option;
  const char* path;
  const char* help;
  void (*set)(v1::Workspace& workspace, const std::string& value);
};

constexpr char kBackend[] = "--backend";
constexpr char kCpuLimit[] = "--cpu-limit";
constexpr char kMemoryLimit[] = "--memory-limit";

// "1.5" CPUs in thousandths; -1 for what is no amount. "" and "none" are 0: what the workspace's
// control group says.
int64_t CpuMillis(absl::string_view text) {
  double cpus = 0;
  if (text.empty() || text == "none") return 0;
  if (!absl::SimpleAtod(text, &cpus) || !(cpus >= 0.001) || cpus > 100000) return -1;
  return static_cast<int64_t>(cpus * 1000 + 0.5);
}

// "512Mi", "4Gi" or bytes; as above.
int64_t MemoryBytes(absl::string_view text) {
  if (text.empty() || text == "none") return 0;
  int shift = 0;
  if (absl::ConsumeSuffix(&text, "Ki")) shift = 10;
  if (shift == 0 && absl::ConsumeSuffix(&text, "Mi")) shift = 20;
  if (shift == 0 && absl::ConsumeSuffix(&text, "Gi")) shift = 30;
  if (shift == 0 && absl::ConsumeSuffix(&text, "Ti")) shift = 40;
  int64_t amount = 0;
  if (!absl::SimpleAtoi(text, &amount) || amount < 1 || amount > INT64_MAX >> shift) return -1;
  return amount << shift;
}

std::string CheckLimit(const char* option, const std::string& text) {
  const bool cpu = std::strcmp(option, kCpuLimit) == 0;
  if ((cpu ? CpuMillis(text) : MemoryBytes(text)) >= 0) return "";
  return absl::StrCat("\"", text, "\" is no amount; write for example ", cpu ? "1.5" : "4Gi",
                      ", or none");
}

constexpr Field kFields[] = {
    {"--image-uri", "image.uri", "Image that it runs, for CODER_IMAGE_URI",
     [](v1::Workspace& w, const std::string& value) { w.mutable_image()->set_uri(value); }},
    {"--image-tag", "image.tag", "The image's tag, for CODER_IMAGE_TAG",
     [](v1::Workspace& w, const std::string& value) { w.mutable_image()->set_tag(value); }},
    {"--image-digest", "image.digest", "The image's digest, sha256:…, for CODER_IMAGE_DIGEST",
     [](v1::Workspace& w, const std::string& value) { w.mutable_image()->set_digest(value); }},
    {"--gallery-item-url", "gallery.item_url", "An editor's pages of extensions, for ITEM_URL",
     [](v1::Workspace& w, const std::string& value) { w.mutable_gallery()->set_item_url(value); }},
    {"--gallery-service-url", "gallery.service_url",
     "An editor's gallery of extensions, for SERVICE_URL",
     [](v1::Workspace& w, const std::string& value) {
       w.mutable_gallery()->set_service_url(value);
     }},
    {"--base-path", "base_path", "Path of its web applications, /…, for BASE_PATH",
     [](v1::Workspace& w, const std::string& value) { w.set_base_path(value); }},
    {kBackend, "pinned_backend",
     "The only SSH server that sessions get, openssh or embedded; auto: OpenSSH if it is there, "
     "else "
     "the embedded one",
     [](v1::Workspace& w, const std::string& value) {
       w.set_pinned_backend(value == "openssh"    ? v1::BACKEND_KIND_OPENSSH
                            : value == "embedded" ? v1::BACKEND_KIND_EMBEDDED
                                                  : v1::BACKEND_KIND_UNSPECIFIED);
     }},
    {kCpuLimit, "limits.cpu_millis", "CPUs that it may use, as in 1.5, for CODER_CPU_LIMIT",
     [](v1::Workspace& w, const std::string& value) {
       w.mutable_limits()->set_cpu_millis(CpuMillis(value));
     }},
    {kMemoryLimit, "limits.memory_bytes",
     "Memory that it may use, as in 4Gi, for CODER_MEMORY_LIMIT",
     [](v1::Workspace& w, const std::string& value) {
       w.mutable_limits()->set_memory_bytes(MemoryBytes(value));
     }},
    {"--service-account", "service_account",
     "Kubernetes service account whose pods may be this workspace, without a credential",
     [](v1::Workspace& w, const std::string& value) { w.set_service_account(value); }},
};

}  // namespace

void WorkspaceFields::AddOptions(CLI::App& command) {
  for (const Field& field : kFields) {
    CLI::Option* option = command.add_option_function<std::string>(
        field.option,
        [this, path = field.path](const std::string& value) { values_[path] = value; }, field.help);
    if (std::strcmp(field.option, kBackend) == 0) {
      option->check(CLI::IsMember({"auto", "openssh", "embedded"}));
    }
    if (std::strcmp(field.option, kCpuLimit) == 0 || std::strcmp(field.option, kMemoryLimit) == 0) {
      option->check(CLI::Validator(
          [name = field.option](const std::string& text) { return CheckLimit(name, text); }, ""));
    }
  }
}

google::protobuf::FieldMask WorkspaceFields::Apply(v1::Workspace& workspace) const {
  google::protobuf::FieldMask mask;
  for (const Field& field : kFields) {
    const auto value = values_.find(field.path);
    if (value == values_.end()) continue;
    field.set(workspace, value->second);
    mask.add_paths(field.path);
  }
  return mask;
}

}  // namespace homeport
