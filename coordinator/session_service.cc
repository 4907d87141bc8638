#include "coordinator/session_service.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/time/clock.h"
#include "base/logging.h"
#include "coordinator/replica_name.h"
#include "coordinator/resource_name.h"
#include "rpc/bearer_token.h"
#include "rpc/server_stream.h"
#include "rpc/unary.h"

namespace homeport {
namespace {

using v1::ConnectProxyRequest;
using v1::ConnectProxyResponse;

// The form of those that we give out.
bool IsSessionId(const std::string& id) {
  return id.size() == 32 && std::all_of(id.begin(), id.end(), [](char c) {
           return absl::ascii_isxdigit(static_cast<unsigned char>(c));
         });
}

absl::Status CheckHello(const v1::ProxyHello& hello) {
  for (const v1::LiveSession& session : hello.sessions()) {
    if (!IsSessionId(session.session_id()) || !ParseWorkspaceName(session.workspace()).ok()) {
      return absl::InvalidArgumentError("hello.sessions must be as the coordinator granted them");
    }
  }
  return CheckReplicaName("hello.replica", hello.replica());
}

}  // namespace

class SessionService::Stream : public ServerStream<ConnectProxyRequest, ConnectProxyResponse> {
 public:
  Stream(SessionService& service, const std::string& token) : service_(service) {
    service_.streams_.Add(writer());
    // This object may be gone before the pool comes to it.
    service_.PoolFor(token, Trust::kNow).Submit([&service = service_, writer = writer(), token] {
      const absl::Status status = service.authenticator_.Proxy(token, Trust::kNow);
      service.metrics_.CountRpc("Connect proxy", status);
      if (!status.ok()) return writer->Finish(status);
      writer->ReadNext();
    });
  }

 private:
  void OnMessage(ConnectProxyRequest message) override {
    const absl::Status status = Handle(message);
    if (!status.ok()) {
      Logger("proxy")->warn("replica={}: {}", replica_, std::string(status.message()));
      writer()->Finish(status);
      return;
    }
    ReadNext();
  }

  absl::Status Handle(const ConnectProxyRequest& message) {
    if (replica_.empty()) {
      if (!message.has_hello()) {
        return absl::InvalidArgumentError("the first message of a proxy must be hello");
      }
      return Welcome(message.hello());
    }
    if (message.has_hello()) return absl::InvalidArgumentError("hello comes once, first");
    switch (message.message_case()) {
      case ConnectProxyRequest::kSessionEnded:
        service_.broker_.OnSessionEnded(replica_, message.session_ended());
        break;
      case ConnectProxyRequest::kSessionReports: {
        const absl::Time now = absl::Now();
        for (const v1::SessionReport& report : message.session_reports().reports()) {
          service_.sessions_.NoteTraffic(report.session_id(), replica_, report.traffic(), now);
        }
        break;
      }
      case ConnectProxyRequest::kActed:
        // Here and not on the pool, whose threads may be waiting for this.
        service_.acknowledgements_.OnAnswer(message.acted().order(), writer().get(),
                                            message.acted().sessions(), "");
        break;
      case ConnectProxyRequest::kHello:
      case ConnectProxyRequest::MESSAGE_NOT_SET:
        break;
    }
    return absl::OkStatus();
  }

  absl::Status Welcome(const v1::ProxyHello& hello) {
    if (absl::Status status = CheckHello(hello); !status.ok()) return status;
    replica_ = hello.replica();
    ConnectProxyResponse response;
    std::string host_key = service_.host_key_.OpenSshPrivateKey("homeport front door");
    response.mutable_welcome()->add_host_private_keys(host_key);
    WipeSecret(host_key);
    service_.broker_.OnHello(replica_, hello.sessions());
    service_.proxies_.Register(replica_, writer(), std::move(response));
    // After it is registered: until then nobody can tell it anything.
    service_.pool_.Submit([&service = service_, replica = replica_] {
      service.broker_.TakeOver(replica);
      service.revocation_.OnHello(replica);
    });
    service_.metrics_.SetProxies(service_.proxies_.size());
    Logger("proxy")->info("connected replica={} version={} sessions={}", replica_,
                          Printable(hello.version()), hello.sessions_size());
    return absl::OkStatus();
  }

  void OnClosed() override {
    service_.streams_.Remove(writer());
    if (replica_.empty()) return;
    service_.acknowledgements_.OnGone(writer().get());
    if (service_.proxies_.Unregister(replica_, writer())) {
      service_.sessions_.ReplicaGone(replica_, absl::Now());
      service_.metrics_.SetProxies(service_.proxies_.size());
    }
    Logger("proxy")->info("disconnected replica={}", replica_);
  }

  SessionService& service_;
  std::string replica_;  // empty before hello
};

grpc::ServerBidiReactor<ConnectProxyRequest, ConnectProxyResponse>* SessionService::Connect(
    grpc::CallbackServerContext* context) {
  return new Stream(*this, BearerToken(*context));
}

grpc::ServerUnaryReactor* SessionService::OpenSession(grpc::CallbackServerContext* context,
                                                      const v1::OpenSessionRequest* request,
                                                      v1::OpenSessionResponse* response) {
  const std::string token = BearerToken(*context);
  return RunUnary(context, PoolFor(token, Trust::kLately), [this, token, request, response] {
    absl::Status status = authenticator_.Proxy(token);
    if (status.ok()) {
      absl::StatusOr<v1::OpenSessionResponse> opened = broker_.Open(*request);
      if (opened.ok()) *response = *std::move(opened);
      status = opened.status();
    }
    metrics_.CountRpc("OpenSession", status);
    return status;
  });
}

grpc::ServerUnaryReactor* SessionService::Sign(grpc::CallbackServerContext* context,
                                               const v1::SignRequest* request,
                                               v1::SignResponse* response) {
  const std::string token = BearerToken(*context);
  return RunUnary(context, PoolFor(token, Trust::kLately), [this, token, request, response] {
    absl::Status status = authenticator_.Proxy(token);
    if (status.ok()) {
      absl::StatusOr<std::string> signature = signer_.Sign(*request);
      if (signature.ok()) response->set_signature(*std::move(signature));
      status = signature.status();
      metrics_.CountSign(status);
      if (!status.ok()) {
        Logger("session")->warn("no signature for session={}: {}",
                                Printable(request->session_id(), 64),
                                std::string(status.message()));
      }
    }
    metrics_.CountRpc("Sign", status);
    return status;
  });
}

}  // namespace homeport
