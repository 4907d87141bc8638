// Streams that lose their coordinator, find none at an address, or are too many; against a real
// server.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "base/address.h"
#include "base/unique_fd.h"
#include "coordinator/connect_limit.h"
#include "coordinator/test_world.h"
#include "gtest/gtest.h"
#include "rpc/bearer_token.h"
#include "rpc/client_stream.h"
#include "rpc/come_back_later.h"
#include "rpc/coordinator_route.h"

namespace homeport {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(60);

// An address of this machine where nobody listens, for as long as this object is there.
class DeadAddress {
 public:
  DeadAddress() : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  }
  std::string text() const { return LocalAddress(socket_.get()); }

 private:
  UniqueFd socket_;
};

// An agent's stream and nothing more.
class Home : private ReconnectingStream<v1::ConnectAgentRequest, v1::ConnectAgentResponse> {
 public:
  Home(std::shared_ptr<CoordinatorRoute> route, const std::string& credential)
      : ReconnectingStream(
            [&credential] {
              Options options;
              options.token = credential;
              return options;
            }(),
            std::move(route)) {
    Start();
  }
  ~Home() override { Stop(); }

  // Waits until it has been welcomed so often, or has heard no so often.
  bool WaitForWelcomes(int count) { return Wait(welcomes_, count); }
  bool WaitForLosses(int count) { return Wait(losses_, count); }
  int welcomes() const {
    absl::MutexLock lock(&mutex_);
    return welcomes_;
  }
  int losses() const {
    absl::MutexLock lock(&mutex_);
    return losses_;
  }

 private:
  void StartCall(const std::shared_ptr<grpc::Channel>& channel, grpc::ClientContext* context,
                 Reactor* reactor) override {
    v1::AgentService::NewStub(channel)->async()->Connect(context, reactor);
  }
  v1::ConnectAgentRequest Hello() override {
    v1::ConnectAgentRequest request;
    request.mutable_hello()->set_os_user("coder");
    return request;
  }
  void OnMessage(v1::ConnectAgentResponse message) override {
    absl::MutexLock lock(&mutex_);
    if (message.has_welcome()) ++welcomes_;
  }
  void OnLost(const absl::Status&, bool) override {
    absl::MutexLock lock(&mutex_);
    ++losses_;
  }
  bool Wait(const int& count, int least) {
    absl::MutexLock lock(&mutex_);
    const auto enough = [&count, least] { return count >= least; };
    return mutex_.AwaitWithTimeout(absl::Condition(&enough), kPatience);
  }

  mutable absl::Mutex mutex_;
  int welcomes_ ABSL_GUARDED_BY(mutex_) = 0;
  int losses_ ABSL_GUARDED_BY(mutex_) = 0;
};

class AgentsComeBackTest : public ::testing::Test {
 protected:
  AgentsComeBackTest()
      : world_([this](CoordinatorOptions& options) {
          options.listen = absl::StrCat("0.0.0.0:", port_);
          options.most_connects_per_second = most_connects_per_second_;
        }) {
    port_ = world_.coordinator().port();
    world_.MakeProvider();
    world_.MakeUser("demo");
  }
  void Restart(int most_connects_per_second) {
    most_connects_per_second_ = most_connects_per_second;
    world_.Stop();
    world_.Start();
  }
  std::string Credential(const std::string& workspace) {
    return world_.MakeWorkspace("demo", workspace).credential();
  }
  std::string At(const std::string& host) const { return absl::StrCat(host, ":", port_); }
  std::shared_ptr<CoordinatorRoute> Route(const std::string& addresses) {
    auto route = CoordinatorRoute::Create(addresses, world_.File("ca.pem"));
    EXPECT_TRUE(route.ok()) << route.status();
    return *std::move(route);
  }

  int port_ = 0;
  int most_connects_per_second_ = 0;
  TestWorld world_;
};

TEST_F(AgentsComeBackTest, TheyGoOnUntilSomebodyAnswers) {
  const DeadAddress dead;
  // Takes connections, and says nothing: as a machine that has hung itself up.
  const auto silent = Listen("127.0.0.1:0");
  ASSERT_TRUE(silent.ok());
  const std::string credential = Credential("dev");
  for (int i = 0; i < 5; ++i) {
    Home home(Route(absl::StrCat(dead.text(), ",", At("localhost"))), credential);
    EXPECT_TRUE(home.WaitForWelcomes(1));
  }
  Home home(Route(absl::StrCat(LocalAddress(silent->get()), ",", At("127.0.0.1"))), credential);
  EXPECT_TRUE(home.WaitForWelcomes(1));
}

