#include "coordinator/agent_hello.h"

#include <algorithm>
#include <set>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/ssh_wire.h"

namespace homeport {
namespace {

constexpr int kMostBackends = 8;
constexpr int kMostHostKeys = 8;
constexpr size_t kLongestHostKey = 8192;
constexpr size_t kLongestAlgorithm = 64;  // RFC 4251, 6
constexpr size_t kLongestOsUser = 32;     // Linux's limit
constexpr size_t kLongestText = 255;
constexpr size_t kLargestStatus = 256 * 1024;
constexpr size_t kLongestSentence = 1024;
constexpr size_t kLongestFileName = 4096;  // Linux's limit
constexpr int kMostFiles = 16;
constexpr int kMostLeftOut = 4096;
constexpr size_t kLongestVariable = 1024;
// What a google.protobuf.Timestamp may say; another one could not be put into JSON.
constexpr int64_t kFirstSecond = -62135596800;
constexpr int64_t kLastSecond = 253402300799;

bool IsPrintable(absl::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_isprint(static_cast<unsigned char>(c)); });
}

absl::Status CheckText(absl::string_view field, absl::string_view text) {
  if (text.size() <= kLongestText && IsPrintable(text)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(field, " must be at most ", kLongestText, " printable ASCII characters"));
}

// Sentences, and paths in a language of their own: UTF-8, which protobuf has checked, without
// control characters.
absl::Status CheckUnicode(absl::string_view field, absl::string_view text, size_t longest) {
  const bool control = std::any_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_iscntrl(static_cast<unsigned char>(c));
  });
  if (text.size() <= longest && !control) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(field, " must be at most ", longest, " bytes without control characters"));
}

bool IsOsUser(absl::string_view user) {
  return !user.empty() && user.size() <= kLongestOsUser && user.front() != '-' &&
         std::all_of(user.begin(), user.end(), [](char c) {
           return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '_' ||
                  c == '-';
         });
}

bool IsPublicKeyBlob(absl::string_view blob) {
  WireReader reader(blob);
  const absl::string_view algorithm = reader.String();
  return blob.size() <= kLongestHostKey && reader.ok() && !algorithm.empty() &&
         algorithm.size() <= kLongestAlgorithm && IsPrintable(algorithm) && !reader.rest().empty();
}

absl::Status CheckBackends(const v1::AgentStatus& status) {
  if (status.backends_size() > kMostBackends) {
    return absl::InvalidArgumentError(
        absl::StrCat("an agent has at most ", kMostBackends, " backends"));
  }
  std::set<int> kinds;
  for (const v1::Backend& backend : status.backends()) {
    if (backend.kind() == v1::BACKEND_KIND_UNSPECIFIED ||
        !v1::BackendKind_IsValid(backend.kind()) || !kinds.insert(backend.kind()).second) {
      return absl::InvalidArgumentError("each backend must have a kind, and no two the same");
    }
    if (backend.host_keys_size() > kMostHostKeys) {
      return absl::InvalidArgumentError(
          absl::StrCat("a backend has at most ", kMostHostKeys, " host keys"));
    }
    for (const std::string& host_key : backend.host_keys()) {
      if (!IsPublicKeyBlob(host_key)) {
        return absl::InvalidArgumentError(
            "a host key is no SSH public key blob (RFC 4253, 6.6) of at most 8 KiB");
      }
    }
  }
  return absl::OkStatus();
}

absl::Status CheckFiles(const v1::AgentStatus& status) {
  if (status.files_size() > kMostFiles) {
    return absl::InvalidArgumentError(
        absl::StrCat("an agent looks after at most ", kMostFiles, " files"));
  }
  absl::Status checked;
  for (const v1::ManagedFile& file : status.files()) {
    checked.Update(CheckUnicode("status.files.path", file.path(), kLongestFileName));
    checked.Update(CheckUnicode("status.files.error", file.error(), kLongestSentence));
    if (file.left_out_size() > kMostLeftOut) {
      return absl::InvalidArgumentError(
          absl::StrCat("status.files.left_out must have at most ", kMostLeftOut, " names"));
    }
    for (const std::string& name : file.left_out()) {
      checked.Update(CheckUnicode("status.files.left_out", name, kLongestVariable));
    }
  }
  return checked;
}

absl::Status CheckRest(const v1::AgentStatus& status) {
  absl::Status checked =
      CheckUnicode("status.openssh_passed_over", status.openssh_passed_over(), kLongestSentence);
  checked.Update(CheckUnicode("status.last_error", status.last_error(), kLongestSentence));
  checked.Update(
      CheckUnicode("status.key_socket.path", status.key_socket().path(), kLongestFileName));
  checked.Update(
      CheckUnicode("status.key_socket.error", status.key_socket().error(), kLongestSentence));
  if (status.limits().cpu_millis() < 0 || status.limits().memory_bytes() < 0) {
    checked.Update(absl::InvalidArgumentError("status.limits must not be negative"));
  }
  const google::protobuf::Timestamp& time = status.last_error_time();
  if (time.seconds() < kFirstSecond || time.seconds() > kLastSecond || time.nanos() < 0 ||
      time.nanos() > 999999999) {
    checked.Update(absl::InvalidArgumentError("status.last_error_time is no time"));
  }
  return checked;
}

}  // namespace

absl::Status CheckAgentHello(const v1::AgentHello& hello) {
  absl::Status status = CheckText("hello.version", hello.version());
  if (status.ok()) status = CheckText("hello.hostname", hello.hostname());
  if (!status.ok()) return status;
  if (!IsOsUser(hello.os_user())) {
    return absl::InvalidArgumentError(
        absl::StrCat("hello.os_user must be 1 to ", kLongestOsUser,
                     " letters, digits, dots, underscores and hyphens, and not start with a "
                     "hyphen"));
  }
  return CheckAgentStatus(hello.status());
}

absl::Status CheckAgentStatus(const v1::AgentStatus& status) {
  if (status.ByteSizeLong() > kLargestStatus) {
    return absl::InvalidArgumentError(
        absl::StrCat("a status has at most ", kLargestStatus, " bytes"));
  }
  absl::Status checked = CheckBackends(status);
  checked.Update(CheckFiles(status));
  checked.Update(CheckRest(status));
  return checked;
}

}  // namespace homeport
