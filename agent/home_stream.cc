#include "agent/home_stream.h"

#include <utility>

#include "base/credential_file.h"

namespace homeport::agent {

HomeStream::HomeStream(std::shared_ptr<CoordinatorRoute> route, EventLoop& loop, Listener& listener,
                       Options options)
    : ReconnectingStream(
          [&options] {
            ReconnectingStream::Options stream;
            stream.read_token = [path = options.credential_file] {
              return ReadCredentialFile(path);
            };
            stream.pace.cap = options.backoff_cap;
            return stream;
          }(),
          std::move(route)),
      loop_(loop),
      listener_(listener),
      hello_(std::move(options.hello)) {}

void HomeStream::SetStatus(const v1::AgentStatus& status) {
  {
    absl::MutexLock lock(&mutex_);
    *hello_.mutable_status() = status;
    changed_since_hello_ = true;
  }
  v1::ConnectAgentRequest request;
  *request.mutable_status() = status;
  Write(std::move(request));
}

void HomeStream::SendDialResult(const v1::DialResult& result) {
  v1::ConnectAgentRequest request;
  *request.mutable_dial_result() = result;
  Write(std::move(request));
}

void HomeStream::SendApplied(const v1::Applied& applied) {
  v1::ConnectAgentRequest request;
  *request.mutable_applied() = applied;
  Write(std::move(request));
}

void HomeStream::StartCall(const std::shared_ptr<grpc::Channel>& channel,
                           grpc::ClientContext* context, Reactor* reactor) {
  v1::AgentService::NewStub(channel)->async()->Connect(context, reactor);
}

v1::ConnectAgentRequest HomeStream::Hello() {
  v1::ConnectAgentRequest request;
  absl::MutexLock lock(&mutex_);
  *request.mutable_hello() = hello_;
  changed_since_hello_ = false;
  return request;
}

void HomeStream::OnMessage(v1::ConnectAgentResponse message) {
  switch (message.message_case()) {
    case v1::ConnectAgentResponse::kWelcome:
      OnWelcome(message.welcome());
      break;
    case v1::ConnectAgentResponse::kOwnerKeys:
      PostOwnerKeys(message.owner_keys(), message.revision());
      break;
    case v1::ConnectAgentResponse::kDial:
      loop_.Post([this, dial = message.dial()] { listener_.OnDial(dial); });
      break;
    case v1::ConnectAgentResponse::kSettings:
      PostSettings(message.settings(), message.revision());
      break;
    case v1::ConnectAgentResponse::MESSAGE_NOT_SET:
      break;  // of a newer coordinator
  }
}

void HomeStream::OnWelcome(const v1::AgentWelcome& welcome) {
  {
    absl::MutexLock lock(&mutex_);
    hello_.set_last_epoch(welcome.epoch());
  }
  loop_.Post([this, workspace = welcome.workspace()] { listener_.OnWelcome(workspace); });
  PostOwnerKeys(welcome.owner_keys(), 0);
  PostSettings(welcome.settings(), 0);
  v1::ConnectAgentRequest request;
  {
    absl::MutexLock lock(&mutex_);
    if (!changed_since_hello_) return;
    *request.mutable_status() = hello_.status();
  }
  Write(std::move(request));
}

void HomeStream::PostSettings(const v1::WorkspaceSettings& settings, int64_t revision) {
  loop_.Post([this, settings, revision] { listener_.OnSettings(settings, revision); });
}

void HomeStream::PostOwnerKeys(const v1::OwnerKeys& keys, int64_t revision) {
  loop_.Post([this, keys, revision] { listener_.OnOwnerKeys(keys, revision); });
}

void HomeStream::OnLost(const absl::Status& status, bool) {
  loop_.Post([this, status] { listener_.OnAway(status); });
}

}  // namespace homeport::agent
