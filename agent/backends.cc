#include "agent/backends.h"

#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/logging.h"
#include "base/ssh_wire.h"
#include "ssh/host_keys.h"

namespace homeport::agent {
namespace {

constexpr absl::Duration kLookIsFresh = absl::Seconds(30);
// Host keys of other types than the one that is shown first are learnt anew after this.
constexpr absl::Duration kFullLookIsFresh = absl::Minutes(10);
// Looks that LookAgain asks for keep this distance: OpenSSH may punish who comes often and does not
// sign in (sshd_config(5), PerSourcePenalties).
constexpr absl::Duration kLeastInterval = absl::Seconds(5);
// Without a tunnel that would find out, when something was wrong.
constexpr absl::Duration kLater[] = {absl::Seconds(1), absl::Seconds(5), absl::Seconds(30),
                                     absl::Minutes(2)};

}  // namespace

Backends::Backends(EventLoop& loop, WorkerPool& pool, Options options, ChangeCallback on_change)
    : loop_(loop), pool_(pool), options_(std::move(options)), on_change_(std::move(on_change)) {}

Backends::Choice Backends::choice() const {
  if (options_.choice != Choice::kAuto) return options_.choice;
  if (pinned_ == v1::BACKEND_KIND_EMBEDDED) return Choice::kEmbedded;
  if (pinned_ == v1::BACKEND_KIND_OPENSSH) return Choice::kOpenSsh;
  return Choice::kAuto;
}

OpenSshConnect::Patience Backends::patience() const {
  return choice() == Choice::kOpenSsh || usable() ? options_.long_patience : options_.patience;
}

v1::AgentStatus Backends::status() const {
  v1::AgentStatus status;
  if (choice() != Choice::kOpenSsh) {
    v1::Backend* embedded = status.add_backends();
    embedded->set_kind(v1::BACKEND_KIND_EMBEDDED);
    for (const std::string& key : options_.embedded_host_keys) embedded->add_host_keys(key);
  }
  if (choice() == Choice::kEmbedded) return status;
  if (usable()) {
    v1::Backend* openssh = status.add_backends();
    openssh->set_kind(v1::BACKEND_KIND_OPENSSH);
    for (const std::string& key : host_keys_) openssh->add_host_keys(key);
  }
  status.set_openssh_passed_over(WhyPassedOver());
  return status;
}

void Backends::Start() {
  if (choice() != Choice::kEmbedded) Look();
}

void Backends::SetOwnerKey(const std::string& public_key) {
  if (public_key == owner_key_) return;
  owner_key_ = public_key;
  look_again_ = looking_;
  if (choice() != Choice::kEmbedded) Look();
}

void Backends::SetPinned(v1::BackendKind kind) {
  if (kind == pinned_) return;
  const Choice before = choice();
  pinned_ = kind;
  if (kind != v1::BACKEND_KIND_UNSPECIFIED && options_.choice != Choice::kAuto) {
    Logger("backends")->info("the workspace is pinned, but --backend says otherwise and wins");
  }
  if (choice() == before) return;
  on_change_(status());
  if (choice() != Choice::kEmbedded) Look();
}

void Backends::LookAgain() {
  if (choice() != Choice::kEmbedded && absl::Now() - last_look_ > kLeastInterval) Look();
}

void Backends::FindRoute(RouteCallback on_route) {
  if (choice() == Choice::kEmbedded) {
    on_route(Route());
    return;
  }
  const uint64_t id = next_connect_++;
  connects_[id] = std::make_unique<OpenSshConnect>(
      loop_, pool_, options_.openssh_address, patience(),
      [this, id, on_route = std::move(on_route)](absl::StatusOr<UniqueFd> socket) {
        const auto done = connects_.extract(id);
        OnGreeted(std::move(socket), on_route);
      });
}

void Backends::OnGreeted(absl::StatusOr<UniqueFd> socket, const RouteCallback& on_route) {
  if (absl::IsUnavailable(socket.status())) {
    SetOpenSsh({}, "");
    on_route(RouteWithoutOpenSsh());
    return;
  }
  if (!socket.ok()) {
    // OpenSSH drops connections when many come at once. One that was known is forgotten when
    // another look finds the same.
    if (usable()) {
      doubtful_ = true;
      Look();
    } else {
      SetOpenSsh({}, std::string(socket.status().message()));
    }
    on_route(RouteWithoutOpenSsh());
    return;
  }
  if (!usable() || doubtful_) {
    waiting_.push_back({std::make_shared<UniqueFd>(*std::move(socket)), on_route});
    Look();
    return;
  }
  if (absl::Now() - last_look_ > kLookIsFresh) Look();
  Route route;
  route.kind = v1::BACKEND_KIND_OPENSSH;
  route.openssh = *std::move(socket);
  on_route(std::move(route));
}

void Backends::Look() {
  if (looking_) return;
  looking_ = true;
  loop_.Cancel(later_);
  later_ = 0;
  OpenSshLook::Options look;
  look.address = options_.openssh_address;
  look.patience = patience();
  look.user = options_.user;
  look.owner_key = owner_key_;
  if (absl::Now() - last_full_look_ < kFullLookIsFresh) look.known_host_keys = host_keys_;
  const bool full = look.known_host_keys.empty();
  look_ = std::make_unique<OpenSshLook>(
      loop_, pool_, std::move(look), [this, full](const absl::StatusOr<OpenSshLook::Facts>& facts) {
        const std::unique_ptr<OpenSshLook> done = std::move(look_);
        if (facts.ok() && (full || facts->host_keys != host_keys_)) last_full_look_ = absl::Now();
        OnLooked(facts);
      });
}

void Backends::OnLooked(const absl::StatusOr<OpenSshLook::Facts>& facts) {
  looking_ = false;
  last_look_ = absl::Now();
  if (!facts.ok()) {
    OnLookFailed(facts.status());
  } else {
    doubtful_ = false;
    const bool refused = facts->owner_key_refused;
    SetOpenSsh(facts->host_keys,
               refused ? absl::StrCat("it refuses the owner's key for the account ", options_.user,
                                      "; it should find it in ~/.ssh/authorized_keys")
                       : "");
  }
  if (std::exchange(look_again_, false)) {
    Look();
    return;
  }
  AnswerWaiting();
  if (!passed_over_.empty()) {
    LookLater();
  } else {
    later_count_ = 0;
  }
}

void Backends::OnLookFailed(const absl::Status& status) {
  Logger("backends")
      ->info("no OpenSSH at {}: {}", options_.openssh_address, Printable(status.message()));
  if (absl::IsUnavailable(status)) {
    doubtful_ = false;
    SetOpenSsh({}, "");
  } else if (!usable() || doubtful_) {
    doubtful_ = false;
    SetOpenSsh({}, std::string(status.message()));
  } else {
    doubtful_ = true;
  }
}

void Backends::AnswerWaiting() {
  for (Waiting& waiting : std::exchange(waiting_, {})) {
    if (!usable() || doubtful_) {
      waiting.on_route(RouteWithoutOpenSsh());
      continue;
    }
    Route route;
    route.kind = v1::BACKEND_KIND_OPENSSH;
    route.openssh = std::move(*waiting.socket);
    waiting.on_route(std::move(route));
  }
}

void Backends::LookLater() {
  if (later_count_ >= std::size(kLater)) return;
  later_ = loop_.After(kLater[later_count_++], [this] {
    later_ = 0;
    Look();
  });
}

void Backends::SetOpenSsh(const std::vector<std::string>& host_keys,
                          const std::string& passed_over) {
  if (host_keys == host_keys_ && passed_over == passed_over_) return;
  const bool was_there = !host_keys_.empty();
  NoteChangedKeys(host_keys);
  host_keys_ = host_keys;
  passed_over_ = passed_over;
  if (!passed_over_.empty()) {
    Logger("backends")->warn("{}", Printable(WhyPassedOver()));
  } else if (host_keys_.empty() && was_there) {
    Logger("backends")->info("OpenSSH at {} is gone", options_.openssh_address);
  }
  on_change_(status());
}

void Backends::NoteChangedKeys(const std::vector<std::string>& host_keys) {
  for (const std::string& key : host_keys) {
    std::string& last = last_host_keys_[std::string(WireReader(key).String())];
    if (last == key) continue;
    if (last.empty()) {
      Logger("backends")
          ->info("OpenSSH at {} has the host key {}", options_.openssh_address,
                 ssh::Fingerprint(key));
    } else {
      const std::string sentence = absl::StrCat("OpenSSH at ", options_.openssh_address,
                                                " has a new host key: ", ssh::Fingerprint(key),
                                                ", before it was ", ssh::Fingerprint(last));
      Logger("backends")->warn("{}", sentence);
      if (options_.on_error) options_.on_error(sentence + ".");
    }
    last = key;
  }
}

std::string Backends::WhyPassedOver() const {
  if (passed_over_.empty()) return "";
  return absl::StrCat("What listens at ", options_.openssh_address,
                      " in the workspace cannot be used as OpenSSH: ", Printable(passed_over_),
                      ".");
}

absl::StatusOr<Backends::Route> Backends::RouteWithoutOpenSsh() const {
  if (choice() != Choice::kOpenSsh) return Route();
  if (!passed_over_.empty()) return absl::UnavailableError(WhyPassedOver());
  return absl::UnavailableError(
      absl::StrCat("OpenSSH does not answer at ", options_.openssh_address, " in the workspace."));
}

}  // namespace homeport::agent
