#include "tests/images/container.h"

#include <unistd.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "base/file.h"

namespace homeport::story {
namespace {

constexpr char kTar[] = "bundle/homeport-bundle.tar.xz";
constexpr char kEnter[] = "tests/images/enter.sh";

Words Append(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

// The bundle as it is handed out, unpacked once for all of a world's containers.
std::string Bundle(const World& world) {
  std::string folder = world.Path("bundle");
  if (access(folder.c_str(), X_OK) == 0) return folder;
  EXPECT_TRUE(MakeFolder(folder, 0755).ok());
  Process::Command command;
  command.arguments = {"tar", "--extract", "--xz", "--no-same-owner", "--file", kTar, "-C", folder};
  EXPECT_EQ(RunToEnd(command).status, 0) << "cannot unpack " << kTar;
  return folder;
}

// What is mounted at /run/homeport: for the container's user alone, as secrets are.
std::string Mounted(const World& world, const Container& container) {
  std::string folder = world.Path(container.workspace + ".mounted");
  EXPECT_TRUE(MakeFolder(folder, 0700).ok());
  const std::string credential = ReadFile(world.CredentialFile(container.workspace)).value_or("");
  const std::string ca = ReadFile(world.state_folder + "/ca.pem").value_or("");
  EXPECT_TRUE(WriteFileAtomically(folder + "/credential", credential, 0600).ok());
  EXPECT_TRUE(WriteFileAtomically(folder + "/ca.pem", ca, 0644).ok());
  for (const char* name : {"", "/credential", "/ca.pem"}) {
    EXPECT_EQ(chown((folder + name).c_str(), container.uid, container.uid), 0);
  }
  return folder;
}

}  // namespace

std::string WhyNoContainers() {
  if (geteuid() != 0) return "only root can make containers";
  Process::Command command;
  command.arguments = {"unshare", "--mount", "--pid",   "--fork", "mount",
                       "-t",      "tmpfs",   "nothing", "/tmp"};
  if (RunToEnd(command).status != 0) return "this machine lets root make no mounts of its own";
  return "";
}

void StartContainer(World& world, const Image& image, const Container& container) {
  ASSERT_NO_FATAL_FAILURE(world.AddWorkspace("demo/" + container.workspace));
  const std::string owner = absl::StrCat(container.uid, ":", container.uid);
  Words words = {"unshare",
                 "--mount",
                 "--pid",
                 "--fork",
                 "--kill-child",
                 std::filesystem::absolute(kEnter),
                 image.folder(),
                 Bundle(world),
                 Mounted(world, container),
                 container.read_only ? "ro" : "rw",
                 owner};
  words = Append(words, container.environment);
  words = Append(words, {"--", "/var/tmp/coder/homeport-agent", "run", "--coordinator",
                         world.address("grpc"), "--ca_file", "/run/homeport/ca.pem",
                         "--credential_file", "/run/homeport/credential"});
  words = Append(words, container.flags);
  if (!container.command.empty()) words = Append(Append(words, {"--"}), container.command);
  world.agent(container.workspace).SetCommand(words);
  world.agent(container.workspace).Start();
}

}  // namespace homeport::story
