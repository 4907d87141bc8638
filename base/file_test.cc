#include "base/file.h"

#include <sys/stat.h>
#include <unistd.h>

#include "gmock/gmock.h"

namespace homeport {
namespace {

using ::testing::HasSubstr;

class ReadSecretFileTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(WriteFileAtomically(path_, " secret\n", 0600).ok()); }
  void TearDown() override { unlink(path_.c_str()); }
  absl::Status StatusWithMode(mode_t mode) {
    EXPECT_EQ(chmod(path_.c_str(), mode), 0);
    return ReadSecretFile(path_).status();
  }

  const std::string path_ = testing::TempDir() + "/secret";
};

TEST_F(ReadSecretFileTest, ReadsWhatIsPrivate) {
  EXPECT_EQ(ReadSecretFile(path_).value_or(""), "secret");
  EXPECT_TRUE(StatusWithMode(0400).ok());
}

TEST_F(ReadSecretFileTest, RefusesWhatOthersCanReadOrChange) {
  for (const mode_t mode : {0604, 0602, 0620, 0444}) {
    const absl::Status status = StatusWithMode(mode);
    EXPECT_TRUE(absl::IsPermissionDenied(status)) << mode;
    EXPECT_THAT(status.message(), HasSubstr("chmod 600 " + path_));
  }
}

TEST_F(ReadSecretFileTest, AGroupMayReadWhatRootGaveIt) {
  EXPECT_EQ(StatusWithMode(0440).ok(), geteuid() == 0);
  if (geteuid() != 0) return;
  ASSERT_EQ(chown(path_.c_str(), 65534, 65534), 0);
  EXPECT_TRUE(absl::IsPermissionDenied(StatusWithMode(0440)));
  EXPECT_TRUE(StatusWithMode(0600).ok());
}

TEST_F(ReadSecretFileTest, AnEmptyOneIsNone) {
  ASSERT_TRUE(WriteFileAtomically(path_, " \n", 0600).ok());
  EXPECT_TRUE(absl::IsInvalidArgument(ReadSecretFile(path_).status()));
  unlink(path_.c_str());
  EXPECT_TRUE(absl::IsNotFound(ReadSecretFile(path_).status()));
}

}  // namespace
}  // namespace homeport
