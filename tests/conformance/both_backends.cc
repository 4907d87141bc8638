#include "tests/conformance/both_backends.h"

#include <unistd.h>

#include <cstring>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/file.h"

namespace homeport::story {

std::unique_ptr<World> BothBackends::world_;
bool BothBackends::started_ = false;

void BothBackends::StartWorld(const std::string& sshd_configuration) {
  world_ = std::make_unique<World>();
  world_->sshd_configuration = sshd_configuration;
  world_->Start();
  if (World::WhyNoBox().empty()) world_->StartBox();
  started_ = !HasFailure();
}

void BothBackends::SetUp() {
  if (on_box() && !World::WhyNoBox().empty()) GTEST_SKIP() << World::WhyNoBox();
  ASSERT_TRUE(started_) << "the world of this suite did not start";
  static int tests = 0;
  folder_ = world_->Path(absl::StrCat("t", ++tests));
  ASSERT_TRUE(MakeFolder(folder_, 0755).ok());
}

Result BothBackends::Run(const Words& arguments, absl::string_view input, absl::Duration limit) {
  Process::Command command;
  command.arguments = arguments;
  return RunToEnd(command, input, limit);
}

std::string BothBackends::OptionsOfSsh() const {
  return absl::StrCat("-F ", world_->Path("ssh_config"), " -i ", world_->KeyFile("demo"));
}

Result BothBackends::Bash(const std::string& script, absl::string_view input,
                          absl::Duration limit) const {
  const std::string options = OptionsOfSsh();
  Process::Command command;
  command.arguments = {"bash", "-euo", "pipefail", "-c", "cd \"$DIR\"\n" + script};
  command.environment = {"OPTIONS=" + options, "SSH=ssh " + options, "WS=" + workspace(),
                         "DIR=" + folder_};
  return RunToEnd(command, input, limit);
}

Process::Command BothBackends::SshCommand(const Words& options, const std::string& command) const {
  Words words = options;
  words.push_back(workspace());
  if (!command.empty()) words.push_back(command);
  return world_->SshCommand(words);
}

Result BothBackends::Ssh(const std::string& command, absl::string_view input,
                         const Words& options) const {
  return RunToEnd(SshCommand(options, command), input, absl::Seconds(60));
}

SharedConnection::SharedConnection(World& world, const std::string& workspace,
                                   const std::string& socket, const Words& options,
                                   const Words& environment)
    : world_(world), workspace_(workspace), socket_(socket) {
  Words words = {"-M", "-N", "-S", socket};
  words.insert(words.end(), options.begin(), options.end());
  words.push_back(workspace);
  Process::Command command = world.SshCommand(words);
  command.environment = environment;
  master_ = std::make_unique<Conversation>(command);
  WaitFor(
      [&] {
        master_->Pump(absl::ZeroDuration());
        return access(socket.c_str(), F_OK) == 0 || !master_->process().running();
      },
      absl::Seconds(20), "the shared connection");
}

Process::Command SharedConnection::Command(const Words& words) const {
  Words all = {"-S", socket_};
  all.insert(all.end(), words.begin(), words.end());
  return world_.SshCommand(all);
}

Result SharedConnection::Run(const std::string& command, absl::string_view input) const {
  return RunToEnd(Command({workspace_, command}), input);
}

Result SharedConnection::Order(const std::string& order, const Words& options) const {
  Words words = {"-O", order};
  words.insert(words.end(), options.begin(), options.end());
  words.push_back(workspace_);
  return RunToEnd(Command(words));
}

std::string KnownBytes(size_t size, uint64_t seed) {
  std::string bytes(size, '\0');
  uint64_t state = seed * 0x9e3779b97f4a7c15u + 1;
  for (size_t at = 0; at < size; at += sizeof(state)) {
    // xorshift64
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    memcpy(&bytes[at], &state, std::min(sizeof(state), size - at));
  }
  return bytes;
}

int NumberAfter(absl::string_view text, absl::string_view said) {
  const size_t at = said.find(text);
  if (at == absl::string_view::npos) return -1;
  const absl::string_view rest = said.substr(at + text.size());
  int number = -1;
  return absl::SimpleAtoi(rest.substr(0, rest.find_first_not_of("0123456789")), &number) ? number
                                                                                         : -1;
}

int NumberFrom(const std::string& file, Conversation* conversation) {
  int number = -1;
  WaitFor(
      [&] {
        if (conversation != nullptr) conversation->Pump(absl::ZeroDuration());
        const std::string text = ReadFile(file).value_or("");
        // Not yet whole without its newline.
        return !text.empty() && text.back() == '\n' &&
               absl::SimpleAtoi(absl::StripAsciiWhitespace(text), &number);
      },
      absl::Seconds(10), "a number in " + file);
  return number;
}

}  // namespace homeport::story
