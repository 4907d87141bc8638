// The server as a process with OpenSSH's own client on the other end of a socket (sftp -D).
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "agent/sftp/sftp_process.h"
#include "gmock/gmock.h"

namespace homeport::agent::sftp {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;

struct Result {
  int status = -1;
  std::string out;  // standard error too
};

class SftpClientTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = "/tmp/homeport-sftp.XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    std::filesystem::create_directories(folder_ + "/here");
    std::filesystem::create_directories(folder_ + "/there");
  }
  void TearDown() override {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  // Runs a bash script in `here`. `sftp` takes a batch on its input; the server starts in `there`.
  Result Run(const std::string& script) const {
    const std::string program = std::filesystem::read_symlink("/proc/self/exe");
    std::ofstream(folder_ + "/script")
        << "set -eo pipefail; umask 022; export LC_ALL=C TZ=UTC; cd " << folder_ << "/here\n"
        << "sftp() { command sftp -q -D '" << program << " sftp-server -d " << folder_
        << "/there' \"$@\" -b -; }\n"
        << script << "\n";
    const int status = std::system(absl::StrCat("timeout -k 1 100 bash ", folder_, "/script > ",
                                                folder_, "/out 2>&1 < /dev/null")
                                       .c_str());
    std::ostringstream out;
    out << std::ifstream(folder_ + "/out", std::ios::binary).rdbuf();
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, out.str()};
  }

 private:
  std::string folder_;
};

TEST_F(SftpClientTest, PutsAndGetsKeepContentModeAndTimes) {
  const Result result =
      Run("head -c 10000000 /dev/urandom > a; chmod 4751 a; touch -d 2001-02-03T04:05:06 a\n"
          "printf 'put -p a b\\nget -p b c\\n' | sftp\n"
          "cmp a ../there/b; cmp a c; stat -c '%a %Y' ../there/b c");
  EXPECT_EQ(result.status, 0) << result.out;
  EXPECT_THAT(result.out, HasSubstr("751 981173106\n"));
}

TEST_F(SftpClientTest, TransfersAreResumed) {
  const Result result =
      Run("head -c 3000000 /dev/urandom > a; head -c 1234567 a > ../there/a; head -c 7654 a > b\n"
          "echo 'reput a' | sftp; cmp a ../there/a; echo 'reget a b' | sftp; cmp a b");
  EXPECT_EQ(result.status, 0) << result.out;
}

TEST_F(SftpClientTest, AttributesAndLinks) {
  const Result result =
      Run("echo text > ../there/f\n"
          "printf 'chmod 1640 f\\nsymlink f s\\nln f h\\nls -l\\ndf\\nmkdir d\\nrename f d/g\\n"
          "rm s\\nrmdir d\\n' | sftp || echo failed\n"
          "stat -c '%a %h' ../there/d/g");
  EXPECT_THAT(result.out, ContainsRegex("-rw-r----T .* h\n"));
  EXPECT_THAT(result.out, ContainsRegex("lrwxrwxrwx .* s\n"));
  EXPECT_THAT(result.out, ContainsRegex("%Capacity"));
  EXPECT_THAT(result.out, HasSubstr("failed\n1640 2\n"));  // the folder is not empty
}

TEST_F(SftpClientTest, RenameAndPutReplace) {
  const Result result =
      Run("echo new > a; echo old > ../there/b\n"
          "printf 'put a\\nrename a b\\n' | sftp; cat ../there/b\n"
          "echo newer > a; echo 'put a b' | sftp; cat ../there/b");
  EXPECT_EQ(result.status, 0) << result.out;
  EXPECT_THAT(result.out, HasSubstr("new\n"));
  EXPECT_THAT(result.out, HasSubstr("newer\n"));
}

TEST_F(SftpClientTest, CopiesOnTheServer) {
  const Result result = Run(
      "head -c 5000000 /dev/urandom > ../there/a; echo 'cp a b' | sftp; cmp ../there/a ../there/b");
  EXPECT_EQ(result.status, 0) << result.out;
}

TEST_F(SftpClientTest, OddNamesSurvive) {
  const Result result =
      Run("mkdir odd; for name in 'with  spaces' $'line\\nfeed' $'\\xff\\xfe' $'tab\\t' '*' \"'\"; "
          "do echo \"$name\" > \"odd/$name\"; done\n"
          "printf 'put -r odd\\nget -r odd back\\n' | sftp; diff -r odd back\n"
          "diff -r odd ../there/odd; ls back | wc -l");
  EXPECT_EQ(result.status, 0) << result.out;
}

TEST_F(SftpClientTest, AListingLooksAsOpenSshs) {
  const Result result =
      Run("echo 12345 > ../there/f; touch -d 2001-02-03 ../there/f; mkdir ../there/d\n"
          "echo 'ls -lan' | sftp");
  EXPECT_THAT(result.out, ContainsRegex("-rw-r--r-- .* 6 Feb  3  2001 f\n"));
  EXPECT_THAT(result.out, ContainsRegex("drwxr-xr-x .* d\n"));
  EXPECT_THAT(result.out, ContainsRegex("drwxr-xr-x .* \\.\\.\n"));
}

TEST_F(SftpClientTest, ThousandsOfFilesGoBothWays) {
  const Result result =
      Run("mkdir tree; for i in $(seq 5000); do echo $i > tree/$i; done\n"
          "printf 'put -rp tree\\nget -rp tree back\\n' | sftp > /dev/null\n"
          "diff -r tree back && echo same");
  EXPECT_EQ(result.out, "same\n");
}

TEST_F(SftpClientTest, TheEndOfALargeFileArrives) {
  const Result result =
      Run("truncate -s 5G ../there/big; echo the end >> ../there/big\n"
          "truncate -s 5368000000 big; echo 'reget big' | sftp; stat -c %s big; tail -c 8 big");
  EXPECT_EQ(result.status, 0) << result.out;
  EXPECT_THAT(result.out, HasSubstr("5368709128\nthe end\n"));
}

TEST_F(SftpClientTest, AServerThatCannotGoOnSaysWhy) {
  const std::string program = std::filesystem::read_symlink("/proc/self/exe");
  const Result result = Run("echo 'GET / HTTP/1.1' | " + program + " sftp-server || echo $?");
  EXPECT_THAT(result.out, HasSubstr("sftp-server: a packet of 1195725856 bytes"));
  EXPECT_THAT(result.out, HasSubstr("\n1\n"));
  EXPECT_EQ(Run(program + " sftp-server < /dev/null && echo ended").out, "ended\n");
  EXPECT_THAT(Run(program + " sftp-server -u 999 || echo $?").out, HasSubstr("64\n"));
}

}  // namespace
}  // namespace homeport::agent::sftp

int main(int argc, char** argv) {
  if (argc > 1 && strcmp(argv[1], homeport::agent::sftp::kSubcommand) == 0) {
    return homeport::agent::sftp::RunSftpProcess(argc - 1, argv + 1);
  }
  ::testing::InitGoogleMock(&argc, argv);
  return RUN_ALL_TESTS();
}
