#include "cli/failure.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/exit_code.h"

namespace homeport {
namespace {

constexpr int kExitNotFound = 2;

// gRPC says UNAVAILABLE for everything between here and the peer; only its text tells TLS apart.
// The sentence is all that depends on it.
std::string ExplainUnavailable(absl::string_view text, const CallTarget& target) {
  const std::string cause = absl::AsciiStrToLower(text);
  if (absl::StrContains(cause, "certificate verify failed") ||
      absl::StrContains(cause, "certificate_verify_failed") ||
      absl::StrContains(cause, "peer name") || absl::StrContains(cause, "hostname")) {
    return absl::StrCat("what answers at ", target.coordinator, " is not the coordinator that ",
                        target.ca_file, " stands for; is this the right address and CA file?");
  }
  if (absl::StrContains(cause, "handshake")) {
    return absl::StrCat("what answers at ", target.coordinator,
                        " does not speak TLS as a coordinator does; is the address right?");
  }
  if (absl::StrContains(cause, "dns resolution failed")) {
    return absl::StrCat("cannot find the address of ", target.coordinator,
                        "; is the name of the coordinator right?");
  }
  // What the coordinator itself says when its database does not answer.
  if (absl::StrContains(cause, "database") || absl::StrContains(cause, "file system") ||
      absl::StrContains(cause, "is stopping")) {
    return absl::StrCat("the coordinator cannot do that now: ", text);
  }
  return absl::StrCat("cannot reach the coordinator at ", target.coordinator, "; is it running?");
}

absl::Status SayWhatItSaid(const absl::Status& status) {
  if (!status.message().empty()) return status;
  return {status.code(), absl::StrCat("the coordinator refused the request (",
                                      absl::StatusCodeToString(status.code()), ")")};
}

}  // namespace

int ExitStatus(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return kExitOk;
    case absl::StatusCode::kNotFound:
      return kExitNotFound;
    case absl::StatusCode::kInvalidArgument:
      return kExitUsage;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
      return kExitUnavailable;
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kPermissionDenied:
      return kExitNoPermission;
    default:
      return kExitFailure;
  }
}

absl::Status ExplainCallFailure(const absl::Status& status, const CallTarget& target) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return status;
    case absl::StatusCode::kUnavailable:
      return absl::UnavailableError(ExplainUnavailable(status.message(), target));
    case absl::StatusCode::kDeadlineExceeded:
      return absl::DeadlineExceededError(absl::StrCat("the coordinator at ", target.coordinator,
                                                      " did not answer within ",
                                                      absl::FormatDuration(target.timeout)));
    case absl::StatusCode::kUnauthenticated:
      // A sign-in shows no token: what the coordinator says is about name, password and code.
      if (target.token_refused.empty()) return SayWhatItSaid(status);
      return absl::UnauthenticatedError(target.token_refused);
    case absl::StatusCode::kUnimplemented:
      return absl::UnimplementedError(
          "the coordinator does not know this request; it may be older than this command");
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kDataLoss:
      return {status.code(), absl::StrCat("the coordinator failed: ", status.message())};
    default:
      return SayWhatItSaid(status);
  }
}

absl::Status LocalFailure(const absl::Status& status) {
  if (status.ok()) return status;
  return absl::FailedPreconditionError(status.message());
}

}  // namespace homeport
