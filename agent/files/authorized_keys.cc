#include "agent/files/authorized_keys.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/ssh_wire.h"

namespace homeport::agent {
namespace {

bool IsWord(absl::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isgraph(static_cast<unsigned char>(c));
  });
}

}  // namespace

std::vector<std::string> AuthorizedKeysLines(const v1::OwnerKeys& keys) {
  std::string comment = keys.comment();
  comment.erase(
      std::remove_if(comment.begin(), comment.end(),
                     [](char c) { return !absl::ascii_isgraph(static_cast<unsigned char>(c)); }),
      comment.end());
  std::vector<std::string> lines;
  for (const std::string& key : keys.public_keys()) {
    WireReader reader(key);
    const absl::string_view type = reader.String();
    if (!reader.ok() || !IsWord(type)) continue;
    lines.push_back(absl::StrCat(type, " ", absl::Base64Escape(key), " homeport:", comment));
  }
  return lines;
}

}  // namespace homeport::agent
