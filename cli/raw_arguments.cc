#include "cli/raw_arguments.h"

#include <algorithm>

namespace homeport {
namespace {

using Words = std::vector<std::string>;

// Options of homeport's that take a value.
bool TakesValue(const std::string& word) {
  return word == "--coordinator" || word == "--ca-file" || word == "--token-file" ||
         word == "--output" || word == "--timeout" || word == "--front-door";
}

// Behind the options that begin with `dashes`, and their values.
Words::iterator SkipOptions(Words::iterator word, Words::iterator end, const std::string& dashes) {
  while (word != end && word->rfind(dashes, 0) == 0 && *word != "--") {
    const bool takes_value = TakesValue(*word);
    ++word;
    if (takes_value && word != end) ++word;
  }
  return word;
}

}  // namespace

Words TakeRawArguments(Words& arguments) {
  const auto command = SkipOptions(arguments.begin(), arguments.end(), "-");
  if (command == arguments.end()) return {};
  auto first = arguments.end();
  auto cut = arguments.end();
  if (*command == "ssh") {
    // ssh itself has no long options.
    first = cut = SkipOptions(command + 1, arguments.end(), "--");
  } else if (*command == "sync") {
    cut = std::find(command, arguments.end(), "--");
    first = cut == arguments.end() ? cut : cut + 1;
  }
  Words raw(first, arguments.end());
  arguments.erase(cut, arguments.end());
  return raw;
}

}  // namespace homeport
