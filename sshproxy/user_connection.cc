#include "sshproxy/user_connection.h"

#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "base/logging.h"
#include "ssh/host_keys.h"
#include "ssh/message_numbers.h"
#include "sshproxy/refusal.h"

namespace homeport {
namespace {

// How long somebody who is refused may be connected without having asked for a session. A
// connection that a client keeps for others to come (ControlPersist) must not go on refusing when
// the reason is gone.
constexpr absl::Duration kRefusalTime = absl::Seconds(5);
// How long clients have to show what ends their sessions, before their connection is closed.
constexpr absl::Duration kFarewellTime = absl::Milliseconds(150);
// How much later a workspace hears that a session was ended than its user did. When many end at
// once, ending their commands would take the processors from those who are still to be told.
constexpr absl::Duration kPeopleFirst = absl::Milliseconds(100);
constexpr absl::Duration kAskAgainAfter = absl::Milliseconds(300);

// The workspace's server sees the user's client, since servers are considerate of clients'
// peculiarities (OpenSSH's sends eow@openssh.com to OpenSSH only). OpenSSH's version is not passed
// on: servers avoid key exchanges that old ones got wrong, and that one is between us and them.
std::string InnerIdentification(absl::string_view peer_version) {
  if (!absl::ConsumePrefix(&peer_version, "SSH-2.0-")) return "";
  if (absl::StartsWith(peer_version, "OpenSSH")) return "OpenSSH_9.9 Homeport";
  return std::string(peer_version);
}

// The coordinator's answer to a sign-in. If nobody is there any more to take it, the session that
// it grants is over.
class Answer {
 public:
  Answer(absl::StatusOr<SessionGrant> result, SessionBroker& broker)
      : result_(std::move(result)), broker_(broker) {}
  ~Answer() {
    if (taken_ || !result_.ok() || result_->session_id.empty()) return;
    broker_.ReportEnd({result_->session_id, "The client left before the session began.", {}});
  }
  Answer(const Answer&) = delete;
  Answer& operator=(const Answer&) = delete;

  const absl::StatusOr<SessionGrant>& Take() {
    taken_ = true;
    return result_;
  }

 private:
  const absl::StatusOr<SessionGrant> result_;
  SessionBroker& broker_;
  bool taken_ = false;
};

}  // namespace

// The user's leg.
class UserConnection::UserSide : public ssh::ServerTransport::ServerHandler {
 public:
  explicit UserSide(UserConnection& connection) : connection_(connection) {}

  // Every well-formed key may be tried: an answer here would tell strangers which keys are known.
  bool MayTry(const std::string&, const std::string&) override { return true; }
  void OnKeyProved(const std::string& user, const std::string& public_key) override {
    connection_.OnKeyProved(user, public_key);
  }
  bool OnPacket(absl::string_view payload) override {
    if (connection_.revoked_) return connection_.OnFarewellPacket(payload);
    if (connection_.relay_) return connection_.relay_->FromUser(payload);
    if (connection_.refusal_ != nullptr) return connection_.refusal_->OnPacket(payload);
    return false;
  }
  void OnOutputDrained() override {
    if (connection_.relay_ && !connection_.revoked_) connection_.relay_->UserDrained();
    if (connection_.refusal_ != nullptr) connection_.refusal_->OnOutputDrained();
  }
  void OnClosed(const absl::Status& status) override { connection_.OnUserClosed(status); }

 private:
  UserConnection& connection_;
};

// The workspace's leg.
class UserConnection::WorkspaceSide : public ssh::ClientTransport::ClientHandler {
 public:
  explicit WorkspaceSide(UserConnection& connection) : connection_(connection) {}

  void OnSignatureWanted(const std::string& host_key, const std::string& to_sign) override {
    connection_.OnSignatureWanted(host_key, to_sign);
  }
  void OnSignedIn() override { connection_.OnWorkspaceReady(); }
  bool OnPacket(absl::string_view payload) override {
    if (connection_.revoked_) return true;  // nobody is there to hear it
    return connection_.relay_ && connection_.relay_->FromWorkspace(payload);
  }
  void OnOutputDrained() override {
    if (connection_.relay_ && !connection_.revoked_) connection_.relay_->WorkspaceDrained();
  }
  void OnClosed(const absl::Status& status) override { connection_.OnWorkspaceClosed(status); }

