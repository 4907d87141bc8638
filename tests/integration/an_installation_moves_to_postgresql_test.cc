// An installation moves from SQLite to PostgreSQL and back, with one command each way: people,
// keys, workspaces and the audit are there as before.
#include <string>

#include "absl/strings/match.h"
#include "gtest/gtest.h"
#include "tests/integration/world.h"
#include "tests/postgresql/postgresql_server.h"

namespace homeport::story {
namespace {

Result CopyStore(const std::string& from, const std::string& to, const std::string& secrets) {
  Process::Command command;
  command.arguments = {Binary("coordinator"), "copy-store", "--from", from, "--to", to,
                       "--secrets",           secrets};
  return RunToEnd(command);
}

TEST(AnInstallationMoves, ToPostgresqlAndBack) {
  const auto server = PostgresqlServer::Start();
  if (absl::IsNotFound(server.status())) GTEST_SKIP() << server.status();
  ASSERT_TRUE(server.ok()) << server.status();
  World world;
  world.Start();
  const std::string sqlite = "sqlite:" + world.state_folder + "/homeport.db";
  const std::string url = (*server)->TcpUrl(*(*server)->CreateDatabase());
  ASSERT_EQ(world.Ssh({"dev", "echo before"}).out, "before\n");
  const std::string users = world.Homeport({"users", "list", "--output", "json"}).out;

  const Result busy = CopyStore(sqlite, url, world.state_folder);
  EXPECT_NE(busy.status, 0);
  EXPECT_TRUE(absl::StrContains(busy.err, "another coordinator is running")) << busy.err;
  EXPECT_EQ(world.coordinator().Terminate(), 0);
  const Result there = CopyStore(sqlite, url, world.state_folder);
  ASSERT_EQ(there.status, 0) << there.err;
  EXPECT_TRUE(absl::StrContains(there.out, "the audit is whole")) << there.out;

  world.database = url;
  world.Restart("coordinator");
  ASSERT_TRUE(world.WaitForOnline("demo/dev", true));
  EXPECT_EQ(world.Homeport({"users", "list", "--output", "json"}).out, users);
  EXPECT_EQ(world.Ssh({"dev", "echo there"}).out, "there\n");
  EXPECT_EQ(world.Homeport({"audit", "verify"}).status, 0);
  const Result again = CopyStore(sqlite, url, world.state_folder);
  EXPECT_TRUE(absl::StrContains(again.err, "a coordinator is running")) << again.err;

  EXPECT_EQ(world.coordinator().Terminate(), 0);
  const std::string back = "sqlite:" + world.Path("back") + "/homeport.db";
  const Result home = CopyStore(url, back, world.state_folder);
  ASSERT_EQ(home.status, 0) << home.err;
  world.database = back;  // and the secrets stay where they were
  world.coordinator_flags = {"--state", world.Path("back")};
  world.Restart("coordinator");
  ASSERT_TRUE(world.WaitForOnline("demo/dev", true));
  EXPECT_EQ(world.Ssh({"dev", "echo back"}).out, "back\n");
  EXPECT_EQ(world.Homeport({"audit", "verify"}).status, 0);
}

}  // namespace
}  // namespace homeport::story
