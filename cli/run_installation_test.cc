// Whole command lines about sessions, the record and the settings.
#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "cli/run_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace homeport {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(RunTest, TheAuditIsAListToo) {
  v1::AuditEntry entry;
  entry.set_name("auditEntries/7");
  entry.mutable_create_time()->set_seconds(1700000000);
  entry.set_actor("users/demo/workspaces/dev/agent");
  entry.set_action("key_socket.sign");
  entry.set_target("users/demo/workspaces/dev");
  entry.set_detail("{\"kind\":\"sshsig\"}");
  world_.audit = {entry, entry};
  ASSERT_EQ(Run({"audit", "list", "--limit", "1", "--action", "a", "--target", "t"}), 0) << err_;
  EXPECT_EQ(world_.audit_request.action(), "a");
  EXPECT_EQ(world_.audit_request.target(), "t");
  EXPECT_EQ(
      out_,
      "TIME                  ACTION           ACTOR                            TARGET         "
      "            ADDRESS  DETAIL\n"
      "2023-11-14 22:13:20Z  key_socket.sign  users/demo/workspaces/dev/agent  "
      "users/demo/workspaces/dev  -        {\"kind\":\"sshsig\"}\n");
  ASSERT_EQ(Run({"audit", "list", "--output", "json"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("auditEntries/7"));
}

TEST_F(RunTest, TheAuditIsFilteredByTheCoordinator) {
  ASSERT_EQ(Run({"audit", "list", "--actor", "users/demo", "--address", "192.0.2.1", "--since",
                 "2023-11-14", "--until", "2023-11-15T00:00:00Z"}),
            0)
      << err_;
  EXPECT_EQ(world_.audit_request.actor(), "users/demo");
  EXPECT_EQ(world_.audit_request.address(), "192.0.2.1");
  EXPECT_EQ(world_.audit_request.start_time().seconds(), 1699920000);
  EXPECT_EQ(world_.audit_request.end_time().seconds(), 1700006400);
}

TEST_F(RunTest, AnExportIsWholeOrNotThere) {
  for (const char* name : {"auditEntries/2", "auditEntries/1"}) {
    world_.audit.emplace_back().set_name(name);
  }
  const std::string file = Path("audit.jsonl");
  ASSERT_EQ(Run({"audit", "export", "--file", file}), 0) << err_;
  EXPECT_EQ(out_, "2 entries are in " + file + ".\n");
  const std::string whole = Read(file);
  EXPECT_EQ(std::count(whole.begin(), whole.end(), '\n'), 2);
  EXPECT_LT(whole.find("auditEntries/1"), whole.find("auditEntries/2"));
  EXPECT_EQ(whole.front(), '{');
  EXPECT_EQ(Mode(file), 0600u);
  ASSERT_EQ(Run({"audit", "export"}), 0) << err_;
  EXPECT_EQ(out_, whole);
  EXPECT_EQ(Run({"audit", "export", "--file", file}), 1);
  // It breaks off in the middle.
  world_.trouble = absl::UnavailableError("gone");
  EXPECT_EQ(Run({"audit", "export", "--file", file, "--force"}), 69);
  EXPECT_EQ(Read(file), whole);
  EXPECT_EQ(Run({"audit", "export", "--file", Path("other")}), 69);
  EXPECT_FALSE(std::filesystem::exists(Path("other")));
}

TEST_F(RunTest, ABrokenRecordIsAFailureThatNamesTheEntry) {
  world_.verified.set_intact(true);
  world_.verified.set_entries(7);
  world_.verified.set_last_hash("abcd");
  ASSERT_EQ(Run({"audit", "verify"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("abcd"));
  world_.verified.set_intact(false);
  world_.verified.set_problem("auditEntries/5 does not follow from auditEntries/4.");
  EXPECT_EQ(Run({"audit", "verify"}), 1);
  EXPECT_THAT(err_, HasSubstr("auditEntries/5 does not follow"));
  EXPECT_EQ(Run({"audit", "verify", "--output", "json"}), 1);
  EXPECT_THAT(out_, HasSubstr("\"intact\": false"));
}

v1::Session ASession() {
  v1::Session session;
  session.set_name("sessions/s1");
  session.set_user("users/demo");
  session.set_workspace("users/demo/workspaces/dev");
  session.set_client_address("192.0.2.1:5\x1b");
  session.set_backend(v1::BACKEND_KIND_OPENSSH);
  session.mutable_traffic()->set_bytes_to_user(1536);
  v1::ChannelCount& shells = *session.mutable_traffic()->add_channels();
  shells.set_kind(v1::CHANNEL_KIND_SHELL);
  shells.set_open(2);
  return session;
}

TEST_F(RunTest, AMemberSeesAndEndsTheirOwnSessions) {
  world_.sessions = {ASession()};
  ASSERT_EQ(Run({"sessions", "list", "--workspace", "dev"}), 0) << err_;
  EXPECT_EQ(world_.session_filter.user(), "users/demo");
  EXPECT_EQ(world_.session_filter.workspace(), "users/demo/workspaces/dev");
  EXPECT_THAT(out_, HasSubstr("s1"));
  EXPECT_THAT(out_, HasSubstr("shell 2"));
  EXPECT_THAT(out_, HasSubstr("1.5 KiB"));
  EXPECT_THAT(out_, Not(HasSubstr("\x1b")));
  world_.users["users/demo"].add_roles(v1::ROLE_SITE_MANAGER);
  ASSERT_EQ(Run({"sessions", "list", "--provider", "local"}), 0) << err_;
  EXPECT_EQ(world_.session_filter.user(), "");
  EXPECT_EQ(world_.session_filter.provider(), "providers/local");
  world_.caller_roles = {v1::ROLE_MEMBER};  // a token that is scoped
  ASSERT_EQ(Run({"sessions", "list"}), 0) << err_;
  EXPECT_EQ(world_.session_filter.user(), "users/demo");
}

TEST_F(RunTest, SessionsEndForAReason) {
  world_.effect.set_ended_sessions(1);
  ASSERT_EQ(Run({"sessions", "end", "s1", "--reason", "Maintenance."}), 0) << err_;
  EXPECT_EQ(world_.end_request.filter().session(), "sessions/s1");
  EXPECT_EQ(world_.end_request.reason(), "Maintenance.");
  EXPECT_EQ(out_, "1 session ended.\n");
  world_.effect.Clear();
  ASSERT_EQ(Run({"sessions", "end", "--user", "other"}), 0) << err_;
  EXPECT_EQ(world_.end_request.filter().user(), "users/other");
  EXPECT_EQ(out_, "No session ended.\n");
}

TEST_F(RunTest, SessionsAreWatchedLineByLine) {
  *world_.events.emplace_back().mutable_started() = ASession();
  world_.events.emplace_back().mutable_caught_up();
  *world_.events.emplace_back().mutable_ended() = ASession();
  world_.events.back().set_reason("It was\x07 time.");
  EXPECT_EQ(Run({"sessions", "watch"}), 69);  // the coordinator goes away
  EXPECT_EQ(out_,
            "started  s1  demo at demo/dev from 192.0.2.1:5\\u{1b}, 1.5 KiB down, 0 B up\n"
            "ended    s1  demo at demo/dev from 192.0.2.1:5\\u{1b}, 1.5 KiB down, 0 B up: It "
            "was\\u{7} time.\n");
  EXPECT_EQ(Run({"sessions", "watch", "--output", "json"}), 69);
  EXPECT_EQ(std::count(out_.begin(), out_.end(), '\n'), 3);
  EXPECT_THAT(out_, HasSubstr("{\"started\":{"));
}

TEST_F(RunTest, SettingsChangeByName) {
  world_.settings.set_key_algorithm(v1::KEY_ALGORITHM_ECDSA_P256);
  world_.settings.mutable_sign_in_lifetime()->set_seconds(43200);
  ASSERT_EQ(Run({"settings", "show"}), 0) << err_;
  EXPECT_EQ(out_,
            "key algorithm         ecdsa-p256\n"
            "private key download  off\n"
            "audit retention       forever\n"
            "sign-in lifetime      12h\n");
  ASSERT_EQ(Run({"settings", "update", "--key-algorithm", "rsa-4096", "--audit-retention", "365d",
                 "--sign-in-lifetime", "30m", "--private-key-download", "on"}),
            0)
      << err_;
  const v1::Settings& settings = world_.settings_update.settings();
  EXPECT_EQ(settings.key_algorithm(), v1::KEY_ALGORITHM_RSA_4096);
  EXPECT_EQ(settings.audit_retention().seconds(), 365 * 86400);
  EXPECT_EQ(settings.sign_in_lifetime().seconds(), 1800);
  EXPECT_TRUE(settings.private_key_download());
  EXPECT_EQ(world_.settings_update.update_mask().paths_size(), 4);
  ASSERT_EQ(Run({"settings", "update", "--audit-retention", "forever"}), 0) << err_;
  EXPECT_FALSE(world_.settings_update.settings().has_audit_retention());
  EXPECT_THAT(world_.settings_update.update_mask().paths(),
              ::testing::ElementsAre("audit_retention"));
}

}  // namespace
}  // namespace homeport
