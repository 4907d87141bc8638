// A file descriptor that closes itself.
//
// Threads: one at a time.
#ifndef HOMEPORT_BASE_UNIQUE_FD_H_
#define HOMEPORT_BASE_UNIQUE_FD_H_

#include <unistd.h>

#include <utility>

namespace homeport {

class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(other.Release()) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    if (this != &other) Reset(other.Release());
    return *this;
  }
  ~UniqueFd() { Reset(); }

  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }
  // Gives the descriptor to the caller.
  int Release() { return std::exchange(fd_, -1); }
  void Reset(int fd = -1) {
    if (fd_ >= 0) close(fd_);
    fd_ = fd;
  }

 private:
  int fd_ = -1;
};

}  // namespace homeport

#endif  // HOMEPORT_BASE_UNIQUE_FD_H_
