// The stream home, to a coordinator that the test plays.
#include "agent/home_stream.h"

#include <sys/stat.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/file.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server_builder.h"
#include "gtest/gtest.h"
#include "rpc/bearer_token.h"

namespace homeport::agent {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(30);

class FakeCoordinator : public v1::AgentService::Service {
 public:
  using Stream = grpc::ServerReaderWriter<v1::ConnectAgentResponse, v1::ConnectAgentRequest>;

  grpc::Status Connect(grpc::ServerContext* context, Stream* stream) override {
    if (BearerToken(*context) != "right") {
      absl::MutexLock lock(&mutex_);
      ++refused_;
      return {grpc::StatusCode::UNAUTHENTICATED, "no"};
    }
    v1::ConnectAgentRequest request;
    if (!stream->Read(&request)) return grpc::Status::OK;
    Note(request);
    v1::ConnectAgentResponse response;
    response.mutable_welcome()->set_workspace("users/u/workspaces/w");
    response.mutable_welcome()->mutable_owner_keys()->add_public_keys("key");
    stream->Write(response);
    response.mutable_dial()->set_session_id("s");
    stream->Write(response);
    response.mutable_owner_keys();
    response.set_revision(7);
    stream->Write(response);
    while (stream->Read(&request)) {
      Note(request);
      if (request.has_dial_result()) return grpc::Status::OK;  // the agent comes back
    }
    return grpc::Status::OK;
  }
  size_t count() {
    absl::MutexLock lock(&mutex_);
    return requests_.size();
  }
  int refused() {
    absl::MutexLock lock(&mutex_);
    return refused_;
  }
  v1::ConnectAgentRequest Get(size_t index) {
    absl::MutexLock lock(&mutex_);
    const auto there = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return requests_.size() > index;
    };
    EXPECT_TRUE(mutex_.AwaitWithTimeout(absl::Condition(&there), kPatience))
        << "message " << index << " never came";
    return there() ? requests_[index] : v1::ConnectAgentRequest();
  }

 private:
  void Note(const v1::ConnectAgentRequest& request) {
    absl::MutexLock lock(&mutex_);
    requests_.push_back(request);
  }

  absl::Mutex mutex_;
  std::vector<v1::ConnectAgentRequest> requests_ ABSL_GUARDED_BY(mutex_);
  int refused_ ABSL_GUARDED_BY(mutex_) = 0;
};

class HomeStreamTest : public ::testing::Test, public HomeStream::Listener {
 protected:
  void SetUp() override {
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&coordinator_);
    server_ = builder.BuildAndStart();
    ASSERT_NE(server_, nullptr);
    credential_file_ = absl::StrCat(::testing::TempDir(), "/credential");
    HomeStream::Options options;
    options.credential_file = credential_file_;
    options.hello.set_os_user("ada");
    options.backoff_cap = absl::Milliseconds(300);
    home_ = std::make_unique<HomeStream>(
        std::make_shared<CoordinatorRoute>(grpc::CreateChannel(absl::StrCat("127.0.0.1:", port),
                                                               grpc::InsecureChannelCredentials())),
        loop_, *this, options);
    thread_ = std::thread([this] { loop_.Run(); });
  }
  void TearDown() override {
    home_->Stop();
    loop_.Stop();
    thread_.join();
    server_->Shutdown();
  }
  void WriteCredential(const std::string& content, mode_t mode = 0600) {
    ASSERT_TRUE(WriteFileAtomically(credential_file_, content, mode).ok());
  }
  void AwaitEvent(const std::string& event) {
    absl::MutexLock lock(&mutex_);
    const auto there = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      for (const std::string& seen : events_) {
        if (seen == event) return true;
      }
      return false;
    };
    EXPECT_TRUE(mutex_.AwaitWithTimeout(absl::Condition(&there), kPatience)) << event;
  }

  void OnWelcome(const std::string& workspace) override { Note("welcome " + workspace); }
  void OnOwnerKeys(const v1::OwnerKeys& keys, int64_t revision) override {
    Note(absl::StrCat("keys ", keys.public_keys_size()));
    v1::Applied applied;
    applied.set_revision(revision);
    if (revision != 0) home_->SendApplied(applied);
  }
  void OnSettings(const v1::WorkspaceSettings& settings, int64_t) override {
    Note(absl::StrCat("settings ", settings.workspace_name()));
  }
  void OnDial(const v1::Dial& dial) override { Note("dial " + dial.session_id()); }
  void OnAway(const absl::Status& status) override {
    Note(absl::StrCat("away ", absl::StatusCodeToString(status.code())));
  }
  void Note(const std::string& event) {
    EXPECT_EQ(std::this_thread::get_id(), thread_.get_id());
    absl::MutexLock lock(&mutex_);
    events_.push_back(event);
  }

  FakeCoordinator coordinator_;
  std::unique_ptr<grpc::Server> server_;
  std::string credential_file_;
  EventLoop loop_;
  std::unique_ptr<HomeStream> home_;
  std::thread thread_;
  absl::Mutex mutex_;
  std::vector<std::string> events_ ABSL_GUARDED_BY(mutex_);
};

TEST_F(HomeStreamTest, SaysHelloHearsAndComesBack) {
  WriteCredential("right\n");
  home_->Start();
  EXPECT_EQ(coordinator_.Get(0).hello().os_user(), "ada");
  AwaitEvent("welcome users/u/workspaces/w");
  AwaitEvent("keys 1");
  AwaitEvent("dial s");
  AwaitEvent("keys 0");
  EXPECT_EQ(coordinator_.Get(1).applied().revision(), 7);
  v1::AgentStatus status;
  status.add_backends()->set_kind(v1::BACKEND_KIND_OPENSSH);
  home_->SetStatus(status);
  v1::DialResult result;
  result.set_session_id("s");
  home_->SendDialResult(result);
  EXPECT_TRUE(coordinator_.Get(2).has_status());
  EXPECT_EQ(coordinator_.Get(3).dial_result().session_id(), "s");
  AwaitEvent("away OK");
  // The next hello knows what was reported since the first.
  EXPECT_EQ(coordinator_.Get(4).hello().status().backends_size(), 1);
}

TEST_F(HomeStreamTest, AWrongCredentialIsTriedAgainWithWhatTheFileThenHolds) {
  WriteCredential("wrong");
  home_->Start();
  AwaitEvent("away UNAUTHENTICATED");
  EXPECT_EQ(coordinator_.count(), 0u);
  WriteCredential("right");
  AwaitEvent("welcome users/u/workspaces/w");
}

TEST_F(HomeStreamTest, AnUnusableFileIsNoEndEither) {
  WriteCredential("two words");
  home_->Start();
  AwaitEvent("away INVALID_ARGUMENT");
  WriteCredential("right", 0644);
  AwaitEvent("away PERMISSION_DENIED");
  WriteCredential("right");
  AwaitEvent("welcome users/u/workspaces/w");
  EXPECT_EQ(coordinator_.refused(), 0);
}

}  // namespace
}  // namespace homeport::agent
