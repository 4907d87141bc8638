#include "cli/failure.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace homeport {
namespace {

using ::testing::HasSubstr;

const CallTarget kTarget = {"127.0.0.1:7443", "/etc/ca.pem", absl::Seconds(10), "Who are you?"};

std::string Explained(const absl::Status& status) {
  return std::string(ExplainCallFailure(status, kTarget).message());
}

TEST(FailureTest, ScriptsCanTellTheCasesApart) {
  EXPECT_EQ(ExitStatus(absl::OkStatus()), 0);
  EXPECT_EQ(ExitStatus(absl::NotFoundError("")), 2);
  EXPECT_EQ(ExitStatus(absl::InvalidArgumentError("")), 64);
  EXPECT_EQ(ExitStatus(absl::UnavailableError("")), 69);
  EXPECT_EQ(ExitStatus(absl::DeadlineExceededError("")), 69);
  EXPECT_EQ(ExitStatus(absl::UnauthenticatedError("")), 77);
  EXPECT_EQ(ExitStatus(absl::PermissionDeniedError("")), 77);
  EXPECT_EQ(ExitStatus(absl::AlreadyExistsError("")), 1);
  EXPECT_EQ(ExitStatus(absl::FailedPreconditionError("")), 1);
}

TEST(FailureTest, TheTransportsWordsBecomeASentence) {
  EXPECT_EQ(Explained(absl::UnavailableError("failed to connect to all addresses; last error: "
                                             "UNKNOWN: Connection refused")),
            "cannot reach the coordinator at 127.0.0.1:7443; is it running?");
  EXPECT_EQ(
      Explained(absl::UnavailableError("the database x cannot be used right now: I/O error")),
      "the coordinator cannot do that now: the database x cannot be used right now: I/O error");
  EXPECT_THAT(
      Explained(absl::UnavailableError("Ssl handshake failed: SSL_ERROR_SSL: error:1000007d:"
                                       "SSL routines:CERTIFICATE_VERIFY_FAILED")),
      HasSubstr("/etc/ca.pem"));
  EXPECT_THAT(Explained(absl::DeadlineExceededError("Deadline Exceeded")), HasSubstr("within 10s"));
  EXPECT_EQ(Explained(absl::UnauthenticatedError("no")), "Who are you?");
  CallTarget sign_in = kTarget;
  sign_in.token_refused.clear();
  EXPECT_EQ(ExplainCallFailure(absl::UnauthenticatedError("That is wrong."), sign_in).message(),
            "That is wrong.");
}

TEST(FailureTest, TheCodeStaysAndSoDoesWhatTheCoordinatorSaid) {
  const absl::Status in_use = absl::FailedPreconditionError("users/demo still owns 2 workspaces");
  EXPECT_EQ(ExplainCallFailure(in_use, kTarget), in_use);
  for (const absl::StatusCode code :
       {absl::StatusCode::kUnavailable, absl::StatusCode::kUnauthenticated,
        absl::StatusCode::kInternal, absl::StatusCode::kAborted}) {
    const absl::Status explained = ExplainCallFailure({code, ""}, kTarget);
    EXPECT_EQ(explained.code(), code);
    EXPECT_NE(explained.message(), "") << explained;
  }
}

TEST(FailureTest, AMissingLocalFileIsNotAMissingResource) {
  EXPECT_EQ(ExitStatus(LocalFailure(absl::NotFoundError("cannot open /etc/ca.pem"))), 1);
  EXPECT_EQ(ExitStatus(LocalFailure(absl::PermissionDeniedError("cannot open /etc/ca.pem"))), 1);
}

}  // namespace
}  // namespace homeport
