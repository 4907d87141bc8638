#include "agent/workspace_environment.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "base/logging.h"

namespace homeport::agent {
namespace {

constexpr absl::string_view kNotInherited[] = {
    "SSH_CLIENT",     "SSH_CONNECTION",
    "SSH_TTY",        "SSH_ORIGINAL_COMMAND",
    "SSH_USER_AUTH",  "SSH_AUTH_SOCK",
    "SSH_AGENT_PID",  "TERM",
    "COLUMNS",        "LINES",
    "SHLVL",          "PWD",
    "OLDPWD",         "_",
    "NOTIFY_SOCKET",  "LISTEN_PID",
    "LISTEN_FDS",     "LISTEN_FDNAMES",
    "WATCHDOG_PID",   "WATCHDOG_USEC",
    "JOURNAL_STREAM", "INVOCATION_ID",
};

constexpr char kUserPath[] = "/usr/local/bin:/usr/bin:/bin";
constexpr char kRootPath[] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
// Of names in the status; four times as much when escaped, and the coordinator takes 1024 bytes.
constexpr size_t kLongestName = 250;
constexpr char kCommandFolder[] = "/coder-cli";
constexpr char kProgram[] = "/homeport-agent";

bool IsInherited(absl::string_view name) {
  return !name.empty() && !absl::StartsWith(name, "HOMEPORT_") &&
         std::find(std::begin(kNotInherited), std::end(kNotInherited), name) ==
             std::end(kNotInherited);
}

// sshd skips blanks before a name, takes '#' for a comment, and ends a line at NUL or newline.
bool FitsTheFile(absl::string_view name, absl::string_view value) {
  static const absl::string_view kBreaking("\n\0", 2);
  return !name.empty() && name.front() != '#' && name.front() != ' ' && name.front() != '\t' &&
         name.find_first_of(kBreaking) == absl::string_view::npos &&
         value.find_first_of(kBreaking) == absl::string_view::npos;
}

std::string WithFolder(const std::string& path, const std::string& folder) {
  for (const absl::string_view known : absl::StrSplit(path, ':')) {
    if (known == folder) return path;
  }
  return path.empty() ? folder : absl::StrCat(path, ":", folder);
}

// Puts the environment together.
class Composer {
 public:
  explicit Composer(const WorkspaceFacts& facts) {
    for (const std::string& entry : facts.image) {
      const size_t equals = entry.find('=');
      if (equals == std::string::npos) continue;
      std::string name = entry.substr(0, equals);
      if (IsInherited(name)) image_[std::move(name)] = entry.substr(equals + 1);
    }
  }

  std::string OfImage(const std::string& name, const std::string& otherwise) const {
    const auto found = image_.find(name);
    return found == image_.end() ? otherwise : found->second;
  }
  // Nothing if the value is empty: then the image's passes.
  void Add(const std::string& name, const std::string& value) {
    if (value.empty() || !added_.insert(name).second) return;
    Append(name, value);
  }
  void AddImage() {
    for (const auto& [name, value] : image_) {
      if (added_.insert(name).second) Append(name, value);
    }
  }
  WorkspaceEnvironment Take() { return std::move(environment_); }

 private:
  void Append(const std::string& name, const std::string& value) {
    const std::string entry = absl::StrCat(name, "=", value);
    environment_.variables.push_back(entry);
    if (FitsTheFile(name, value)) {
      environment_.lines.push_back(entry);
    } else {
      environment_.left_out.push_back(Printable(name, kLongestName));
    }
  }

  std::map<std::string, std::string> image_;
  absl::flat_hash_set<std::string> added_;
  WorkspaceEnvironment environment_;
};

std::string TwoDecimals(double value) { return absl::StrFormat("%.2f", value); }

}  // namespace

std::string KeySocketPath(const Account& account) {
  return account.home + "/.coder-ssh-agent.sock";
}

WorkspaceEnvironment MakeWorkspaceEnvironment(const WorkspaceFacts& facts) {
  const v1::WorkspaceSettings& settings = facts.settings;
  const Account& account = facts.account;
  const int64_t cpu = facts.cpu_millis;
  const int64_t memory = facts.memory_bytes;
  constexpr double kGib = int64_t{1} << 30;
  Composer composer(facts);
  composer.Add("SHELL", account.shell);
  composer.Add("CODER_USER_EMAIL", settings.user_email());
  composer.Add("CODER_WORKSPACE_NAME", settings.workspace_name());
  composer.Add("HOSTNAME", facts.hostname);
  composer.Add("CODER_USERNAME", settings.user_name());
  composer.Add("SSH_AUTH_SOCK", settings.key_socket() ? KeySocketPath(account) : "");
  composer.Add("PWD", account.home);
  composer.Add("CODER_ASSETS_ROOT", facts.assets_root);
  composer.Add("HOME", account.home);
  composer.Add("LANG", composer.OfImage("LANG", "C.UTF-8"));
  composer.Add("CODER_CPU_LIMIT", cpu == 0 ? "" : TwoDecimals(static_cast<double>(cpu) / 1000));
  composer.Add("CODER_MEMORY_LIMIT",
               memory == 0 ? "" : TwoDecimals(static_cast<double>(memory) / kGib));
  composer.Add("USER", account.user);
  composer.Add("ITEM_URL", settings.gallery_item_url());
  composer.Add("CODER_IMAGE_TAG", settings.image_tag());
  composer.Add("CODER_IMAGE_DIGEST", settings.image_digest());
  composer.Add("SERVICE_URL", settings.gallery_service_url());
  composer.Add("CODER_IMAGE_URI", settings.image_uri());
  composer.Add("PATH", WithFolder(composer.OfImage("PATH", account.root ? kRootPath : kUserPath),
                                  facts.assets_root + kCommandFolder));
  composer.Add("BASE_PATH", settings.base_path());
  composer.Add("_", facts.assets_root + kProgram);
  composer.Add("CODER_WORKSPACE_ID", settings.workspace_id());
  composer.Add("CODER_URL", settings.url());
  composer.AddImage();
  return composer.Take();
}

}  // namespace homeport::agent
