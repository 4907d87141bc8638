#include "sshproxy/coordinator_link.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "base/logging.h"
#include "base/version.h"

namespace homeport {
namespace {

// A signature needs a coordinator that answers now: the tunnel does not wait for long.
constexpr absl::Duration kSignPatience = absl::Seconds(10);

ReconnectingStream<v1::ConnectProxyRequest, v1::ConnectProxyResponse>::Options StreamOptions(
    std::function<absl::StatusOr<std::string>()> read_credential) {
  ReconnectingStream<v1::ConnectProxyRequest, v1::ConnectProxyResponse>::Options options;
  options.read_token = std::move(read_credential);
  return options;
}

// Strings of the protocol are UTF-8, and what a client says may be anything. No question mark is in
// a name that leads anywhere.
std::string AsText(std::string said) {
  std::replace_if(
      said.begin(), said.end(), [](unsigned char c) { return c >= 0x80; }, '?');
  return said;
}

SessionPolicy ToPolicy(const v1::SessionPolicy& policy) {
  return {policy.port_forwarding(), policy.file_transfer(), policy.agent_forwarding(),
          policy.x11_forwarding()};
}

google::protobuf::Timestamp ToTimestamp(absl::Time time) {
  google::protobuf::Timestamp timestamp;
  const int64_t seconds = absl::ToUnixSeconds(time);
  timestamp.set_seconds(seconds);
  timestamp.set_nanos(
      static_cast<int32_t>(absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(seconds))));
  return timestamp;
}

v1::SessionTraffic ToProto(const SessionTraffic& traffic) {
  v1::SessionTraffic message;
  message.set_bytes_to_user(traffic.bytes_to_user);
  message.set_bytes_to_workspace(traffic.bytes_to_workspace);
  for (size_t kind = 0; kind < traffic.channels.size(); ++kind) {
    const ChannelCount& count = traffic.channels[kind];
    if (count.total == 0 && count.open == 0) continue;
    v1::ChannelCount& channels = *message.add_channels();
    channels.set_kind(static_cast<v1::ChannelKind>(kind));
    channels.set_open(count.open);
    channels.set_total(count.total);
  }
  return message;
}

v1::LiveSession ToProto(LiveSession live) {
  v1::LiveSession session;
  session.set_session_id(std::move(live.session_id));
  session.set_user(std::move(live.user));
  session.set_workspace(std::move(live.workspace));
  session.set_public_key(std::move(live.public_key));
  session.set_client_address(std::move(live.client_address));
  session.set_client_version(AsText(std::move(live.client_version)));
  session.set_backend(static_cast<v1::BackendKind>(live.backend));
  *session.mutable_start_time() = ToTimestamp(live.start_time);
  *session.mutable_traffic() = ToProto(live.traffic);
  return session;
}

SessionGrant ToGrant(v1::OpenSessionResponse response) {
  SessionGrant grant;
  grant.user = response.user();
  if (response.has_granted()) {
    v1::SessionGranted& granted = *response.mutable_granted();
    grant.session_id = std::move(*granted.mutable_session_id());
    grant.workspace = std::move(*granted.mutable_workspace());
    grant.os_user = std::move(*granted.mutable_os_user());
    grant.public_key = std::move(*granted.mutable_public_key());
    // A coordinator that says nothing is older than policies.
    if (granted.has_policy()) grant.policy = ToPolicy(granted.policy());
  } else {
    grant.refusal = std::move(*response.mutable_refused()->mutable_message());
    if (grant.refusal.empty()) grant.refusal = "Access was refused.";
  }
  return grant;
}

}  // namespace

CoordinatorLink::CoordinatorLink(std::shared_ptr<CoordinatorRoute> route, Options options,
                                 Observer& observer)
    : ReconnectingStream(StreamOptions(options.read_credential), route),
      options_(std::move(options)),
      observer_(observer),
      route_(std::move(route)) {}

CoordinatorLink::~CoordinatorLink() { Shutdown(); }

void CoordinatorLink::Shutdown() {
  Stop();
  route_->Close();
  absl::MutexLock lock(&mutex_);
  stopping_ = true;
  for (grpc::ClientContext* context : calls_) context->TryCancel();
  const auto idle = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return calls_.empty(); };
  mutex_.Await(absl::Condition(&idle));
}

void CoordinatorLink::Start() { ReconnectingStream::Start(); }

grpc::ClientContext* CoordinatorLink::BeginCall(absl::Time deadline) {
  auto context = std::make_unique<grpc::ClientContext>();
  const absl::StatusOr<std::string> credential = options_.read_credential();
  if (!credential.ok()) {
    // The call is made all the same: it is refused with a status that its caller understands.
    Logger("coordinator_link")->error("{}", std::string(credential.status().message()));
  }
  AddBearerToken(*context, credential.value_or(""));
  context->set_wait_for_ready(true);
  context->set_deadline(absl::ToChronoTime(deadline));
  absl::MutexLock lock(&mutex_);
  if (stopping_) return nullptr;
  calls_.insert(context.get());
  return context.release();
}

void CoordinatorLink::Call(absl::Duration patience,
                           const std::function<void(Stub&, grpc::ClientContext*)>& start,
                           const std::function<void(const absl::Status&)>& fail) {
  const absl::Time deadline = absl::Now() + patience;
  route_->Use(deadline, [this, deadline, start,
                         fail](absl::StatusOr<CoordinatorRoute::SharedChannel> channel) {
    grpc::ClientContext* context = channel.ok() ? BeginCall(deadline) : nullptr;
    if (context != nullptr) {
      start(*v1::SessionService::NewStub(*channel), context);
    } else {
      fail(channel.ok() ? absl::UnavailableError("this proxy is stopping") : channel.status());
    }
  });
}

