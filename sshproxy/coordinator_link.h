// The proxy's line to the coordinators: its stream (SessionService.Connect) to one of them, and its
// calls, which go where the stream is.
//
// Threads: SessionBroker's methods and `connected` from any; Observer is called from gRPC's threads
// and must not block.
#ifndef HOMEPORT_SSHPROXY_COORDINATOR_LINK_H_
#define HOMEPORT_SSHPROXY_COORDINATOR_LINK_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "grpcpp/channel.h"
#include "proto/homeport/v1/session.grpc.pb.h"
#include "rpc/client_stream.h"
#include "rpc/coordinator_route.h"
#include "sshproxy/session_broker.h"

namespace homeport {

class CoordinatorLink
    : public SessionBroker,
      private ReconnectingStream<v1::ConnectProxyRequest, v1::ConnectProxyResponse> {
 public:
  // Who is told what the coordinator says.
  class Observer {
   public:
    virtual ~Observer() = default;
    // The front door's host keys, on every new stream.
    virtual void OnHostKeys(std::vector<std::string> private_keys) = 0;
    virtual void OnTunnelFailed(const std::string& session_id, const std::string& message) = 0;
    // An order, which is answered by Acted when it has been carried out.
    virtual void OnEndSessions(int64_t order, const std::vector<std::string>& session_ids,
                               const std::string& message) = 0;
    virtual void OnChangePolicy(int64_t order, const std::vector<std::string>& session_ids,
                                const SessionPolicy& policy) = 0;
    virtual void OnLinkLost(const absl::Status& status) = 0;
    // For the hello of a new stream.
    virtual std::vector<LiveSession> LiveSessions() = 0;
  };

  struct Options {
    // Asked before each call for what to show: it may have been replaced. Blocks for as long as
    // reading a small file takes.
    std::function<absl::StatusOr<std::string>()> read_credential;
    std::string replica;         // this process's name
    std::string tunnel_address;  // where agents dial
    // How long a sign-in waits for a coordinator that is away.
    absl::Duration sign_in_patience = absl::Seconds(30);
  };

  CoordinatorLink(std::shared_ptr<CoordinatorRoute> route, Options options, Observer& observer);
  ~CoordinatorLink() override;

  void Start();
  // Cancels what is under way and waits for its callbacks. Calls from now on fail at once.
  void Shutdown();

  void OpenSession(const SignIn& sign_in,
                   std::function<void(absl::StatusOr<SessionGrant>)> callback) override;
  void Sign(const SignatureRequest& request,
            std::function<void(absl::StatusOr<std::string>)> callback) override;
  void ReportEnd(const SessionEnd& end) override;
  void ReportTraffic(const std::vector<SessionReport>& reports) override;
  // An order was carried out; it concerned so many sessions that were here.
  void Acted(int64_t order, int sessions);

 private:
  void StartCall(const std::shared_ptr<grpc::Channel>& channel, grpc::ClientContext* context,
                 Reactor* reactor) override;
  v1::ConnectProxyRequest Hello() override;
  void OnMessage(v1::ConnectProxyResponse message) override;
  void OnLost(const absl::Status& status, bool heard) override;

  using Stub = v1::SessionService::Stub;
  // Makes one unary call where the stream is, in time: `start` gets a context that is known to
  // Shutdown until EndCall, or `fail` gets why there can be no call.
  void Call(absl::Duration patience, const std::function<void(Stub&, grpc::ClientContext*)>& start,
            const std::function<void(const absl::Status&)>& fail);
  // Null after Shutdown.
  grpc::ClientContext* BeginCall(absl::Time deadline);
  void EndCall(grpc::ClientContext* context);

  const Options options_;
  Observer& observer_;
  const std::shared_ptr<CoordinatorRoute> route_;  // shared with the stream
  absl::Mutex mutex_;
  std::unordered_set<grpc::ClientContext*> calls_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace homeport

#endif  // HOMEPORT_SSHPROXY_COORDINATOR_LINK_H_
