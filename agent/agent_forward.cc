#include "agent/agent_forward.h"

#include <stdlib.h>  // NOLINT: mkdtemp is not in <cstdlib>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/file.h"

namespace homeport::agent {
namespace {

// The first that can be written to; a container's root is often read-only.
constexpr const char* kFolders[] = {"/tmp", "/dev/shm", "/var/tmp"};

absl::StatusOr<std::string> MakePrivateFolder() {
  for (const char* folder : kFolders) {
    std::string pattern = absl::StrCat(folder, "/ssh-XXXXXXXXXX");
    if (mkdtemp(pattern.data()) != nullptr) return pattern;
  }
  return ErrnoStatus(errno, "cannot make a folder in /tmp for the agent's socket");
}

}  // namespace

AgentForward::~AgentForward() {
  acceptor_.reset();
  listener_.reset();
  if (!folder_.empty()) rmdir(folder_.c_str());
}

absl::Status AgentForward::Start() {
  if (listener_.has_value()) {
    return absl::AlreadyExistsError("agent forwarding was requested twice");
  }
  if (folder_.empty()) {
    absl::StatusOr<std::string> folder = MakePrivateFolder();
    if (!folder.ok()) return folder.status();
    folder_ = *std::move(folder);
  }
  absl::StatusOr<UnixListener> listener =
      UnixListener::Create(absl::StrCat(folder_, "/agent.", getpid()));
  if (!listener.ok()) return listener.status();
  listener_.emplace(*std::move(listener));
  acceptor_ = std::make_unique<ChannelAcceptor>(loop_, server_, listener_->fd(),
                                                "auth-agent@openssh.com", [](int) { return ""; });
  return absl::OkStatus();
}

}  // namespace homeport::agent
