// Commands and sign-in of the embedded server, through the real ssh.
#include "agent/embedded_server.h"

#include <sys/socket.h>

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "agent/embedded_server_fixture.h"
#include "base/address.h"
#include "base/file.h"
#include "gmock/gmock.h"

namespace homeport::agent {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

class EmbeddedServerTest : public EmbeddedServerFixture {};

TEST_F(EmbeddedServerTest, ExitStatusReachesTheClient) {
  EXPECT_EQ(Run("$SSH $TO 'exit 7'").status, 7);
  EXPECT_EQ(Run("$SSH $TO true").status, 0);
  EXPECT_EQ(Run("$SSH $TO no-such-command").status, 127);
}

TEST_F(EmbeddedServerTest, DeathBySignalIsReported) {
  const CommandResult result = Run("${SSH/ERROR/DEBUG1} $TO 'kill -9 $$'");
  EXPECT_EQ(result.status, 255);
  EXPECT_THAT(result.err, HasSubstr("exit-signal"));
}

TEST_F(EmbeddedServerTest, OutputAndErrorStayApart) {
  const CommandResult result = Run("$SSH $TO 'echo to-out; echo to-err >&2'");
  EXPECT_EQ(result.out, "to-out\n");
  // What the account's start files say may stand before it.
  EXPECT_THAT(result.err, EndsWith("to-err\n"));
}

TEST_F(EmbeddedServerTest, EndOfInputReachesTheCommand) {
  const CommandResult result = Run("head -c 100000 /dev/zero > $DIR/f; $SSH $TO 'wc -c' < $DIR/f");
  EXPECT_EQ(result.out, "100000\n");
  EXPECT_EQ(result.status, 0);
}

TEST_F(EmbeddedServerTest, BytesAreExactBothWaysAtOnce) {
  const CommandResult result =
      Run("head -c 67108864 /dev/urandom > $DIR/f\n"
          "sha256sum < $DIR/f\n"
          "$SSH $TO cat < $DIR/f | sha256sum");
  EXPECT_EQ(result.status, 0) << result.err;
  ASSERT_EQ(result.out.size() % 2, 0u) << result.out;
  EXPECT_EQ(result.out.substr(0, result.out.size() / 2), result.out.substr(result.out.size() / 2));
}

TEST_F(EmbeddedServerTest, LargeErrorOutputIsExactToo) {
  const CommandResult result =
      Run("head -c 8388608 /dev/urandom > $DIR/f\n"
          "sha256sum < $DIR/f\n"
          "$SSH $TO \"cat $DIR/f >&2\" 2>&1 >/dev/null | sha256sum");
  EXPECT_EQ(result.out.substr(0, result.out.size() / 2), result.out.substr(result.out.size() / 2));
}

TEST_F(EmbeddedServerTest, LastBytesOfAFastCommandAreNeverLost) {
  // One connection for all, so that the commands are as fast as they can be; and some of their own.
  const CommandResult result =
      Run("$SSH -M -S $DIR/mux -N -f $TO || exit 99\n"
          "for i in $(seq 50); do\n"
          "  out=$($SSH -S $DIR/mux $TO \"seq 20000 | tail -c 50000\" | wc -c)\n"
          "  [ \"$out\" = 50000 ] || { echo \"$i: $out\"; exit 1; }\n"
          "done\n"
          "for i in $(seq 10); do [ \"$($SSH $TO echo -n last)\" = last ] || exit 2; done\n"
          "$SSH -S $DIR/mux -O exit $TO");
  EXPECT_EQ(result.status, 0) << result.out << result.err;
}

TEST_F(EmbeddedServerTest, ACommandThatReadsNoInputEnds) {
  // The client's 8 MiB are for nobody; they neither block it nor count against the command.
  const CommandResult result =
      Run("head -c 8388608 /dev/zero | $SSH $TO 'exec <&-; echo done; exit 3'; echo $?");
  EXPECT_EQ(result.out, "done\n3\n");
}

TEST_F(EmbeddedServerTest, EnvironmentIsTheSessions) {
  const CommandResult result =
      Run("export LC_TASTE=sweet FOREIGN=1; $SSH -oSendEnv='LC_TASTE FOREIGN' $TO env; "
          "$SSH $TO pwd");
  EXPECT_THAT(result.out, HasSubstr("LC_TASTE=sweet\n"));
  EXPECT_THAT(result.out, HasSubstr("FLAVOUR=mint\n"));
  EXPECT_THAT(result.out, HasSubstr("USER=tester\n"));
  EXPECT_THAT(result.out, HasSubstr(absl::StrCat("HOME=", folder(), "\n")));
  EXPECT_THAT(result.out, HasSubstr(absl::StrCat("\n", folder(), "\n")));  // pwd
  EXPECT_THAT(result.out, Not(HasSubstr("FOREIGN")));
  EXPECT_THAT(result.out, Not(HasSubstr("HOMEPORT_")));
  EXPECT_THAT(result.out, Not(HasSubstr("SSH_TTY")));
}

TEST_F(EmbeddedServerTest, AShellIsALoginShell) {
  const CommandResult result = Run("echo 'echo $0; shopt -q login_shell && echo login' | $SSH $TO");
  EXPECT_EQ(result.out, "-bash\nlogin\n");
}

TEST_F(EmbeddedServerTest, ClosedOutputEndsTheDataButNotTheSession) {
  const CommandResult result =
      Run("$SSH $TO 'echo first; exec >&- 2>&-; touch $HOME/alive; exit 4' | cat; "
          "echo ${PIPESTATUS[0]}");
  EXPECT_EQ(result.out, "first\n4\n");
}

TEST_F(EmbeddedServerTest, ADescendantThatHoldsTheOutputKeepsTheSession) {
  const CommandResult result = Run("$SSH $TO '(sleep 1; echo late) & echo early'");
  EXPECT_EQ(result.out, "early\nlate\n");
}

TEST_F(EmbeddedServerTest, ASessionKnowsWhereItsUserComesFrom) {
  const CommandResult result = Run("$SSH $TO 'echo $SSH_CONNECTION; echo $SSH_CLIENT'");
  EXPECT_THAT(result.out, ::testing::MatchesRegex(
                              absl::StrCat("127\\.0\\.0\\.1 ([0-9]+) 127\\.0\\.0\\.1 ", port(),
                                           "\n127\\.0\\.0\\.1 [0-9]+ ", port(), "\n")));
}

class NoShellTest : public EmbeddedServerTest {
 protected:
  void SetUp() override {
    shell = "/no/such/shell";
    EmbeddedServerTest::SetUp();
  }
};

TEST_F(NoShellTest, AShellThatIsGoneIsASentenceAndAStatus) {
  const CommandResult result = Run("$SSH $TO true");
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.err, HasSubstr("cannot execute the shell /no/such/shell"));
}

