#include "agent/status_board.h"

#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace homeport::agent {
namespace {

v1::ManagedFile File(const std::string& path, const std::string& error) {
  v1::ManagedFile file;
  file.set_path(path);
  file.set_current(error.empty());
  file.set_error(error);
  return file;
}

class StatusBoardTest : public ::testing::Test {
 protected:
  std::vector<v1::AgentStatus> delivered_;  // one delivery at a time
  absl::Time now_ = absl::FromUnixSeconds(1000);
  StatusBoard board_{[this](const v1::AgentStatus& status) { delivered_.push_back(status); },
                     [this] { return now_; }};
};

TEST_F(StatusBoardTest, HandsOnTheWholeWhenAPartChanges) {
  v1::AgentStatus backends;
  backends.add_backends()->set_kind(v1::BACKEND_KIND_EMBEDDED);
  backends.set_openssh_passed_over("why");
  backends.set_last_error("of somebody else");
  board_.SetBackends(backends);
  v1::ResourceLimits limits;
  limits.set_cpu_millis(1500);
  board_.SetLimits(limits);
  v1::KeySocketStatus socket;
  socket.set_path("/home/ada/.coder-ssh-agent.sock");
  board_.SetKeySocket(socket);
  ASSERT_EQ(delivered_.size(), 3u);
  const v1::AgentStatus& last = delivered_.back();
  EXPECT_EQ(last.backends_size(), 1);
  EXPECT_EQ(last.openssh_passed_over(), "why");
  EXPECT_EQ(last.limits().cpu_millis(), 1500);
  EXPECT_EQ(last.key_socket().path(), socket.path());
  EXPECT_EQ(last.last_error(), "");
  EXPECT_EQ(board_.status().SerializeAsString(), last.SerializeAsString());
}

TEST_F(StatusBoardTest, SaysNothingWhenNothingChanges) {
  board_.SetFile(File("/a", ""));
  board_.SetFile(File("/a", ""));
  EXPECT_EQ(delivered_.size(), 1u);
  board_.SetBackends({});
  EXPECT_EQ(delivered_.size(), 1u);
}

TEST_F(StatusBoardTest, FilesAreToldApartByTheirPaths) {
  board_.SetFile(File("/a", ""));
  board_.SetFile(File("/b", "no room"));
  board_.SetFile(File("/a", "no right"));
  ASSERT_EQ(board_.status().files_size(), 2);
  EXPECT_EQ(board_.status().files(0).error(), "no right");
  EXPECT_EQ(board_.status().files(1).error(), "no room");
  board_.RemoveFile("/a");
  ASSERT_EQ(delivered_.back().files_size(), 1);
  EXPECT_EQ(delivered_.back().files(0).path(), "/b");
}

TEST_F(StatusBoardTest, AnErrorHasItsTimeAndIsNotRepeated) {
  board_.SetError("Something broke.");
  now_ += absl::Seconds(5);
  board_.SetError("Something broke.");
  EXPECT_EQ(delivered_.size(), 1u);
  EXPECT_EQ(delivered_[0].last_error_time().seconds(), 1000);
  board_.SetFile(File("/a", ""));
  EXPECT_EQ(delivered_.back().last_error_time().seconds(), 1005);
}

TEST_F(StatusBoardTest, TheLastDeliveryIsThePresentStatus) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([this, t] {
      for (int i = 0; i < 200; ++i) board_.SetFile(File(absl::StrCat(t), absl::StrCat(i)));
    });
  }
  for (std::thread& thread : threads) thread.join();
  ASSERT_EQ(delivered_.size(), 800u);
  EXPECT_EQ(delivered_.back().SerializeAsString(), board_.status().SerializeAsString());
}

}  // namespace
}  // namespace homeport::agent
