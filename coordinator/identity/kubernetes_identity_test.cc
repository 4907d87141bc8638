#include "coordinator/identity/kubernetes_identity.h"

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "coordinator/identity/fake_kubernetes.h"
#include "coordinator/identity/published_keys.h"
#include "coordinator/identity/token_reviewer.h"
#include "gmock/gmock.h"

namespace homeport {
namespace {

using ::testing::HasSubstr;

const PodIdentity kPod{"team-a", "ws-dev", "dev-0", "0b7e-uid"};

// With both ways to verify a token.
class KubernetesIdentityTest : public testing::TestWithParam<const char*> {
 protected:
  KubernetesIdentityTest() {
    KubernetesApi::Options options = kubernetes_.ApiOptions(testing::TempDir());
    options.patience = absl::Milliseconds(500);
    api_ = *KubernetesApi::Make(options);
    AddWorkspace("ann", "dev", "cluster", "ws-dev");
    AddWorkspace("bob", "dev", "cluster", "ws-bob");
    AddProvider("cluster", ProviderKind::kKubernetes, "team-a");
    kubernetes_.PutPod(kPod, "ann", "dev");
    Make(KubernetesIdentity::kMostRemembered);
  }

  void Make(size_t most_remembered) {
    std::unique_ptr<TokenVerifier> verifier;
    if (review()) {
      verifier = std::make_unique<TokenReviewer>(*api_, "", "homeport");
    } else {
      verifier =
          std::make_unique<PublishedKeys>([this] { return api_->PublishedKeys(); },
                                          [this] { return api_->PublishedIssuer(); }, "homeport");
    }
    KubernetesIdentity::Sources sources;
    sources.pod = [this](const PodIdentity& pod) { return api_->GetPod(pod); };
    sources.workspace = [this](absl::string_view owner,
                               absl::string_view name) -> absl::StatusOr<WorkspaceRecord> {
      const auto found = workspaces_.find(absl::StrCat(owner, "/", name));
      if (found == workspaces_.end()) return absl::NotFoundError("");
      return found->second;
    };
    sources.provider = [this](absl::string_view name) -> absl::StatusOr<ProviderRecord> {
      return providers_.at(std::string(name));
    };
    KubernetesIdentity::Options options;
    options.proxy_name_space = "homeport";
    options.proxy_service_account = "sshproxy";
    // Time goes on during a call.
    options.now = [this] { return now_ += absl::Microseconds(1); };
    options.on_result = [this](absl::string_view result) { ++results_[std::string(result)]; };
    options.most_remembered = most_remembered;
    identity_ = std::make_unique<KubernetesIdentity>(std::move(verifier), std::move(sources),
                                                     std::move(options));
  }

  bool review() const { return std::string(GetParam()) == "review"; }
  void AddProvider(const std::string& name, ProviderKind kind, const std::string& name_space) {
    ProviderRecord provider;
    provider.name = name;
    provider.kind = kind;
    provider.name_space = name_space;
    providers_[name] = provider;
  }
  void AddWorkspace(const std::string& owner, const std::string& name, const std::string& provider,
                    const std::string& account) {
    WorkspaceRecord workspace;
    workspace.id = static_cast<int64_t>(workspaces_.size()) + 1;
    workspace.owner = owner;
    workspace.name = name;
    workspace.provider = provider;
    workspace.details.service_account = account;
    workspaces_[absl::StrCat(owner, "/", name)] = workspace;
  }
  std::string Token(const PodIdentity& pod = kPod) { return kubernetes_.Issue(pod, now_); }
  absl::Status Try(const std::string& token, Trust trust = Trust::kNow) {
    return identity_->Workspace(token, trust).status();
  }
  // Refused, in words that tell a stranger nothing.
  void ExpectRefused(const PodIdentity& pod) {
    const int before = results_["refused"];
    const absl::Status status = Try(Token(pod));
    EXPECT_TRUE(absl::IsUnauthenticated(status)) << status;
    EXPECT_EQ(results_["refused"], before + 1);
    EXPECT_THAT(status.message(), HasSubstr("the coordinator's log says what does not fit"));
    now_ += KubernetesIdentity::kRefusalMemory;
  }

