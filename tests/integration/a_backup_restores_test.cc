// A backup that is taken while people change things restores to an installation that works: what
// was done before the backup began is there, the audit is whole, and people sign in as before.
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/file.h"
#include "gtest/gtest.h"
#include "proto/homeport/v1/admin.grpc.pb.h"
#include "rpc/bearer_token.h"
#include "rpc/channel.h"
#include "tests/integration/wait_for.h"
#include "tests/integration/world.h"
#include "tests/postgresql/postgresql_server.h"

namespace homeport::story {
namespace {

constexpr absl::Duration kLimit = absl::Seconds(60);

// Makes one provider after the other until it goes.
class BusySiteManager {
 public:
  explicit BusySiteManager(World& world)
      : stub_(v1::AdminService::NewStub(
            *MakeChannel(world.address("grpc"), world.state_folder + "/ca.pem"))),
        token_(*ReadSecretFile(world.TokenFile("admin"))),
        thread_([this] { Work(); }) {}
  ~BusySiteManager() {
    stop_ = true;
    thread_.join();
  }
  int made() const { return made_; }
  void WaitFor(int count) {
    story::WaitFor([&] { return made_ >= count || failed_; }, kLimit, "providers to be made");
    EXPECT_FALSE(failed_);
  }

 private:
  void Work() {
    while (!stop_ && !failed_) {
      v1::CreateProviderRequest request;
      request.set_provider_id(absl::StrCat("p", made_.load()));
      v1::Provider made;
      grpc::ClientContext context;
      AddBearerToken(context, token_);
      context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
      failed_ = !stub_->CreateProvider(&context, request, &made).ok();
      if (!failed_) ++made_;
    }
  }

  const std::unique_ptr<v1::AdminService::Stub> stub_;
  const std::string token_;
  std::atomic<bool> stop_{false}, failed_{false};
  std::atomic<int> made_{0};
  std::thread thread_;
};

// Works as before, with `before` providers and whatever came between.
void ExpectWhole(World& world, int before) {
  const Result verified = world.Homeport({"audit", "verify"});
  EXPECT_EQ(verified.status, 0) << verified.out << verified.err;
  const Result providers = world.Homeport({"providers", "list", "--output", "json"});
  EXPECT_EQ(providers.status, 0) << providers.err;
  for (int i = 0; i < before; ++i) {
    EXPECT_TRUE(absl::StrContains(providers.out, absl::StrCat("\"providers/p", i, "\""))) << i;
  }
  EXPECT_EQ(world.Ssh({"dev", "echo here"}).out, "here\n");
}

TEST(ABackupRestores, TakenByTheCommandWithSqlite) {
  World world;
  world.Start();
  const std::string file = world.Path("backup.db");
  int before = 0;
  {
    BusySiteManager manager(world);
    manager.WaitFor(20);
    before = manager.made();
    Process::Command command;
    command.arguments = {Binary("coordinator"), "backup", "--state",
                         world.state_folder,    "--to",   file};
    const Result backup = RunToEnd(command);
    ASSERT_EQ(backup.status, 0) << backup.err;
    EXPECT_TRUE(absl::StrContains(backup.out, "the audit is whole")) << backup.out;
    manager.WaitFor(manager.made() + 5);
  }
  world.coordinator().Kill9();
  // As docs/operations.md says: the file in place of the database and its log.
  for (const char* end : {"", "-wal", "-shm"}) {
    unlink(absl::StrCat(world.state_folder, "/homeport.db", end).c_str());
  }
  ASSERT_EQ(rename(file.c_str(), (world.state_folder + "/homeport.db").c_str()), 0);
  world.Restart("coordinator");
  ASSERT_TRUE(world.WaitForOnline("demo/dev", true));
  ExpectWhole(world, before);
}

TEST(ABackupRestores, TakenByPostgresqlsOwnPrograms) {
  const auto server = PostgresqlServer::Start();
  if (absl::IsNotFound(server.status())) GTEST_SKIP() << server.status();
  ASSERT_TRUE(server.ok()) << server.status();
  World world;
  world.database = *(*server)->CreateDatabase();
  world.Start();
  const std::string dump = (*server)->folder() + "/dump";
  int before = 0;
  {
    BusySiteManager manager(world);
    manager.WaitFor(20);
    before = manager.made();
    const absl::Status status =
        (*server)->RunProgram({"pg_dump", "--format=custom", "--no-unlogged-table-data",
                               "--file=" + dump, "--dbname=" + world.database});
    ASSERT_TRUE(status.ok()) << status;
    manager.WaitFor(manager.made() + 5);
  }
  world.coordinator().Kill9();
  world.database = *(*server)->CreateDatabase();
  const absl::Status status =
      (*server)->RunProgram({"pg_restore", "--exit-on-error", "--dbname=" + world.database, dump});
  ASSERT_TRUE(status.ok()) << status;
  world.Restart("coordinator");
  ASSERT_TRUE(world.WaitForOnline("demo/dev", true));
  ExpectWhole(world, before);
}

}  // namespace
}  // namespace homeport::story
