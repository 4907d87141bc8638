#include "tests/chaos/client.h"

#include <csignal>
#include <filesystem>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace homeport::story {
namespace {

// Longer than anything takes on a busy machine: a client that is still there hangs.
constexpr absl::Duration kLimit = absl::Minutes(2);
// A terminal's new size and the line that asks for it travel by different ways.
constexpr absl::Duration kAskAgainAfter = absl::Milliseconds(500);
constexpr size_t kShownBytes = 600;

std::string End(const std::string& text) {
  return text.size() <= kShownBytes ? text : text.substr(text.size() - kShownBytes);
}

}  // namespace

Client::Client(World& world, Plan plan, std::string folder, std::string data_file)
    : plan_(std::move(plan)), folder_(std::move(folder)) {
  std::filesystem::create_directories(folder_);
  if (plan_.verb.name == kTerminalVerb) {
    StartTerminal(world);
  } else {
    conversation_ = std::make_unique<Conversation>(ScriptCommand(world, data_file));
    conversation_->CloseInput();
  }
}

Client::~Client() {
  if (conversation_->process().running()) KillGroup(SIGKILL);
  conversation_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

Process::Command Client::ScriptCommand(World& world, const std::string& data_file) const {
  Process::Command command;
  command.arguments = {"bash", "-c", absl::StrCat("set -o pipefail\n", plan_.verb.script)};
  command.environment = {
      absl::StrCat("SSH=ssh -F ", world.Path("chaos_ssh_config")),
      absl::StrCat("CONFIG=", world.Path("chaos_ssh_config")),
      absl::StrCat("TO=", plan_.workspace),
      absl::StrCat("DATA=", data_file),
      absl::StrCat("SIZE=", plan_.size_bytes),
      absl::StrCat("PAUSE=", plan_.pause_seconds),
      absl::StrCat("OPS=", world.address("sshproxy_ops")),
      absl::StrCat("HERE=", folder_),
  };
  return command;
}

void Client::StartTerminal(World& world) {
  conversation_ = world.TerminalSsh(
      {"-tt", plan_.workspace, "stty -echo; echo ready; while read -r line; do stty size; done"});
  wanted_ = "ready";
  asked_ = absl::Now();
}

void Client::TalkToTerminal() {
  if (absl::StrContains(conversation_->out(), wanted_)) {
    if (resizes_left_ == 0) {
      wanted_ = "the end of ssh";
      conversation_->Send("\x04");
    } else {
      const int rows = 20 + 3 * resizes_left_;
      const int columns = 90 + 7 * resizes_left_;
      conversation_->Resize(rows, columns);
      wanted_ = absl::StrCat(rows, " ", columns);
    }
    --resizes_left_;
    conversation_->ForgetOutput();
    asked_ = absl::InfinitePast();
  }
  if (resizes_left_ >= 0 && wanted_ != "ready" && absl::Now() - asked_ > kAskAgainAfter) {
    conversation_->Send("\n");
    asked_ = absl::Now();
  }
}

void Client::KillGroup(int signal) const {
  kill(-pid(), signal);  // every command is started as the leader of a group of its own
}

Client::State Client::Tick() {
  conversation_->Pump(absl::ZeroDuration());
  const absl::Duration age = absl::Now() - started_;
  if (!dying_ && plan_.dies_after.has_value() && age > *plan_.dies_after) {
    dying_ = true;
    KillGroup(plan_.death == Death::kKilled ? SIGKILL : SIGTERM);
  }
  if (const std::optional<int> status = conversation_->process().status()) return Ended(*status);
  if (age > kLimit) {
    failure_ = absl::StrCat("it did not end within ", absl::FormatDuration(kLimit), "; wanted \"",
                            wanted_, "\", got \"", End(conversation_->out()), "\"");
    return State::kFailed;
  }
  if (plan_.verb.name == kTerminalVerb && !dying_) TalkToTerminal();
  return State::kRunning;
}

Client::State Client::Ended(int status) {
  if (dying_) return State::kDied;
  const bool terminal_is_done = plan_.verb.name != kTerminalVerb || resizes_left_ < 0;
  if (status == 0 && terminal_is_done) return State::kSucceeded;
  conversation_->Pump(absl::ZeroDuration());
  KillGroup(SIGKILL);  // what the script has left behind
  failure_ = absl::StrCat("status ", status, ", wanted \"", wanted_, "\", standard output \"",
                          End(conversation_->out()), "\", standard error \"",
                          End(conversation_->err()), "\"");
  return State::kFailed;
}

}  // namespace homeport::story
