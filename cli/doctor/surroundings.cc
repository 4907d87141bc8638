#include "cli/doctor/surroundings.h"

#include <dirent.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "base/file.h"

namespace homeport::doctor {
namespace {

constexpr char kAgent[] = "homeport-agent";
constexpr char kUsualAssets[] = "/var/tmp/coder";
constexpr char kFlagPrefix[] = "HOMEPORT_";

std::string BaseName(const std::string& path) { return path.substr(path.rfind('/') + 1); }

std::vector<std::string> ReadList(const std::string& path) {
  const std::string content = ReadFile(path).value_or("");
  return absl::StrSplit(content, '\0', absl::SkipEmpty());
}

// --name=value, --name value; up to "--".
void TakeArguments(const std::vector<std::string>& words,
                   std::map<std::string, std::string>& flags) {
  for (size_t i = 2; i < words.size() && words[i] != "--"; ++i) {
    absl::string_view word = words[i];
    if (!absl::ConsumePrefix(&word, "--")) continue;
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(word, absl::MaxSplits('=', 1));
    if (absl::StrContains(word, "=")) {
      flags[std::string(parts.first)] = std::string(parts.second);
    } else if (i + 1 < words.size()) {
      flags[std::string(word)] = words[i + 1];
    }
  }
}

std::optional<AgentRun> ReadProcess(const std::string& root, int pid) {
  const std::string folder = absl::StrCat(root, "/proc/", pid);
  const std::vector<std::string> words = ReadList(folder + "/cmdline");
  if (words.size() < 2 || BaseName(words[0]) != kAgent || words[1] != "run") return std::nullopt;
  AgentRun agent;
  agent.pid = pid;
  for (const std::string& entry : ReadList(folder + "/environ")) {
    absl::string_view rest = entry;
    if (!absl::ConsumePrefix(&rest, kFlagPrefix)) continue;
    const std::pair<std::string, std::string> parts = absl::StrSplit(rest, absl::MaxSplits('=', 1));
    agent.flags[absl::AsciiStrToLower(parts.first)] = parts.second;
  }
  TakeArguments(words, agent.flags);
  return agent;
}

}  // namespace

Surroundings Surroundings::Here() {
  Surroundings here;
  here.uid = geteuid();
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::pair<std::string, std::string> parts =
        absl::StrSplit(*entry, absl::MaxSplits('=', 1));
    here.environment.insert(parts);
  }
  std::error_code none;
  here.program = std::filesystem::read_symlink("/proc/self/exe", none);
  here.now = absl::Now();
  return here;
}

std::string Surroundings::Variable(const std::string& name) const {
  const auto found = environment.find(name);
  return found == environment.end() ? "" : found->second;
}

bool Surroundings::CanExecute(const std::string& path) const {
  std::error_code none;
  return absl::StartsWith(path, "/") && std::filesystem::is_regular_file(root + path, none) &&
         access((root + path).c_str(), X_OK) == 0;
}

std::optional<Account> Surroundings::FindAccount() const {
  const std::string content = ReadFile(root + "/etc/passwd", 64 << 20).value_or("");
  for (const absl::string_view line : absl::StrSplit(content, '\n')) {
    const std::vector<std::string> fields = absl::StrSplit(line, ':');
    uint32_t number = 0;
    if (fields.size() == 7 && absl::SimpleAtoi(fields[2], &number) && number == uid) {
      return Account{fields[0], fields[5], fields[6]};
    }
  }
  return std::nullopt;
}

std::optional<AgentRun> Surroundings::FindAgent() const {
  std::optional<AgentRun> agent;
  DIR* processes = opendir((root + "/proc").c_str());
  if (processes == nullptr) return agent;
  while (const dirent* entry = readdir(processes)) {
    int pid = 0;
    if (absl::SimpleAtoi(entry->d_name, &pid)) agent = ReadProcess(root, pid);
    if (agent.has_value()) break;
  }
  closedir(processes);
  return agent;
}

bool Surroundings::IsWorkspace() const {
  if (!Variable("CODER_WORKSPACE_NAME").empty() || !Variable("CODER_ASSETS_ROOT").empty()) {
    return true;
  }
  // <assets>/coder-cli/homeport
  const std::filesystem::path assets = std::filesystem::path(program).parent_path().parent_path();
  return CanExecute(assets / kAgent) || CanExecute(absl::StrCat(kUsualAssets, "/", kAgent)) ||
         FindAgent().has_value();
}

}  // namespace homeport::doctor