TEST_F(AgentsComeBackTest, TheyComeBackToTheOneThatComesBackAndCallsWaitForThat) {
  const DeadAddress dead;
  const auto route = Route(absl::StrCat(At("127.0.0.1"), ",", dead.text()));
  Home home(route, Credential("dev"));
  ASSERT_TRUE(home.WaitForWelcomes(1));
  world_.Stop();
  ASSERT_TRUE(home.WaitForLosses(1));
  absl::Notification called;
  absl::Status status;
  route->Use(absl::Now() + kPatience,
             [&](const absl::StatusOr<CoordinatorRoute::SharedChannel>& channel) {
               status = channel.status();
               called.Notify();
             });
  EXPECT_FALSE(called.HasBeenNotified());
  world_.Start();
  EXPECT_TRUE(home.WaitForWelcomes(2));
  ASSERT_TRUE(called.WaitForNotificationWithTimeout(kPatience));
  EXPECT_TRUE(status.ok()) << status;
}

TEST_F(AgentsComeBackTest, CallsThatFindNobodyEndAtTheirDeadlineOrWithTheProgram) {
  const DeadAddress dead, too;
  const auto route = Route(absl::StrCat(dead.text(), ",", too.text()));
  absl::Notification expired, closed;
  absl::Status why_expired, why_closed;
  route->Use(absl::Now() + absl::Milliseconds(1),
             [&](const absl::StatusOr<CoordinatorRoute::SharedChannel>& channel) {
               why_expired = channel.status();
               expired.Notify();
             });
  ASSERT_TRUE(expired.WaitForNotificationWithTimeout(kPatience));
  EXPECT_TRUE(absl::IsUnavailable(why_expired)) << why_expired;
  route->Use(absl::InfiniteFuture(),
             [&](const absl::StatusOr<CoordinatorRoute::SharedChannel>& channel) {
               why_closed = channel.status();
               closed.Notify();
             });
  EXPECT_FALSE(closed.HasBeenNotified());
  route->Close();
  ASSERT_TRUE(closed.HasBeenNotified());
  EXPECT_TRUE(absl::IsUnavailable(why_closed)) << why_closed;
}

TEST_F(AgentsComeBackTest, EachCertificateHasToBeForTheAddressThatWasGiven) {
  // This machine's too, and in no certificate.
  Home home(Route(absl::StrCat(At("127.0.0.2"), ",", At("127.0.0.3"))), Credential("dev"));
  EXPECT_TRUE(home.WaitForLosses(4));
  EXPECT_EQ(home.welcomes(), 0);
}

TEST_F(AgentsComeBackTest, AListThatCannotBeRightIsNamed) {
  for (const char* addresses : {"", "a", "a:1,", "a:1,b", "a:1,b:x", "::1:7"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(
        CoordinatorRoute::Create(addresses, world_.File("ca.pem")).status()))
        << addresses;
  }
}

TEST_F(AgentsComeBackTest, ThoseThatAreTooManyAreToldWhenToComeAgain) {
  const std::string credential = Credential("dev");
  Restart(1);
  const auto first = world_.OpenAgent(credential);
  grpc::ClientContext context;
  AddBearerToken(context, credential);
  const auto stream = world_.agent().Connect(&context);
  v1::ConnectAgentResponse response;
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_TRUE(absl::IsUnavailable(ToAbslStatus(stream->Finish())));
  const auto wait = AskedToComeBackAfter(context);
  ASSERT_TRUE(wait.has_value());
  EXPECT_GE(*wait, ConnectLimit::kShortestWait);
  EXPECT_LE(*wait, ConnectLimit::kLongestWait);
}

TEST_F(AgentsComeBackTest, TheyDoAsTheyAreTold) {
  constexpr int kAgents = 30;
  std::vector<std::string> credentials;
  for (int i = 0; i < kAgents; ++i) credentials.push_back(Credential(absl::StrCat("dev", i)));
  Restart(10);
  std::vector<std::unique_ptr<Home>> homes;
  for (const std::string& credential : credentials) {
    homes.push_back(std::make_unique<Home>(Route(At("127.0.0.1")), credential));
  }
  int refused = 0, tries = 0;
  for (const auto& home : homes) {
    EXPECT_TRUE(home->WaitForWelcomes(1));
    refused += home->losses() > 0 ? 1 : 0;
    tries += home->losses();
  }
  EXPECT_GE(refused, 5);
  // With their own backoff alone they would have come again several times in each second.
  EXPECT_LE(tries, 3 * refused);
}

}  // namespace
}  // namespace homeport
