#include "coordinator/identity/web_token.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "coordinator/identity/json_fields.h"

namespace homeport {
namespace {

constexpr size_t kLongestKeyId = 256;
// What `{"` is in base64url.
constexpr absl::string_view kBegin = "eyJ";

bool IsBase64Url(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_';
  });
}

absl::Status Unreadable(absl::string_view what) {
  return absl::UnauthenticatedError(absl::StrCat("the token cannot be read: ", what));
}

absl::Status ReadHeader(absl::string_view text, WebToken& token) {
  const std::optional<nlohmann::json> header = ParseJsonObject(text);
  if (!header.has_value()) return Unreadable("its header is no JSON object");
  if (header->contains("crit")) return Unreadable("its header demands what nobody here knows");
  // Kubernetes' have none.
  if (header->contains("typ") && !absl::EqualsIgnoreCase(JsonText(*header, "typ"), "JWT")) {
    return Unreadable("its header says that it is something else");
  }
  token.algorithm = JsonText(*header, "alg");
  token.key_id = JsonText(*header, "kid");
  if (token.algorithm.empty()) return Unreadable("its header names no algorithm");
  if (token.key_id.empty() || token.key_id.size() > kLongestKeyId) {
    return Unreadable("its header names no key");
  }
  return absl::OkStatus();
}

}  // namespace

bool DecodeBase64Url(absl::string_view text, std::string& bytes) {
  return IsBase64Url(text) && text.size() % 4 != 1 && absl::WebSafeBase64Unescape(text, &bytes);
}

bool LooksLikeWebToken(absl::string_view token) {
  return absl::StartsWith(token, kBegin) && std::count(token.begin(), token.end(), '.') == 2;
}

absl::StatusOr<WebToken> ParseWebToken(absl::string_view token) {
  if (token.size() > kLongestWebToken) return Unreadable("it is too long");
  const std::vector<absl::string_view> parts = absl::StrSplit(token, '.');
  if (parts.size() != 3) return Unreadable("it has not three parts");
  WebToken taken;
  std::string header;
  if (!DecodeBase64Url(parts[0], header) || !DecodeBase64Url(parts[1], taken.payload) ||
      !DecodeBase64Url(parts[2], taken.signature)) {
    return Unreadable("a part of it is not base64url");
  }
  if (absl::Status status = ReadHeader(header, taken); !status.ok()) return status;
  taken.signed_text = absl::StrCat(parts[0], ".", parts[1]);
  return taken;
}

}  // namespace homeport