  FakeKubernetes kubernetes_;
  std::unique_ptr<KubernetesApi> api_;
  std::map<std::string, WorkspaceRecord> workspaces_;
  std::map<std::string, ProviderRecord> providers_;
  std::map<std::string, int> results_;
  absl::Time now_ = absl::FromUnixSeconds(absl::ToUnixSeconds(absl::Now()));
  std::unique_ptr<KubernetesIdentity> identity_;
};

TEST_P(KubernetesIdentityTest, APodIsTheWorkspaceThatItIsBoundTo) {
  const auto found = identity_->Workspace(Token(), Trust::kNow);
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->workspace.owner, "ann");
  EXPECT_TRUE(found->pod == kPod);
  EXPECT_EQ(kubernetes_.reviews(), review() ? 1 : 0);
  EXPECT_EQ(kubernetes_.key_reads(), review() ? 0 : 1);
  EXPECT_EQ(results_["accepted"], 1);
}

TEST_P(KubernetesIdentityTest, LabelsAloneMakeNoWorkspace) {
  // Whoever may make pods in the namespace, under another account, with somebody's labels.
  PodIdentity thief = kPod;
  thief.pod = "thief";
  thief.service_account = "default";
  kubernetes_.PutPod(thief, "ann", "dev");
  ExpectRefused(thief);
  // One's own account and somebody else's labels.
  kubernetes_.PutPod(kPod, "bob", "dev");
  ExpectRefused(kPod);
  // Another namespace with an account of the same name.
  PodIdentity elsewhere = kPod;
  elsewhere.name_space = "team-b";
  kubernetes_.PutPod(elsewhere, "ann", "dev");
  ExpectRefused(elsewhere);
  kubernetes_.PutPod(kPod, "ann", "none");
  ExpectRefused(kPod);
  kubernetes_.PutPod(kPod, "ann", "../dev");
  ExpectRefused(kPod);
  kubernetes_.PutPod(kPod, "", "");
  ExpectRefused(kPod);
  kubernetes_.PutPod(kPod, "ann", "dev");
  EXPECT_TRUE(Try(Token()).ok());
}

TEST_P(KubernetesIdentityTest, TheRecordsSayWhoMay) {
  workspaces_["ann/dev"].details.service_account = "";
  ExpectRefused(kPod);
  workspaces_["ann/dev"].details.service_account = "ws-dev-2";
  ExpectRefused(kPod);
  workspaces_["ann/dev"].details.service_account = "ws-dev";
  AddProvider("cluster", ProviderKind::kOther, "team-a");
  ExpectRefused(kPod);
  AddProvider("cluster", ProviderKind::kKubernetes, "");
  ExpectRefused(kPod);
  AddProvider("cluster", ProviderKind::kKubernetes, "team-a");
  EXPECT_TRUE(Try(Token()).ok());
  EXPECT_EQ(results_["refused"], 4);
}

TEST_P(KubernetesIdentityTest, ThePodMustBeThereAndTheSame) {
  kubernetes_.SetPodField(kPod, "/metadata/uid", "another-uid");
  ExpectRefused(kPod);
  kubernetes_.PutPod(kPod, "ann", "dev");
  kubernetes_.SetPodField(kPod, "/spec/serviceAccountName", "default");
  ExpectRefused(kPod);
  for (const char* phase : {"Succeeded", "Failed"}) {
    kubernetes_.PutPod(kPod, "ann", "dev");
    kubernetes_.SetPodField(kPod, "/status/phase", phase);
    ExpectRefused(kPod);
  }
  kubernetes_.PutPod(kPod, "ann", "dev");
  kubernetes_.SetPodField(kPod, "/metadata/deletionTimestamp", "2026-01-01T00:00:00Z");
  ExpectRefused(kPod);
  kubernetes_.DeletePod(kPod);
  ExpectRefused(kPod);
  kubernetes_.PutPod(kPod, "ann", "dev");
  EXPECT_TRUE(Try(Token()).ok());
}

TEST_P(KubernetesIdentityTest, ForgeriesAreRefused) {
  const SigningKey own(kubernetes_.key().id());
  EXPECT_TRUE(absl::IsUnauthenticated(Try(MakeToken(own, TokenPayload(kPod, now_)))));
  nlohmann::json payload = TokenPayload(kPod, now_);
  payload["aud"] = "https://kubernetes.default.svc";
  EXPECT_TRUE(absl::IsUnauthenticated(Try(MakeToken(kubernetes_.key(), payload))));
  EXPECT_TRUE(absl::IsUnauthenticated(Try("eyJ.eyJ.AAAA")));
  const std::string old = kubernetes_.Issue(kPod, now_ - absl::Hours(2));
  EXPECT_TRUE(absl::IsUnauthenticated(Try(old)));
}

TEST_P(KubernetesIdentityTest, ManyCallsAskOnce) {
  const std::string token = Token();
  EXPECT_TRUE(identity_->MayBlock(token, Trust::kLately));
  ASSERT_TRUE(Try(token).ok());
  EXPECT_FALSE(identity_->MayBlock(token, Trust::kLately));
  EXPECT_TRUE(identity_->MayBlock(token, Trust::kNow));
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(Try(token, Trust::kLately).ok());
  EXPECT_EQ(kubernetes_.pod_looks(), 1);
  // The records are asked each time.
  workspaces_["ann/dev"].details.service_account = "";
  EXPECT_TRUE(absl::IsUnauthenticated(Try(token, Trust::kLately)));
  workspaces_["ann/dev"].details.service_account = "ws-dev";
  now_ += KubernetesIdentity::kRefusalMemory;
  EXPECT_TRUE(Try(token, Trust::kLately).ok());
  const int looks = kubernetes_.pod_looks();
  kubernetes_.DeletePod(kPod);
  now_ += KubernetesIdentity::kMemory;
  EXPECT_TRUE(absl::IsUnauthenticated(Try(token, Trust::kLately)));
  // Nor does a refused one ask again at once.
  EXPECT_TRUE(absl::IsUnauthenticated(Try(token, Trust::kNow)));
  EXPECT_EQ(kubernetes_.pod_looks(), looks + 1);
}

TEST_P(KubernetesIdentityTest, MemoryIsBounded) {
  Make(3);
  for (int i = 0; i < 10; ++i) {
    now_ += absl::Seconds(1);
    ASSERT_TRUE(Try(Token()).ok());
  }
  int known = 0;
  for (int i = 0; i < 10; ++i) {
    if (!identity_->MayBlock(kubernetes_.Issue(kPod, now_ - absl::Seconds(i)), Trust::kLately)) {
      ++known;
    }
  }
  EXPECT_LE(known, 3);
}

TEST_P(KubernetesIdentityTest, WithoutAnAnswerNewOnesWaitAndKnownOnesStay) {
  const std::string token = Token();
  ASSERT_TRUE(Try(token).ok());
  now_ += KubernetesIdentity::kMemory;
  const std::string fresh = Token();
  const auto expect_away = [&] {
    EXPECT_TRUE(absl::IsUnavailable(Try(fresh)));
    EXPECT_TRUE(absl::IsUnavailable(Try(token)));
    EXPECT_TRUE(Try(token, Trust::kLately).ok());
    EXPECT_TRUE(absl::IsUnavailable(identity_->Recheck(kPod, 1)));
  };
  for (const FakeKubernetes::Mood mood :
       {FakeKubernetes::Mood::kSilent, FakeKubernetes::Mood::kGarbage,
        FakeKubernetes::Mood::kElsewhere, FakeKubernetes::Mood::kForbidding,
        FakeKubernetes::Mood::kEndless}) {
    kubernetes_.SetMood(mood);
    expect_away();
  }
  kubernetes_.Stop();
  expect_away();
  // Not for ever, and not longer than the token is good.
  const absl::Time before = now_;
  now_ += absl::Minutes(56);
  EXPECT_FALSE(Try(token, Trust::kLately).ok());
  now_ = before;
  kubernetes_.Start();
  EXPECT_TRUE(Try(fresh).ok());
  EXPECT_TRUE(identity_->Recheck(kPod, 1).ok());
}

TEST_P(KubernetesIdentityTest, AKeyOfTheClustersMayBeReplaced) {
  ASSERT_TRUE(Try(Token()).ok());
  kubernetes_.RotateKey("second", SigningKey::Kind::kP256);
  now_ += PublishedKeys::kShortestUse;
  EXPECT_TRUE(Try(Token()).ok());
}

TEST_P(KubernetesIdentityTest, APodThatIsGoneIsFoundOut) {
  const std::string token = Token();
  ASSERT_TRUE(Try(token).ok());
  EXPECT_TRUE(identity_->Recheck(kPod, 1).ok());
  EXPECT_TRUE(absl::IsUnauthenticated(identity_->Recheck(kPod, 2))) << "another workspace";
  kubernetes_.PutPod(kPod, "bob", "dev");
  EXPECT_TRUE(absl::IsUnauthenticated(identity_->Recheck(kPod, 1))) << "other labels";
  kubernetes_.DeletePod(kPod);
  EXPECT_TRUE(absl::IsUnauthenticated(identity_->Recheck(kPod, 1)));
  EXPECT_TRUE(absl::IsUnauthenticated(Try(token, Trust::kLately))) << "what was known is forgotten";
}

TEST_P(KubernetesIdentityTest, AProxyIsItsServiceAccount) {
  const PodIdentity proxy{"homeport", "sshproxy", "sshproxy-0", "proxy-uid"};
  kubernetes_.PutPod(proxy, "", "");
  EXPECT_TRUE(identity_->Proxy(Token(proxy), Trust::kNow).ok());
  EXPECT_TRUE(absl::IsUnauthenticated(identity_->Proxy(Token(kPod), Trust::kNow)));
  now_ += KubernetesIdentity::kRefusalMemory;
  const PodIdentity elsewhere{"team-a", "sshproxy", "sshproxy-0", "its-uid"};
  kubernetes_.PutPod(elsewhere, "", "");
  EXPECT_TRUE(absl::IsUnauthenticated(identity_->Proxy(Token(elsewhere), Trust::kNow)));
  kubernetes_.DeletePod(proxy);
  EXPECT_TRUE(absl::IsUnauthenticated(identity_->Proxy(Token(proxy), Trust::kNow)));
}

INSTANTIATE_TEST_SUITE_P(Both, KubernetesIdentityTest, testing::Values("review", "keys"),
                         [](const auto& it) { return std::string(it.param); });

}  // namespace
}  // namespace homeport
