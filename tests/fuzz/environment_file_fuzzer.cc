// ~/.ssh/environment, which a user writes as they like.
#include <cstdlib>
#include <string>

#include "agent/environment_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // A marker is long: the fuzzer spells it with a byte.
  const homeport::agent::BlockStyle& style = homeport::agent::EnvironmentBlockStyle();
  std::string content;
  for (size_t i = 0; i < size; ++i) {
    if (data[i] == 1) {
      content += std::string(style.start);
    } else if (data[i] == 2) {
      content += std::string(style.end);
    } else {
      content.push_back(static_cast<char>(data[i]));
    }
  }
  homeport::agent::EnvironmentFile file(content);
  homeport::agent::EnvironmentFile::Assignment assignment;
  const char* last = content.data();
  for (int count = 0; file.Next(assignment); ++count) {
    const absl::string_view text = assignment.text;
    const absl::string_view name = assignment.name;
    // Within the content, in order, one line of C.
    if (count >= 1000 || text.data() < last) abort();
    if (text.data() + text.size() > content.data() + content.size()) abort();
    if (text.find_first_of(absl::string_view("\n\0", 2)) != absl::string_view::npos) abort();
    if (name.empty() || name.data() != text.data() || text[name.size()] != '=') abort();
    if (name.find('=') != absl::string_view::npos || name[0] == '#') abort();
    last = text.data() + text.size();
  }
  return 0;
}
