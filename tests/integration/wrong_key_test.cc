// A key that nobody has opens nothing, and neither does anything that is no key.
#include "gmock/gmock.h"
#include "tests/integration/world.h"

namespace homeport::story {
namespace {

using ::testing::HasSubstr;

class WrongKey : public Story {
 protected:
  // ssh with keys of strangers, of the given type.
  Result SshAsStranger(const Words& words, const std::string& type = "ed25519") {
    Process::Command keygen;
    keygen.arguments = {"ssh-keygen", "-q", "-t", type, "-N", "", "-f", world_.KeyFile(type)};
    EXPECT_EQ(RunToEnd(keygen).status, 0);
    return RunToEnd(world_.SshCommand(words, type));
  }
};

TEST_F(WrongKey, IsRefusedInSshsOwnWords) {
  for (const char* type : {"ed25519", "rsa", "ecdsa"}) {
    SCOPED_TRACE(type);
    const Result result = SshAsStranger({"dev", "echo never"}, type);
    EXPECT_EQ(result.status, 255);
    EXPECT_EQ(result.out, "");
    EXPECT_THAT(result.err, HasSubstr("Permission denied (publickey)."));
  }
}

TEST_F(WrongKey, IsRefusedTheSameForAWorkspaceThatDoesNotExist) {
  const Result known = SshAsStranger({"-l", "dev", "dev", "true"});
  const Result unknown = SshAsStranger({"-l", "nosuch", "dev", "true"}, "ecdsa");
  EXPECT_EQ(known.status, unknown.status);
  EXPECT_EQ(known.err.substr(known.err.find('@')), unknown.err.substr(unknown.err.find('@')));
}

TEST_F(WrongKey, IsNotMadeUpForByAnotherMethod) {
  const Result result = RunToEnd(world_.SshCommand(
      {"-v", "-o", "BatchMode=no", "-o",
       "PreferredAuthentications=password,keyboard-interactive,hostbased,gssapi-with-mic,none",
       "dev", "echo never"}));
  EXPECT_EQ(result.status, 255);
  EXPECT_EQ(result.out, "");
  EXPECT_THAT(result.err, HasSubstr("Permission denied (publickey)."));
  EXPECT_THAT(result.err, HasSubstr("Authentications that can continue: publickey\r\n"));
}

TEST_F(WrongKey, BesidesTheRightOneDoesNoHarm) {
  const Result stranger = SshAsStranger({"dev", "true"});
  EXPECT_EQ(stranger.status, 255);
  Process::Command both =
      world_.SshCommand({"-i", world_.KeyFile("demo"), "dev", "echo in"}, "ed25519");
  EXPECT_EQ(RunToEnd(both).out, "in\n");
}

}  // namespace
}  // namespace homeport::story