TEST_F(EmbeddedServerTest, UnknownSubsystemsAreRefused) {
  const CommandResult subsystem = Run("${SSH/ERROR/INFO} -s $TO nonesuch; echo $?");
  EXPECT_THAT(subsystem.err, HasSubstr("subsystem request failed"));
}

TEST_F(EmbeddedServerTest, KeepalivesAreAnswered) {
  const CommandResult result =
      Run("$SSH -oServerAliveInterval=1 -oServerAliveCountMax=1 $TO 'sleep 3.5; echo still'");
  EXPECT_EQ(result.out, "still\n");
}

TEST_F(EmbeddedServerTest, RekeyingInTheMiddleLosesNothing) {
  const CommandResult result =
      Run("head -c 33554432 /dev/urandom > $DIR/f\n"
          "sha256sum < $DIR/f\n"
          "$SSH -oRekeyLimit=4M $TO cat < $DIR/f | sha256sum");
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(result.out.substr(0, result.out.size() / 2), result.out.substr(result.out.size() / 2));
}

TEST_F(EmbeddedServerTest, WrongKeyAndWrongUserAreRefused) {
  MakeKey("stranger");
  const CommandResult key = Run("$SSH $TO true; ${SSH//owner/stranger} $TO true; echo $?");
  EXPECT_EQ(key.out, "255\n");
  EXPECT_THAT(key.err, HasSubstr("Permission denied (publickey)"));
  const CommandResult user = Run("$SSH root@127.0.0.1 true; echo $?");
  EXPECT_EQ(user.out, "255\n");
  EXPECT_THAT(user.err, HasSubstr("Permission denied (publickey)"));
}

