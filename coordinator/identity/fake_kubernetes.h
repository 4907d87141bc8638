// A Kubernetes API server as far as the coordinator asks one, over TLS with a CA of its own: pods,
// TokenReview, published keys. For tests.
//
// Threads: any; a mutex guards what it tells.
#ifndef HOMEPORT_COORDINATOR_IDENTITY_FAKE_KUBERNETES_H_
#define HOMEPORT_COORDINATOR_IDENTITY_FAKE_KUBERNETES_H_

#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "coordinator/identity/kubernetes_api.h"
#include "coordinator/identity/test_tokens.h"
#include "coordinator/identity/token_claims.h"
#include "nlohmann/json.hpp"

namespace httplib {
class SSLServer;
struct Request;
struct Response;
}  // namespace httplib

namespace homeport {

class FakeKubernetes {
 public:
  // What the coordinator shows it.
  static constexpr char kOwnToken[] = "the-coordinators-own-token";

  enum class Mood {
    kWell,
    kSilent,      // takes a request and says nothing
    kGarbage,     // answers what is no JSON
    kElsewhere,   // redirects
    kForbidding,  // answers 403
    kEndless,     // an answer that is too long
  };

  FakeKubernetes();
  ~FakeKubernetes();

  std::string url() const;
  const std::string& ca_pem() const { return ca_pem_; }
  // Files in `folder` for the CA and the coordinator's own token.
  KubernetesApi::Options ApiOptions(const std::string& folder) const;

  // Listens on the same port as before; the constructor has done it once.
  void Start();
  void Stop();
  void SetMood(Mood mood);

  // Makes the pod or changes it.
  void PutPod(const PodIdentity& pod, const std::string& owner, const std::string& workspace);
  // Sets a field by its JSON pointer, as "/status/phase".
  void SetPodField(const PodIdentity& pod, const std::string& pointer, const nlohmann::json& value);
  void DeletePod(const PodIdentity& pod);

  // A token as the kubelet would get it, known to TokenReview too.
  std::string Issue(const PodIdentity& pod, absl::Time now = absl::Now());
  // Signs with a new key from now on. The old one is published no longer, and what it signed is
  // worth nothing.
  void RotateKey(const std::string& id, SigningKey::Kind kind);
  const SigningKey& key() const { return *key_; }
  // Changes what TokenReview answers; null: as it should be.
  void SetReview(nlohmann::json status);

  int reviews() const;
  int pod_looks() const;
  int key_reads() const;

 private:
  void Serve();
  // Whether that was all there is to say.
  bool Misbehave(httplib::Response& response);
  void AnswerReview(const httplib::Request& request, httplib::Response& response);
  void AnswerPod(const std::string& path, httplib::Response& response);

  std::string ca_pem_;
  std::string certificate_pem_;
  std::string key_pem_;
  int port_ = 0;
  std::unique_ptr<httplib::SSLServer> server_;
  std::thread thread_;
  std::unique_ptr<SigningKey> key_;
  mutable absl::Mutex mutex_;
  Mood mood_ ABSL_GUARDED_BY(mutex_) = Mood::kWell;
  std::map<std::string, nlohmann::json> pods_ ABSL_GUARDED_BY(mutex_);  // by path
  std::map<std::string, PodIdentity> issued_ ABSL_GUARDED_BY(mutex_);   // by token
  nlohmann::json review_ ABSL_GUARDED_BY(mutex_);
  std::string keys_ ABSL_GUARDED_BY(mutex_);
  int reviews_ ABSL_GUARDED_BY(mutex_) = 0;
  int pod_looks_ ABSL_GUARDED_BY(mutex_) = 0;
  int key_reads_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_IDENTITY_FAKE_KUBERNETES_H_
