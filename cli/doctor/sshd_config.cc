#include "cli/doctor/sshd_config.h"

#include <glob.h>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/file.h"

namespace homeport::doctor {
namespace {

constexpr int kDeepest = 16;
constexpr char kFolder[] = "/etc/ssh/";

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\f'; }

}  // namespace

std::vector<std::string> SplitConfigLine(absl::string_view line) {
  std::vector<std::string> words;
  size_t at = 0;
  while (at < line.size()) {
    while (at < line.size() && IsBlank(line[at])) ++at;
    // KEYWORD=VALUE and KEYWORD = VALUE
    if (words.size() == 1 && at < line.size() && line[at] == '=') {
      for (++at; at < line.size() && IsBlank(line[at]);) ++at;
    }
    if (at == line.size() || line[at] == '#') break;
    std::string word;
    bool quoted = false;
    for (; at < line.size(); ++at) {
      const char c = line[at];
      if (c == '"') {
        quoted = !quoted;
      } else if (!quoted && (IsBlank(c) || (words.empty() && c == '='))) {
        break;
      } else {
        word += c;
      }
    }
    words.push_back(std::move(word));
  }
  return words;
}

SshdConfig::SshdConfig(const std::string& root) : root_(root) {
  ReadFrom(absl::StrCat(kFolder, "sshd_config"), 0, /*active=*/true);
}

void SshdConfig::ReadFrom(const std::string& path, int depth, bool active) {
  const absl::StatusOr<std::string> content = ReadFile(root_ + path);
  if (!content.ok()) {
    if (!absl::IsNotFound(content.status())) unreadable_.push_back(path);
    return;
  }
  found_ = true;
  for (const absl::string_view line : absl::StrSplit(*content, '\n')) {
    ReadLine(line, depth, active);
  }
}

void SshdConfig::ReadLine(absl::string_view line, int depth, bool& active) {
  std::vector<std::string> words = SplitConfigLine(line);
  if (words.size() < 2) return;
  const std::string keyword = absl::AsciiStrToLower(words[0]);
  words.erase(words.begin());
  if (keyword == "match") {
    active = words.size() == 1 && absl::EqualsIgnoreCase(words[0], "all");
  } else if (keyword == "include") {
    Include(words, depth, active);
  } else if (active) {
    values_.emplace(keyword, absl::StrJoin(words, " "));
  }
}

void SshdConfig::Include(const std::vector<std::string>& patterns, int depth, bool active) {
  if (depth >= kDeepest) return;
  for (const std::string& pattern : patterns) {
    const std::string whole =
        absl::StrCat(root_, absl::StartsWith(pattern, "/") ? "" : kFolder, pattern);
    glob_t found = {};
    if (glob(whole.c_str(), 0, nullptr, &found) == 0) {
      for (size_t i = 0; i < found.gl_pathc; ++i) {
        // A Match in there ends with that file.
        ReadFrom(std::string(found.gl_pathv[i]).substr(root_.size()), depth + 1, active);
      }
    }
    globfree(&found);
  }
}

std::string SshdConfig::Value(absl::string_view keyword, absl::string_view otherwise) const {
  const auto found = values_.find(absl::AsciiStrToLower(keyword));
  return found == values_.end() ? std::string(otherwise) : found->second;
}

bool SshdConfig::IsYes(absl::string_view keyword, bool otherwise) const {
  const std::string value = Value(keyword, otherwise ? "yes" : "no");
  return absl::EqualsIgnoreCase(value, "yes");
}

}  // namespace homeport::doctor