TEST_F(EmbeddedServerTest, RemovingTheKeyEndsWhatItOpenedAndNothingElse) {
  const std::string second = MakeKey("second");
  OnLoop([&] { server().SetOwnerKeys({owner_key(), second}); });
  CommandResult result;
  std::thread client([&] {
    result =
        Run("${SSH//owner/second} $TO 'touch $HOME/second; cat' < <(sleep 40) & kept=$!\n"
            "${SSH/ERROR/INFO} $TO 'touch $HOME/first; sleep 40'; echo $?\n"
            "kill -0 $kept && echo kept; kill $kept");
  });
  AwaitOrFail("both sessions", [&] {
    return ReadFile(folder() + "/first").ok() && ReadFile(folder() + "/second").ok();
  });
  OnLoop([&] { server().SetOwnerKeys({second}); });
  client.join();
  EXPECT_EQ(result.out, "255\nkept\n") << result.err;
  EXPECT_THAT(result.err, HasSubstr("The key that opened this session was removed."));
}

// The proxy signs in with the assigned key for people who came with one of their own.
TEST_F(EmbeddedServerTest, AnotherAssignedKeyLeavesThoseWhoCameWithTheirOwn) {
  const std::string assigned = MakeKey("assigned");
  const std::string own = MakeKey("own");
  OnLoop([&] {
    server().SetOwnerKeys({owner_key(), own});
    entry_key = own;
  });
  CommandResult result;
  std::thread client([&] {
    result =
        Run("$SSH $TO 'touch $HOME/there; until [ -e $HOME/go ]; do sleep 0.05; done; echo on'");
  });
  AwaitOrFail("the session", [&] { return ReadFile(folder() + "/there").ok(); });
  int ended = -1;
  OnLoop([&] { ended = server().SetOwnerKeys({assigned, own}); });
  EXPECT_EQ(ended, 0);
  EXPECT_TRUE(WriteFileAtomically(folder() + "/go", "", 0600).ok());
  client.join();
  EXPECT_EQ(result.out, "on\n") << result.err;

  std::thread other(
      [&] { result = Run("${SSH//owner/assigned} $TO 'touch $HOME/again; sleep 40'; echo $?"); });
  AwaitOrFail("the session", [&] { return ReadFile(folder() + "/again").ok(); });
  OnLoop([&] { ended = server().SetOwnerKeys({assigned}); });
  EXPECT_EQ(ended, 1) << "the key that it came with is gone";
  other.join();
  EXPECT_EQ(result.out, "255\n");
}

TEST_F(EmbeddedServerTest, ProcessesOfAClientThatVanishedAreCollected) {
  std::thread client([&] {
    Run("$SSH $TO 'touch $HOME/there; cat' < <(sleep 40) & "
        "until [ -e $DIR/there ]; do sleep 0.05; done; kill -9 $!");
  });
  client.join();
  AwaitOrFail("the process collected", [&] {
    size_t left = 1;
    OnLoop([&] { left = reaper().size(); });
    return left == 0;
  });
  AwaitOrFail("the connection gone", [&] { return server().connections() == 0; });
}

TEST_F(EmbeddedServerTest, GarbageEndsThatConnectionOnly) {
  for (const std::string& garbage :
       {std::string("GET / HTTP/1.0\r\n\r\n"), std::string(100000, 'x'),
        std::string("SSH-2.0-x\r\n") + std::string(5000, '\xff')}) {
    auto socket = Connect(absl::StrCat("127.0.0.1:", port()), absl::Seconds(5));
    ASSERT_TRUE(socket.ok());
    send(socket->get(), garbage.data(), garbage.size(), MSG_NOSIGNAL);
    AwaitOrFail("the server to hang up", [&] {
      char scrap[4096];
      const ssize_t n = recv(socket->get(), scrap, sizeof(scrap), 0);
      return n == 0 || (n < 0 && errno != EAGAIN);
    });
  }
  EXPECT_EQ(Run("$SSH $TO 'exit 5'").status, 5);
}

TEST_F(EmbeddedServerTest, OwnersKeysOfOtherAlgorithmsSignIn) {
  for (const char* type : {"ecdsa", "rsa"}) {
    const std::string blob = MakeKey(type, type);
    OnLoop([&] { server().SetOwnerKeys({blob}); });
    const CommandResult result = Run(absl::StrCat("$SSH -i $DIR/", type, " $TO echo in"));
    EXPECT_EQ(result.out, "in\n") << type << ": " << result.err;
  }
  const std::string rsa = "$SSH -i $DIR/rsa -oPubkeyAcceptedAlgorithms=";
  EXPECT_EQ(Run(rsa + "rsa-sha2-256 $TO echo in").out, "in\n");
  EXPECT_EQ(Run(rsa + "ssh-rsa $TO echo in").status, 255) << "that is SHA-1";
}

}  // namespace
}  // namespace homeport::agent
