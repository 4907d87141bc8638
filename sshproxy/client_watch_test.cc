#include "sshproxy/client_watch.h"

#include <optional>

#include "gtest/gtest.h"

namespace homeport {
namespace {

class ClientWatchTest : public testing::Test {
 protected:
  // Runs the loop until the client counts as gone, or was asked `asks` times.
  void Watch(int asks) {
    ClientWatch::Callbacks callbacks;
    callbacks.heard = [this] { return heard_; };
    callbacks.silent = [this](absl::Duration longer_than) {
      EXPECT_EQ(longer_than, absl::Milliseconds(2));
      ++looked_;
      if (looked_ >= 100) loop_.Stop();
      return silent_ && looked_ != acknowledges_at_;
    };
    callbacks.ask = [this, asks] {
      if (++asked_ == asks) loop_.Stop();
    };
    callbacks.gone = [this] {
      gone_ = true;
      watch_.reset();  // as an owner may
      loop_.Stop();
    };
    watch_.emplace(loop_, ClientWatch::Options{absl::Milliseconds(2), 4}, callbacks);
    loop_.Run();
  }

  EventLoop loop_;
  std::optional<ClientWatch> watch_;
  bool heard_ = false;
  bool silent_ = false;
  int acknowledges_at_ = 0;
  int looked_ = 0;
  int asked_ = 0;
  bool gone_ = false;
};

TEST_F(ClientWatchTest, AClientThatAcknowledgesIsAskedForEver) {
  Watch(50);
  EXPECT_EQ(asked_, 50);
  EXPECT_FALSE(gone_);
}

TEST_F(ClientWatchTest, AClientThatSpeaksIsNotAsked) {
  heard_ = true;
  Watch(1);
  EXPECT_EQ(looked_, 100);
  EXPECT_EQ(asked_, 0);
}

TEST_F(ClientWatchTest, AClientThatAcknowledgesNothingIsGoneAfterItsMisses) {
  silent_ = true;
  Watch(50);
  EXPECT_TRUE(gone_);
  EXPECT_EQ(looked_, 4);
  EXPECT_EQ(asked_, 3);
}

TEST_F(ClientWatchTest, OneAcknowledgementStartsTheCountAnew) {
  silent_ = true;
  acknowledges_at_ = 3;
  Watch(50);
  EXPECT_TRUE(gone_);
  EXPECT_EQ(looked_, 7);
}

TEST_F(ClientWatchTest, WithoutAnIntervalNobodyIsWatched) {
  ClientWatch::Callbacks callbacks;
  callbacks.silent = [](absl::Duration) {
    ADD_FAILURE() << "was looked at";
    return false;
  };
  watch_.emplace(loop_, ClientWatch::Options{absl::ZeroDuration(), 1}, callbacks);
  loop_.After(absl::Milliseconds(20), [this] { loop_.Stop(); });
  loop_.Run();
}

}  // namespace
}  // namespace homeport
