// What this process's control group lets the workspace use: version 2 (cpu.max, memory.max),
// version 1 (cpu.cfs_quota_us and cpu.cfs_period_us, memory.limit_in_bytes) or both side by side.
// The narrowest limit of the group and those above it counts, as far up as can be seen from here.
//
// Threads: any. Reads small files of the kernel's.
#ifndef HOMEPORT_AGENT_FILES_RESOURCE_LIMITS_H_
#define HOMEPORT_AGENT_FILES_RESOURCE_LIMITS_H_

#include <cstdint>
#include <string>

namespace homeport::agent {

struct ResourceLimits {
  int64_t cpu_millis = 0;    // thousandths of a CPU; 0 for no limit
  int64_t memory_bytes = 0;  // 0 for no limit
};

// `root` is put before /proc and /sys, for tests. What cannot be read is no limit.
ResourceLimits ReadResourceLimits(const std::string& root = "");

// What the machine has: its CPUs that are switched on, its memory. 0 if that cannot be read.
ResourceLimits ReadMachineTotals(const std::string& root = "");

}  // namespace homeport::agent

#endif  // HOMEPORT_AGENT_FILES_RESOURCE_LIMITS_H_
