// Whole command lines about people, their passwords and their tokens.
#include <string>
#include <vector>

#include "cli/run_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace homeport {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(RunTest, AUserIsSuspendedAndPromotedByName) {
  world_.users["users/ann"].set_name("users/ann");
  world_.effect.set_ended_sessions(2);
  ASSERT_EQ(Run({"users", "update", "ann", "--suspend"}), 0) << err_;
  EXPECT_EQ(world_.user_update.user().state(), v1::USER_STATE_SUSPENDED);
  EXPECT_THAT(world_.user_update.update_mask().paths(), ElementsAre("state"));
  EXPECT_THAT(out_, HasSubstr("2 sessions ended."));
  ASSERT_EQ(Run({"users", "update", "ann", "--activate", "--email", "a@example.com", "--role",
                 "auditor", "--role", "member"}),
            0)
      << err_;
  const v1::User& user = world_.user_update.user();
  EXPECT_EQ(user.state(), v1::USER_STATE_ACTIVE);
  EXPECT_EQ(user.email(), "a@example.com");
  EXPECT_THAT(user.roles(), ElementsAre(v1::ROLE_AUDITOR, v1::ROLE_MEMBER));
  EXPECT_THAT(world_.user_update.update_mask().paths(), ElementsAre("email", "roles", "state"));
}

TEST_F(RunTest, ACodeSignsSomebodyInOnce) {
  world_.users["users/ann"].set_name("users/ann");
  ASSERT_EQ(Run({"users", "code", "ann"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("c0de"));
  EXPECT_THAT(err_, HasSubstr("only this once"));
  ASSERT_EQ(Run({"users", "code", "ann", "--secret-file", Path("code")}), 0) << err_;
  EXPECT_EQ(Read(Path("code")), "c0de\n");
  EXPECT_THAT(out_, Not(HasSubstr("c0de")));
  EXPECT_EQ(Run({"users", "code", "nobody"}), 2);
}

TEST_F(RunTest, ATokensSecretIsShownOnce) {
  ASSERT_EQ(Run({"tokens", "create", "ci", "--role", "member", "--expires-in", "30d"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("s3cret"));
  EXPECT_EQ(world_.token_request.parent(), "users/demo");
  EXPECT_EQ(world_.token_request.token().display_name(), "ci");
  EXPECT_EQ(world_.token_request.token().role(), v1::ROLE_MEMBER);
  EXPECT_TRUE(world_.token_request.token().has_expire_time());
  ASSERT_EQ(Run({"tokens", "list"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("t1"));
  EXPECT_THAT(out_, Not(HasSubstr("s3cret")));
  ASSERT_EQ(Run({"tokens", "list", "--output", "json"}), 0) << err_;
  EXPECT_THAT(out_, Not(HasSubstr("\"secret\"")));
  ASSERT_EQ(Run({"tokens", "revoke", "t1"}), 0) << err_;
  EXPECT_TRUE(world_.tokens.empty());
  EXPECT_EQ(Run({"tokens", "revoke", "users/demo/tokens/t1"}), 2);
  const std::string file = Path("token");
  ASSERT_EQ(Run({"tokens", "create", "ci", "--secret-file", file}), 0) << err_;
  EXPECT_EQ(Read(file), "s3cret\n");
  EXPECT_THAT(out_, Not(HasSubstr("s3cret")));
  EXPECT_FALSE(world_.token_request.token().has_expire_time());
}

TEST_F(RunTest, APasswordComesFromAFile) {
  ASSERT_EQ(Run({"passwd", "--password-file", Write("new", "correct horse battery\n")}), 0) << err_;
  EXPECT_EQ(world_.set_password.name(), "users/demo");
  EXPECT_EQ(world_.set_password.new_password(), "correct horse battery");
  EXPECT_EQ(world_.set_password.current_password(), "");
  world_.users["users/demo"].set_has_password(true);
  ASSERT_EQ(Run({"passwd", "--password-file", Path("new"), "--current-password-file",
                 Write("old", "old one\n")}),
            0)
      << err_;
  EXPECT_EQ(world_.set_password.current_password(), "old one");
}

TEST_F(RunTest, WhoAmISaysWhatTheTokenMayDo) {
  world_.users["users/demo"].add_roles(v1::ROLE_SITE_MANAGER);
  world_.caller_roles = {v1::ROLE_MEMBER};
  world_.caller_token.mutable_expire_time()->set_seconds(1700000000);
  ASSERT_EQ(Run({"whoami"}), 0) << err_;
  EXPECT_THAT(out_, ::testing::ContainsRegex("roles +member, site-manager\n"));
  EXPECT_THAT(out_, ::testing::ContainsRegex("this token may act as +member\n"));
  EXPECT_THAT(out_, ::testing::ContainsRegex("until +2023-11-14 22:13:20Z\n"));
}

}  // namespace
}  // namespace homeport
