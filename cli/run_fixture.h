// Somebody who types whole command lines, with a home of their own and a coordinator made of maps.
#ifndef HOMEPORT_CLI_RUN_FIXTURE_H_
#define HOMEPORT_CLI_RUN_FIXTURE_H_

#include <string>
#include <vector>

#include "cli/fake_coordinator.h"
#include "gtest/gtest.h"

namespace homeport {

class RunTest : public ::testing::Test {
 protected:
  // The person is demo, a member, with HOMEPORT_COORDINATOR, HOMEPORT_CA and HOMEPORT_TOKEN set.
  RunTest();
  ~RunTest() override;

  // The exit status; out_ and err_ hold what was printed. A program that homeport became ran as a
  // child, with its output in files.
  int Run(std::vector<std::string> arguments);

  // A file in the person's folder, as an absolute path.
  std::string Path(const std::string& name) const { return folder_ + "/" + name; }
  // Writes it with mode 0600 and returns its path.
  std::string Write(const std::string& name, const std::string& content) const;
  // "" if it is not there.
  static std::string Read(const std::string& path);
  static unsigned Mode(const std::string& path);
  // Puts a shell script into a folder that is first in PATH.
  void InstallProgram(const std::string& name, const std::string& script);
  // From now on nothing but what the person stored.
  static void ForgetEnvironment();

  // A workspace of demo's that is online.
  v1::Workspace& AddWorkspace(const std::string& name);

  World world_;
  std::string folder_;  // HOME
  std::string out_;
  std::string err_;
  std::vector<std::string> became_;  // what homeport became last
};

}  // namespace homeport

#endif  // HOMEPORT_CLI_RUN_FIXTURE_H_
