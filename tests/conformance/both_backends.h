// What the suites of this folder share: a world with both kinds of workspace, started once for all
// tests of a suite, and every test told of both: "dev" (the agent's own SSH server) and "box"
// (OpenSSH).
//
//   using FilesAreCopied = BothBackends;
//   HOMEPORT_STORY_OF_BOTH(FilesAreCopied);
//   TEST_P(FilesAreCopied, ByTar) { … Ssh({"tar x"}, …) … }
//
// Where the two differ by nature a test says so with Differs() and expects each for what it is;
// dev/parity makes a table of it.
//
// Threads: the test's main thread.
#ifndef HOMEPORT_TESTS_CONFORMANCE_BOTH_BACKENDS_H_
#define HOMEPORT_TESTS_CONFORMANCE_BOTH_BACKENDS_H_

#include <memory>
#include <string>

#include "gtest/gtest.h"
#include "tests/integration/wait_for.h"
#include "tests/integration/world.h"

namespace homeport::story {

class BothBackends : public testing::Test, public testing::WithParamInterface<const char*> {
 public:
  static void SetUpTestSuite() { StartWorld(""); }
  static void TearDownTestSuite() { world_.reset(); }

 protected:
  // With these lines of sshd_config before box's usual ones.
  static void StartWorld(const std::string& sshd_configuration);

  void SetUp() override;

  static World& world() { return *world_; }
  std::string workspace() const { return GetParam(); }
  bool on_box() const { return workspace() == "box"; }

  // A folder of this test's own, the same in the workspace and here: both run on this machine.
  const std::string& folder() const { return folder_; }
  // A file in it; short enough for a socket.
  std::string Path(const std::string& name) const { return folder_ + "/" + name; }

  // A program on the person's machine, to its end.
  static Result Run(const Words& arguments, absl::string_view input = "",
                    absl::Duration limit = absl::Seconds(60));
  // A script of bash's on the person's machine; it ends at the first command that fails. It is told
  // SSH (`ssh` with the options that it needs), OPTIONS (those options, which scp and sftp take
  // too), WS (the workspace) and DIR (the test's folder, where it starts).
  Result Bash(const std::string& script, absl::string_view input = "",
              absl::Duration limit = absl::Seconds(60)) const;
  // ssh options… workspace command.
  Process::Command SshCommand(const Words& options, const std::string& command) const;
  Result Ssh(const std::string& command, absl::string_view input = "",
             const Words& options = {}) const;
  std::string OptionsOfSsh() const;

  // Sets this backend apart from the other in the table of features.
  static void Differs(const std::string& how) { RecordProperty("differs", how); }

 private:
  static std::unique_ptr<World> world_;
  static bool started_;
  std::string folder_;
};

// One SSH connection for many ssh commands (ControlMaster).
class SharedConnection {
 public:
  // `ssh -M -N -S socket options… workspace`; returns when it is open. Its ssh ends with this.
  SharedConnection(World& world, const std::string& workspace, const std::string& socket,
                   const Words& options = {}, const Words& environment = {});

  // `ssh -S socket words…`.
  Process::Command Command(const Words& words) const;
  Result Run(const std::string& command, absl::string_view input = "") const;
  // `ssh -S socket -O order options… workspace`.
  Result Order(const std::string& order, const Words& options = {}) const;
  Conversation& master() { return *master_; }

 private:
  World& world_;
  const std::string workspace_;
  const std::string socket_;
  std::unique_ptr<Conversation> master_;
};

// Bytes among which no two places look alike: the same for the same seed.
std::string KnownBytes(size_t size, uint64_t seed = 1);
// A number after the text in what somebody said; -1 if there is none.
int NumberAfter(absl::string_view text, absl::string_view said);
// A process id (or another number) that a command writes to a file; waits for it, while the
// conversation goes on. -1 with the test failed if it does not come.
int NumberFrom(const std::string& file, Conversation* conversation = nullptr);

}  // namespace homeport::story

#endif  // HOMEPORT_TESTS_CONFORMANCE_BOTH_BACKENDS_H_
