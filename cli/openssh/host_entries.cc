#include "cli/openssh/host_entries.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/dns_label.h"
#include "base/logging.h"

namespace homeport {

absl::Status CheckSuffix(absl::string_view suffix) {
  const std::vector<absl::string_view> labels = absl::StrSplit(suffix, '.');
  if (std::all_of(labels.begin(), labels.end(), IsDnsLabel) && suffix.size() < 200) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("\"", Printable(suffix), "\" is no suffix for host names; write for example ",
                   "homeport or dev.example.com"));
}

absl::Status CheckOptionLine(absl::string_view line) {
  const absl::Status bad = absl::InvalidArgumentError(
      absl::StrCat("\"", Printable(line), "\" is no option of ssh; write for example ",
                   "-o 'ForwardAgent yes'"));
  const auto is_letter = [](char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)); };
  const auto keyword_end = std::find_if_not(line.begin(), line.end(), is_letter);
  const std::string keyword =
      absl::AsciiStrToLower(line.substr(0, static_cast<size_t>(keyword_end - line.begin())));
  if (keyword.empty() || keyword_end == line.end() ||
      (*keyword_end != ' ' && *keyword_end != '=')) {
    return bad;
  }
  if (keyword == "host" || keyword == "match" || keyword == "include") return bad;
  const bool one_line = std::none_of(line.begin(), line.end(), [](char c) {
    return absl::ascii_iscntrl(static_cast<unsigned char>(c)) && c != '\t';
  });
  return one_line ? absl::OkStatus() : bad;
}

std::string FormatHostEntries(const HostEntries& entries) {
  std::vector<std::string> names = entries.workspaces;
  std::sort(names.begin(), names.end());
  std::string text =
      "# Made by homeport config-ssh, which writes all of it anew; changes here are lost.\n";
  for (const std::string& name : names) {
    absl::StrAppend(&text, "\nHost ", name, ".", entries.suffix, "\n");
    for (const std::string& line : entries.first_lines) absl::StrAppend(&text, "    ", line, "\n");
    const std::string login = LoginName(entries.user, name, names);
    for (const SshOption& option : ConnectionOptions(entries.front_door, login, entries.paths)) {
      absl::StrAppend(&text, "    ", option.keyword, " ", QuotedValue(option.value), "\n");
    }
  }
  return text;
}

}  // namespace homeport
