#include "agent/signal_name.h"

#include <string.h>  // NOLINT: sigabbrev_np is not in <cstring>

#include <csignal>
#include <utility>

#include "absl/strings/str_cat.h"

namespace homeport::agent {
namespace {

constexpr std::pair<absl::string_view, int> kNames[] = {
    {"ABRT", SIGABRT}, {"ALRM", SIGALRM}, {"FPE", SIGFPE},   {"HUP", SIGHUP},   {"ILL", SIGILL},
    {"INT", SIGINT},   {"KILL", SIGKILL}, {"PIPE", SIGPIPE}, {"QUIT", SIGQUIT}, {"SEGV", SIGSEGV},
    {"TERM", SIGTERM}, {"USR1", SIGUSR1}, {"USR2", SIGUSR2},
};

}  // namespace

std::optional<int> SignalNumber(absl::string_view name) {
  for (const auto& [known, number] : kNames) {
    if (known == name) return number;
  }
  return std::nullopt;
}

std::string SignalName(int number) {
  for (const auto& [name, known] : kNames) {
    if (known == number) return std::string(name);
  }
  const char* name = sigabbrev_np(number);
  return absl::StrCat(name == nullptr ? absl::StrCat(number) : std::string(name), "@homeport");
}

}  // namespace homeport::agent
