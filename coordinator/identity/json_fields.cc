#include "coordinator/identity/json_fields.h"

#include <utility>

namespace homeport {
namespace {

// The year 5138; what is later is no time that anybody meant.
constexpr double kLatestSecond = 1e11;

}  // namespace

std::optional<nlohmann::json> ParseJsonObject(absl::string_view text) {
  nlohmann::json parsed = nlohmann::json::parse(text.begin(), text.end(), nullptr, false);
  if (!parsed.is_object()) return std::nullopt;
  return parsed;
}

const nlohmann::json& JsonField(const nlohmann::json& object, const char* name) {
  static const auto* const none = new nlohmann::json;
  if (!object.is_object()) return *none;
  const auto found = object.find(name);
  return found == object.end() ? *none : *found;
}

std::string JsonText(const nlohmann::json& object, const char* name) {
  const nlohmann::json& value = JsonField(object, name);
  return value.is_string() ? value.get<std::string>() : "";
}

std::vector<std::string> JsonTexts(const nlohmann::json& object, const char* name) {
  const nlohmann::json& value = JsonField(object, name);
  if (value.is_string()) return {value.get<std::string>()};
  std::vector<std::string> texts;
  if (!value.is_array()) return texts;
  for (const nlohmann::json& entry : value) {
    if (entry.is_string()) texts.push_back(entry.get<std::string>());
  }
  return texts;
}

std::optional<absl::Time> JsonTime(const nlohmann::json& object, const char* name) {
  const nlohmann::json& value = JsonField(object, name);
  if (!value.is_number()) return std::nullopt;
  const auto seconds = value.get<double>();
  if (!(seconds >= 0 && seconds <= kLatestSecond)) return std::nullopt;
  return absl::UnixEpoch() + absl::Seconds(seconds);
}

}  // namespace homeport
