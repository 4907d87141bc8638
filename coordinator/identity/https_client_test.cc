#include "coordinator/identity/https_client.h"

#include <atomic>
#include <thread>
#include <vector>

#include "coordinator/identity/fake_kubernetes.h"
#include "gmock/gmock.h"

namespace homeport {
namespace {

class HttpsClientTest : public testing::Test {
 protected:
  HttpsClientTest() {
    const KubernetesApi::Options api = kubernetes_.ApiOptions(testing::TempDir());
    const HttpsClient::Place place = *HttpsClient::ParseUrl(api.url);
    options_.host = place.host;
    options_.port = place.port;
    options_.ca_file = api.ca_file;
    options_.pause = absl::ZeroDuration();
  }
  static absl::Status Get(HttpsClient& client) {
    return client.Call({"/openid/v1/jwks", FakeKubernetes::kOwnToken, ""}).status();
  }

  FakeKubernetes kubernetes_;
  HttpsClient::Options options_;
};

TEST_F(HttpsClientTest, GoesOnAfterTheServerHasClosedTheConnection) {
  HttpsClient client(options_);
  ASSERT_TRUE(Get(client).ok());
  kubernetes_.Stop();
  EXPECT_TRUE(absl::IsUnavailable(Get(client)));
  kubernetes_.Start();
  EXPECT_TRUE(Get(client).ok());
  kubernetes_.Stop();
  kubernetes_.Start();
  EXPECT_TRUE(Get(client).ok()) << "on a connection that is gone";
}

TEST_F(HttpsClientTest, TrustsItsCaAndTheNameAlone) {
  const FakeKubernetes other;
  options_.ca_file = other.ApiOptions(testing::TempDir() + "/.").ca_file;
  HttpsClient wrong_ca(options_);
  EXPECT_TRUE(absl::IsUnavailable(Get(wrong_ca)));
  options_.ca_file = kubernetes_.ApiOptions(testing::TempDir()).ca_file;
  options_.host = "localhost";
  HttpsClient wrong_name(options_);
  EXPECT_TRUE(absl::IsUnavailable(Get(wrong_name)));
  options_.host = "127.0.0.1";
  options_.ca_file = "/nowhere.pem";
  HttpsClient no_ca(options_);
  EXPECT_TRUE(absl::IsUnavailable(Get(no_ca)));
}

TEST_F(HttpsClientTest, AQueueDoesNotWaitForEachFailure) {
  options_.pause = absl::Hours(1);
  HttpsClient client(options_);
  ASSERT_TRUE(Get(client).ok());
  kubernetes_.Stop();
  EXPECT_FALSE(Get(client).ok());
  kubernetes_.Start();
  EXPECT_TRUE(absl::IsUnavailable(Get(client)));
}

TEST_F(HttpsClientTest, ManyAtATimeTakeTurns) {
  options_.most_calls = 2;
  HttpsClient client(options_);
  std::atomic<int> good{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] { good += Get(client).ok() ? 1 : 0; });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, 8);
}

TEST(ParseUrlTest, HttpsAlone) {
  const auto parse = [](const std::string& url) {
    const auto place = HttpsClient::ParseUrl(url);
    return place.ok() ? absl::StrCat(place->host, " ", place->port, " ", place->path) : "wrong";
  };
  EXPECT_EQ(parse("https://a.example"), "a.example 443 ");
  EXPECT_EQ(parse("https://a.example:6443/openid/v1/jwks"), "a.example 6443 /openid/v1/jwks");
  EXPECT_EQ(parse("https://[fd00::1]:443"), "fd00::1 443 ");
  EXPECT_EQ(parse("https://[fd00::1]/x"), "fd00::1 443 /x");
  for (const char* wrong : {"", "http://a", "https://", "https:///x", "https://u:p@a",
                            "https://a b", "https://a:0", "https://a:x", "a.example"}) {
    EXPECT_EQ(parse(wrong), "wrong") << wrong;
  }
}

}  // namespace
}  // namespace homeport