 private:
  UserConnection& connection_;
};

UserConnection::UserConnection(EventLoop& loop, Owner& owner, const Services& services, uint64_t id)
    : loop_(loop),
      owner_(owner),
      services_(services),
      id_(id),
      started_(absl::Now()),
      user_side_(std::make_unique<UserSide>(*this)),
      workspace_side_(std::make_unique<WorkspaceSide>(*this)) {}

UserConnection::~UserConnection() {
  ForgetTunnel();
  refusal_.reset();
}

absl::Status UserConnection::Start(ssh::ServerTransportFactory& factory,
                                   ssh::ServerTransport::Client client) {
  auto user = factory.Accept(loop_, std::move(client), *user_side_);
  if (!user.ok()) return user.status();
  user_ = *std::move(user);
  return absl::OkStatus();
}

std::string UserConnection::LogFields() const {
  return absl::StrCat("session=", grant_.session_id.empty() ? "-" : grant_.session_id,
                      " workspace=", grant_.workspace.empty() ? "-" : grant_.workspace,
                      " user=", grant_.user.empty() ? "-" : grant_.user,
                      " from=", user_ == nullptr ? "-" : user_->peer_address());
}

void UserConnection::OnKeyProved(const std::string& user, const std::string& public_key) {
  login_name_ = user;
  public_key_ = public_key;
  ask_until_ = absl::Now() + services_.sign_in_patience;
  AskCoordinator();
}

void UserConnection::AskCoordinator() {
  ForgetTunnel();
  ticket_ = services_.tunnels.Expect(
      absl::Now() + services_.tunnel_timeout,
      [owner = &owner_, id = id_](UniqueFd socket, int backend) {
        auto shared = std::make_shared<UniqueFd>(std::move(socket));  // must be copyable
        owner->WithConnection(id, [shared, backend](UserConnection& connection) {
          connection.OnTunnel(std::move(*shared), backend);
        });
      });
  services_.broker.OpenSession(
      {login_name_, public_key_, user_->peer_address(), user_->local_address(),
       user_->peer_version(), ticket_, user_->session_identifier()},
      [owner = &owner_, id = id_, broker = &services_.broker](absl::StatusOr<SessionGrant> result) {
        const auto answer = std::make_shared<Answer>(std::move(result), *broker);
        owner->WithConnection(id, [answer](UserConnection& connection) {
          if (connection.MayBegin()) connection.OnSession(answer->Take());
        });
      });
}

bool UserConnection::MayBegin() const { return state_ == State::kSigningIn && !user_->closed(); }

void UserConnection::OnSession(absl::StatusOr<SessionGrant> result) {
  if (result.ok()) {
    grant_ = *std::move(result);
    OnGrant();
    return;
  }
  if (absl::IsUnauthenticated(result.status())) {
    services_.metrics.CountSignIn("unknown_key");
    ForgetTunnel();
    user_->Refuse();
    return;
  }
  if (absl::IsUnavailable(result.status()) && absl::Now() < ask_until_) {
    // The coordinator is away, or so fresh that agents are still on their way back to it.
    timer_ = loop_.After(kAskAgainAfter, [this] {
      timer_ = 0;
      if (!user_->closed()) AskCoordinator();
    });
    return;
  }
  services_.metrics.CountSignIn("coordinator_unavailable");
  Logger("front_door")
      ->warn("{} cannot open a session: {}", LogFields(), std::string(result.status().message()));
  End("Homeport cannot check your key at the moment, because its coordinator does not answer. "
      "Try again in a minute.");
}

void UserConnection::OnGrant() {
  if (!grant_.refusal.empty()) {
    services_.metrics.CountSignIn("refused");
    user_->Accept();
    Refuse(grant_.refusal);
    return;
  }
  services_.metrics.CountSignIn("granted");
  Logger("front_door")->info("{} signed in", LogFields());
  LiveSession session;
  session.session_id = grant_.session_id;
  session.user = grant_.user;
  session.workspace = grant_.workspace;
  session.public_key = public_key_;
  session.client_address = user_->peer_address();
  session.client_version = user_->peer_version();
  session.start_time = absl::Now();
  owner_.OnSessionNamed(session, id_);
  user_->Accept();
  // What the client asks for now waits in its socket until there is somebody to ask.
  user_->PauseReading();
  state_ = State::kConnecting;
  timer_ = loop_.After(services_.tunnel_timeout, [this] {
    timer_ = 0;
    Refuse("The workspace did not answer in time. Try again in a minute.");
  });
  if (early_tunnel_.valid()) OnTunnel(std::move(early_tunnel_), backend_);
}

void UserConnection::OnTunnel(UniqueFd socket, int backend) {
  if (state_ == State::kSigningIn) {
    // The agent was quicker than the coordinator's answer to us.
    early_tunnel_ = std::move(socket);
    backend_ = backend;
    return;
  }
  if (state_ != State::kConnecting || workspace_ != nullptr) return;
  ticket_.clear();
  backend_ = backend;
  ssh::ClientTransport::Options options;
  options.user = grant_.os_user;
  options.public_blob = grant_.public_key;
  options.identification = InnerIdentification(user_->peer_version());
  auto workspace =
      ssh::ClientTransport::Create(loop_, std::move(socket), options, *workspace_side_);
  if (!workspace.ok()) {
    OnWorkspaceClosed(workspace.status());
    return;
  }
  workspace_ = *std::move(workspace);
}

void UserConnection::OnSignatureWanted(const std::string& host_key, const std::string& to_sign) {
  services_.broker.Sign({grant_.session_id, backend_, host_key, to_sign},
                        [owner = &owner_, id = id_](absl::StatusOr<std::string> signature) {
                          owner->WithConnection(
                              id, [signature = std::move(signature)](UserConnection& connection) {
                                connection.OnSignature(signature);
                              });
                        });
}

void UserConnection::OnSignature(absl::StatusOr<std::string> signature) {
  if (state_ != State::kConnecting || workspace_ == nullptr) return;
  if (signature.ok()) {
    workspace_->ProvideSignature(*signature);
    return;
  }
  Logger("front_door")
      ->warn("{} no signature: {}", LogFields(), std::string(signature.status().message()));
  if (absl::IsFailedPrecondition(signature.status())) {
    Refuse(std::string(signature.status().message()));
  } else {
    Refuse(
        "Homeport's coordinator did not sign in to the workspace for you. Try again in a minute.");
  }
}

void UserConnection::OnWorkspaceReady() {
  if (state_ != State::kConnecting) return;
  loop_.Cancel(std::exchange(timer_, 0));
  state_ = State::kRelaying;
  // The rest is for what one read brings beyond the watermark.
  const auto watermark = static_cast<size_t>(services_.max_buffered_bytes) / 4;
  user_->set_high_watermark(watermark);
  workspace_->set_high_watermark(watermark);
  relay_.emplace(*user_, *workspace_, grant_.policy);
  owner_.OnSessionRelayed(grant_.session_id, backend_);
  WatchClient();
  services_.metrics.ObserveSetUp(absl::Now() - started_);
  user_->ResumeReading();
}

void UserConnection::WatchClient() {
  ClientWatch::Callbacks callbacks;
  callbacks.heard = [this] { return relay_->HeardFromUser(); };
  callbacks.ask = [this] { relay_->SendKeepaliveToUser(); };
  callbacks.silent = [this](absl::Duration time) { return user_->OwesAcknowledgements(time); };
  callbacks.gone = [this] { End("The client does not answer any more."); };
  client_watch_.emplace(loop_, services_.client_watch, std::move(callbacks));
}

void UserConnection::OnWorkspaceClosed(const absl::Status& status) {
  workspace_gone_ = true;
  if (state_ == State::kOver) {
    owner_.OnConnectionOver(grant_.session_id, id_);
  } else if (state_ == State::kRelaying) {
    const std::string farewell = workspace_->peer_farewell();
    End(farewell.empty() ? "The connection to the workspace ended."
                         : absl::StrCat("The workspace ended the connection: ", farewell));
  } else if (state_ == State::kConnecting) {
    Logger("front_door")->warn("{} no backend: {}", LogFields(), std::string(status.message()));
    Refuse(absl::IsPermissionDenied(status)
               ? "The workspace's SSH server refused your Homeport key. Is it in "
                 "~/.ssh/authorized_keys there?"
               : absl::StrCat("The workspace's SSH server could not be used: ", status.message(),
                              "."));
  }
}

bool UserConnection::EndSession(const std::string& message) {
  switch (state_) {
    case State::kSigningIn:
    case State::kConnecting:
      Refuse(message);
      return true;
    case State::kRefusing:
      return true;
    case State::kRelaying:
      if (!std::exchange(revoked_, true)) SayFarewell(message);
      return false;
    case State::kOver:
      break;
  }
  return false;
}

void UserConnection::SayFarewell(const std::string& message) {
  end_reason_ = message;
  // When many sessions end, people come first, and the other legs follow when theirs are closed.
  workspace_->PauseReading();
  if (!relay_->BeginFarewell(message)) {
    FinishFarewell();
    return;
  }
  user_->ResumeReading();
  timer_ = loop_.After(kFarewellTime, [this] {
    timer_ = 0;
    FinishFarewell();
  });
}

bool UserConnection::OnFarewellPacket(absl::string_view payload) {
  if (relay_ && relay_->FarewellHeard(payload)) FinishFarewell();
  return true;
}

void UserConnection::FinishFarewell() {
  loop_.Cancel(std::exchange(timer_, 0));
  user_->Disconnect(ssh::kByApplication, end_reason_);
  // One that does not read holds up nothing.
  if (user_->output_pending() > 0 && !workspace_gone_) {
    workspace_->Disconnect(ssh::kByApplication, "the session was ended");
  }
}

void UserConnection::ChangePolicy(const SessionPolicy& policy) {
  grant_.policy = policy;
  if (!relay_ || revoked_) return;
  const int closed = relay_->SetPolicy(policy);
  Logger("front_door")->info("{} has another policy: {} channels closed", LogFields(), closed);
}

std::optional<SessionReport> UserConnection::TakeReport() {
  if (!relay_ || relay_->traffic_mark() == reported_mark_) return std::nullopt;
  reported_mark_ = relay_->traffic_mark();
  return SessionReport{grant_.session_id, relay_->traffic()};
}

void UserConnection::OnTunnelFailed(const std::string& message) {
  if (state_ == State::kConnecting && workspace_ == nullptr) Refuse(message);
}

void UserConnection::Refuse(const std::string& message) {
  if (user_->closed()) return;
  ForgetTunnel();
  state_ = State::kRefusing;
  end_reason_ = message;
  Logger("front_door")
      ->info("{} refused login={}: {}", LogFields(), Printable(login_name_), message);
  if (workspace_ != nullptr) workspace_->Disconnect(ssh::kByApplication, "not used");
  refusal_ = std::make_unique<ssh::ConnectionServer>(
      *user_, kRefusalChannels,
      RefuseWith(message, [this] { EndRefusalAfter(absl::ZeroDuration()); }));
  EndRefusalAfter(kRefusalTime);
  user_->ResumeReading();
}

void UserConnection::EndRefusalAfter(absl::Duration time) {
  loop_.Cancel(std::exchange(timer_, 0));
  timer_ = loop_.After(time, [this] {
    timer_ = 0;
    End(end_reason_);
  });
}

void UserConnection::End(const std::string& message) {
  if (revoked_) return;
  end_reason_ = message;
  user_->Disconnect(ssh::kByApplication, message);
}

void UserConnection::ForgetTunnel() {
  loop_.Cancel(std::exchange(timer_, 0));
  if (!ticket_.empty()) services_.tunnels.Forget(std::exchange(ticket_, ""));
}

void UserConnection::OnUserClosed(const absl::Status& status) {
  if (state_ == State::kOver) return;
  state_ = State::kOver;
  ForgetTunnel();
  if (end_reason_.empty()) end_reason_ = std::string(status.message());
  if (!grant_.session_id.empty()) {
    const SessionTraffic traffic = relay_ ? relay_->traffic() : SessionTraffic();
    Logger("front_door")
        ->info("{} ended to_user_bytes={} to_workspace_bytes={}: {}", LogFields(),
               traffic.bytes_to_user, traffic.bytes_to_workspace, end_reason_);
    services_.broker.ReportEnd({grant_.session_id, end_reason_, traffic});
    services_.metrics.CountBytes(traffic.bytes_to_user, traffic.bytes_to_workspace);
  }
  client_watch_.reset();
  relay_.reset();
  if (workspace_ != nullptr && !workspace_gone_) {
    // OnWorkspaceClosed follows.
    if (!revoked_) {
      // What the user sent last still reaches the workspace.
      workspace_->Disconnect(ssh::kByApplication, "disconnected by user");
      return;
    }
    timer_ = loop_.After(kPeopleFirst, [this] {
      timer_ = 0;
      if (!workspace_gone_) workspace_->Disconnect(ssh::kByApplication, "the session was ended");
    });
    return;
  }
  owner_.OnConnectionOver(grant_.session_id, id_);
}

}  // namespace homeport
