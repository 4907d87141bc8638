#include "coordinator/identity/kubernetes_identity.h"

#include <sodium.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/dns_label.h"
#include "base/logging.h"

namespace homeport {
namespace {

constexpr char kRefused[] =
    "this service-account token is no credential here; the coordinator's log says what does not "
    "fit";
constexpr char kCannotSay[] =
    "the coordinator cannot check service-account tokens now; try again in a moment";
constexpr char kGone[] = "the workspace's pod is gone, or is this workspace's no longer";

std::string Hash(absl::string_view token) {
  std::string hash(crypto_generichash_BYTES, '\0');
  crypto_generichash(reinterpret_cast<unsigned char*>(hash.data()), hash.size(),
                     reinterpret_cast<const unsigned char*>(token.data()), token.size(), nullptr,
                     0);
  return hash;
}

absl::Status Wrong(absl::string_view what) { return absl::UnauthenticatedError(what); }

}  // namespace

KubernetesIdentity::KubernetesIdentity(std::unique_ptr<TokenVerifier> verifier, Sources sources,
                                       Options options)
    : verifier_(std::move(verifier)), sources_(std::move(sources)), options_(std::move(options)) {}

bool KubernetesIdentity::IsUsable(const Finding& finding, Trust trust, absl::Time now) const {
  const absl::Duration age = now - finding.check_time;
  if (!finding.status.ok()) return age < kRefusalMemory;
  return trust == Trust::kLately && age < kMemory && now < finding.expire_time;
}

bool KubernetesIdentity::MayBlock(absl::string_view token, Trust trust) const {
  const std::string key = Hash(token);
  absl::MutexLock lock(&mutex_);
  const auto found = findings_.find(key);
  return found == findings_.end() || !IsUsable(found->second, trust, options_.now());
}

absl::StatusOr<PodFacts> KubernetesIdentity::CheckPod(const PodIdentity& pod) {
  absl::StatusOr<PodFacts> facts = sources_.pod(pod);
  if (absl::IsNotFound(facts.status())) return Wrong("there is no such pod");
  if (!facts.ok()) return facts;
  if (facts->uid != pod.pod_uid) return Wrong("the pod of that name is another one now");
  if (facts->service_account != pod.service_account) {
    return Wrong("the pod runs under another service account");
  }
  if (facts->ending) return Wrong("the pod has ended or is being deleted");
  return facts;
}

absl::StatusOr<KubernetesIdentity::Finding> KubernetesIdentity::Examine(absl::string_view token,
                                                                        absl::Time now) {
  Finding finding;
  finding.check_time = now;
  finding.expire_time = now;
  const absl::StatusOr<TokenClaims> claims = verifier_->Verify(token, now);
  finding.status = claims.status();
  if (claims.ok()) {
    finding.pod = claims->pod;
    finding.expire_time = claims->expire_time;
    absl::StatusOr<PodFacts> facts = CheckPod(claims->pod);
    finding.status = facts.status();
    if (facts.ok()) {
      finding.owner = std::move(facts->owner);
      finding.workspace = std::move(facts->workspace);
    }
  }
  if (!finding.status.ok() && !absl::IsUnauthenticated(finding.status)) return finding.status;
  return finding;
}

absl::StatusOr<KubernetesIdentity::Finding> KubernetesIdentity::Look(absl::string_view token,
                                                                     Trust trust) {
  const absl::Time now = options_.now();
  const std::string key = Hash(token);
  Finding known;
  bool was_good = false;
  {
    absl::MutexLock lock(&mutex_);
    if (const auto found = findings_.find(key); found != findings_.end()) {
      if (IsUsable(found->second, trust, now)) return found->second;
      known = found->second;
      was_good = known.status.ok();
    }
  }
  absl::StatusOr<Finding> finding = Examine(token, now);
  if (finding.ok() && finding->status.ok()) {
    Remember(key, *finding);
    options_.on_result("accepted");
  } else if (finding.ok()) {
    NoteRefusal(key, *finding);
  }
  if (finding.ok()) return finding;
  options_.on_result("unavailable");
  Log(absl::StrCat("cannot check a service-account token: ",
                   Printable(finding.status().message())));
  const bool still_good = was_good && trust == Trust::kLately && now < known.expire_time &&
                          now - known.check_time < kLongestBlind;
  if (still_good) return known;
  return absl::UnavailableError(kCannotSay);
}

void KubernetesIdentity::Log(const std::string& line) {
  int left_out = 0;
  {
    absl::MutexLock lock(&mutex_);
    const absl::Time now = options_.now();
    if (now - log_second_ >= absl::Seconds(1)) {
      log_second_ = now;
      lines_ = 0;
    }
    if (lines_ >= kMostLines) {
      ++left_out_;
      return;
    }
    ++lines_;
    std::swap(left_out, left_out_);
  }
  if (left_out > 0) Logger("identity")->warn("{} lines like the next one were left out", left_out);
  Logger("identity")->warn("{}", line);
}

void KubernetesIdentity::Remember(const std::string& key, const Finding& finding) {
  absl::MutexLock lock(&mutex_);
  findings_[key] = finding;
  if (findings_.size() <= options_.most_remembered) return;
  const absl::Time now = options_.now();
  for (auto it = findings_.begin(); it != findings_.end();) {
    it = IsUsable(it->second, Trust::kLately, now) ? std::next(it) : findings_.erase(it);
  }
  // Hashes are in no order that anybody could choose.
  while (findings_.size() > options_.most_remembered) findings_.erase(findings_.begin());
}

void KubernetesIdentity::NoteRefusal(const std::string& key, const Finding& finding) {
  const std::string who = finding.pod.pod.empty() ? "a token" : DescribePod(finding.pod);
  Log(absl::StrCat("refused ", who, ": ", Printable(finding.status.message())));
  options_.on_result("refused");
  Remember(key, finding);
}

absl::Status KubernetesIdentity::Refuse(absl::string_view token, Finding finding,
                                        const absl::Status& why) {
  finding.status = why;
  finding.check_time = options_.now();
  NoteRefusal(Hash(token), finding);
  return absl::UnauthenticatedError(kRefused);
}

absl::StatusOr<WorkspaceRecord> KubernetesIdentity::Bind(const PodIdentity& pod,
                                                         const std::string& owner,
                                                         const std::string& workspace) {
  if (!IsDnsLabel(owner) || !IsDnsLabel(workspace)) {
    return Wrong(
        "the pod's labels homeport.dev/owner and homeport.dev/workspace name no workspace");
  }
  absl::StatusOr<WorkspaceRecord> record = sources_.workspace(owner, workspace);
  if (absl::IsNotFound(record.status())) {
    return Wrong(absl::StrCat("its labels name ", owner, "/", workspace, ", which does not exist"));
  }
  if (!record.ok()) return record;
  const absl::StatusOr<ProviderRecord> provider = sources_.provider(record->provider);
  if (!provider.ok()) return provider.status();
  if (provider->kind != ProviderKind::kKubernetes || provider->name_space.empty() ||
      provider->name_space != pod.name_space) {
    return Wrong(absl::StrCat("the provider of ", owner, "/", workspace,
                              " is not of that namespace of Kubernetes"));
  }
  const std::string& bound = record->details.service_account;
  if (bound.empty() || bound != pod.service_account) {
    return Wrong(absl::StrCat(owner, "/", workspace, " is not bound to that service account"));
  }
  return record;
}

absl::StatusOr<PodWorkspace> KubernetesIdentity::Workspace(absl::string_view token, Trust trust) {
  absl::StatusOr<Finding> finding = Look(token, trust);
  if (!finding.ok()) return finding.status();
  if (!finding->status.ok()) return absl::UnauthenticatedError(kRefused);
  absl::StatusOr<WorkspaceRecord> workspace =
      Bind(finding->pod, finding->owner, finding->workspace);
  if (absl::IsUnauthenticated(workspace.status())) {
    return Refuse(token, *finding, workspace.status());
  }
  if (!workspace.ok()) return workspace.status();
  return PodWorkspace{*std::move(workspace), std::move(finding->pod)};
}

absl::Status KubernetesIdentity::Proxy(absl::string_view token, Trust trust) {
  const absl::StatusOr<Finding> finding = Look(token, trust);
  if (!finding.ok()) return finding.status();
  if (!finding->status.ok()) return absl::UnauthenticatedError(kRefused);
  if (options_.proxy_service_account.empty() ||
      finding->pod.name_space != options_.proxy_name_space ||
      finding->pod.service_account != options_.proxy_service_account) {
    return Refuse(token, *finding, Wrong("the service account is not that of proxies"));
  }
  return absl::OkStatus();
}

absl::Status KubernetesIdentity::Recheck(const PodIdentity& pod, int64_t workspace_id) {
  const absl::StatusOr<PodFacts> facts = CheckPod(pod);
  absl::Status status = facts.status();
  if (facts.ok()) {
    const absl::StatusOr<WorkspaceRecord> workspace = Bind(pod, facts->owner, facts->workspace);
    status = workspace.status();
    if (workspace.ok() && workspace->id != workspace_id) {
      status = Wrong("its labels name another workspace now");
    }
  }
  if (status.ok()) return status;
  if (!absl::IsUnauthenticated(status)) {
    options_.on_result("unavailable");
    return absl::UnavailableError(kCannotSay);
  }
  Log(absl::StrCat("no longer ", DescribePod(pod), ": ", Printable(status.message())));
  options_.on_result("refused");
  absl::MutexLock lock(&mutex_);
  for (auto it = findings_.begin(); it != findings_.end();) {
    it = it->second.pod == pod ? findings_.erase(it) : std::next(it);
  }
  return absl::UnauthenticatedError(kGone);
}

}  // namespace homeport
