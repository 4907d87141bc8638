#include "tests/integration/service.h"

#include <csignal>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "tests/integration/wait_for.h"

namespace homeport::story {

void Service::Start() {
  process_.reset();
  Process::Command command;
  command.arguments = arguments_;
  command.log_file = log_;
  process_ = std::make_unique<Process>(command);
}

void Service::Kill9() {
  process_->Signal(SIGKILL);
  process_->WaitToEnd(absl::Seconds(10));
}

std::optional<int> Service::Terminate(absl::Duration limit) {
  process_->Signal(SIGTERM);
  return process_->WaitToEnd(limit);
}

std::string Service::Log() const { return ReadFile(log_, 64 << 20).value_or(""); }

bool Service::WaitForLog(absl::string_view text, absl::Duration limit) {
  return WaitFor([&] { return absl::StrContains(Log(), text); }, limit,
                 absl::StrCat("\"", text, "\" in the log of ", name_));
}

Footprint::Footprint(Service& service)
    : memory_bytes(service.process().memory_bytes()),
      open_files(service.process().open_files()),
      threads(service.process().threads()) {}

}  // namespace homeport::story
