#include "bench/idle_crowd.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <ctime>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace homeport::bench {
namespace {

// Reads a number of bytes, writes that many zeros, reads as many and confirms with a line.
constexpr char kCommand[] =
    "while read -r n; do head -c \"$n\" /dev/zero; head -c \"$n\" >/dev/null; echo; done";

}  // namespace

absl::Status IdleCrowd::Run() {
  loop_.Post([this] {
    for (size_t i = 0; i < std::min(count_, parallel_); ++i) StartOne();
  });
  loop_.Run();
  return failure_;
}

void IdleCrowd::StartOne() {
  sessions_.push_back(
      std::make_unique<LoadSession>(loop_, target_, *this, kCommand, [this] { OnStarted(); }));
  if (absl::Status status = sessions_.back()->Start(); !status.ok()) {
    failure_.Update(status);
    loop_.Stop();
  }
}

void IdleCrowd::OnStarted() {
  if (++started_ == count_) {
    std::printf("open count=%zu\n", count_);
    loop_.Watch(STDIN_FILENO, EPOLLIN, [this](uint32_t) { ReadOrders(); });
  } else if (sessions_.size() < count_) {
    StartOne();
  }
}

void IdleCrowd::OnOver(LoadConnection&, const absl::Status& status) {
  ++over_;
  if (!closing_ && when_ended_ == WhenEnded::kReport && started_ == count_) {
    NoteEnded();
    return;
  }
  if (!closing_) {
    failure_.Update(status.ok() ? absl::UnavailableError("a session ended early") : status);
    loop_.Stop();
    return;
  }
  failure_.Update(status);
  if (over_ == count_) loop_.Stop();
}

void IdleCrowd::NoteEnded() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  ended_.push_back(static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9);
  if (ended_.size() < count_) return;
  std::printf("ended count=%zu first=%.6f middle=%.6f last=%.6f\n", count_, ended_.front(),
              ended_[count_ / 2], ended_.back());
  loop_.Stop();
}

void IdleCrowd::ReadOrders() {
  char bytes[256];
  const ssize_t size = read(STDIN_FILENO, bytes, sizeof bytes);
  if (size < 0 && errno == EINTR) return;
  if (size <= 0) {
    loop_.Unwatch(STDIN_FILENO);
    CloseAll();
    return;
  }
  orders_.append(bytes, static_cast<size_t>(size));
  for (size_t end = 0; (end = orders_.find('\n')) != std::string::npos;) {
    Obey(orders_.substr(0, end));
    orders_.erase(0, end + 1);
  }
}

void IdleCrowd::Obey(const std::string& order) {
  absl::string_view number = order;
  if (!absl::ConsumePrefix(&number, "move ") || !absl::SimpleAtoi(number, &half_bytes_)) {
    failure_ = absl::InvalidArgumentError(absl::StrCat("\"", order, "\" is not \"move BYTES\""));
    loop_.Stop();
    return;
  }
  half_bytes_ /= 2;
  next_to_move_ = moved_ = 0;
  for (size_t i = 0; i < std::min(count_, parallel_); ++i) MoveNext();
}

void IdleCrowd::MoveNext() {
  LoadSession& session = *sessions_[next_to_move_++];
  session.Exchange(absl::StrCat(half_bytes_, "\n"), half_bytes_, half_bytes_ + 1, [this] {
    if (++moved_ == count_) {
      std::printf("moved count=%zu\n", count_);
    } else if (next_to_move_ < count_) {
      MoveNext();
    }
  });
}

void IdleCrowd::CloseAll() {
  closing_ = true;
  for (const auto& session : sessions_) session->SendEof();
}

}  // namespace homeport::bench
