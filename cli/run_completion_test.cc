// The completion scripts, in the shells that are here.
#include <stdio.h>

#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "cli/run_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace homeport {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class CompletionTest : public RunTest {
 protected:
  // Output and errors of a shell.
  static std::string Shell(const std::string& command, int* status = nullptr) {
    std::string output;
    FILE* pipe = popen(absl::StrCat(command, " 2>&1").c_str(), "r");
    char buffer[4096];
    size_t n = 0;
    while ((n = fread(buffer, 1, sizeof(buffer), pipe)) > 0) output.append(buffer, n);
    const int ended = pclose(pipe);
    if (status != nullptr) *status = ended;
    return output;
  }

  // What bash offers behind these words, of which the last one is being typed; each in a line.
  std::string Bash(const std::string& words) {
    EXPECT_EQ(Run({"completion", "bash"}), 0) << err_;
    const std::string script = Write("homeport.bash", out_);
    const std::string program = Write(
        "ask.bash", absl::StrCat("source ", script, "\ncomplete -p homeport >/dev/null || exit 9\n",
                                 "COMP_WORDS=(homeport ", words,
                                 ")\nCOMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n_homeport\n",
                                 "printf '%s\\n' \"${COMPREPLY[@]}\"\n"));
    return "\n" + Shell("bash --norc --noprofile " + program);
  }
};

TEST_F(CompletionTest, BashKnowsCommandsAndOptions) {
  InstallProgram("homeport", "test \"$*\" = '__complete workspaces' && echo box && echo dev\n");
  EXPECT_THAT(Bash("''"), HasSubstr("\nworkspaces\n"));
  EXPECT_THAT(Bash("''"), Not(HasSubstr("__complete")));
  EXPECT_EQ(Bash("work"), "\nworkspaces\n");
  EXPECT_EQ(Bash("workspaces upd"), "\nupdate\n");
  EXPECT_THAT(Bash("workspaces update --im"), HasSubstr("\n--image-uri\n"));
  EXPECT_THAT(Bash("workspaces update --out"), HasSubstr("\n--output\n"));
  EXPECT_EQ(Bash("workspaces update --backend o"), "\nopenssh\n");
  EXPECT_EQ(Bash("--output j"), "\njson\n");
  EXPECT_EQ(Bash("--output json users l"), "\nlist\n");
  EXPECT_EQ(Bash("workspaces get d"), "\ndev\n");
  EXPECT_EQ(Bash("ssh ''"), "\nbox\ndev\n");
  EXPECT_EQ(Bash("sessions list --workspace b"), "\nbox\n");
  const std::string file = Write("a file", "");
  EXPECT_EQ(Bash(absl::StrCat("keys add '", folder_, "/a f'")), "\n" + file + "\n");
}

TEST_F(CompletionTest, TheOtherShellsCanReadTheirs) {
  for (const char* shell : {"zsh", "fish"}) {
    ASSERT_EQ(Run({"completion", shell}), 0) << err_;
    EXPECT_THAT(out_, HasSubstr("rotate-credential"));
    EXPECT_THAT(out_, HasSubstr("__complete workspaces"));
    if (Shell(absl::StrCat("command -v ", shell)).empty()) continue;
    int status = 0;
    const std::string said = Shell(absl::StrCat(shell, " -n ", Write("script", out_)), &status);
    EXPECT_EQ(status, 0) << shell << ": " << said;
  }
}

TEST_F(CompletionTest, NamesAreThoseThatNoShellReadsOtherwise) {
  AddWorkspace("dev");
  AddWorkspace("$(touch x)");
  ASSERT_EQ(Run({"__complete", "workspaces"}), 0);
  EXPECT_EQ(out_, "dev\n");
  EXPECT_LE(world_.connected_with.timeout, absl::Seconds(2));
}

TEST_F(CompletionTest, NobodyReadsOfFailuresWhileTyping) {
  world_.trouble = absl::UnavailableError("gone");
  EXPECT_EQ(Run({"__complete", "workspaces"}), 0);
  EXPECT_EQ(out_ + err_, "");
  ForgetEnvironment();
  EXPECT_EQ(Run({"__complete", "workspaces"}), 0);
  EXPECT_EQ(out_ + err_, "");
}

}  // namespace
}  // namespace homeport
