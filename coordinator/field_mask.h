// Which fields an update changes (Google AIP-134).
//
// Threads: any.
#ifndef HOMEPORT_COORDINATOR_FIELD_MASK_H_
#define HOMEPORT_COORDINATOR_FIELD_MASK_H_

#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/field_mask.pb.h"

namespace homeport {

// Paths of simple fields: "base_path", "image.uri".
using FieldPaths = std::vector<std::string>;

// Those of `changeable` that `mask` names, a message standing for all its fields. An empty mask, or
// "*", names all. INVALID_ARGUMENT with the path for one that is not there or that nobody may
// change.
absl::StatusOr<std::set<std::string>> ReadFieldMask(const google::protobuf::FieldMask& mask,
                                                    const FieldPaths& changeable);

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_FIELD_MASK_H_
