#include "base/key_fingerprint.h"

#include "absl/strings/escaping.h"
#include "gtest/gtest.h"

namespace homeport {
namespace {

// What `ssh-keygen -l` says of this key.
TEST(KeyFingerprintTest, IsOpenSshs) {
  std::string blob;
  ASSERT_TRUE(absl::Base64Unescape(
      "AAAAC3NzaC1lZDI1NTE5AAAAIMgLZMpLru8IK4apbbtGw4y7w3DANHnMdH96cF6ESKWp", &blob));
  EXPECT_EQ(KeyFingerprint(blob), "SHA256:EGb9GarcF2u+za3tJiasEqcv2irotP2NcBQPwrpkayQ");
  EXPECT_EQ(DescribeKey(blob), "ssh-ed25519 SHA256:EGb9GarcF2u+za3tJiasEqcv2irotP2NcBQPwrpkayQ");
}

TEST(KeyFingerprintTest, BearsWhatIsNoKey) {
  EXPECT_EQ(DescribeKey(""), "unknown SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU");
  EXPECT_EQ(DescribeKey(std::string("\0\0\0\1\n", 5)).substr(0, 8), "unknown ");
  EXPECT_EQ(DescribeKey(std::string("\0\0\0\1", 4)).substr(0, 8), "unknown ");
}

}  // namespace
}  // namespace homeport
