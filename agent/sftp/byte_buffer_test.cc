#include "agent/sftp/byte_buffer.h"

#include "gtest/gtest.h"

namespace homeport::agent::sftp {
namespace {

TEST(ByteBufferTest, KeepsItsContentWhileItMakesRoom) {
  ByteBuffer buffer(8);
  EXPECT_TRUE(buffer.Append("abcdef"));
  buffer.Consume(4);
  EXPECT_EQ(buffer.room(), 6u);
  EXPECT_TRUE(buffer.Append("ghijkl"));
  EXPECT_EQ(buffer.bytes(), "efghijkl");
  EXPECT_EQ(buffer.room(), 0u);
}

TEST(ByteBufferTest, HoldsNoMoreThanItsCapacity) {
  ByteBuffer buffer(4);
  EXPECT_TRUE(buffer.Append("abc"));
  EXPECT_FALSE(buffer.Append("de"));
  EXPECT_EQ(buffer.Reserve(2), nullptr);
  EXPECT_EQ(buffer.bytes(), "abc");
  EXPECT_NE(buffer.Reserve(1), nullptr);
}

TEST(ByteBufferTest, WhatIsReservedJoinsWhenCommitted) {
  ByteBuffer buffer(4);
  char* space = buffer.Reserve(3);
  space[0] = 'x';
  EXPECT_TRUE(buffer.empty());
  buffer.Commit(1);
  EXPECT_EQ(buffer.bytes(), "x");
}

}  // namespace
}  // namespace homeport::agent::sftp
