#include "agent/files/resource_limits.h"

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "gtest/gtest.h"

namespace homeport::agent {
namespace {

constexpr int64_t kGib = int64_t{1} << 30;

class ResourceLimitsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    root_ = absl::StrCat(::testing::TempDir(), "/root.XXXXXX");
    ASSERT_NE(mkdtemp(root_.data()), nullptr);
  }
  void TearDown() override { std::filesystem::remove_all(root_); }
  void Write(const std::string& path, const std::string& content) {
    std::filesystem::create_directories(std::filesystem::path(root_ + path).parent_path());
    ASSERT_TRUE(WriteFileAtomically(root_ + path, content, 0600).ok());
  }
  void Version2(const std::string& group, const std::string& mounted_group = "/") {
    Write("/proc/self/cgroup", absl::StrCat("0::", group, "\n"));
    Write("/proc/self/mountinfo",
          absl::StrCat("22 1 0:20 / /sys rw - sysfs sysfs rw\n30 22 0:26 ", mounted_group,
                       " /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw\n"));
  }
  std::string root_;
};

TEST_F(ResourceLimitsTest, WithoutGroupsThereIsNone) {
  EXPECT_EQ(ReadResourceLimits(root_).cpu_millis, 0);
  EXPECT_EQ(ReadResourceLimits(root_).memory_bytes, 0);
}

TEST_F(ResourceLimitsTest, OfAContainerInVersion2) {
  Version2("/");
  Write("/sys/fs/cgroup/cpu.max", "150000 100000\n");
  Write("/sys/fs/cgroup/memory.max", absl::StrCat(2 * kGib, "\n"));
  EXPECT_EQ(ReadResourceLimits(root_).cpu_millis, 1500);
  EXPECT_EQ(ReadResourceLimits(root_).memory_bytes, 2 * kGib);
}

TEST_F(ResourceLimitsTest, TheNarrowestOnTheWayUpCounts) {
  Version2("/a/b/c");
  Write("/sys/fs/cgroup/a/cpu.max", "200000 100000\n");
  Write("/sys/fs/cgroup/a/memory.max", absl::StrCat(8 * kGib));
  Write("/sys/fs/cgroup/a/b/cpu.max", "max 100000\n");
  Write("/sys/fs/cgroup/a/b/c/cpu.max", "400000 100000\n");
  Write("/sys/fs/cgroup/a/b/c/memory.max", "max\n");
  EXPECT_EQ(ReadResourceLimits(root_).cpu_millis, 2000);
  EXPECT_EQ(ReadResourceLimits(root_).memory_bytes, 8 * kGib);
}

TEST_F(ResourceLimitsTest, OfAContainerInVersion1WithoutANamespace) {
  Write("/proc/self/cgroup",
        "5:memory:/docker/x\n4:cpu,cpuacct:/docker/x\n1:name=systemd:/docker/x\n0::/docker/x\n");
  Write("/proc/self/mountinfo",
        "31 30 0:27 /docker/x /sys/fs/cgroup/cpu,cpuacct ro - cgroup cgroup rw,cpu,cpuacct\n"
        "32 30 0:28 /docker/x /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n");
  Write("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "50000\n");
  Write("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n");
  Write("/sys/fs/cgroup/memory/memory.limit_in_bytes", absl::StrCat(kGib, "\n"));
  EXPECT_EQ(ReadResourceLimits(root_).cpu_millis, 500);
  EXPECT_EQ(ReadResourceLimits(root_).memory_bytes, kGib);
}

TEST_F(ResourceLimitsTest, NoLimitInVersion1) {
  Write("/proc/self/cgroup", "5:memory:/\n4:cpu:/\n");
  Write("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n");
  Write("/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
  Write("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  EXPECT_EQ(ReadResourceLimits(root_).cpu_millis, 0);
  EXPECT_EQ(ReadResourceLimits(root_).memory_bytes, 0);
}

TEST_F(ResourceLimitsTest, NonsenseIsNoLimit) {
  Version2("/../../x");
  Write("/sys/fs/cgroup/cpu.max", "9223372036854775807 1\n");
  Write("/sys/fs/cgroup/memory.max", "-5\n");
  EXPECT_EQ(ReadResourceLimits(root_).cpu_millis, 0);
  EXPECT_EQ(ReadResourceLimits(root_).memory_bytes, 0);
  Write("/sys/fs/cgroup/cpu.max", "100000 0\n");
  EXPECT_EQ(ReadResourceLimits(root_).cpu_millis, 0);
  Write("/proc/self/cgroup", "::\n0:\nx\n");
  EXPECT_EQ(ReadResourceLimits(root_).cpu_millis, 0);
}

TEST_F(ResourceLimitsTest, TheMachinesTotals) {
  EXPECT_EQ(ReadMachineTotals(root_).cpu_millis, 0);
  Write("/proc/meminfo", "MemTotal:       33554432 kB\nMemFree: 1 kB\n");
  Write("/sys/devices/system/cpu/online", "0-3,8\n");
  EXPECT_EQ(ReadMachineTotals(root_).cpu_millis, 5000);
  EXPECT_EQ(ReadMachineTotals(root_).memory_bytes, 32 * kGib);
  EXPECT_GT(ReadMachineTotals().cpu_millis, 0);
  EXPECT_GT(ReadMachineTotals().memory_bytes, 0);
}

}  // namespace
}  // namespace homeport::agent
