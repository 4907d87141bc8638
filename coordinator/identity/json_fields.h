// Fields of JSON that others wrote: what is missing or of another kind is empty, never a throw.
//
// Threads: any.
#ifndef HOMEPORT_COORDINATOR_IDENTITY_JSON_FIELDS_H_
#define HOMEPORT_COORDINATOR_IDENTITY_JSON_FIELDS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "nlohmann/json.hpp"

namespace homeport {

// One JSON object and nothing else; nothing if it is not that.
std::optional<nlohmann::json> ParseJsonObject(absl::string_view text);

// The value of `name` in an object; null, or an empty one, if there is none of that kind.
const nlohmann::json& JsonField(const nlohmann::json& object, const char* name);
std::string JsonText(const nlohmann::json& object, const char* name);
// A list of texts, or one text for a list of one (as in `aud`, RFC 7519, 4.1.3).
std::vector<std::string> JsonTexts(const nlohmann::json& object, const char* name);
// Seconds since 1970 (RFC 7519, 2: NumericDate).
std::optional<absl::Time> JsonTime(const nlohmann::json& object, const char* name);

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_IDENTITY_JSON_FIELDS_H_
