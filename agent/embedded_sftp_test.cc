// Files through the embedded server: the real sftp and scp.
#include <cstring>

#include "agent/embedded_server_fixture.h"
#include "agent/sftp/sftp_process.h"
#include "gmock/gmock.h"

namespace homeport::agent {
namespace {

using ::testing::HasSubstr;

class EmbeddedSftpTest : public EmbeddedServerFixture {
 protected:
  // As Run, with $SFTP and $SCP spelled like $SSH; the server's home folder is $DIR.
  CommandResult RunClients(const std::string& script) const {
    return Run("SFTP=\"${SSH/#ssh/sftp}\"; SFTP=\"${SFTP/-p /-P }\"; SCP=\"${SFTP/#sftp/scp}\"\n" +
               script);
  }

  void ExpectNoServers() {
    AwaitOrFail("the servers collected", [&] {
      size_t left = 1;
      OnLoop([&] { left = reaper().size(); });
      return left == 0;
    });
  }
};

TEST_F(EmbeddedSftpTest, PutAndGetAreExact) {
  const CommandResult result = RunClients(
      "set -e; head -c 20000000 /dev/urandom > $DIR/a; cd $DIR\n"
      "printf 'put a b\\nchmod 640 b\\nget b c\\n' | $SFTP -b - $TO >/dev/null\n"
      "cmp a b; cmp a c; stat -c %a b");
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(result.out, "640\n");
}

TEST_F(EmbeddedSftpTest, ScpCopiesBothWaysAndBothProtocols) {
  const CommandResult result = RunClients(
      "set -e; mkdir -p $DIR/tree/sub; cd $DIR; head -c 3000000 /dev/urandom > tree/one\n"
      "echo two > 'tree/sub/a name with spaces'; chmod 750 tree/sub\n"
      "for how in -s -O; do\n"
      "  $SCP $how -rpq tree $TO:up$how; $SCP $how -rpq $TO:up$how down$how\n"
      "  diff -r tree up$how; diff -r tree down$how; stat -c %a down$how/sub\n"
      "done");
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(result.out, "750\n750\n");
}

TEST_F(EmbeddedSftpTest, AnErrorOfTheServersIsTheClientsExitStatus) {
  const CommandResult result = RunClients("echo 'get nothing' | $SFTP -b - $TO; echo $?");
  EXPECT_THAT(result.out, HasSubstr("\n1\n"));
  EXPECT_THAT(result.err, HasSubstr("not found"));
}

TEST_F(EmbeddedSftpTest, TheSessionStartsInTheHomeFolderWithItsUmask) {
  const CommandResult result = RunClients(
      "cd $DIR; echo x > local; chmod 666 local\n"
      "printf 'pwd\\nput local made\\nls -l made\\n' | $SFTP -b - $TO | grep -v '>'\n"
      "[ $(stat -c %a made) = $(printf %o $((0666 & ~$(umask)))) ] && echo as the umask says");
  EXPECT_THAT(result.out, HasSubstr("Remote working directory: " + folder() + "\n"));
  EXPECT_THAT(result.out, HasSubstr("as the umask says\n"));
}

TEST_F(EmbeddedSftpTest, ServersEndWithTheirClients) {
  const CommandResult polite = RunClients("echo pwd | $SFTP -b - $TO");
  EXPECT_THAT(polite.out, HasSubstr("Remote working directory: " + folder()));
  ExpectNoServers();
}

TEST_F(EmbeddedSftpTest, ServersEndWithClientsThatAreKilled) {
  const CommandResult killed = RunClients(
      "mkfifo $DIR/orders; $SFTP $TO <$DIR/orders >$DIR/out & exec 3>$DIR/orders; echo pwd >&3\n"
      "for i in {1..400}; do grep -q 'Remote working' $DIR/out && break; sleep 0.05; done\n"
      "cat $DIR/out; kill -9 $!; wait $!; echo $?");
  EXPECT_THAT(killed.out, HasSubstr("Remote working directory: " + folder()));
  EXPECT_THAT(killed.out, HasSubstr("\n137\n"));
  ExpectNoServers();
}

TEST_F(EmbeddedSftpTest, ServersEndThoughTheirRepliesAreNotRead) {
  // Far more than the pipes and the channel hold; the client stops in the middle.
  const CommandResult killed = RunClients(
      "cd $DIR; truncate -s 200M large\n"
      "$SFTP -b - $TO >/dev/null <<<\"get large copy\" & client=$!\n"
      "for i in {1..400}; do [ -s $DIR/copy ] && break; sleep 0.05; done\n"
      "kill -STOP $client $(pgrep -P $client); stat -c %s $DIR/copy; kill -9 $client $(pgrep -P "
      "$client)");
  EXPECT_NE(killed.out, "") << "nothing was copied: " << killed.err;
  EXPECT_NE(killed.out, "209715200\n") << "it was over already";
  ExpectNoServers();
}

TEST_F(EmbeddedSftpTest, ServersDoNotWaitForTheOtherEndOfAFifo) {
  const CommandResult result = RunClients(
      "cd $DIR; mkfifo fifo; echo x >local\n"
      "printf '%s\\n' '-put local fifo' pwd | timeout 20 $SFTP -b - $TO; echo $?");
  EXPECT_THAT(result.out, HasSubstr("Remote working directory: " + folder() + "\n0\n"));
  EXPECT_THAT(result.err, HasSubstr("fifo"));
  ExpectNoServers();
}

TEST_F(EmbeddedSftpTest, OtherSubsystemsAreRefused) {
  const CommandResult result = RunClients("${SSH/ERROR/INFO} -s $TO netconf; echo $?");
  EXPECT_EQ(result.out, "255\n");
  EXPECT_THAT(result.err, HasSubstr("subsystem request failed"));
}

}  // namespace
}  // namespace homeport::agent

// The server starts itself anew as an SFTP server, as the agent does.
int main(int argc, char** argv) {
  if (argc > 1 && strcmp(argv[1], homeport::agent::sftp::kSubcommand) == 0) {
    return homeport::agent::sftp::RunSftpProcess(argc - 1, argv + 1);
  }
  ::testing::InitGoogleMock(&argc, argv);
  return RUN_ALL_TESTS();
}
