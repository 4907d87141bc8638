// A listening Unix socket of mode 0600 whose name goes with it, if the name is still its own.
//
// Threads: one at a time.
#ifndef HOMEPORT_AGENT_UNIX_LISTENER_H_
#define HOMEPORT_AGENT_UNIX_LISTENER_H_

#include <sys/types.h>

#include <string>

#include "absl/status/statusor.h"
#include "base/unique_fd.h"

namespace homeport::agent {

class UnixListener {
 public:
  // INVALID_ARGUMENT for a name that cannot be one; else the error of the system. What is there
  // already is left alone: ALREADY_EXISTS.
  static absl::StatusOr<UnixListener> Create(const std::string& path);
  UnixListener(UnixListener&& other) noexcept = default;
  UnixListener& operator=(UnixListener&&) = delete;
  ~UnixListener();

  // Non-blocking.
  int fd() const { return socket_.get(); }
  const std::string& path() const { return path_; }
  // Whether the name is still this socket's. Any thread.
  bool has_name() const;

 private:
  UnixListener() = default;

  UniqueFd socket_;  // invalid in an object that was moved from
  std::string path_;
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

}  // namespace homeport::agent

#endif  // HOMEPORT_AGENT_UNIX_LISTENER_H_
