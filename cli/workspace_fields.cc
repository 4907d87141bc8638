#include "cli/workspace_fields.h"

#include <cstring>

namespace homeport {
namespace {

struct Field {
  const char* option;
  const char* path;
  const char* help;
  void (*set)(v1::Workspace& workspace, const std::string& value);
};

constexpr char kBackend[] = "--backend";

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
