#include "agent/connection_state.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "base/logging.h"
#include "base/worker_pool.h"

namespace homeport::agent {

ConnectionState::ConnectionState(std::string path, WorkerPool& file_writer)
    : path_(std::move(path)), file_writer_(file_writer) {
  Publish();
}

void ConnectionState::SetConnected(const std::string& workspace) {
  if (connected_ && workspace_ == workspace) return;
  connected_ = true;
  error_.clear();
  workspace_ = workspace;
  Logger("home")->info("connected, workspace={}", Printable(workspace));
  Publish();
}

void ConnectionState::SetDisconnected(const std::string& error) {
  Logger("home")->warn("not connected: {}", Printable(error));
  if (!connected_ && error_ == error) return;
  connected_ = false;
  error_ = error;
  Publish();
}

void ConnectionState::Publish() {
  if (path_.empty()) return;
  const std::string content =
      absl::StrCat("state=", connected_ ? "connected" : "disconnected",
                   "\nerror=", Printable(error_), "\nworkspace=", Printable(workspace_), "\n");
  file_writer_.Submit([path = path_, content] {
    if (const absl::Status status = WriteFileAtomically(path, content, 0644); !status.ok()) {
      Logger("home")->warn("the status file is out of date: {}", Printable(status.message()));
    }
  });
}

}  // namespace homeport::agent
