#include "cli/resource_text.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/time/time.h"

namespace homeport {

std::string EnumText(const std::string& name, const std::string& prefix, int number) {
  if (!absl::StartsWith(name, prefix)) return absl::StrCat(number);
  return absl::StrReplaceAll(absl::AsciiStrToLower(name.substr(prefix.size())), {{"_", "-"}});
}

std::string TimeText(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%SZ", absl::FromUnixSeconds(time.seconds()),
                          absl::UTCTimeZone());
}

std::string RolesText(const google::protobuf::RepeatedField<int>& roles) {
  std::vector<std::string> names;
  for (const int role : roles) {
    const auto value = static_cast<v1::Role>(role);
    names.push_back(EnumText(v1::Role_Name(value), "ROLE_", role));
  }
  return absl::StrJoin(names, ", ");
}

std::string RolesText(const v1::User& user) { return RolesText(user.roles()); }

std::string StateText(const v1::User& user) {
  return EnumText(v1::UserState_Name(user.state()), "USER_STATE_", user.state());
}

std::string BackendText(v1::BackendKind kind) {
  return EnumText(v1::BackendKind_Name(kind), "BACKEND_KIND_", kind);
}

std::string BackendsText(const v1::Workspace& workspace) {
  std::vector<std::string> names;
  for (const v1::Backend& backend : workspace.agent().status().backends()) {
    names.push_back(BackendText(backend.kind()));
  }
  return absl::StrJoin(names, ", ");
}

}  // namespace homeport
