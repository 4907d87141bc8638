#include "cli/openssh/ssh_arguments.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/logging.h"

namespace homeport {
namespace {

// Options that take a value, in the same word or in the next (ssh(1)).
constexpr absl::string_view kWithValue = "BbcDEeFIiJLlmOoPpQRSWw";

// Whether a word of options, as in `-NvL`, goes on in the next word.
bool WantsNextWord(absl::string_view word) {
  for (size_t i = 1; i < word.size(); ++i) {
    if (kWithValue.find(word[i]) != kWithValue.npos) return i + 1 == word.size();
  }
  return false;
}

}  // namespace

absl::StatusOr<SshArguments> ParseSshArguments(const std::vector<std::string>& words) {
  SshArguments arguments;
  size_t i = 0;
  for (; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word == "--") {
      ++i;
      break;
    }
    if (word.size() < 2 || word.front() != '-') break;
    arguments.options.push_back(word);
    if (!WantsNextWord(word)) continue;
    if (++i == words.size()) {
      return absl::InvalidArgumentError(
          absl::StrCat("ssh's option ", Printable(word), " wants a value"));
    }
    arguments.options.push_back(words[i]);
  }
  if (i == words.size()) {
    return absl::InvalidArgumentError(
        "which workspace? Write homeport ssh [SSH OPTIONS] WORKSPACE [COMMAND]");
  }
  arguments.destination = words[i];
  arguments.rest.assign(words.begin() + static_cast<std::ptrdiff_t>(i) + 1, words.end());
  return arguments;
}

}  // namespace homeport
