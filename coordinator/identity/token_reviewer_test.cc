#include "coordinator/identity/token_reviewer.h"

#include <string>

#include "absl/time/clock.h"
#include "coordinator/identity/fake_kubernetes.h"
#include "gtest/gtest.h"

namespace homeport {
namespace {

const PodIdentity kPod{"team-a", "ws-dev", "dev-0", "0b7e-uid"};

// What an API server could say in a review, and must not be taken for more.
TEST(TokenReviewerTest, TheAnswerMustFitTheToken) {
  FakeKubernetes kubernetes;
  const auto api = *KubernetesApi::Make(kubernetes.ApiOptions(testing::TempDir()));
  TokenReviewer reviewer(*api, "", "homeport");
  const std::string token = kubernetes.Issue(kPod);
  const auto status_with = [&](const nlohmann::json& change) {
    nlohmann::json status = {
        {"authenticated", true},
        {"audiences", nlohmann::json::array({"homeport"})},
        {"user",
         {{"username", "system:serviceaccount:team-a:ws-dev"},
          {"extra",
           {{"authentication.kubernetes.io/pod-name", nlohmann::json::array({"dev-0"})},
            {"authentication.kubernetes.io/pod-uid", nlohmann::json::array({"0b7e-uid"})}}}}}};
    status.merge_patch(change);
    kubernetes.SetReview(status);
    return reviewer.Verify(token, absl::Now()).status();
  };
  EXPECT_TRUE(status_with(nlohmann::json::object()).ok());
  EXPECT_TRUE(absl::IsUnauthenticated(status_with({{"authenticated", false}})));
  EXPECT_TRUE(absl::IsUnauthenticated(status_with({{"authenticated", "true"}})));
  EXPECT_TRUE(absl::IsUnauthenticated(status_with({{"audiences", nullptr}})))
      << "it looked at no audience";
  EXPECT_TRUE(absl::IsUnauthenticated(
      status_with({{"user", {{"username", "system:serviceaccount:team-a:default"}}}})));
  EXPECT_TRUE(absl::IsUnauthenticated(status_with({{"user", {{"username", "admin"}}}})));
  EXPECT_TRUE(absl::IsUnauthenticated(status_with({{"user", {{"extra", nullptr}}}})));
  // What cannot be good is not sent anywhere.
  const int reviews = kubernetes.reviews();
  nlohmann::json payload = TokenPayload(kPod, absl::Now());
  payload["aud"] = "another";
  EXPECT_FALSE(reviewer.Verify(MakeToken(kubernetes.key(), payload), absl::Now()).ok());
  EXPECT_EQ(kubernetes.reviews(), reviews);
}

}  // namespace
}  // namespace homeport
