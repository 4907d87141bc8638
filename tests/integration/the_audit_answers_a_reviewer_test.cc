// A reviewer asks who reached which workspace, when, from where and with which key, who was
// refused, and who changed what; and whether the record is whole.
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "base/file.h"
#include "gmock/gmock.h"
#include "nlohmann/json.hpp"
#include "tests/integration/wait_for.h"
#include "tests/integration/world.h"

namespace homeport::story {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using Json = nlohmann::json;

class TheAuditAnswers : public Story {
 protected:
  void SetUp() override {
    Story::SetUp();
    const Result made =
        world_.Homeport({"users", "create", "auditor", "--email", "auditor@example.com", "--role",
                         "auditor", "--token-file-out", world_.TokenFile("auditor")});
    ASSERT_EQ(made.status, 0) << made.err;
  }

  // Lines of the export with these filters, the oldest first.
  std::vector<Json> Export(const Words& filters) {
    Words words = {"audit", "export"};
    words.insert(words.end(), filters.begin(), filters.end());
    const Result result = world_.HomeportAs("auditor", words);
    EXPECT_EQ(result.status, 0) << result.err;
    std::vector<Json> lines;
    for (const absl::string_view line : absl::StrSplit(result.out, '\n', absl::SkipEmpty())) {
      lines.push_back(Json::parse(line));
    }
    return lines;
  }
  std::string Fingerprint(const std::string& file) {
    Process::Command keygen;
    keygen.arguments = {"ssh-keygen", "-l", "-f", file};
    const std::vector<std::string> words = absl::StrSplit(RunToEnd(keygen).out, ' ');
    return words.size() > 1 ? words[1] : "";
  }
  Result Verify() { return world_.HomeportAs("auditor", {"audit", "verify"}); }
};

TEST_F(TheAuditAnswers, WhoReachedWhichWorkspaceWithWhichKey) {
  ASSERT_EQ(world_.Ssh({"dev", "echo in"}).out, "in\n");
  std::vector<Json> ends;
  ASSERT_TRUE(WaitFor(
      [&] {
        return !(ends = Export({"--action", "session.end"})).empty();
      },
      absl::Seconds(20), "the end of the session in the audit"));
  const std::vector<Json> starts = Export({"--action", "session.start"});
  ASSERT_EQ(starts.size(), 1u);
  const Json& start = starts[0];
  EXPECT_EQ(start["actor"], "users/demo");
  EXPECT_THAT(start["address"].get<std::string>(), HasSubstr("127.0.0.1:"));
  EXPECT_THAT(start.dump(), AllOf(HasSubstr("users/demo/workspaces/dev"), HasSubstr("OpenSSH"),
                                  HasSubstr(Fingerprint(world_.KeyFile("demo")))));
  ASSERT_EQ(ends.size(), 1u);
  EXPECT_EQ(ends[0]["actor"], "users/demo");
  EXPECT_THAT(ends[0].dump(), HasSubstr("bytes_to_user"));
  // The same by other questions.
  EXPECT_EQ(Export({"--actor", "users/demo", "--action", "session.start"}).size(), 1u);
  EXPECT_EQ(Export({"--address", "127.0.0.1", "--action", "session.start"}).size(), 1u);
  EXPECT_EQ(Export({"--address", "192.0.2.1"}).size(), 0u);
}

TEST_F(TheAuditAnswers, WhoWasRefused) {
  world_.AddUser("eve");
  EXPECT_EQ(RunToEnd(world_.SshCommand({"-l", "demo/dev", "dev", "true"}, "eve")).status, 255);
  Process::Command keygen;
  keygen.arguments = {"ssh-keygen", "-q", "-t", "ed25519",
                      "-N",         "",   "-f", world_.KeyFile("nobody")};
  ASSERT_EQ(RunToEnd(keygen).status, 0);
  EXPECT_EQ(RunToEnd(world_.SshCommand({"dev", "true"}, "nobody")).status, 255);
  std::vector<std::string> refusals;
  for (const Json& line : Export({"--action", "session.refuse"})) refusals.push_back(line.dump());
  ASSERT_EQ(refusals.size(), 2u);
  EXPECT_THAT(refusals[0], AllOf(HasSubstr("users/eve"), HasSubstr("demo/dev")));
  EXPECT_THAT(refusals[1], HasSubstr(Fingerprint(world_.KeyFile("nobody"))));
  // And at the other door.
  EXPECT_NE(world_.HomeportAs("eve", {"users", "list"}).status, 0);
  EXPECT_EQ(Export({"--action", "admin.deny"}).size(), 1u);
}

TEST_F(TheAuditAnswers, WhoChangedWhat) {
  ASSERT_EQ(world_.Homeport({"providers", "update", "local", "--external-connect", "off"}).status,
            0);
  ASSERT_EQ(world_.HomeportAs("demo", {"keys", "regenerate", "--yes"}).status, 0);
  const std::vector<Json> switches = Export({"--target", "providers/local"});
  std::vector<std::string> actions;
  for (const Json& line : switches) actions.push_back(line["action"]);
  EXPECT_THAT(actions, testing::ElementsAre("provider.create", "provider.update"));
  EXPECT_EQ(switches.back()["actor"], "users/admin");
  EXPECT_THAT(switches.back().dump(), HasSubstr("external_connect"));
  EXPECT_EQ(Export({"--action", "key.regenerate", "--actor", "users/demo"}).size(), 1u);
  for (const char* action : {"set_up", "user.create", "workspace.create", "key.download"}) {
    EXPECT_GE(Export({"--action", action}).size(), 1u) << action;
  }
}

TEST_F(TheAuditAnswers, WhetherItIsWhole) {
  EXPECT_EQ(Verify().status, 0) << Verify().err;
  world_.coordinator().Terminate();
  Process::Command tamper;
  tamper.arguments = {"python3", "-c",
                      "import sqlite3, sys\n"
                      "db = sqlite3.connect(sys.argv[1])\n"
                      "db.execute('DROP TRIGGER audit_is_not_changed')\n"
                      "db.execute(\"UPDATE audit SET actor = 'users/eve' WHERE id = 3\")\n"
                      "db.commit()",
                      world_.state_folder + "/homeport.db"};
  ASSERT_EQ(RunToEnd(tamper).status, 0);
  world_.Restart("coordinator");
  const Result broken = Verify();
  EXPECT_NE(broken.status, 0);
  EXPECT_THAT(broken.out + broken.err, HasSubstr("auditEntries/3"));
}

TEST_F(TheAuditAnswers, OnlyThoseWhoMayAsk) {
  EXPECT_EQ(world_.HomeportAs("demo", {"audit", "list"}).status, 77);
  EXPECT_EQ(world_.HomeportAs("auditor", {"audit", "list"}).status, 0);
  EXPECT_EQ(world_.HomeportAs("auditor", {"users", "list"}).status, 0);
  EXPECT_EQ(world_.HomeportAs("auditor", {"users", "update", "demo", "--suspend"}).status, 77);
}

}  // namespace
}  // namespace homeport::story
