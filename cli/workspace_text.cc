#include "cli/workspace_text.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "base/key_fingerprint.h"
#include "cli/resource_name.h"
#include "cli/resource_text.h"

namespace homeport {
namespace {

constexpr double kGibibyte = 1024.0 * 1024 * 1024;

void AddIfSaid(Table& table, const char* title, const std::string& text) {
  if (!text.empty()) table.AddRow({title, text});
}

void AddDetails(Table& table, const v1::Workspace& workspace) {
  AddIfSaid(table, "image", workspace.image().uri());
  AddIfSaid(table, "image tag", workspace.image().tag());
  AddIfSaid(table, "image digest", workspace.image().digest());
  AddIfSaid(table, "gallery items", workspace.gallery().item_url());
  AddIfSaid(table, "gallery service", workspace.gallery().service_url());
  AddIfSaid(table, "base path", workspace.base_path());
  AddIfSaid(table, "service account", workspace.service_account());
  if (workspace.pinned_backend() != v1::BACKEND_KIND_UNSPECIFIED) {
    table.AddRow({"backend", absl::StrCat(BackendText(workspace.pinned_backend()), " alone")});
  }
}

std::string FileText(const v1::ManagedFile& file) {
  std::string text = file.current()         ? "current"
                     : file.error().empty() ? "not current"
                                            : absl::StrCat("not current: ", file.error());
  if (file.left_out_size() > 0) {
    absl::StrAppend(&text, "; left out: ", absl::StrJoin(file.left_out(), ", "));
  }
  return text;
}

std::string KeySocketText(const v1::KeySocketStatus& socket) {
  if (!socket.error().empty()) {
    return socket.path().empty() ? socket.error()
                                 : absl::StrCat(socket.path(), ": ", socket.error());
  }
  return socket.path().empty() ? "off" : socket.path();
}

// `kind` goes before the titles: the agent's limits are what its control group says.
void AddLimits(Table& table, const v1::ResourceLimits& limits, const std::string& kind) {
  const double cpus = static_cast<double>(limits.cpu_millis()) / 1000;
  const double gibibytes = static_cast<double>(limits.memory_bytes()) / kGibibyte;
  table.AddRow({absl::StrCat(kind, "CPU limit"),
                limits.cpu_millis() == 0 ? "none" : absl::StrFormat("%.2f CPUs", cpus)});
  table.AddRow({absl::StrCat(kind, "memory limit"),
                limits.memory_bytes() == 0 ? "none" : absl::StrFormat("%.2f GiB", gibibytes)});
}

void AddStatus(Table& table, const v1::AgentStatus& status) {
  for (const v1::Backend& backend : status.backends()) {
    for (const std::string& key : backend.host_keys()) {
      table.AddRow({absl::StrCat(BackendText(backend.kind()), " host key"), DescribeKey(key)});
    }
  }
  AddIfSaid(table, "openssh passed over", status.openssh_passed_over());
  for (const v1::ManagedFile& file : status.files()) table.AddRow({file.path(), FileText(file)});
  if (status.has_key_socket()) {
    table.AddRow({"key socket", KeySocketText(status.key_socket())});
  }
  if (status.has_limits()) AddLimits(table, status.limits(), "");
  if (status.last_error().empty()) return;
  table.AddRow({"last error",
                status.has_last_error_time()
                    ? absl::StrCat(TimeText(status.last_error_time()), ": ", status.last_error())
                    : status.last_error()});
}

}  // namespace

Table WorkspaceTable(const v1::Workspace& workspace) {
  Table table;
  table.AddRow({"name", LastPart(workspace.name())});
  table.AddRow({"owner", OwnerPart(workspace.name())});
  table.AddRow({"provider", LastPart(workspace.provider())});
  AddDetails(table, workspace);
  table.AddRow({"online", workspace.online() ? "yes" : "no"});
  if (!workspace.ssh_enabled()) table.AddRow({"ssh", "off: the provider lets nobody in"});
  if (workspace.live_sessions() > 0) {
    table.AddRow({"live sessions", absl::StrCat(workspace.live_sessions())});
  }
  if (workspace.has_last_connection_time()) {
    table.AddRow({"last connection", absl::StrCat(TimeText(workspace.last_connection_time()),
                                                  " from ", workspace.last_connection_address())});
  }
  if (workspace.has_limits()) {
    AddLimits(table, workspace.limits(), "set ");
  }
  if (workspace.has_agent()) {
    table.AddRow({"account", workspace.agent().os_user()});
    table.AddRow({"host", workspace.agent().hostname()});
    table.AddRow({"agent version", workspace.agent().version()});
    table.AddRow({"backends", BackendsText(workspace)});
    AddStatus(table, workspace.agent().status());
  }
  if (workspace.has_host_key_change()) {
    const v1::HostKeyChange& change = workspace.host_key_change();
    table.AddRow({"openssh host keys", absl::StrCat("changed ", TimeText(change.time()), ": was ",
                                                    absl::StrJoin(change.old_keys(), ", "))});
  }
  if (workspace.has_last_seen_time()) {
    table.AddRow({"last seen", TimeText(workspace.last_seen_time())});
  }
  if (workspace.has_create_time()) table.AddRow({"created", TimeText(workspace.create_time())});
  if (workspace.has_credential_create_time()) {
    table.AddRow({"credential made", TimeText(workspace.credential_create_time())});
  }
  if (!workspace.credential().empty()) table.AddRow({"credential", workspace.credential()});
  return table;
}

}  // namespace homeport
