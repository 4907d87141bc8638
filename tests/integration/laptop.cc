#include "tests/integration/laptop.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "tests/integration/conversation.h"
#include "tests/integration/wait_for.h"

namespace homeport::story {
namespace {

// Both ends of the cable have one, since each sees only the other's.
constexpr char kHardwareAddress[] = "02:00:00:00:09:09";
constexpr char kNobodysAddress[] = "02:00:00:00:09:10";

// The inode that is the namespace's name; 0 without one.
ino_t NamespaceOf(const std::string& process) {
  struct stat info = {};
  return stat(absl::StrCat("/proc/", process, "/ns/net").c_str(), &info) == 0 ? info.st_ino : 0;
}

// What is wrong, or empty.
std::string Try(const std::string& line) {
  Process::Command command;
  command.arguments = absl::StrSplit(line, ' ');
  const Result result = RunToEnd(command);
  return result.status == 0 ? "" : absl::StrCat("`", line, "` failed: ", result.err);
}

}  // namespace

std::string Laptop::Join() {
  if (unshare(CLONE_NEWNET) != 0) {
    return absl::StrCat("cannot make a network namespace: ", strerror(errno));
  }
  Process::Command command;
  command.arguments = {"unshare", "--net", "sleep", "infinity"};
  Process holder(command);  // until the descriptor does
  const ino_t ours = NamespaceOf("thread-self");
  const std::string pid = absl::StrCat(holder.pid());
  const auto moved = [&] { return NamespaceOf(pid) != ours || !holder.running(); };
  if (!WaitFor(moved, absl::Seconds(10), "the laptop's network")) return "no second namespace";
  namespace_.Reset(open(absl::StrCat("/proc/", pid, "/ns/net").c_str(), O_RDONLY | O_CLOEXEC));
  if (!namespace_.valid()) return "cannot make a second network namespace";
  for (const std::string& line : {
           absl::StrCat("ip link add cable address ", kHardwareAddress,
                        " type veth peer name cable address ", kHardwareAddress, " netns ", pid),
           std::string("ip link set lo up"),
           absl::StrCat("ip address add ", kOtherEnd, "/24 dev cable"),
           std::string("ip link set cable up"),
           absl::StrCat(Inside(), "ip address add ", kAddress, "/24 dev cable"),
           absl::StrCat(Inside(), "ip link set cable up"),
       }) {
    const std::string wrong = Try(line);
    if (!wrong.empty()) return wrong;
  }
  return SetNeighbours(kHardwareAddress);
}

std::string Laptop::Namespace() const {
  return absl::StrCat("/proc/", getpid(), "/fd/", namespace_.get());
}

std::string Laptop::Inside() const { return absl::StrCat("nsenter --net=", Namespace(), " "); }

Process::Command Laptop::Run(Process::Command command) const {
  command.arguments.insert(command.arguments.begin(),
                           {"nsenter", absl::StrCat("--net=", Namespace())});
  return command;
}

std::string Laptop::SetNeighbours(const std::string& hardware_address) {
  const std::string set = "ip neighbour replace ";
  const std::string rest = absl::StrCat(" lladdr ", hardware_address, " dev cable nud permanent");
  const std::string here = Try(absl::StrCat(set, kAddress, rest));
  return here.empty() ? Try(absl::StrCat(Inside(), set, kOtherEnd, rest)) : here;
}

// Frames for nobody's hardware address arrive and are dropped.
void Laptop::CutCable() { EXPECT_EQ(SetNeighbours(kNobodysAddress), ""); }
void Laptop::MendCable() { EXPECT_EQ(SetNeighbours(kHardwareAddress), ""); }

}  // namespace homeport::story
