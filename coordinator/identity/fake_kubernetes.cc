#include "coordinator/identity/fake_kubernetes.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "coordinator/pki/certificate_authority.h"
#include "gtest/gtest.h"
#include "httplib.h"

namespace homeport {
namespace {

constexpr char kReviewPath[] = "/apis/authentication.k8s.io/v1/tokenreviews";

std::string PodPath(const PodIdentity& pod) {
  return absl::StrCat("/api/v1/namespaces/", pod.name_space, "/pods/", pod.pod);
}

}  // namespace

FakeKubernetes::FakeKubernetes() : key_(std::make_unique<SigningKey>("first")) {
  auto authority = CertificateAuthority::Make(*PrivateKey::Generate());
  const PrivateKey key = *PrivateKey::Generate();
  ca_pem_ = *authority->certificate().ToPem();
  certificate_pem_ = *authority->IssueForServer(key, {"127.0.0.1"})->ToPem();
  key_pem_ = *key.ToPem();
  {
    absl::MutexLock lock(&mutex_);
    keys_ = KeySetJson({key_.get()});
  }
  Start();
}

FakeKubernetes::~FakeKubernetes() { Stop(); }

std::string FakeKubernetes::url() const { return absl::StrCat("https://127.0.0.1:", port_); }

KubernetesApi::Options FakeKubernetes::ApiOptions(const std::string& folder) const {
  KubernetesApi::Options options;
  options.url = url();
  options.ca_file = folder + "/kubernetes-ca.pem";
  options.token_file = folder + "/kubernetes-token";
  options.pause = absl::ZeroDuration();
  EXPECT_TRUE(WriteFileAtomically(options.ca_file, ca_pem_, 0644).ok());
  EXPECT_TRUE(WriteFileAtomically(options.token_file, kOwnToken, 0600).ok());
  return options;
}

void FakeKubernetes::Start() {
  const Certificate certificate = *Certificate::FromPem(certificate_pem_);
  const PrivateKey key = *PrivateKey::FromPem(key_pem_);
  server_ = std::make_unique<httplib::SSLServer>(certificate.get(), key.get());
  ASSERT_TRUE(server_->is_valid());
  server_->set_keep_alive_timeout(1);
  Serve();
  if (port_ == 0) {
    port_ = server_->bind_to_any_port("127.0.0.1");
  } else {
    ASSERT_TRUE(server_->bind_to_port("127.0.0.1", port_));
  }
  ASSERT_GT(port_, 0);
  thread_ = std::thread([this] { server_->listen_after_bind(); });
  while (!server_->is_running()) std::this_thread::yield();
}

void FakeKubernetes::Stop() {
  SetMood(Mood::kWell);  // whoever waits for an answer gets one
  if (server_ == nullptr) return;
  server_->stop();
  thread_.join();
  server_.reset();
}

void FakeKubernetes::SetMood(Mood mood) {
  absl::MutexLock lock(&mutex_);
  mood_ = mood;
}

bool FakeKubernetes::Misbehave(httplib::Response& response) {
  absl::MutexLock lock(&mutex_);
  const auto speaks = [this]()
                          ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return mood_ != Mood::kSilent; };
  mutex_.AwaitWithTimeout(absl::Condition(&speaks), absl::Seconds(20));
  switch (mood_) {
    case Mood::kWell:
    case Mood::kSilent:
      return false;
    case Mood::kGarbage:
      response.set_content("<html>it works</html>", "text/html");
      return true;
    case Mood::kElsewhere:
      response.set_redirect("https://127.0.0.1:1/elsewhere");
      return true;
    case Mood::kForbidding:
      response.status = 403;
      return true;
    case Mood::kEndless:
      response.set_content(std::string(8 << 20, ' '), "application/json");
      return true;
  }
  return false;
}

void FakeKubernetes::Serve() {
  server_->set_pre_routing_handler(
      [this](const httplib::Request& request, httplib::Response& response) {
        const bool known =
            request.get_header_value("Authorization") == absl::StrCat("Bearer ", kOwnToken);
        if (!known) response.status = 401;
        return known && !Misbehave(response) ? httplib::Server::HandlerResponse::Unhandled
                                             : httplib::Server::HandlerResponse::Handled;
      });
  server_->Post(kReviewPath,
                [this](const auto& request, auto& response) { AnswerReview(request, response); });
  server_->Get("/api/v1/namespaces/.*",
               [this](const auto& request, auto& response) { AnswerPod(request.path, response); });
  server_->Get("/.well-known/openid-configuration", [](const auto&, auto& response) {
    response.set_content(nlohmann::json{{"issuer", kTestIssuer}}.dump(), "application/json");
  });
  server_->Get("/openid/v1/jwks", [this](const auto&, auto& response) {
    absl::MutexLock lock(&mutex_);
    ++key_reads_;
    response.set_content(keys_, "application/jwk-set+json");
  });
}

