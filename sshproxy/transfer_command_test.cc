#include "sshproxy/transfer_command.h"

#include <string>

#include "gtest/gtest.h"

namespace homeport {
namespace {

TEST(TransferCommandTest, KnowsWhatClientsSend) {
  for (const char* command : {
           "scp -t .",
           "scp -v -r -p -d -t -- /tmp/a b",
           "scp -f big",
           "/usr/bin/scp -prt x",
           "rsync --server --sender -vlogDtpre.iLsfxC . /etc/",
           "/usr/local/bin/rsync --server -e.LsfxCIvu . x",
           "sudo rsync --server -logDtpre.iLsfxCIvu . /x",
           "sudo -u root -- /usr/bin/rsync --server . x",
           "env LC_ALL=C rsync --server . x",
           "RSYNC_PROTECT_ARGS=0 rsync --server . x",
           "cd /tmp && scp -t .",
           "cd /tmp;scp -t .",
           "(rsync --server . x)",
           "\"/usr/bin/scp\" -t 'a b'",
           "sc\\p -t .",
           "exec /usr/lib/openssh/sftp-server",
           "/usr/libexec/sftp-server -l INFO",
           "internal-sftp",
       }) {
    EXPECT_TRUE(IsTransferCommand(command)) << command;
  }
  EXPECT_TRUE(IsTransferCommand(std::string("scp -t .\0x", 10)));
}

TEST(TransferCommandTest, OtherCommandsAreLeftAlone) {
  for (const char* command : {
           "",
           "   ",
           "true",
           "echo scp -t .",
           "scp a b:",
           "scp",
           "rsync a b",
           "rsync --servers",
           "man sftp-server",
           "grep 'scp -t' log",
           "ls -t /usr/bin/scp",
           "git-receive-pack 'x.git'",
           "bash -c 'unset HISTFILE; ls'",
           "'",
           "\\",
       }) {
    EXPECT_FALSE(IsTransferCommand(command)) << command;
  }
  EXPECT_FALSE(IsTransferCommand(std::string("true\0; scp -t .", 15)));
  EXPECT_FALSE(IsTransferCommand(std::string(1 << 20, 'x')));
}

}  // namespace
}  // namespace homeport
