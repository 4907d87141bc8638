// The front door asks for new keys after as much, and after as long, as it is told to, and nobody
// notices: whatever the client would have done.
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/integration/wait_for.h"
#include "tests/integration/world.h"

namespace homeport::story {
namespace {

constexpr size_t kMebibyte = 1 << 20;

// How often `ssh -v` says that keys were exchanged.
int ExchangesIn(absl::string_view said) {
  constexpr absl::string_view kSign = "SSH2_MSG_KEXINIT received";
  int count = 0;
  for (size_t at = 0; (at = said.find(kSign, at)) != absl::string_view::npos; ++at) ++count;
  return count;
}

class KeysAreExchangedAnew : public Story {
 protected:
  void SetUp() override {}  // each test has flags of its own
};

TEST_F(KeysAreExchangedAnew, AfterSoManyBytes) {
  world_.sshproxy_flags = {"--rekey_bytes", absl::StrCat(kMebibyte)};
  ASSERT_NO_FATAL_FAILURE(world_.Start());
  const Result down =
      world_.Ssh({"-v", "dev", absl::StrCat("head -c ", 20 * kMebibyte, " /dev/zero")});
  EXPECT_EQ(down.status, 0);
  EXPECT_TRUE(down.out == std::string(20 * kMebibyte, '\0')) << down.out.size() << " bytes came";
  EXPECT_GE(ExchangesIn(down.err), 10);
  const Result up = world_.Ssh({"-v", "dev", "wc -c"}, std::string(20 * kMebibyte, 'x'));
  EXPECT_EQ(up.out, absl::StrCat(20 * kMebibyte, "\n"));
  EXPECT_GE(ExchangesIn(up.err), 10);
}

TEST_F(KeysAreExchangedAnew, AfterSoLong) {
  world_.sshproxy_flags = {"--rekey_interval", "1s"};
  ASSERT_NO_FATAL_FAILURE(world_.Start());
  const auto session = world_.LiveSession({"-v", "dev"});
  WaitFor(
      [&] {
        World::Say(*session, "here");
        return ExchangesIn(session->err()) >= 3;
      },
      absl::Seconds(20), "keys to be exchanged three times");
  World::Say(*session, "still here");
}

TEST_F(KeysAreExchangedAnew, OrNotBeforeTheCipherDemandsIt) {
  ASSERT_NO_FATAL_FAILURE(world_.Start());
  const Result down =
      world_.Ssh({"-v", "dev", absl::StrCat("head -c ", 20 * kMebibyte, " /dev/zero")});
  EXPECT_EQ(ExchangesIn(down.err), 1);
}

}  // namespace
}  // namespace homeport::story