void FakeKubernetes::AnswerReview(const httplib::Request& request, httplib::Response& response) {
  const nlohmann::json asked = nlohmann::json::parse(request.body);
  absl::MutexLock lock(&mutex_);
  ++reviews_;
  nlohmann::json status = {{"authenticated", false}, {"error", "unknown token"}};
  const auto found = issued_.find(asked["spec"]["token"].get<std::string>());
  if (found != issued_.end() && asked["spec"]["audiences"][0] == "homeport") {
    const PodIdentity& pod = found->second;
    status = {
        {"authenticated", true},
        {"audiences", nlohmann::json::array({"homeport"})},
        {"user",
         {{"username",
           absl::StrCat("system:serviceaccount:", pod.name_space, ":", pod.service_account)},
          {"uid", "account-uid"},
          {"extra",
           {{"authentication.kubernetes.io/pod-name", nlohmann::json::array({pod.pod})},
            {"authentication.kubernetes.io/pod-uid", nlohmann::json::array({pod.pod_uid})}}}}}};
  }
  if (!review_.is_null()) status = review_;
  response.status = 201;
  response.set_content(
      nlohmann::json{
          {"kind", "TokenReview"}, {"apiVersion", "authentication.k8s.io/v1"}, {"status", status}}
          .dump(),
      "application/json");
}

void FakeKubernetes::AnswerPod(const std::string& path, httplib::Response& response) {
  absl::MutexLock lock(&mutex_);
  ++pod_looks_;
  const auto found = pods_.find(path);
  response.status = found == pods_.end() ? 404 : 200;
  response.set_content(found == pods_.end() ? "{\"kind\":\"Status\"}" : found->second.dump(),
                       "application/json");
}

void FakeKubernetes::PutPod(const PodIdentity& pod, const std::string& owner,
                            const std::string& workspace) {
  absl::MutexLock lock(&mutex_);
  pods_[PodPath(pod)] = {
      {"kind", "Pod"},
      {"metadata",
       {{"name", pod.pod},
        {"namespace", pod.name_space},
        {"uid", pod.pod_uid},
        {"labels", {{"homeport.dev/owner", owner}, {"homeport.dev/workspace", workspace}}}}},
      {"spec", {{"serviceAccountName", pod.service_account}}},
      {"status", {{"phase", "Running"}}}};
}

void FakeKubernetes::SetPodField(const PodIdentity& pod, const std::string& pointer,
                                 const nlohmann::json& value) {
  absl::MutexLock lock(&mutex_);
  pods_[PodPath(pod)][nlohmann::json::json_pointer(pointer)] = value;
}

void FakeKubernetes::DeletePod(const PodIdentity& pod) {
  absl::MutexLock lock(&mutex_);
  pods_.erase(PodPath(pod));
}

std::string FakeKubernetes::Issue(const PodIdentity& pod, absl::Time now) {
  std::string token = MakeToken(*key_, TokenPayload(pod, now));
  absl::MutexLock lock(&mutex_);
  issued_[token] = pod;
  return token;
}

void FakeKubernetes::RotateKey(const std::string& id, SigningKey::Kind kind) {
  key_ = std::make_unique<SigningKey>(id, kind);
  absl::MutexLock lock(&mutex_);
  keys_ = KeySetJson({key_.get()});
  issued_.clear();
}

void FakeKubernetes::SetReview(nlohmann::json status) {
  absl::MutexLock lock(&mutex_);
  review_ = std::move(status);
}

int FakeKubernetes::reviews() const {
  absl::MutexLock lock(&mutex_);
  return reviews_;
}

int FakeKubernetes::pod_looks() const {
  absl::MutexLock lock(&mutex_);
  return pod_looks_;
}

int FakeKubernetes::key_reads() const {
  absl::MutexLock lock(&mutex_);
  return key_reads_;
}

}  // namespace homeport
