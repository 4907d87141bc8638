// The block of ours in a file of the user's: nothing of the user's is lost, and it is stable.
#include <cstdlib>
#include <string>
#include <vector>

#include "agent/files/managed_block.h"

namespace {

using homeport::agent::BlockStyle;
using homeport::agent::Whose;

const std::vector<std::string> kEnvironment = {"SHELL=/bin/bash", "PATH=/usr/bin:/bin", "_=/x"};
const std::vector<std::string> kKeys = {"ssh-ed25519 AAAA homeport:ada@example.com"};

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines(1);
  for (const char c : text) {
    if (c == '\n') {
      lines.emplace_back();
    } else {
      lines.back().push_back(c);
    }
  }
  return lines;
}

std::string Trimmed(std::string line) {
  while (!line.empty() && (line.back() == '\r' || line.back() == '\t' || line.back() == ' ')) {
    line.pop_back();
  }
  return line;
}

// Lines that must be there afterwards: outside markers, and not to be taken for ours.
std::vector<std::string> Users(const std::string& text, const BlockStyle& style,
                               const std::vector<std::string>& body) {
  const std::vector<std::string> lines = Lines(text);
  std::vector<std::string> users;
  for (size_t i = 0; i < lines.size(); ++i) {
    const std::string line = Trimmed(lines[i]);
    if (line == style.start) {
      for (size_t end = i + 1; end < lines.size() && Trimmed(lines[end]) != style.start; ++end) {
        if (Trimmed(lines[end]) != style.end) continue;
        i = end;
        break;
      }
      continue;
    }
    bool ours = line.empty() || line == style.end || style.whose(line) == Whose::kOurs;
    for (const auto& known : style.explanation) ours = ours || line == known;
    for (const std::string& known : body) ours = ours || line == known;
    // A beginning of a line of ours at the end of the file.
    ours = ours || (i + 1 == lines.size() && line.find('=') == std::string::npos);
    if (!ours) users.push_back(lines[i]);
  }
  return users;
}

void Check(const std::string& text, const BlockStyle& style, const std::vector<std::string>& body) {
  const std::string written = homeport::agent::WithBlock(text, style, body);
  if (homeport::agent::WithBlock(written, style, body) != written) abort();
  const homeport::agent::BlockPlace place = homeport::agent::FindBlock(written, style);
  if (!place.found) abort();
  const std::string rest = written.substr(0, place.begin) + written.substr(place.end);
  if (homeport::agent::FindBlock(rest, style).found) abort();
  // The user's lines, in their order.
  const std::vector<std::string> lines = Lines(rest);
  size_t at = 0;
  for (const std::string& line : Users(text, style, body)) {
    while (at < lines.size() && lines[at] != line) ++at;
    if (at++ == lines.size()) abort();
  }
  if (text.find(std::string(style.start)) == std::string::npos &&
      text.find(std::string(style.end)) == std::string::npos && rest != text) {
    abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const BlockStyle& environment = homeport::agent::EnvironmentBlockStyle();
  const BlockStyle& keys = homeport::agent::KeysBlockStyle();
  // Markers are long: the fuzzer spells them with a byte each.
  std::string text;
  for (size_t i = 1; i < size; ++i) {
    switch (data[i]) {
      case 1:
        text += std::string((data[0] & 1) != 0 ? keys.start : environment.start);
        break;
      case 2:
        text += std::string((data[0] & 1) != 0 ? keys.end : environment.end);
        break;
      case 3:
        text += std::string((data[0] & 1) != 0 ? keys.explanation[0] : environment.explanation[0]);
        break;
      case 4:
        text += (data[0] & 1) != 0 ? kKeys[0] : kEnvironment[1];
        break;
      default:
        text.push_back(static_cast<char>(data[i]));
    }
  }
  if ((data[0] & 1) != 0) {
    Check(text, keys, kKeys);
  } else {
    Check(text, environment, kEnvironment);
  }
  return 0;
}
