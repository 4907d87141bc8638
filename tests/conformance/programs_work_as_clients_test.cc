// Other people's ssh programs work against the front door: PuTTY's plink and psftp, and Dropbear's
// dbclient. Each checks the host key and signs in with the person's key in its own format.
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/file.h"
#include "gmock/gmock.h"
#include "tests/conformance/both_backends.h"
#include "tests/conformance/peer.h"
#include "tests/integration/tcp_connection.h"

namespace homeport::story {
namespace {

using ::testing::HasSubstr;

// What plink and dbclient have in common.
class Program : public BothBackends {
 protected:
  // `program options… workspace command`; the options are those that both have.
  virtual Process::Command Client(const Words& options, const std::string& command) const = 0;
  // Makes the key and the known host key of the program's own format, in the test's folder.
  virtual void Prepare() = 0;

  void SetUp() override {
    BothBackends::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    const std::string& door = world().address("ssh");
    port_ = door.substr(door.find(':') + 1);
    Prepare();
  }
  const std::string& port() const { return port_; }

  void ExpectCommands() const {
    const Result result = RunToEnd(Client({"-T"}, "cat; echo err >&2; exit 7"), "in\n");
    EXPECT_EQ(result.out, "in\n");
    EXPECT_THAT(result.err, HasSubstr("err\n"));
    EXPECT_EQ(result.status, 7);
  }

  void ExpectLargeFiles() const {
    const std::string from = KnownBytes(64 << 20);
    const absl::Duration limit = absl::Seconds(60);
    const Result up = RunToEnd(Client({"-T"}, "cat >" + Path("up")), from, limit);
    EXPECT_EQ(up.status, 0) << up.err;
    EXPECT_TRUE(ReadFile(Path("up"), 256 << 20).value_or("") == from) << "the same file there";
    const Result down = RunToEnd(Client({"-T"}, "cat " + Path("up")), "", limit);
    EXPECT_EQ(down.status, 0) << down.err;
    EXPECT_TRUE(down.out == from) << down.out.size() << " bytes came back";
  }

  void ExpectTerminal() const {
    Conversation shell(Client({"-t"}, ""), Conversation::Terminal{33, 101});
    shell.Send("echo size=$(stty size).\n");
    ASSERT_TRUE(shell.WaitForOutput("size=33 101."));
    shell.Resize(40, 120);
    shell.Send(
        "sh -c 'until test \"$(stty size)\" = \"40 120\"; do sleep 0.05; done; echo "
        "re\"\"sized'\n");
    ASSERT_TRUE(shell.WaitForOutput("resized"));
    shell.Send("exit 5\n");
    EXPECT_EQ(shell.WaitToEnd().status, 5);
  }

  void ExpectForwards() const {
    const EchoServer echo;
    const std::string here = FreePort();
    const std::string there = FreePort();
    Conversation client(
        Client({"-N", "-L", here + ":" + echo.address(), "-R", there + ":" + echo.address()}, ""));
    const std::string large = KnownBytes(1 << 20);
    for (const std::string& port : {here, there}) {
      const std::string address = "127.0.0.1:" + port;
      WaitFor(
          [&] {
            client.Pump(absl::ZeroDuration());
            return Listens(address) || !client.process().running();
          },
          absl::Seconds(20), "a listener at " + address);
      ASSERT_TRUE(client.process().running()) << client.err();
      EXPECT_TRUE(Exchange(address, large) == large) << "1 MiB there and back";
    }
  }

 private:
  std::string port_;
};

class Plink : public Program {
 protected:
  void Prepare() override {
    const Result made =
        Bash("puttygen " + world().KeyFile("demo") + " -O private -o key.ppk; ssh-keygen -lf " +
             world().Path("known_hosts"));
    ASSERT_EQ(made.status, 0) << made.err;
    const std::vector<std::string> words = absl::StrSplit(made.out, ' ');
    ASSERT_GT(words.size(), 1u) << made.out;
    fingerprint_ = words[1];
  }
  Words Options() const {
    return {"-batch",   "-P",         port(), "-i",       Path("key.ppk"),
            "-hostkey", fingerprint_, "-l",   workspace()};
  }
  Process::Command Client(const Words& options, const std::string& command) const override {
    return Putty("plink", options, command);
  }
  Process::Command Putty(const std::string& program, const Words& options,
                         const std::string& command) const {
    Process::Command client;
    client.arguments = {program};
    const Words usual = Options();
    client.arguments.insert(client.arguments.end(), usual.begin(), usual.end());
    client.arguments.insert(client.arguments.end(), options.begin(), options.end());
    client.arguments.push_back("127.0.0.1");
    if (!command.empty()) client.arguments.push_back(command);
    client.environment = {"HOME=" + folder()};
    return client;
  }