void CoordinatorLink::EndCall(grpc::ClientContext* context) {
  absl::MutexLock lock(&mutex_);
  // Goes before the destructor can go on: it holds on to the channel, whose end must not come in
  // gRPC's own thread, which would wait for itself.
  const std::unique_ptr<grpc::ClientContext> owned(context);
  calls_.erase(context);
}

void CoordinatorLink::OpenSession(const SignIn& sign_in,
                                  std::function<void(absl::StatusOr<SessionGrant>)> callback) {
  struct Messages {
    v1::OpenSessionRequest request;
    v1::OpenSessionResponse response;
  };
  auto call = std::make_shared<Messages>();  // shared with gRPC's callback, which goes last
  call->request.set_login_name(AsText(sign_in.login_name));
  call->request.set_public_key(sign_in.public_key);
  call->request.set_client_address(sign_in.client_address);
  call->request.set_server_address(sign_in.server_address);
  call->request.set_client_version(AsText(sign_in.client_version));
  call->request.set_ticket(sign_in.ticket);
  call->request.set_tunnel_address(options_.tunnel_address);
  call->request.set_replica(options_.replica);
  call->request.set_session_identifier(sign_in.session_identifier);
  const auto start = [this, call, callback](Stub& stub, grpc::ClientContext* context) {
    stub.async()->OpenSession(context, &call->request, &call->response,
                              [this, call, context, callback](const grpc::Status& status) {
                                if (status.ok()) {
                                  callback(ToGrant(std::move(call->response)));
                                } else {
                                  callback(ToAbslStatus(status));
                                }
                                EndCall(context);
                              });
  };
  Call(options_.sign_in_patience, start, callback);
}

void CoordinatorLink::Sign(const SignatureRequest& request,
                           std::function<void(absl::StatusOr<std::string>)> callback) {
  struct Messages {
    v1::SignRequest request;
    v1::SignResponse response;
  };
  auto call = std::make_shared<Messages>();  // shared with gRPC's callback, which goes last
  call->request.set_session_id(request.session_id);
  call->request.set_backend(static_cast<v1::BackendKind>(request.backend));
  call->request.set_host_key(request.host_key);
  call->request.set_data(request.data);
  const auto start = [this, call, callback](Stub& stub, grpc::ClientContext* context) {
    stub.async()->Sign(context, &call->request, &call->response,
                       [this, call, context, callback](const grpc::Status& status) {
                         if (status.ok()) {
                           callback(std::move(*call->response.mutable_signature()));
                         } else {
                           callback(ToAbslStatus(status));
                         }
                         EndCall(context);
                       });
  };
  Call(kSignPatience, start, callback);
}

void CoordinatorLink::ReportEnd(const SessionEnd& end) {
  v1::ConnectProxyRequest message;
  v1::SessionEnded& ended = *message.mutable_session_ended();
  ended.set_session_id(end.session_id);
  ended.set_reason(end.reason);
  *ended.mutable_traffic() = ToProto(end.traffic);
  // Without a stream the next hello tells, by not naming the session.
  Write(std::move(message));
}

void CoordinatorLink::ReportTraffic(const std::vector<SessionReport>& reports) {
  v1::ConnectProxyRequest message;
  for (const SessionReport& report : reports) {
    v1::SessionReport& added = *message.mutable_session_reports()->add_reports();
    added.set_session_id(report.session_id);
    *added.mutable_traffic() = ToProto(report.traffic);
  }
  // Without a stream the next hello tells.
  Write(std::move(message));
}

void CoordinatorLink::Acted(int64_t order, int sessions) {
  v1::ConnectProxyRequest message;
  message.mutable_acted()->set_order(order);
  message.mutable_acted()->set_sessions(sessions);
  Write(std::move(message));
}

void CoordinatorLink::StartCall(const std::shared_ptr<grpc::Channel>& channel,
                                grpc::ClientContext* context, Reactor* reactor) {
  v1::SessionService::NewStub(channel)->async()->Connect(context, reactor);
}

v1::ConnectProxyRequest CoordinatorLink::Hello() {
  v1::ConnectProxyRequest message;
  v1::ProxyHello& hello = *message.mutable_hello();
  hello.set_version(kVersion);
  hello.set_replica(options_.replica);
  for (LiveSession& live : observer_.LiveSessions()) {
    *hello.add_sessions() = ToProto(std::move(live));
  }
  return message;
}

void CoordinatorLink::OnMessage(v1::ConnectProxyResponse message) {
  switch (message.message_case()) {
    case v1::ConnectProxyResponse::kWelcome:
      observer_.OnHostKeys({message.welcome().host_private_keys().begin(),
                            message.welcome().host_private_keys().end()});
      break;
    case v1::ConnectProxyResponse::kTunnelFailed:
      observer_.OnTunnelFailed(message.tunnel_failed().session_id(),
                               message.tunnel_failed().message());
      break;
    case v1::ConnectProxyResponse::kEndSessions: {
      const v1::EndSessions& end = message.end_sessions();
      observer_.OnEndSessions(end.order(), {end.session_ids().begin(), end.session_ids().end()},
                              end.message());
      break;
    }
    case v1::ConnectProxyResponse::kChangePolicy: {
      const v1::ChangePolicy& change = message.change_policy();
      observer_.OnChangePolicy(change.order(),
                               {change.session_ids().begin(), change.session_ids().end()},
                               ToPolicy(change.policy()));
      break;
    }
    case v1::ConnectProxyResponse::MESSAGE_NOT_SET:
      // A newer coordinator may say what this proxy does not know.
      Logger("coordinator_link")->warn("the coordinator sent a message that is not known here");
      break;
  }
}

void CoordinatorLink::OnLost(const absl::Status& status, bool /*heard*/) {
  observer_.OnLinkLost(status);
}

}  // namespace homeport
