#include "cli/provider_fields.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace homeport {
namespace {

using Features = v1::ProviderFeatures;

struct Switch {
  const char* option;
  const char* field;  // of ProviderFeatures
  const char* title;
  const char* help;
  void (Features::*set)(bool);
  bool (Features::*get)() const;
  bool (Features::*has)() const;
};

constexpr Switch kSwitches[] = {
    {"--external-connect", "external_connect", "external connect",
     "Whether anybody gets in at all, on or off; off ends live sessions",
     &Features::set_external_connect, &Features::external_connect, &Features::has_external_connect},
    {"--port-forwarding", "port_forwarding", "port forwarding",
     "Forwarding of ports and Unix sockets, on or off", &Features::set_port_forwarding,
     &Features::port_forwarding, &Features::has_port_forwarding},
    {"--file-transfer", "file_transfer", "file transfer", "sftp, scp and rsync, on or off",
     &Features::set_file_transfer, &Features::file_transfer, &Features::has_file_transfer},
    {"--agent-forwarding", "agent_forwarding", "agent forwarding",
     "Forwarding of the user's ssh-agent, on or off", &Features::set_agent_forwarding,
     &Features::agent_forwarding, &Features::has_agent_forwarding},
    {"--x11-forwarding", "x11_forwarding", "X11 forwarding", "Forwarding of X11, on or off",
     &Features::set_x11_forwarding, &Features::x11_forwarding, &Features::has_x11_forwarding},
    {"--key-socket", "key_socket", "key socket", "The key socket in its workspaces, on or off",
     &Features::set_key_socket, &Features::key_socket, &Features::has_key_socket},
};

}  // namespace

void ProviderFields::AddOptions(CLI::App& command, const char* display_name_help) {
  const auto add = [this, &command](const char* option, const std::string& path, const char* help) {
    return command.add_option_function<std::string>(
        option, [this, path](const std::string& value) { values_[path] = value; }, help);
  };
  add("--display-name", "display_name", display_name_help);
  add("--kind", "kind", "kubernetes, or other for machines that somebody looks after")
      ->check(CLI::IsMember({"kubernetes", "other"}));
  add("--namespace", "namespace", "Of a Kubernetes provider: the namespace");
  for (const Switch& feature : kSwitches) {
    add(feature.option, absl::StrCat("features.", feature.field), feature.help)
        ->check(CLI::IsMember({"on", "off"}));
  }
}

google::protobuf::FieldMask ProviderFields::Apply(v1::Provider& provider) const {
  google::protobuf::FieldMask mask;
  for (const auto& [path, value] : values_) {
    mask.add_paths(path);
    if (path == "display_name") provider.set_display_name(value);
    if (path == "namespace") provider.set_namespace_(value);
    if (path == "kind") {
      provider.set_kind(value == "other" ? v1::PROVIDER_KIND_OTHER : v1::PROVIDER_KIND_KUBERNETES);
    }
    for (const Switch& feature : kSwitches) {
      if (path != absl::StrCat("features.", feature.field)) continue;
      (provider.mutable_features()->*feature.set)(value == "on");
    }
  }
  return mask;
}

void AddFeatureRows(Table& table, const v1::ProviderFeatures& features) {
  for (const Switch& feature : kSwitches) {
    if (!(features.*feature.has)()) continue;
    table.AddRow({feature.title, (features.*feature.get)() ? "on" : "off"});
  }
}

std::string FeaturesText(const v1::ProviderFeatures& features) {
  std::vector<std::string> off;
  for (const Switch& feature : kSwitches) {
    if ((features.*feature.has)() && !(features.*feature.get)()) off.emplace_back(feature.title);
  }
  return off.empty() ? "all on" : absl::StrCat("off: ", absl::StrJoin(off, ", "));
}

}  // namespace homeport
