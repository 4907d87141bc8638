// The client's side of a bidirectional stream that is to stand for as long as the process runs:
// opens it, reads, writes from a queue, and opens it again when it ends, to the same server or to
// another, at the pace that reconnect_pace.h describes.
//
//   class Home : public ReconnectingStream<Request, Response> { … };
//
// Threads: Write from any. OnOpen, OnMessage and OnLost come from gRPC's threads or from a thread
// of the stream's own, never two at a time; they must not block.
#ifndef HOMEPORT_RPC_CLIENT_STREAM_H_
#define HOMEPORT_RPC_CLIENT_STREAM_H_

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "grpcpp/client_context.h"
#include "grpcpp/support/client_callback.h"
#include "rpc/bearer_token.h"
#include "rpc/come_back_later.h"
#include "rpc/coordinator_route.h"
#include "rpc/reconnect_pace.h"
#include "rpc/status_conversion.h"

namespace homeport {

template <typename Out, typename In>
class ReconnectingStream {
 public:
  struct Options {
    std::string token;  // bearer token of each attempt
    // If set, asked before each attempt for its token, instead: it may have been rotated. May block
    // for as long as reading a file takes. An error ends the attempt.
    std::function<absl::StatusOr<std::string>()> read_token;
    ReconnectPace::Options pace;
  };

  // `route` is shared with whoever makes calls where the stream is.
  ReconnectingStream(Options options, std::shared_ptr<CoordinatorRoute> route)
      : options_(std::move(options)), route_(std::move(route)), pace_(options_.pace) {}
  // Stop() comes before, in the derived class's destructor.
  virtual ~ReconnectingStream() = default;

  void Start() {
    thread_ = std::thread([this] { Run(); });
  }

  // Ends the stream and the thread. OnLost is called if the stream was open.
  void Stop() {
    {
      absl::MutexLock lock(&mutex_);
      stopping_ = true;
      if (attempt_ != nullptr) attempt_->context.TryCancel();
    }
    if (thread_.joinable()) thread_.join();
  }

  // Queues a message on the present stream. False if there is none.
  bool Write(Out message) {
    absl::MutexLock lock(&mutex_);
    if (attempt_ == nullptr || attempt_->over) return false;
    attempt_->queue.push_back(std::move(message));
    attempt_->StartNextLocked();
    return true;
  }

 protected:
  using Reactor = grpc::ClientBidiReactor<Out, In>;

  // Starts the call on the reactor: `Service::NewStub(channel)->async()->Connect(context,
  // reactor)`.
  virtual void StartCall(const std::shared_ptr<grpc::Channel>& channel,
                         grpc::ClientContext* context, Reactor* reactor) = 0;
  // What is said first on a new stream.
  virtual Out Hello() = 0;
  virtual void OnMessage(In message) = 0;
  // The stream ended or could not be opened. `heard` says whether the peer had answered on it.
  virtual void OnLost(const absl::Status& status, bool heard) = 0;

 private:
  // One stream from open to done. Owned by Run(), which waits for OnDone.
  struct Attempt : public Reactor {
    explicit Attempt(ReconnectingStream* parent) : owner(parent) {}

    void StartNextLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(owner->mutex_) {
      if (writing || over || queue.empty()) return;
      writing = true;
      this->StartWrite(&queue.front());
    }
    void OnReadDone(bool ok) override {
      if (!ok) {
        absl::MutexLock lock(&owner->mutex_);
        CloseLocked();
        return;
      }
      if (!std::exchange(heard, true)) owner->route_->SetStanding(true);
      In message;
      std::swap(message, incoming);
      owner->OnMessage(std::move(message));
      this->StartRead(&incoming);
    }
    void OnWriteDone(bool ok) override {
      absl::MutexLock lock(&owner->mutex_);
      writing = false;
      queue.pop_front();
      if (ok && !over) {
        StartNextLocked();
      } else {
        CloseLocked();
      }
    }
    // Lets the call complete: gRPC holds OnDone back while a hold stands.
    void CloseLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(owner->mutex_) {
      over = true;
      if (!held) return;
      held = false;
      this->RemoveHold();
    }
    void OnDone(const grpc::Status& result) override {
      absl::MutexLock lock(&owner->mutex_);
      over = true;
      status = ToAbslStatus(result);
      done = true;
    }

    ReconnectingStream* const owner;
    grpc::ClientContext context;
    In incoming;
    bool heard = false;  // gRPC's threads, in order; read after done
    std::deque<Out> queue ABSL_GUARDED_BY(owner->mutex_);
    bool writing ABSL_GUARDED_BY(owner->mutex_) = false;
    bool over ABSL_GUARDED_BY(owner->mutex_) = false;
    bool held ABSL_GUARDED_BY(owner->mutex_) = true;
    bool done ABSL_GUARDED_BY(owner->mutex_) = false;
    absl::Status status ABSL_GUARDED_BY(owner->mutex_);
  };

  void Run() {
    for (;;) {
      const absl::Time opened = absl::Now();
      const absl::StatusOr<std::string> token =
          options_.read_token ? options_.read_token() : options_.token;
      bool heard = false;
      ReconnectPace::Outcome outcome;
      const absl::Status status = token.ok() ? RunAttempt(*token, heard, outcome) : token.status();
      OnLost(status, heard);
      if (heard) outcome.stood = absl::Now() - opened;
      outcome.refused = absl::IsUnauthenticated(status) || absl::IsPermissionDenied(status);
      if (absl::IsUnavailable(status) && !outcome.come_back.has_value()) {
        outcome.others = route_->GoOn(outcome.stood >= options_.pace.stable_after);
      }
      const absl::Duration delay = pace_.After(outcome);
      absl::MutexLock lock(&mutex_);
      if (mutex_.AwaitWithTimeout(absl::Condition(&stopping_), delay)) return;
    }
  }

  // One stream, from its opening to its end.
  absl::Status RunAttempt(const std::string& token, bool& heard, ReconnectPace::Outcome& outcome) {
    const std::shared_ptr<grpc::Channel> channel = route_->Prepare();
    Attempt attempt(this);
    AddBearerToken(attempt.context, token);
    StartCall(channel, &attempt.context, &attempt);
    attempt.AddHold();
    Out hello = Hello();
    {
      absl::MutexLock lock(&mutex_);
      attempt_ = &attempt;
      attempt.queue.push_back(std::move(hello));
      attempt.StartNextLocked();
      attempt.StartRead(&attempt.incoming);
      attempt.StartCall();
      if (stopping_) attempt.context.TryCancel();
    }
    absl::Status status;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(&attempt.done));
      attempt_ = nullptr;
      status = attempt.status;
    }
    heard = attempt.heard;
    outcome.come_back = AskedToComeBackAfter(attempt.context);
    route_->SetStanding(false);
    return status;
  }

  const Options options_;
  const std::shared_ptr<CoordinatorRoute> route_;
  ReconnectPace pace_;  // Run()'s thread
  absl::Mutex mutex_;
  Attempt* attempt_ ABSL_GUARDED_BY(mutex_) = nullptr;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace homeport

#endif  // HOMEPORT_RPC_CLIENT_STREAM_H_
