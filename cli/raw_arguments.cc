#include "cli/raw_arguments.h"

#include <algorithm>

namespace homeport {
namespace {

using Words = std::vector<std::string>;

// Before the command stand options of the program; these take a value.
bool TakesValue(const std::string& word) {
  return word == "--coordinator" || word == "--ca-file" || word == "--token-file" ||
         word == "--output" || word == "--timeout";
}

Words::iterator FindCommand(Words& words) {
  auto word = words.begin();
  while (word != words.end() && !word->empty() && word->front() == '-') {
    const bool takes_value = TakesValue(*word);
    ++word;
    if (takes_value && word != words.end()) ++word;
  }
  return word;
}

}  // namespace

Words TakeRawArguments(Words& arguments) {
  const auto command = FindCommand(arguments);
  if (command == arguments.end()) return {};
  auto first = arguments.end();
  auto cut = arguments.end();
  if (*command == "ssh") {
    first = cut = command + 1;
    if (first != arguments.end() && *first == "--help") return {};
  } else if (*command == "sync") {
    cut = std::find(command, arguments.end(), "--");
    first = cut == arguments.end() ? cut : cut + 1;
  }
  Words raw(first, arguments.end());
  arguments.erase(cut, arguments.end());
  return raw;
}

}  // namespace homeport
