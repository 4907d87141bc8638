// Replicas talk by a real PostgreSQL.
#include "coordinator/replicas/replica_bus.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/postgresql/postgresql_server.h"

namespace homeport {
namespace {

using ::testing::ElementsAre;

// Collects what a replica hears.
class Ear {
 public:
  ReplicaBus::Callbacks Callbacks() {
    ReplicaBus::Callbacks callbacks;
    callbacks.on_message = [this](v1::ReplicaMessage message) {
      absl::MutexLock lock(&mutex_);
      heard_.push_back(absl::StrCat(message.from(), ":", message.proxy_moved().proxy()));
    };
    callbacks.on_connected = [this] {
      absl::MutexLock lock(&mutex_);
      ++connected_;
    };
    callbacks.on_disconnected = [this] {
      absl::MutexLock lock(&mutex_);
      ++disconnected_;
    };
    return callbacks;
  }
  std::vector<std::string> WaitFor(size_t count) {
    absl::MutexLock lock(&mutex_);
    const auto enough = [&] { return heard_.size() >= count; };
    mutex_.AwaitWithTimeout(absl::Condition(&enough), absl::Seconds(20));
    return heard_;
  }
  bool WaitForReturn() {
    absl::MutexLock lock(&mutex_);
    const auto back = [&] { return connected_ > 0 && disconnected_ > 0; };
    return mutex_.AwaitWithTimeout(absl::Condition(&back), absl::Seconds(20));
  }

 private:
  absl::Mutex mutex_;
  std::vector<std::string> heard_;
  int connected_ = 0, disconnected_ = 0;
};

v1::ReplicaMessage Say(const std::string& text) {
  v1::ReplicaMessage message;
  message.mutable_proxy_moved()->set_proxy(text);
  return message;
}

class ReplicaBusTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto started = PostgresqlServer::Start();
    if (!started.ok()) GTEST_SKIP() << started.status().message();
    server_ = *std::move(started);
    url_ = *server_->CreateDatabase();
    a_ = *ReplicaBus::Start(url_, "a", a_hears_.Callbacks());
    b_ = *ReplicaBus::Start(url_, "b", b_hears_.Callbacks());
    c_ = *ReplicaBus::Start(url_, "c", c_hears_.Callbacks());
  }

  std::unique_ptr<PostgresqlServer> server_;
  std::string url_;
  Ear a_hears_, b_hears_, c_hears_;
  std::unique_ptr<ReplicaBus> a_, b_, c_;
};

TEST_F(ReplicaBusTest, MessagesReachOneOrAllOthersInOrder) {
  a_->Send("b", Say("1"));
  a_->Send("", Say("2"));
  a_->Send("c", Say("3"));
  a_->Send("", Say("4"));
  EXPECT_THAT(b_hears_.WaitFor(3), ElementsAre("a:1", "a:2", "a:4"));
  EXPECT_THAT(c_hears_.WaitFor(3), ElementsAre("a:2", "a:3", "a:4"));
  b_->Send("a", Say("5"));
  EXPECT_THAT(a_hears_.WaitFor(1), ElementsAre("b:5")) << "and nothing of its own";
}

TEST_F(ReplicaBusTest, LongMessagesArriveAmongShortOnes) {
  const std::string text(300000, 'x');
  a_->Send("b", Say("1"));
  a_->Send("b", Say(text));
  a_->Send("b", Say("2"));
  EXPECT_THAT(b_hears_.WaitFor(3), ElementsAre("a:1", "a:" + text, "a:2"));
}

TEST_F(ReplicaBusTest, ManyAtOnceAreNotHeldUp) {
  for (int i = 0; i < 500; ++i) {
    a_->Send("", Say("a"));
    b_->Send("", Say("b"));
  }
  EXPECT_EQ(c_hears_.WaitFor(1000).size(), 1000u);
  EXPECT_EQ(a_hears_.WaitFor(500).size(), 500u);
}

TEST_F(ReplicaBusTest, WhoWasAwayIsToldSo) {
  server_->Crash();
  ASSERT_TRUE(server_->StartAgain().ok());
  EXPECT_TRUE(a_hears_.WaitForReturn());
  EXPECT_TRUE(b_hears_.WaitForReturn());
  a_->Send("b", Say("again"));
  EXPECT_THAT(b_hears_.WaitFor(1), ElementsAre("a:again"));
}

TEST_F(ReplicaBusTest, WhatIsNoMessageIsIgnored) {
  for (const char* payload : {"", "@", "@17", "@x", "1 not base64!", "1 AAAA", "1 "}) {
    EXPECT_TRUE(
        server_->Execute(url_, absl::StrCat("SELECT pg_notify('homeport_all', '", payload, "')"))
            .ok());
  }
  a_->Send("b", Say("1"));
  EXPECT_THAT(b_hears_.WaitFor(1), ElementsAre("a:1"));
}

}  // namespace
}  // namespace homeport
