// The agent's one stream to a coordinator (AgentService.Connect): says hello, keeps coming back, to
// another one if need be, and hands what it hears to the loop.
//
// The credential is read anew for every attempt: it may have been rotated.
//
// Threads: Start and Stop from main; SetStatus and SendDialResult from any; the listener is
// called on the loop's thread.
#ifndef HOMEPORT_AGENT_HOME_STREAM_H_
#define HOMEPORT_AGENT_HOME_STREAM_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/event_loop.h"
#include "grpcpp/channel.h"
#include "proto/homeport/v1/agent.grpc.pb.h"
#include "rpc/client_stream.h"

namespace homeport::agent {

class HomeStream : private ReconnectingStream<v1::ConnectAgentRequest, v1::ConnectAgentResponse> {
 public:
  // What the coordinator says; on the loop's thread.
  class Listener {
   public:
    virtual ~Listener() = default;
    // The stream stands. Comes again after each reconnection; the keys follow by OnOwnerKeys.
    virtual void OnWelcome(const std::string& workspace) = 0;
    // `revision`, here and below: if it is not 0, SendApplied is to follow once it is acted on.
    virtual void OnOwnerKeys(const v1::OwnerKeys& keys, int64_t revision) = 0;
    // What the workspace is and may; follows each welcome, and every change.
    virtual void OnSettings(const v1::WorkspaceSettings& settings, int64_t revision) = 0;
    virtual void OnDial(const v1::Dial& dial) = 0;
    // The stream is gone, or an attempt failed: another follows.
    virtual void OnAway(const absl::Status& status) = 0;
  };

  struct Options {
    std::string credential_file;
    v1::AgentHello hello;  // with the status at the start
    absl::Duration backoff_cap = absl::Seconds(15);
  };

  // `loop` and `listener` outlive the stream.
  HomeStream(std::shared_ptr<CoordinatorRoute> route, EventLoop& loop, Listener& listener,
             Options options);
  ~HomeStream() override { Stop(); }

  using ReconnectingStream::Start;
  using ReconnectingStream::Stop;

  // What this and later streams report.
  void SetStatus(const v1::AgentStatus& status);
  // Lost without a sound if the stream is gone: nobody waits for it then.
  void SendDialResult(const v1::DialResult& result);
  // As SendDialResult: on another stream it would mean nothing.
  void SendApplied(const v1::Applied& applied);

 private:
  void StartCall(const std::shared_ptr<grpc::Channel>& channel, grpc::ClientContext* context,
                 Reactor* reactor) override;
  v1::ConnectAgentRequest Hello() override;
  void OnMessage(v1::ConnectAgentResponse message) override;
  void OnLost(const absl::Status& status, bool heard) override;
  void OnWelcome(const v1::AgentWelcome& welcome);
  void PostOwnerKeys(const v1::OwnerKeys& keys, int64_t revision);
  void PostSettings(const v1::WorkspaceSettings& settings, int64_t revision);

  EventLoop& loop_;
  Listener& listener_;
  absl::Mutex mutex_;
  v1::AgentHello hello_ ABSL_GUARDED_BY(mutex_);
  // Whether the status changed between a hello and its welcome: then it is said again.
  bool changed_since_hello_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace homeport::agent

#endif  // HOMEPORT_AGENT_HOME_STREAM_H_
