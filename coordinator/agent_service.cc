#include "coordinator/agent_service.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "base/logging.h"
#include "coordinator/agent_hello.h"
#include "coordinator/peer_address.h"
#include "coordinator/resource_name.h"
#include "rpc/bearer_token.h"
#include "rpc/channel.h"
#include "rpc/come_back_later.h"
#include "rpc/server_stream.h"
#include "rpc/unary.h"

namespace homeport {
namespace {

using v1::ConnectAgentRequest;
using v1::ConnectAgentResponse;

constexpr size_t kLongestSentence = 250;

}  // namespace

// Who is at the other end. Written on the pool before the first message is read.
struct AgentService::AgentIdentity {
  WorkspaceRecord workspace;
  v1::OwnerKeys owner_keys;
  v1::WorkspaceSettings settings;
  int64_t ticket = 0;   // drawn before all that was read
  int64_t changes = 0;  // AgentRegistry's, as of then
  std::string token;    // until hello
  std::string credential_id;
  std::optional<PodIdentity> pod;  // whose token was shown
};

class AgentService::Stream : public ServerStream<ConnectAgentRequest, ConnectAgentResponse> {
 public:
  Stream(AgentService& service, const std::string& token, std::string address)
      : service_(service), address_(std::move(address)) {
    service_.streams_.Add(writer());
    // This object may be gone before the pool comes to it: what is shared is on its own.
    service_.PoolFor(token, Trust::kNow)
        .Submit([&service = service_, writer = writer(), identity = identity_, token] {
          const absl::Status status = Identify(service, token, *identity);
          service.metrics_.CountRpc("Connect agent", status);
          if (!status.ok()) return writer->Finish(status);
          writer->ReadNext();
        });
  }

 private:
  static absl::Status Identify(AgentService& service, const std::string& token,
                               AgentIdentity& identity) {
    identity.ticket = service.agents_.NextTicket();
    identity.changes = service.agents_.changes();
    absl::StatusOr<AgentCaller> caller = service.authenticator_.Agent(token, Trust::kNow);
    if (!caller.ok()) return caller.status();
    absl::StatusOr<SettingsPublisher::Welcome> welcome =
        service.publisher_.ReadWelcome(caller->workspace);
    if (!welcome.ok()) return welcome.status();
    identity.workspace = std::move(caller->workspace);
    identity.credential_id = std::move(caller->credential_id);
    identity.pod = std::move(caller->pod);
    identity.owner_keys = std::move(welcome->owner_keys);
    identity.token = token;
    identity.settings = std::move(welcome->settings);
    return absl::OkStatus();
  }

  void OnMessage(ConnectAgentRequest message) override {
    const absl::Status status = Handle(message);
    if (!status.ok()) {
      Logger("agent")->warn("workspace={}: {}", Name(), std::string(status.message()));
      writer()->Finish(status);
      return;
    }
    ReadNext();
  }

  absl::Status Handle(const ConnectAgentRequest& message) {
    if (epoch_ == 0) {
      if (!message.has_hello()) {
        return absl::InvalidArgumentError("the first message of an agent must be hello");
      }
      return Welcome(message.hello());
    }
    switch (message.message_case()) {
      case ConnectAgentRequest::kStatus: {
        const absl::Status status = CheckAgentStatus(message.status());
        if (status.ok()) {
          service_.agents_.UpdateStatus(identity_->workspace.id, epoch_, message.status());
          service_.replicas_.NoteAgent(identity_->workspace.id, epoch_);
          NoteHostKeys(message.status());
        }
        return status;
      }
      case ConnectAgentRequest::kDialResult:
        if (!service_.relayed_dials_.OnResult(identity_->workspace.id, Name(),
                                              message.dial_result())) {
          service_.broker_.OnDialResult(identity_->workspace.id, Name(), message.dial_result());
        }
        return absl::OkStatus();
      case ConnectAgentRequest::kApplied:
        if (message.applied().error().empty()) {
          service_.agents_.NoteApplied(identity_->workspace.id, epoch_,
                                       message.applied().revision());
        }
        service_.acknowledgements_.OnAnswer(message.applied().revision(), writer().get(), 0,
                                            Printable(message.applied().error(), kLongestSentence));
        return absl::OkStatus();
      case ConnectAgentRequest::kHello:
        return absl::InvalidArgumentError("hello comes once, first");
      case ConnectAgentRequest::MESSAGE_NOT_SET:
        break;  // something newer than this coordinator
    }
    return absl::OkStatus();
  }

