#include "cli/json.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/util/json_util.h"
#include "nlohmann/json.hpp"

namespace homeport {
namespace {

using Json = nlohmann::ordered_json;

absl::StatusOr<Json> ToTree(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;
  std::string text;
  const auto status = google::protobuf::util::MessageToJsonString(message, &text, options);
  if (!status.ok()) {
    return absl::InternalError(absl::StrCat("the coordinator's answer cannot be put into JSON: ",
                                            std::string(status.message())));
  }
  Json tree = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!tree.is_object()) return absl::InternalError("protobuf wrote JSON that is no object");
  for (const char* secret : {"initial_token", "credential", "secret"}) {
    const auto found = tree.find(secret);
    if (found != tree.end() && *found == "") tree.erase(found);
  }
  return tree;
}

std::string Lines(const Json& tree) {
  return absl::StrCat(tree.dump(2, ' ', false, Json::error_handler_t::replace), "\n");
}

}  // namespace

absl::StatusOr<std::string> ToJson(const google::protobuf::Message& message) {
  absl::StatusOr<Json> tree = ToTree(message);
  if (!tree.ok()) return tree.status();
  return Lines(*tree);
}

absl::StatusOr<std::string> ToJsonArray(
    const std::vector<const google::protobuf::Message*>& messages) {
  Json array = Json::array();
  for (const google::protobuf::Message* message : messages) {
    absl::StatusOr<Json> tree = ToTree(*message);
    if (!tree.ok()) return tree.status();
    array.push_back(*std::move(tree));
  }
  return Lines(array);
}

std::string ToJsonObject(const std::vector<std::pair<std::string, std::string>>& members) {
  return ToJsonObject(members, {});
}

std::string ToJsonObject(const std::vector<std::pair<std::string, std::string>>& members,
                         const std::vector<std::pair<std::string, std::string>>& more) {
  Json object = Json::object();
  for (const auto& [name, value] : members) object[name] = value;
  for (const auto& [name, value] : more) {
    object[name] = Json::parse(value, nullptr, /*allow_exceptions=*/false);
  }
  return Lines(object);
}

absl::StatusOr<std::string> ToJsonLine(const google::protobuf::Message& message) {
  absl::StatusOr<Json> tree = ToTree(message);
  if (!tree.ok()) return tree.status();
  return absl::StrCat(tree->dump(-1, ' ', false, Json::error_handler_t::replace), "\n");
}

}  // namespace homeport
