#include "agent/files/authorized_keys.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace homeport::agent {
namespace {

using ::testing::ElementsAre;

TEST(AuthorizedKeysTest, OneLineForEachKey) {
  v1::OwnerKeys keys;
  keys.set_comment("ada@example.com");
  keys.add_public_keys(std::string("\0\0\0\x0bssh-ed25519\0\0\0\x02hi", 21));
  keys.add_public_keys(std::string("\0\0\0\x07ssh-rsa\0\0\0\x01x", 16));
  EXPECT_THAT(AuthorizedKeysLines(keys),
              ElementsAre("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAAmhp homeport:ada@example.com",
                          "ssh-rsa AAAAB3NzaC1yc2EAAAABeA== homeport:ada@example.com"));
}

TEST(AuthorizedKeysTest, NothingBreaksOutOfItsLine) {
  v1::OwnerKeys keys;
  keys.set_comment("a\nssh-rsa AAAA evil\r\n");
  keys.add_public_keys("no blob");
  keys.add_public_keys(std::string("\0\0\0\x08ssh\n-rsa\0\0\0\x01x", 17));
  keys.add_public_keys(std::string("\0\0\0\x07ssh-rsa\0\0\0\x01x", 16));
  EXPECT_THAT(AuthorizedKeysLines(keys),
              ElementsAre("ssh-rsa AAAAB3NzaC1yc2EAAAABeA== homeport:assh-rsaAAAAevil"));
}

}  // namespace
}  // namespace homeport::agent
