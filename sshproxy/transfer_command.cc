#include "sshproxy/transfer_command.h"

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"

namespace homeport {
namespace {

// More of a command is not looked at: the command that does the transfer comes first.
constexpr size_t kLongestLook = 4096;

constexpr absl::string_view kWrappers[] = {"command", "doas", "env",   "exec",
                                           "ionice",  "nice", "nohup", "setsid",
                                           "stdbuf",  "sudo", "time",  "timeout"};

bool IsWrapper(absl::string_view program) {
  return std::find(std::begin(kWrappers), std::end(kWrappers), program) != std::end(kWrappers);
}

bool IsAssignment(absl::string_view word) {
  const size_t equals = word.find('=');
  return equals != 0 && equals != absl::string_view::npos &&
         std::all_of(word.begin(), word.begin() + static_cast<std::ptrdiff_t>(equals), [](char c) {
           return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_';
         });
}

absl::string_view Basename(absl::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == absl::string_view::npos ? path : path.substr(slash + 1);
}

// Whether `options` is a word of single letters, as `-prt`, with t or f among them.
bool IsScpEnd(absl::string_view options) {
  return options.size() >= 2 && options[0] == '-' && options[1] != '-' &&
         options.find_first_of("tf") != absl::string_view::npos;
}

// Looks at the words of one simple command as they come.
class SimpleCommand {
 public:
  // True if with this word it is known for a transfer.
  bool Take(absl::string_view word) {
    if (program_.empty()) {
      const absl::string_view name = Basename(word);
      if (name.empty() || IsAssignment(word)) return false;
      if (name == "sftp-server" || name == "internal-sftp") return true;
      // A wrapper's own options and their values come before the program that it starts.
      if (wrapped_ && name != "scp" && name != "rsync") return false;
      if (IsWrapper(name)) {
        wrapped_ = true;
        return false;
      }
      program_ = std::string(name);
      return false;
    }
    if (program_ == "scp") return IsScpEnd(word);
    return program_ == "rsync" && word == "--server";
  }

 private:
  std::string program_;
  bool wrapped_ = false;
};

bool EndsCommand(char c) {
  return absl::string_view(";&|()`\n").find(c) != absl::string_view::npos;
}

}  // namespace

bool IsTransferCommand(absl::string_view command) {
  command = command.substr(0, std::min(command.find('\0'), kLongestLook));
  SimpleCommand simple;
  std::string word;
  char quote = 0;
  for (size_t i = 0; i <= command.size(); ++i) {
    const char c = i < command.size() ? command[i] : '\n';
    if (quote != 0 && c == quote) {
      quote = 0;
    } else if (quote == 0 && (c == '\'' || c == '"')) {
      quote = c;
    } else if (quote != '\'' && c == '\\' && i + 1 < command.size()) {
      word.push_back(command[++i]);
    } else if ((quote == 0 || i == command.size()) &&
               (absl::ascii_isspace(static_cast<unsigned char>(c)) || EndsCommand(c))) {
      if (!word.empty() && simple.Take(word)) return true;
      word.clear();
      if (EndsCommand(c)) simple = SimpleCommand();
    } else {
      word.push_back(c);
    }
  }
  return false;
}

}  // namespace homeport
