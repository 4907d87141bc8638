#include "agent/files/resource_limits.h"

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/file.h"

namespace homeport::agent {
namespace {

// Version 1 says "no limit" by a number close to the largest.
constexpr int64_t kNoLimitBytes = int64_t{1} << 60;
constexpr int64_t kMostCpuMillis = 1'000'000'000;

using Words = std::vector<std::string>;

Words WordsOf(const std::string& path) {
  const std::string content = ReadFile(path).value_or("");
  return absl::StrSplit(content, absl::ByAnyChar(" \t\n"), absl::SkipEmpty());
}

std::vector<std::string> LinesOf(const std::string& path) {
  const std::string content = ReadFile(path).value_or("");
  return absl::StrSplit(content, '\n', absl::SkipEmpty());
}

int64_t Number(const Words& words, size_t index) {
  int64_t number = 0;
  return index < words.size() && absl::SimpleAtoi(words[index], &number) ? number : 0;
}

// The narrower of two limits, of which 0 is none.
int64_t Narrower(int64_t a, int64_t b) { return a == 0 ? b : b == 0 ? a : std::min(a, b); }

int64_t Millis(int64_t quota, int64_t period) {
  if (quota <= 0 || period <= 0) return 0;
  if (quota > std::numeric_limits<int64_t>::max() / 1000) return 0;
  return std::clamp<int64_t>(quota * 1000 / period, 1, kMostCpuMillis);
}

int64_t Bytes(int64_t limit) { return limit > 0 && limit < kNoLimitBytes ? limit : 0; }

// A folder of the group's, and where those above it end.
struct Hierarchy {
  bool version_2 = false;
  std::string mount;  // seen from here
  std::string group;  // below it: "" or "/a/b"
};

// Whether a comma-separated list holds the word.
bool Holds(absl::string_view list, absl::string_view word) {
  for (const absl::string_view item : absl::StrSplit(list, ',')) {
    if (item == word) return true;
  }
  return false;
}

// The group's path in the hierarchy of `controller`; that of version 2 if it is empty.
bool FindGroup(const std::string& root, absl::string_view controller, std::string& group) {
  // "12:cpu,cpuacct:/path", of version 2 "0::/path".
  for (const std::string& line : LinesOf(root + "/proc/self/cgroup")) {
    const std::vector<std::string> fields = absl::StrSplit(line, absl::MaxSplits(':', 2));
    if (fields.size() != 3) continue;
    if (controller.empty() ? fields[0] != "0" || !fields[1].empty()
                           : !Holds(fields[1], controller)) {
      continue;
    }
    group = fields[2];
    return true;
  }
  return false;
}

// Where that hierarchy is mounted, and which group is at the mount's root.
bool FindMount(const std::string& root, absl::string_view controller, std::string& mount,
               std::string& mounted_group) {
  // proc(5), mountinfo: "36 35 98:0 ROOT MOUNT OPTIONS [optional…] - TYPE SOURCE SUPER_OPTIONS".
  for (const std::string& line : LinesOf(root + "/proc/self/mountinfo")) {
    const Words fields = absl::StrSplit(line, ' ');
    const auto dash = std::find(fields.begin(), fields.end(), "-");
    if (dash - fields.begin() < 6 || fields.end() - dash < 4) continue;
    const bool right = controller.empty() ? dash[1] == "cgroup2"
                                          : dash[1] == "cgroup" && Holds(dash[3], controller);
    if (!right) continue;
    mounted_group = fields[3];
    mount = fields[4];
    return true;
  }
  return false;
}

// "" if there is none.
Hierarchy Find(const std::string& root, absl::string_view controller) {
  Hierarchy found;
  std::string group;
  std::string mounted_group;
  found.version_2 = controller.empty();
  if (!FindGroup(root, controller, group)) return {};
  if (!FindMount(root, controller, found.mount, mounted_group)) {
    found.mount = absl::StrCat("/sys/fs/cgroup", controller.empty() ? "" : "/", controller);
  }
  // A container sees its own group as the mount's root; /proc may name it from above.
  if (mounted_group == "/") mounted_group.clear();
  if (group == "/" || group == mounted_group) group.clear();
  if (!group.empty() && absl::StartsWith(group, mounted_group + "/")) {
    group = group.substr(mounted_group.size());
  } else if (!mounted_group.empty()) {
    group.clear();
  }
  if (absl::StrContains(group, "/..")) group.clear();  // outside of what can be seen
  found.group = group;
  found.mount = root + found.mount;
  return found;
}

// The narrowest of what `read` says of the group and of those above it.
template <typename Read>
int64_t Narrowest(const Hierarchy& hierarchy, Read read) {
  int64_t narrowest = 0;
  std::string group = hierarchy.group;
  for (;;) {
    narrowest = Narrower(narrowest, read(hierarchy.mount + group));
    if (group.empty()) return narrowest;
    group.resize(group.rfind('/'));
  }
}

int64_t CpuOfVersion1(const std::string& folder) {
  return Millis(Number(WordsOf(folder + "/cpu.cfs_quota_us"), 0),
                Number(WordsOf(folder + "/cpu.cfs_period_us"), 0));
}
int64_t CpuOfVersion2(const std::string& folder) {
  const Words words = WordsOf(folder + "/cpu.max");  // "max 100000" or "150000 100000"
  return Millis(Number(words, 0), Number(words, 1));
}
int64_t MemoryOfVersion1(const std::string& folder) {
  return Bytes(Number(WordsOf(folder + "/memory.limit_in_bytes"), 0));
}
int64_t MemoryOfVersion2(const std::string& folder) {
  return Bytes(Number(WordsOf(folder + "/memory.max"), 0));
}

}  // namespace

ResourceLimits ReadResourceLimits(const std::string& root) {
  ResourceLimits limits;
  const Hierarchy unified = Find(root, "");
  const Hierarchy cpu = Find(root, "cpu");
  const Hierarchy memory = Find(root, "memory");
  if (!unified.mount.empty()) {
    limits.cpu_millis = Narrowest(unified, CpuOfVersion2);
    limits.memory_bytes = Narrowest(unified, MemoryOfVersion2);
  }
  if (!cpu.mount.empty()) {
    limits.cpu_millis = Narrower(limits.cpu_millis, Narrowest(cpu, CpuOfVersion1));
  }
  if (!memory.mount.empty()) {
    limits.memory_bytes = Narrower(limits.memory_bytes, Narrowest(memory, MemoryOfVersion1));
  }
  return limits;
}

ResourceLimits ReadMachineTotals(const std::string& root) {
  ResourceLimits totals;
  for (const std::string& line : LinesOf(root + "/proc/meminfo")) {
    if (!absl::StartsWith(line, "MemTotal:")) continue;
    const Words words = absl::StrSplit(line, ' ', absl::SkipEmpty());
    const int64_t kibibytes = Number(words, 1);
    if (kibibytes > 0 && kibibytes < kNoLimitBytes >> 10) totals.memory_bytes = kibibytes << 10;
  }
  // "0-3,8": the ranges of CPUs that are switched on.
  const std::string online = ReadFile(root + "/sys/devices/system/cpu/online").value_or("");
  for (const absl::string_view range :
       absl::StrSplit(online, absl::ByAnyChar(",\n"), absl::SkipEmpty())) {
    const std::pair<std::string, std::string> ends = absl::StrSplit(range, absl::MaxSplits('-', 1));
    int64_t first = 0;
    int64_t last = 0;
    if (!absl::SimpleAtoi(ends.first, &first)) continue;
    if (ends.second.empty() || !absl::SimpleAtoi(ends.second, &last)) last = first;
    if (first < 0 || last < first || last > kMostCpuMillis / 1000) continue;
    totals.cpu_millis += (last - first + 1) * 1000;
  }
  return totals;
}

}  // namespace homeport::agent
