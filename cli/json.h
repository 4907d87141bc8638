// The JSON that --output json prints: stable, because scripts read it.
//
// A resource is protobuf's JSON of its message, with the field names of the .proto file: timestamps
// as RFC 3339, enum values by name, bytes as base64. Fields of simple types are there always,
// messages (`agent`, the times) when they are set, and secrets (`initial_token`, `credential`,
// `secret`) only where the coordinator showed one. A list is an array, also when it is empty.
//
// Threads: any.
#ifndef HOMEPORT_CLI_JSON_H_
#define HOMEPORT_CLI_JSON_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"

namespace homeport {

// Each returns lines with a line break at the end. INTERNAL if a message cannot be put into JSON.
absl::StatusOr<std::string> ToJson(const google::protobuf::Message& message);
absl::StatusOr<std::string> ToJsonArray(
    const std::vector<const google::protobuf::Message*>& messages);
// An object of strings, in the order given.
std::string ToJsonObject(const std::vector<std::pair<std::string, std::string>>& members);
// The same, and after these `more`, whose values are JSON themselves, from ToJson.
std::string ToJsonObject(const std::vector<std::pair<std::string, std::string>>& members,
                         const std::vector<std::pair<std::string, std::string>>& more);
// On one line, as in a file of JSON Lines.
absl::StatusOr<std::string> ToJsonLine(const google::protobuf::Message& message);

template <typename Message>
absl::StatusOr<std::string> ToJsonArray(const std::vector<Message>& messages) {
  std::vector<const google::protobuf::Message*> pointers;
  for (const Message& message : messages) pointers.push_back(&message);
  return ToJsonArray(pointers);
}

}  // namespace homeport

#endif  // HOMEPORT_CLI_JSON_H_
