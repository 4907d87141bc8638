// Which workspace a pod is, by its service-account token: no secret is handed out for it.
//
//   token ──TokenVerifier──▶ pod, its uid and service account
//   pod ────API server─────▶ the same uid and account, not ending; its labels homeport.dev/owner
//   and
//                            homeport.dev/workspace
//   labels ─records────────▶ the workspace, whose provider is of the pod's namespace and whose
//                            `service_account` is the token's
//
// The labels only say which workspace is meant; the service account in the workspace's record,
// which site managers set, says who may be it. So whoever can make pods with labels of their
// choice, under a service account of their own, is no other workspace.
//
// What was found out about a token is remembered, by a hash of it, for a while: a key socket asks
// for many signatures. The records are asked each time. When the API server cannot be asked, a
// token that was good goes on being so for kLongestBlind, or until it expires; for a new stream
// (kNow) it has to be asked.
//
// The peer hears one sentence whatever does not fit; the log has the rest, up to kMostLines a
// second: anybody may send tokens.
//
// Threads: any; blocks for seconds where the API server has to be asked. A mutex guards what is
// remembered; it is not held then.
#ifndef HOMEPORT_COORDINATOR_IDENTITY_KUBERNETES_IDENTITY_H_
#define HOMEPORT_COORDINATOR_IDENTITY_KUBERNETES_IDENTITY_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "coordinator/identity/kubernetes_api.h"
#include "coordinator/identity/token_claims.h"
#include "coordinator/identity/token_verifier.h"
#include "coordinator/store/records.h"

namespace homeport {

// How much of what was found out before may be relied on.
enum class Trust {
  kNow,     // nothing: the API server is asked
  kLately,  // what is not older than kMemory
};

// A pod that has proved to be a workspace's.
struct PodWorkspace {
  WorkspaceRecord workspace;
  PodIdentity pod;
};

class KubernetesIdentity {
 public:
  static constexpr absl::Duration kMemory = absl::Minutes(5);
  static constexpr absl::Duration kLongestBlind = absl::Hours(1);
  // A refused token is not examined again before.
  static constexpr absl::Duration kRefusalMemory = absl::Seconds(10);
  static constexpr size_t kMostRemembered = 1 << 15;
  static constexpr int kMostLines = 20;

  // Where pods and records are looked up; each may block.
  struct Sources {
    std::function<absl::StatusOr<PodFacts>(const PodIdentity&)> pod;
    std::function<absl::StatusOr<WorkspaceRecord>(absl::string_view owner, absl::string_view name)>
        workspace;
    std::function<absl::StatusOr<ProviderRecord>(absl::string_view name)> provider;
  };
  struct Options {
    // Whose tokens are a proxy's credential; empty: nobody's.
    std::string proxy_name_space;
    std::string proxy_service_account;
    std::function<absl::Time()> now = [] { return absl::Now(); };
    // Told "accepted", "refused" or "unavailable" for each examination.
    std::function<void(absl::string_view result)> on_result = [](absl::string_view) {};
    size_t most_remembered = kMostRemembered;
  };

  KubernetesIdentity(std::unique_ptr<TokenVerifier> verifier, Sources sources, Options options);

  // UNAUTHENTICATED if the token opens no workspace, UNAVAILABLE if that cannot be found out now.
  absl::StatusOr<PodWorkspace> Workspace(absl::string_view token, Trust trust);
  // The same for a proxy.
  absl::Status Proxy(absl::string_view token, Trust trust);
  // Whether the calls above would have to ask the API server, as far as can be said before.
  bool MayBlock(absl::string_view token, Trust trust) const;

  // Whether a pod that has proved to be the workspace is that still. UNAUTHENTICATED if it is gone,
  // UNAVAILABLE if that cannot be found out now.
  absl::Status Recheck(const PodIdentity& pod, int64_t workspace_id);

 private:
  // What is known of a token.
  struct Finding {
    absl::Status status;  // OK, or UNAUTHENTICATED with what does not fit
    PodIdentity pod;
    std::string owner;  // labels
    std::string workspace;
    absl::Time expire_time;
    absl::Time check_time;
  };

  bool IsUsable(const Finding& finding, Trust trust, absl::Time now) const;
  // The finding for a token, or UNAVAILABLE. What is refused has been noted.
  absl::StatusOr<Finding> Look(absl::string_view token, Trust trust);
  // Asks for everything but the records. Only UNAVAILABLE comes as a status.
  absl::StatusOr<Finding> Examine(absl::string_view token, absl::Time now);
  absl::StatusOr<PodFacts> CheckPod(const PodIdentity& pod);
  // The workspace that the labels name, if it is bound to the pod's namespace and account.
  absl::StatusOr<WorkspaceRecord> Bind(const PodIdentity& pod, const std::string& owner,
                                       const std::string& workspace);
  void Log(const std::string& line);
  void Remember(const std::string& key, const Finding& finding);
  // Logs, counts and remembers why a token is refused.
  void NoteRefusal(const std::string& key, const Finding& finding);
  // Does so for a good token that opens nothing here, and gives what the peer hears.
  absl::Status Refuse(absl::string_view token, Finding finding, const absl::Status& why);

  const std::unique_ptr<TokenVerifier> verifier_;
  const Sources sources_;
  const Options options_;
  mutable absl::Mutex mutex_;
  std::map<std::string, Finding> findings_ ABSL_GUARDED_BY(mutex_);  // by hash of the token
  absl::Time log_second_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  int lines_ ABSL_GUARDED_BY(mutex_) = 0;     // in that second
  int left_out_ ABSL_GUARDED_BY(mutex_) = 0;  // since the last line
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_IDENTITY_KUBERNETES_IDENTITY_H_
