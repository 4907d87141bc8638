#include "coordinator/page.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/dns_label.h"
#include "base/ssh_wire.h"

namespace homeport {
namespace {

constexpr int kUsualPageSize = 100;
constexpr int kLargestPageSize = 1000;
constexpr char kTokenVersion[] = "page 1";

absl::Status NotOfThisListing() {
  return absl::InvalidArgumentError(
      "page_token is not one that the last page of this listing gave");
}

}  // namespace

absl::StatusOr<int> PageSize(int32_t requested) {
  if (requested < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("page_size is ", requested, "; it must not be negative"));
  }
  return requested == 0 ? kUsualPageSize : std::min<int>(requested, kLargestPageSize);
}

std::string MakePageToken(absl::string_view listing, const std::vector<std::string>& last) {
  WireWriter writer;
  writer.String(kTokenVersion).String(listing);
  for (const std::string& name : last) writer.String(name);
  return absl::WebSafeBase64Escape(writer.bytes());
}

absl::StatusOr<std::vector<std::string>> ParsePageToken(absl::string_view token,
                                                        absl::string_view listing, size_t parts) {
  std::vector<std::string> last(parts);
  if (token.empty()) return last;
  std::string bytes;
  bool good = absl::WebSafeBase64Unescape(token, &bytes);
  WireReader reader(bytes);
  good = good && reader.String() == kTokenVersion && reader.String() == listing;
  for (std::string& name : last) {
    name = std::string(reader.String());
    good = good && IsDnsLabel(name);
  }
  if (!good || !reader.AtEnd()) return NotOfThisListing();
  return last;
}

std::string MakeNumberToken(absl::string_view listing, int64_t last) {
  return MakePageToken(listing, {absl::StrCat(last)});
}

absl::StatusOr<int64_t> ParseNumberToken(absl::string_view token, absl::string_view listing) {
  const absl::StatusOr<std::vector<std::string>> last = ParsePageToken(token, listing, 1);
  if (!last.ok()) return last.status();
  int64_t number = 0;
  if (!last->at(0).empty() && (!absl::SimpleAtoi(last->at(0), &number) || number <= 0)) {
    return NotOfThisListing();
  }
  return number;
}

}  // namespace homeport
