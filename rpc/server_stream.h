// The server's side of a bidirectional stream: one read and one write in flight, a bounded queue of
// messages to write, and a writer that others may keep longer than the stream lives.
//
// A service derives from ServerStream, implements OnMessage and OnClosed, and returns `new Derived`
// from its method; the object deletes itself in OnDone.
//
// Threads: OnMessage and OnClosed come from gRPC's threads, never two at a time. StreamWriter: any
// thread.
#ifndef HOMEPORT_RPC_SERVER_STREAM_H_
#define HOMEPORT_RPC_SERVER_STREAM_H_

#include <deque>
#include <memory>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "grpcpp/support/server_callback.h"
#include "rpc/status_conversion.h"

namespace homeport {

template <typename In, typename Out>
class ServerStream;

// Writes to a stream, or quietly to nowhere once the stream is over.
template <typename In, typename Out>
class StreamWriter {
 public:
  // Queues a message. False if the stream is over, or if the peer does not read: a full queue ends
  // the stream with RESOURCE_EXHAUSTED, because a control message that is left out would be worse.
  bool Write(Out message) {
    absl::MutexLock lock(&mutex_);
    if (stream_ == nullptr || finished_) return false;
    if (queue_.size() >= kMaxQueued) {
      FinishLocked(absl::ResourceExhaustedError("the peer does not read its stream"));
      return false;
    }
    queue_.push_back(std::move(message));
    StartNextLocked();
    return true;
  }

  // Asks for the next message, as ServerStream::ReadNext does, when the stream itself may be gone.
  void ReadNext() {
    absl::MutexLock lock(&mutex_);
    if (stream_ == nullptr || finished_) return;
    stream_->StartRead(&stream_->incoming_);
  }

  // Ends the stream, once; what is queued and not under way is dropped.
  void Finish(const absl::Status& status) {
    absl::MutexLock lock(&mutex_);
    FinishLocked(status);
  }

 private:
  friend class ServerStream<In, Out>;
  static constexpr size_t kMaxQueued = 4096;

  explicit StreamWriter(ServerStream<In, Out>* stream) : stream_(stream) {}

  // gRPC's Start… and Finish only hand over to its own threads: nothing of ours runs under the
  // lock.
  void StartNextLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (writing_ || finished_ || queue_.empty()) return;
    writing_ = true;
    stream_->StartWrite(&queue_.front());
  }
  void FinishLocked(const absl::Status& status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (stream_ == nullptr || finished_) return;
    finished_ = true;
    stream_->Finish(ToGrpcStatus(status));
  }
  void OnWriteDone(bool ok) {
    absl::MutexLock lock(&mutex_);
    writing_ = false;
    queue_.pop_front();
    if (ok) StartNextLocked();
  }
  void Detach() {
    absl::MutexLock lock(&mutex_);
    stream_ = nullptr;
  }

  absl::Mutex mutex_;
  ServerStream<In, Out>* stream_ ABSL_GUARDED_BY(mutex_);
  std::deque<Out> queue_ ABSL_GUARDED_BY(mutex_);
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
};

template <typename In, typename Out>
class ServerStream : public grpc::ServerBidiReactor<In, Out> {
 public:
  using Writer = StreamWriter<In, Out>;

 protected:
  ServerStream() : writer_(new Writer(this)) {}

  // Starts reading. Call when the derived object is ready for OnMessage.
  void Begin() { this->StartRead(&incoming_); }

  // One message. The next comes after this one has called ReadNext. Later and from other threads
  // it is the writer's ReadNext, because this object may be gone by then.
  virtual void OnMessage(In message) = 0;
  void ReadNext() { this->StartRead(&incoming_); }
  // The stream is over, for whatever reason; called once, right before the object deletes itself.
  virtual void OnClosed() = 0;

  // Shared with whoever wants to write to this peer; may outlive the stream.
  const std::shared_ptr<Writer>& writer() const { return writer_; }

 private:
  friend class StreamWriter<In, Out>;

  void OnReadDone(bool ok) final {
    if (!ok) {
      writer_->Finish(absl::OkStatus());
      return;
    }
    In message;
    std::swap(message, incoming_);
    OnMessage(std::move(message));
  }
  void OnWriteDone(bool ok) final { writer_->OnWriteDone(ok); }
  void OnCancel() final { writer_->Finish(absl::CancelledError("the stream was cancelled")); }
  void OnDone() final {
    writer_->Detach();
    OnClosed();
    delete this;
  }

  const std::shared_ptr<Writer> writer_;
  In incoming_;
};

}  // namespace homeport

#endif  // HOMEPORT_RPC_SERVER_STREAM_H_
