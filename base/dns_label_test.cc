#include "base/dns_label.h"

#include <gtest/gtest.h>

#include <string>

namespace homeport {
namespace {

TEST(DnsLabelTest, TakesLabels) {
  for (const char* name : {"a", "dev", "my-box", "9to5", "a--b"})
    EXPECT_TRUE(IsDnsLabel(name)) << name;
  EXPECT_TRUE(IsDnsLabel(std::string(63, 'x')));
}

TEST(DnsLabelTest, RefusesEverythingElse) {
  for (const char* name :
       {"", "-a", "a-", "Dev", "a.b", "a/b", "a b", "a\n", "ä", "-oProxyCommand=x", "a;b", "a_b"}) {
    EXPECT_FALSE(IsDnsLabel(name)) << name;
  }
  EXPECT_FALSE(IsDnsLabel(std::string(64, 'x')));
  EXPECT_FALSE(IsDnsLabel(std::string("a\0b", 3)));
}

}  // namespace
}  // namespace homeport
