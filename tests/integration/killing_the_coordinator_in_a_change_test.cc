// The coordinator may be killed in the middle of a change: afterwards the change is whole, with its
// line in the audit, or it never was. What it said yes to is there, and the audit hangs together.
// The same if its database is on a server, and for that server.
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
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

constexpr int kKills = 10;
constexpr int kMostChangesBetweenKills = 25;
constexpr absl::Duration kLimit = absl::Seconds(60);
using Stub = v1::AdminService::Stub;

// A site manager who changes one thing after the other, and looks after each what has come of it.
class BusySiteManager {
 public:
  BusySiteManager(std::shared_ptr<grpc::Channel> channel, std::string token)
      : stub_(v1::AdminService::NewStub(std::move(channel))), token_(std::move(token)) {}

  // Until `stop`.
  void Work(const std::atomic<bool>& stop) {
    while (!stop && !testing::Test::HasFailure()) {
      const std::string n = absl::StrCat(++round_);
      ChangePeople(n);
      ChangePlaces(n);
    }
  }
  // All that was made is still there, and nothing else.
  void CheckEverything() {
    std::set<std::string> there;
    v1::ListUsersRequest list_users;
    list_users.set_page_size(1000);
    const v1::ListUsersResponse user_page = Read(&Stub::ListUsers, list_users);
    for (const v1::User& user : user_page.users()) there.insert(user.name());
    v1::ListProvidersRequest list_providers;
    list_providers.set_page_size(1000);
    const v1::ListProvidersResponse provider_page = Read(&Stub::ListProviders, list_providers);
    for (const v1::Provider& provider : provider_page.providers()) there.insert(provider.name());
    for (const std::string& made : made_) {
      EXPECT_EQ(there.count(made), 1u) << made << " is lost";
    }
    for (const std::string& removed : removed_) {
      EXPECT_EQ(there.count(removed), 0u) << removed << " is back";
    }
    const v1::VerifyAuditResponse audit = Read(&Stub::VerifyAudit, v1::VerifyAuditRequest());
    EXPECT_TRUE(audit.intact()) << audit.problem();
  }
  int begun() const { return begun_; }
  int cut() const { return cut_; }

 private:
  void ChangePeople(const std::string& n) {
    const std::string user = "users/u" + n;
    v1::CreateUserRequest create;
    create.set_user_id("u" + n);
    create.mutable_user()->set_email(n + "@example.com");
    if (Change("user.create", user, Write(&Stub::CreateUser, create),
               [=] { return UserOf(user); })) {
      made_.insert(user);
    }
    v1::UpdateUserRequest update;
    update.mutable_user()->set_name("users/demo");
    update.mutable_user()->set_email("demo" + n + "@example.com");
    update.mutable_update_mask()->add_paths("email");
    Change("user.update", "users/demo", Write(&Stub::UpdateUser, update),
           [=] { return UserOf("users/demo"); });
    v1::RegenerateKeyRequest key;
    key.set_name("users/demo");
    Change("key.regenerate", "users/demo", Write(&Stub::RegenerateKey, key),
           [=] { return UserOf("users/demo"); });
    v1::CreateTokenRequest token;
    token.set_parent("users/admin");
    token.mutable_token()->set_display_name("token " + n);
    Change("token.create", "users/admin", Write(&Stub::CreateToken, token),
           [=] { return Tokens(); });
    v1::DeleteUserRequest remove;
    remove.set_name(user);
    if (round_ % 2 == 0 && made_.count(user) > 0 &&
        Change("user.delete", user, Write(&Stub::DeleteUser, remove),
               [=] { return UserOf(user); })) {
      made_.erase(user);
      removed_.insert(user);
    }
  }
  void ChangePlaces(const std::string& n) {
    const std::string provider = "providers/p" + n;
    v1::CreateProviderRequest create;
    create.set_provider_id("p" + n);
    if (Change("provider.create", provider, Write(&Stub::CreateProvider, create),
               [=] { return ProviderOf(provider); })) {
      made_.insert(provider);
    }
    v1::UpdateProviderRequest update;
    update.mutable_provider()->set_name("providers/local");
    update.mutable_provider()->set_display_name("name " + n);
    update.mutable_update_mask()->add_paths("display_name");
    Change("provider.update", "providers/local", Write(&Stub::UpdateProvider, update),
           [=] { return ProviderOf("providers/local"); });
    const std::string workspace = "users/demo/workspaces/w" + n;
    v1::CreateWorkspaceRequest create_workspace;
    create_workspace.set_parent("users/demo");
    create_workspace.set_workspace_id("w" + n);
    create_workspace.mutable_workspace()->set_provider("providers/local");
    const bool there =
        Change("workspace.create", workspace, Write(&Stub::CreateWorkspace, create_workspace),
               [=] { return WorkspaceOf(workspace); });
    if (!there) return;
    v1::RotateCredentialRequest rotate;
    rotate.set_name(workspace);
    Change("workspace.rotate_credential", workspace, Write(&Stub::RotateCredential, rotate),
           [=] { return WorkspaceOf(workspace); });
    v1::DeleteWorkspaceRequest remove;
    remove.set_name(workspace);
    Change("workspace.delete", workspace, Write(&Stub::DeleteWorkspace, remove),
           [=] { return WorkspaceOf(workspace); });
  }

