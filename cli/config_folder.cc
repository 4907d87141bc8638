#include "cli/config_folder.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "cli/failure.h"
#include "nlohmann/json.hpp"

namespace homeport {
namespace {

using Json = nlohmann::ordered_json;

// "" for what is not there or no text.
std::string Text(const Json& object, const char* name) {
  const auto member = object.find(name);
  return member != object.end() && member->is_string() ? member->get<std::string>() : "";
}

absl::Status Damaged(const std::string& path) {
  return absl::FailedPreconditionError(
      absl::StrCat(path, " is damaged; remove it and run homeport login"));
}

}  // namespace

absl::StatusOr<std::string> HomeFolder() {
  const char* home = getenv("HOME");  // NOLINT: before any thread of ours
  if (home != nullptr && *home == '/') return std::string(home);
  return absl::FailedPreconditionError("HOME is not set, so your files cannot be found");
}

absl::Status MakePrivateFolder(const std::string& path) {
  if (absl::Status status = MakeFolder(path, 0700); !status.ok()) return LocalFailure(status);
  return absl::OkStatus();
}

absl::StatusOr<ConfigFolder> ConfigFolder::Here() {
  const char* xdg = getenv("XDG_CONFIG_HOME");  // NOLINT: before any thread of ours
  // A relative path there is to be ignored (XDG Base Directory Specification).
  if (xdg != nullptr && *xdg == '/') return ConfigFolder(absl::StrCat(xdg, "/homeport"));
  const absl::StatusOr<std::string> home = HomeFolder();
  if (!home.ok()) return home.status();
  return ConfigFolder(absl::StrCat(*home, "/.config/homeport"));
}

bool ConfigFolder::HasCa() const { return access(ca_file().c_str(), F_OK) == 0; }

absl::Status ConfigFolder::Write(const std::string& file, absl::string_view content) const {
  if (absl::Status status = MakePrivateFolder(path_); !status.ok()) return status;
  return LocalFailure(WriteFileAtomically(file, content, 0600));
}

absl::Status ConfigFolder::PinCa(absl::string_view pem) const {
  if (!absl::StrContains(pem, "-----BEGIN CERTIFICATE-----")) {
    return absl::InvalidArgumentError(
        "the CA file holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)");
  }
  return Write(ca_file(), pem);
}

absl::StatusOr<std::optional<StoredSignIn>> ConfigFolder::ReadSignIn() const {
  const std::string path = sign_in_file();
  if (access(path.c_str(), F_OK) != 0) return std::nullopt;
  const absl::StatusOr<std::string> content = ReadSecretFile(path);
  if (!content.ok()) return LocalFailure(content.status());
  const Json tree = Json::parse(*content, nullptr, /*allow_exceptions=*/false);
  if (!tree.is_object()) return Damaged(path);
  StoredSignIn sign_in;
  sign_in.coordinator = Text(tree, "coordinator");
  sign_in.user = Text(tree, "user");
  sign_in.token = Text(tree, "token");
  const std::string expires = Text(tree, "expire_time");
  if (!expires.empty() &&
      !absl::ParseTime(absl::RFC3339_full, expires, &sign_in.expire_time, nullptr)) {
    return Damaged(path);
  }
  return sign_in;
}

absl::Status ConfigFolder::WriteSignIn(const StoredSignIn& sign_in) const {
  Json tree = {{"coordinator", sign_in.coordinator}};
  if (!sign_in.token.empty()) {
    tree["user"] = sign_in.user;
    tree["token"] = sign_in.token;
    if (sign_in.expire_time != absl::InfiniteFuture()) {
      tree["expire_time"] =
          absl::FormatTime(absl::RFC3339_sec, sign_in.expire_time, absl::UTCTimeZone());
    }
  }
  return Write(sign_in_file(),
               absl::StrCat(tree.dump(2, ' ', false, Json::error_handler_t::replace), "\n"));
}

}  // namespace homeport
