#include "cli/run_fixture.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "cli/run.h"

namespace homeport {
namespace {

// What execvp does, in a child; its exit status is the run's.
absl::Status RunAsChild(const std::vector<std::string>& argv, int* exit_status) {
  std::vector<char*> words;
  for (const std::string& word : argv) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    execvp(words[0], words.data());
    _exit(127);
  }
  int status = 0;
  waitpid(child, &status, 0);
  *exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  if (*exit_status == 127) return absl::NotFoundError("there is no such program");
  return absl::OkStatus();
}

}  // namespace

RunTest::RunTest() {
  std::string pattern = ::testing::TempDir() + "/run-XXXXXX";
  folder_ = mkdtemp(pattern.data());
  setenv("HOME", folder_.c_str(), 1);
  unsetenv("XDG_CONFIG_HOME");
  unsetenv("XDG_RUNTIME_DIR");
  unsetenv("HOMEPORT_FRONT_DOOR");
  setenv("HOMEPORT_COORDINATOR", "127.0.0.1:7443", 1);
  setenv("HOMEPORT_CA", Write("ca.pem", "-----BEGIN CERTIFICATE-----\n").c_str(), 1);
  setenv("HOMEPORT_TOKEN", "token-of-demo", 1);
  unsetenv("HOMEPORT_ADMIN_TOKEN");
  v1::User& demo = world_.users["users/demo"];
  demo.set_name("users/demo");
  demo.set_email("demo@example.com");
  demo.add_roles(v1::ROLE_MEMBER);
  demo.set_public_key("ssh-ed25519 AAAA demo");
  world_.front_door.add_host_public_keys(kHostKey);
  world_.front_door.set_address("home.example:2222");
}

RunTest::~RunTest() { std::filesystem::remove_all(folder_); }

int RunTest::Run(std::vector<std::string> arguments) {
  std::ostringstream out;
  std::ostringstream err;
  int became_status = 0;
  RunSurroundings surroundings;
  surroundings.connect = [this](const CoordinatorOptions& options) -> absl::StatusOr<Coordinator> {
    world_.connected_with = options;
    return MakeFakeCoordinator(world_);
  };
  surroundings.become = [this, &became_status](const std::vector<std::string>& argv) {
    became_ = argv;
    return RunAsChild(argv, &became_status);
  };
  const int status = RunCommandLine(std::move(arguments), out, err, std::move(surroundings));
  out_ = out.str();
  err_ = err.str();
  return became_status != 0 && became_status != 127 ? became_status : status;
}

std::string RunTest::Write(const std::string& name, const std::string& content) const {
  EXPECT_TRUE(WriteFileAtomically(Path(name), content, 0600).ok());
  return Path(name);
}

std::string RunTest::Read(const std::string& path) { return ReadFile(path).value_or(""); }

unsigned RunTest::Mode(const std::string& path) {
  struct stat info = {};
  return stat(path.c_str(), &info) == 0 ? info.st_mode & 0777 : 0;
}

void RunTest::InstallProgram(const std::string& name, const std::string& script) {
  EXPECT_TRUE(MakeFolder(Path("programs"), 0700).ok());
  EXPECT_TRUE(WriteFileAtomically(Path("programs/" + name), "#!/bin/sh\n" + script, 0700).ok());
  setenv("PATH", absl::StrCat(Path("programs"), ":/usr/bin:/bin").c_str(), 1);
}

void RunTest::ForgetEnvironment() {
  for (const char* variable : {"HOMEPORT_COORDINATOR", "HOMEPORT_CA", "HOMEPORT_TOKEN"}) {
    unsetenv(variable);
  }
}

v1::Workspace& RunTest::AddWorkspace(const std::string& name) {
  const std::string resource = "users/demo/workspaces/" + name;
  v1::Workspace& workspace = world_.workspaces[resource];
  workspace.set_name(resource);
  workspace.set_online(true);
  workspace.set_ssh_enabled(true);
  return workspace;
}

}  // namespace homeport
