// Signatures from a coordinator that the test plays.
#include "agent/key_socket/coordinator_signer.h"

#include <memory>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "base/file.h"
#include "gmock/gmock.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server_builder.h"
#include "rpc/bearer_token.h"

namespace homeport::agent {
namespace {

using ::testing::HasSubstr;

constexpr absl::Duration kPatience = absl::Seconds(30);

class FakeCoordinator : public v1::AgentService::Service {
 public:
  grpc::Status SignForWorkspace(grpc::ServerContext* context,
                                const v1::SignForWorkspaceRequest* request,
                                v1::SignForWorkspaceResponse* response) override {
    if (BearerToken(*context) != "right") return {grpc::StatusCode::UNAUTHENTICATED, "who?"};
    if (request->data() == "hang") {
      while (!context->IsCancelled()) absl::SleepFor(absl::Milliseconds(5));
      return grpc::Status::CANCELLED;
    }
    if (request->data() == "forbidden") {
      return {grpc::StatusCode::PERMISSION_DENIED, "The key socket is switched off."};
    }
    response->set_signature(
        absl::StrCat(request->public_key(), "+", request->data(), "+", request->flags()));
    return grpc::Status::OK;
  }
};

class CoordinatorSignerTest : public testing::Test {
 protected:
  void SetUp() override {
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&coordinator_);
    server_ = builder.BuildAndStart();
    address_ = absl::StrCat("127.0.0.1:", port);
    Write("right");
    thread_ = std::thread([this] { loop_.Run(); });
    MakeSigner(kPatience);
  }
  void TearDown() override {
    signer_.reset();
    loop_.Stop();
    thread_.join();
    server_->Shutdown(absl::ToChronoTime(absl::Now()));
  }
  void Write(const std::string& credential) {
    ASSERT_TRUE(WriteFileAtomically(credential_file_, credential, 0600).ok());
  }
  void MakeSigner(absl::Duration patience) {
    signer_ =
        std::make_unique<CoordinatorSigner>(std::make_shared<CoordinatorRoute>(grpc::CreateChannel(
                                                address_, grpc::InsecureChannelCredentials())),
                                            loop_, pool_, credential_file_, patience);
  }
  absl::StatusOr<std::string> Sign(const std::string& data) {
    // Shared with a callback that a failing test leaves behind.
    auto signature = std::make_shared<absl::StatusOr<std::string>>();
    auto done = std::make_shared<absl::Notification>();
    loop_.Post([=] {
      signer_->Sign({"key", data, 2}, [=](const absl::StatusOr<std::string>& result) {
        *signature = result;
        done->Notify();
      });
    });
    EXPECT_TRUE(done->WaitForNotificationWithTimeout(kPatience)) << "no answer for " << data;
    return *signature;
  }

  const std::string credential_file_ = testing::TempDir() + "/credential";
  FakeCoordinator coordinator_;
  std::unique_ptr<grpc::Server> server_;
  std::string address_;
  EventLoop loop_;
  std::thread thread_;
  std::unique_ptr<CoordinatorSigner> signer_;
  WorkerPool pool_{2};
};

TEST_F(CoordinatorSignerTest, AsksForExactlyWhatIsWanted) {
  EXPECT_EQ(Sign("data").value_or(""), "key+data+2");
}

TEST_F(CoordinatorSignerTest, TheCredentialIsReadAnew) {
  Write("wrong");
  EXPECT_TRUE(absl::IsUnauthenticated(Sign("data").status()));
  Write("two words");
  EXPECT_THAT(Sign("data").status().message(), HasSubstr("holds no credential"));
  Write("right");
  EXPECT_TRUE(Sign("data").ok());
}

TEST_F(CoordinatorSignerTest, TheCoordinatorsSentenceArrives) {
  EXPECT_EQ(Sign("forbidden").status(),
            absl::PermissionDeniedError("The key socket is switched off."));
}

TEST_F(CoordinatorSignerTest, OneThatIsAwayIsFoundOutAtOnceAndOneThatHangsByTheDeadline) {
  MakeSigner(absl::Milliseconds(200));
  EXPECT_TRUE(absl::IsDeadlineExceeded(Sign("hang").status()));
  server_->Shutdown(absl::ToChronoTime(absl::Now()));
  MakeSigner(absl::InfiniteDuration());
  EXPECT_THAT(Sign("data").status().message(), HasSubstr("the coordinator does not answer"));
}

TEST_F(CoordinatorSignerTest, CallsUnderWayEndWithTheSigner) {
  loop_.Post([this] { signer_->Sign({"key", "hang", 0}, [](const auto&) {}); });
  absl::Notification asked;
  loop_.Post([&asked] { asked.Notify(); });
  asked.WaitForNotification();
  signer_.reset();  // comes back
}

}  // namespace
}  // namespace homeport::agent