 private:
  std::string fingerprint_;
};
HOMEPORT_STORY_OF_BOTH(Plink);

TEST_P(Plink, RunsCommands) { ExpectCommands(); }
TEST_P(Plink, CarriesLargeFilesBothWays) { ExpectLargeFiles(); }
TEST_P(Plink, HasATerminal) { ExpectTerminal(); }
TEST_P(Plink, ForwardsBothWays) { ExpectForwards(); }

TEST_P(Plink, AndPsftpCopiesFiles) {
  ASSERT_TRUE(WriteFileAtomically(Path("from"), KnownBytes(5 << 20), 0600).ok());
  const std::string batch =
      absl::StrCat("cd ", folder(), "\nlcd ", folder(),
                   "\nput from up\nget up down\nmkdir made\nmv up made/moved\n"
                   "chmod 640 made/moved\nls made\nreput from made/moved\n");
  const Result result = RunToEnd(Putty("psftp", {"-b", Path("batch"), "-be"}, ""));
  EXPECT_NE(result.status, 0) << "there is no batch yet";
  ASSERT_TRUE(WriteFileAtomically(Path("batch"), batch, 0600).ok());
  const Result copied = RunToEnd(Putty("psftp", {"-b", Path("batch")}, ""));
  EXPECT_EQ(copied.status, 0) << copied.out << copied.err;
  EXPECT_THAT(copied.out, HasSubstr("moved"));
  const Result same = Bash("cmp from down; cmp from made/moved; stat -c %a made/moved");
  EXPECT_EQ(same.out, "640\n") << same.err;
}

class Dbclient : public Program {
 protected:
  void Prepare() override {
    // Its known_hosts knows no ports.
    const Result made = Bash("dropbearconvert openssh dropbear " + world().KeyFile("demo") +
                             " key; mkdir .ssh; sed 's/^\\[\\(.*\\)\\]:[0-9]*/\\1/' " +
                             world().Path("known_hosts") + " >.ssh/known_hosts");
    ASSERT_EQ(made.status, 0) << made.err;
  }
  Process::Command Client(const Words& options, const std::string& command) const override {
    Process::Command client;
    client.arguments = {"dbclient", "-p", port(), "-i", Path("key"), "-l", workspace()};
    client.arguments.insert(client.arguments.end(), options.begin(), options.end());
    client.arguments.push_back("127.0.0.1");
    if (!command.empty()) client.arguments.push_back(command);
    client.environment = {"HOME=" + folder()};
    return client;
  }
};
HOMEPORT_STORY_OF_BOTH(Dbclient);

TEST_P(Dbclient, RunsCommands) { ExpectCommands(); }
TEST_P(Dbclient, CarriesLargeFilesBothWays) { ExpectLargeFiles(); }
TEST_P(Dbclient, HasATerminal) { ExpectTerminal(); }
TEST_P(Dbclient, ForwardsBothWays) { ExpectForwards(); }

TEST_P(Dbclient, CarriesSftp) {
  ASSERT_TRUE(WriteFileAtomically(Path("from"), KnownBytes(5 << 20), 0600).ok());
  const Result result =
      Bash("export HOME=$DIR; sftp -b - -D \"dbclient -p " + port() + " -i $DIR/key -l $WS -s " +
               "127.0.0.1 sftp\"; cmp from up; cmp from down",
           absl::StrCat("put ", Path("from"), " ", Path("up"), "\nget ", Path("up"), " ",
                        Path("down"), "\n"));
  EXPECT_EQ(result.status, 0) << result.err;
}

}  // namespace
}  // namespace homeport::story