  absl::Status Welcome(const v1::AgentHello& hello) {
    if (absl::Status status = CheckAgentHello(hello); !status.ok()) return status;
    epoch_ = service_.agents_.NextEpoch(hello.last_epoch());
    ConnectAgentResponse response;
    v1::AgentWelcome* welcome = response.mutable_welcome();
    welcome->set_workspace(Name());
    *welcome->mutable_owner_keys() = identity_->owner_keys;
    *welcome->mutable_settings() = identity_->settings;
    welcome->mutable_keepalive()->set_seconds(absl::ToInt64Seconds(kKeepaliveInterval));
    welcome->set_epoch(epoch_);
    ConnectedAgent agent;
    agent.epoch = epoch_;
    agent.writer = writer();
    agent.hello = hello;
    agent.owner_id = identity_->workspace.owner_id;
    agent.name = Name();
    agent.settings = identity_->settings;
    agent.settings_ticket = identity_->ticket;
    agent.owner_keys = identity_->owner_keys;
    agent.keys_ticket = identity_->ticket;
    agent.credential_id = identity_->credential_id;
    if (!service_.agents_.Register(identity_->workspace.id, std::move(agent),
                                   std::move(response))) {
      return absl::AbortedError("a newer agent of this workspace has connected");
    }
    service_.replicas_.NoteAgent(identity_->workspace.id, epoch_);
    service_.broker_.OnAgentMoved(identity_->workspace.id, epoch_, service_.replicas_.name());
    service_.metrics_.SetAgents(service_.agents_.size());
    WatchPod();
    service_.presence_.Note(identity_->workspace.id);
    NoteHostKeys(hello.status());
    if (service_.agents_.changes() != identity_->changes) service_.LookAgain(*identity_, writer());
    // The registry has them from here on.
    identity_->token.clear();
    identity_->owner_keys.Clear();
    identity_->settings.Clear();
    Logger("agent")->info("connected workspace={} epoch={} version={} host={} os_user={}", Name(),
                          epoch_, hello.version(), hello.hostname(), hello.os_user());
    return absl::OkStatus();
  }

  void WatchPod() {
    if (!identity_->pod.has_value()) return;
    watch_ = service_.pods_.Add(
        {*identity_->pod, identity_->workspace.id,
         [writer = writer()](const absl::Status& status) { writer->Finish(status); }},
        absl::Now());
  }

  void NoteHostKeys(const v1::AgentStatus& status) {
    for (const v1::Backend& backend : status.backends()) {
      if (backend.kind() != v1::BACKEND_KIND_OPENSSH) continue;
      HostKeyMemory::Report report{identity_->workspace.id,
                                   service_.agents_.NextTicket(),
                                   {backend.host_keys().begin(), backend.host_keys().end()},
                                   address_};
      service_.pool_.Submit(
          [&memory = service_.host_keys_, report = std::move(report)] { memory.Note(report); });
    }
  }

  void OnClosed() override {
    service_.streams_.Remove(writer());
    if (epoch_ == 0) return;
    if (watch_ != 0) service_.pods_.Remove(watch_);
    service_.acknowledgements_.OnGone(writer().get());
    const int64_t workspace_id = identity_->workspace.id;
    if (service_.agents_.Unregister(workspace_id, epoch_)) {
      service_.replicas_.NoteAgent(workspace_id, epoch_);
      service_.metrics_.SetAgents(service_.agents_.size());
      service_.presence_.Note(workspace_id);
    }
    service_.broker_.OnAgentLost(workspace_id, epoch_);
    service_.relayed_dials_.OnAgentLost(workspace_id, Name(), epoch_);
    Logger("agent")->info("disconnected workspace={} epoch={}", Name(), epoch_);
  }

  std::string Name() const {
    return FormatWorkspaceName(identity_->workspace.owner, identity_->workspace.name);
  }

  AgentService& service_;
  const std::string address_;
  // Shared with the job that fills it in, which may come when this object is gone.
  const std::shared_ptr<AgentIdentity> identity_ = std::make_shared<AgentIdentity>();
  int64_t epoch_ = 0;  // 0 before hello
  int64_t watch_ = 0;  // of its pod; 0: none
};

// For an agent that is to come again.
class AgentService::RefusedStream
    : public grpc::ServerBidiReactor<ConnectAgentRequest, ConnectAgentResponse> {
 public:
  explicit RefusedStream(const absl::Status& status) { Finish(ToGrpcStatus(status)); }

 private:
  void OnDone() override { delete this; }
};

grpc::ServerBidiReactor<ConnectAgentRequest, ConnectAgentResponse>* AgentService::Connect(
    grpc::CallbackServerContext* context) {
  const absl::Duration wait = connect_limit_.Admit(absl::Now());
  if (wait > absl::ZeroDuration()) {
    const absl::Status status =
        absl::UnavailableError("many agents are coming at the same time; this one may soon");
    metrics_.CountRpc("Connect agent", status);
    AskToComeBackAfter(*context, wait);
    return new RefusedStream(status);
  }
  return new Stream(*this, BearerToken(*context), PeerAddress(context->peer()));
}

grpc::ServerUnaryReactor* AgentService::SignForWorkspace(grpc::CallbackServerContext* context,
                                                         const v1::SignForWorkspaceRequest* request,
                                                         v1::SignForWorkspaceResponse* response) {
  const std::string token = BearerToken(*context);
  return RunUnary(context, PoolFor(token, Trust::kLately),
                  [this, token, request, response, address = PeerAddress(context->peer())] {
                    const absl::StatusOr<AgentCaller> caller = authenticator_.Agent(token);
                    absl::Status status = caller.status();
                    if (status.ok()) {
                      absl::StatusOr<std::string> signature =
                          signer_.Sign(caller->workspace, *request, address);
                      if (signature.ok()) response->set_signature(*std::move(signature));
                      status = signature.status();
                    }
                    metrics_.CountRpc("SignForWorkspace", status);
                    return status;
                  });
}

void AgentService::LookAgain(const AgentIdentity& identity,
                             const std::shared_ptr<AgentWriter>& writer) {
  PoolFor(identity.token, Trust::kLately)
      .Submit([this, token = identity.token, writer, id = identity.workspace.id,
               owner_id = identity.workspace.owner_id] {
        publisher_.CatchUp(id, owner_id);
        const absl::Status status = authenticator_.Agent(token).status();
        if (absl::IsUnauthenticated(status)) writer->Finish(status);
      });
}

}  // namespace homeport