  // Makes the change, with a look at `state` and at the lines of the audit before and after it.
  // Whether it has come to be.
  bool Change(const std::string& action, const std::string& target,
              const std::function<bool()>& change, const std::function<std::string()>& state) {
    const std::string state_before = state();
    const int lines_before = Lines(action, target);
    ++begun_;
    const bool ok = change();
    const bool changed = state() != state_before;
    const int lines = Lines(action, target) - lines_before;
    EXPECT_EQ(lines, changed ? 1 : 0) << action << " of " << target << " is half-made";
    EXPECT_TRUE(changed || !ok) << action << " of " << target << " was promised";
    if (!ok) ++cut_;
    return changed;
  }

  std::string UserOf(const std::string& name) {
    v1::GetUserRequest request;
    request.set_name(name);
    const v1::User user = Read(&Stub::GetUser, request);
    return absl::StrCat(user.name(), user.email(), user.public_key());
  }
  std::string Tokens() {
    v1::ListTokensRequest request;
    request.set_parent("users/admin");
    request.set_page_size(1);
    return Read(&Stub::ListTokens, request).tokens(0).name();
  }
  std::string ProviderOf(const std::string& name) {
    v1::GetProviderRequest request;
    request.set_name(name);
    const v1::Provider provider = Read(&Stub::GetProvider, request);
    return absl::StrCat(provider.name(), provider.display_name());
  }
  std::string WorkspaceOf(const std::string& name) {
    v1::GetWorkspaceRequest request;
    request.set_name(name);
    const v1::Workspace workspace = Read(&Stub::GetWorkspace, request);
    return absl::StrCat(workspace.name(), workspace.credential_create_time().ShortDebugString());
  }
  int Lines(const std::string& action, const std::string& target) {
    v1::ListAuditEntriesRequest request;
    request.set_action(action);
    request.set_target(target);
    request.set_page_size(1000);
    return Read(&Stub::ListAuditEntries, request).audit_entries_size();
  }

  // A call that may be cut.
  template <typename Request, typename Response>
  std::function<bool()> Write(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                           Response*),
                              const Request& request) {
    return [=] {
      Response response;
      return CallOnce(method, request, response).ok();
    };
  }
  // Asks until there is an answer. An empty one for something that is not there.
  template <typename Request, typename Response>
  Response Read(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                const Request& request) {
    const absl::Time deadline = absl::Now() + kLimit;
    grpc::Status status;
    do {
      Response response;
      status = CallOnce(method, request, response, /*patient=*/true);
      if (status.ok() || status.error_code() == grpc::StatusCode::NOT_FOUND) return response;
    } while (absl::Now() < deadline);
    ADD_FAILURE() << "no answer: " << status.error_message();
    return {};
  }
  template <typename Request, typename Response>
  grpc::Status CallOnce(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                     Response*),
                        const Request& request, Response& response, bool patient = false) {
    grpc::ClientContext context;
    AddBearerToken(context, token_);
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    context.set_wait_for_ready(patient);
    return (stub_.get()->*method)(&context, request, &response);
  }

  const std::unique_ptr<Stub> stub_;
  const std::string token_;
  int round_ = 0;
  std::set<std::string> made_, removed_;
  std::atomic<int> begun_{0}, cut_{0};
};

void KillAndLook(World& world, const std::function<void(int)>& kill) {
  ASSERT_NO_FATAL_FAILURE(world.StartCoordinator());
  ASSERT_NO_FATAL_FAILURE(world.AddUser("demo"));
  ASSERT_EQ(world.Homeport({"providers", "create", "local"}).status, 0);
  const auto channel = MakeChannel(world.address("grpc"), world.state_folder + "/ca.pem");
  ASSERT_TRUE(channel.ok()) << channel.status();
  const absl::StatusOr<std::string> token = ReadSecretFile(world.TokenFile("admin"));
  ASSERT_TRUE(token.ok()) << token.status();

  BusySiteManager manager(*channel, *token);
  std::atomic<bool> stop{false};
  std::thread working([&] { manager.Work(stop); });
  std::mt19937 random(std::random_device{}());
  std::uniform_int_distribution<int> some(1, kMostChangesBetweenKills);
  for (int i = 0; i < kKills && !testing::Test::HasFailure(); ++i) {
    const int enough = manager.begun() + some(random);
    WaitFor([&] { return manager.begun() >= enough || testing::Test::HasFailure(); }, kLimit,
            "changes to be made");
    kill(i);
  }
  stop = true;
  working.join();
  manager.CheckEverything();
  testing::Test::RecordProperty("changes", manager.begun());
  testing::Test::RecordProperty("cut", manager.cut());
  EXPECT_GT(manager.cut(), 0) << "no change was cut: this has shown nothing";
}

TEST(KillingTheCoordinatorInAChange, LeavesItWholeOrUndone) {
  World world;
  KillAndLook(world, [&](int /*round*/) {
    world.coordinator().Kill9();
    world.Restart("coordinator");
  });
}

TEST(KillingTheCoordinatorInAChange, LeavesItWholeOrUndoneInPostgresqlToo) {
  const auto server = PostgresqlServer::Start();
  if (absl::IsNotFound(server.status())) GTEST_SKIP() << server.status();
  ASSERT_TRUE(server.ok()) << server.status();
  World world;
  world.database = *(*server)->CreateDatabase();
  KillAndLook(world, [&](int round) {
    if (round % 2 == 0) {
      world.coordinator().Kill9();
      world.Restart("coordinator");
    } else {
      (*server)->Crash();
      EXPECT_TRUE((*server)->StartAgain().ok());
    }
  });
}

}  // namespace
}  // namespace homeport::story
