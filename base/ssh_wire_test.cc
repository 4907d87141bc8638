#include "base/ssh_wire.h"

#include <gtest/gtest.h>

namespace homeport {
namespace {

TEST(WireTest, WritesWhatItReads) {
  const std::string bytes = WireWriter()
                                .Byte(7)
                                .Bool(true)
                                .Uint32(0x01020304)
                                .Uint64(1ULL << 40)
                                .String("abc")
                                .Raw("x")
                                .bytes();
  WireReader reader(bytes);
  EXPECT_EQ(reader.Byte(), 7);
  EXPECT_TRUE(reader.Bool());
  EXPECT_EQ(reader.Uint32(), 0x01020304u);
  EXPECT_EQ(reader.Uint64(), 1ULL << 40);
  EXPECT_EQ(reader.String(), "abc");
  EXPECT_FALSE(reader.AtEnd());
  EXPECT_EQ(reader.Raw(1), "x");
  EXPECT_TRUE(reader.AtEnd());
}

TEST(WireTest, BigEndian) { EXPECT_EQ(WireWriter().Uint32(1).bytes(), std::string("\0\0\0\1", 4)); }

TEST(WireTest, AStringLongerThanTheRestFails) {
  const std::string bytes = WireWriter().Uint32(0xffffffff).Raw("abc").bytes();
  WireReader reader(bytes);
  EXPECT_EQ(reader.String(), "");
  EXPECT_FALSE(reader.ok());
  EXPECT_FALSE(reader.AtEnd());
}

TEST(WireTest, AfterAFailureEverythingFails) {
  WireReader reader(absl::string_view("\0\0\0", 3));
  EXPECT_EQ(reader.Uint32(), 0u);
  EXPECT_EQ(reader.Byte(), 0);
  EXPECT_FALSE(reader.ok());
}

}  // namespace
}  // namespace homeport
