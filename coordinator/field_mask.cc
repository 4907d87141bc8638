#include "coordinator/field_mask.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/logging.h"

namespace homeport {

absl::StatusOr<std::set<std::string>> ReadFieldMask(const google::protobuf::FieldMask& mask,
                                                    const FieldPaths& changeable) {
  if (mask.paths().empty()) return std::set<std::string>(changeable.begin(), changeable.end());
  std::set<std::string> named;
  for (const std::string& path : mask.paths()) {
    bool found = false;
    for (const std::string& field : changeable) {
      if (path != "*" && path != field && !absl::StartsWith(field, absl::StrCat(path, "."))) {
        continue;
      }
      named.insert(field);
      found = true;
    }
    if (!found) {
      return absl::InvalidArgumentError(
          absl::StrCat("update_mask has \"", Printable(path, 100),
                       "\", which is no field that can be changed; those are ",
                       absl::StrJoin(changeable, ", ")));
    }
  }
  return named;
}

}  // namespace homeport
