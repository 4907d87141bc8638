#include "agent/environment_file.h"

namespace homeport::agent {
namespace {

constexpr int kMostLines = 1000;  // session.c, read_environment_file

}  // namespace

EnvironmentFile::EnvironmentFile(absl::string_view content)
    : content_(content), block_(FindBlock(content, EnvironmentBlockStyle())) {}

bool EnvironmentFile::Next(Assignment& assignment) {
  while (position_ < content_.size()) {
    if (++lines_ > kMostLines) return false;
    const size_t begin = position_;
    const size_t newline = content_.find('\n', begin);
    position_ = newline == absl::string_view::npos ? content_.size() : newline + 1;
    if (block_.found && begin >= block_.begin && begin < block_.end) continue;
    absl::string_view line = content_.substr(begin, position_ - begin);
    line = line.substr(0, line.find_first_of(absl::string_view("\n\0", 2)));
    const size_t name = line.find_first_not_of(" \t");
    if (name == absl::string_view::npos || line[name] == '#') continue;
    line.remove_prefix(name);
    const size_t equals = line.find('=');
    if (equals == absl::string_view::npos || equals == 0) continue;
    assignment.text = line;
    assignment.name = line.substr(0, equals);
    assignment.before_block = block_.found && begin < block_.begin;
    return true;
  }
  return false;
}

}  // namespace homeport::agent
