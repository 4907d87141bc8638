// Tells ThreadSanitizer what gRPC orders, for --config=tsan only.
//
// Debian's gRPC is compiled without ThreadSanitizer, which therefore does not see that a callback
// comes after what it was asked for: what one thread hands to gRPC and a callback takes in another
// looks like a race. These definitions come before the library's and the templates' own: every
// operation that is handed over happens before every callback that begins later. That is more than
// gRPC promises, and hides a race between two calls of gRPC's; it hides nothing between threads
// that do not call it.
#include "grpc/grpc.h"
#include "grpcpp/support/callback_common.h"
#include "third_party/tsan/next_definition.h"

namespace {

char handed_over;

// A member function that is private may be named in an explicit instantiation ([temp.spec]).
template <typename Tag, void (Tag::*kRun)(bool)>
struct Access {
  friend void Run(Tag* tag, bool ok) { (tag->*kRun)(ok); }
};
template struct Access<grpc::internal::CallbackWithSuccessTag,
                       &grpc::internal::CallbackWithSuccessTag::Run>;
template struct Access<grpc::internal::CallbackWithStatusTag,
                       &grpc::internal::CallbackWithStatusTag::Run>;
void Run(grpc::internal::CallbackWithSuccessTag* tag, bool ok);
void Run(grpc::internal::CallbackWithStatusTag* tag, bool ok);

template <typename Tag>
void RunInOrder(grpc_completion_queue_functor* functor, int ok) {
  __tsan_acquire(&handed_over);
  Run(static_cast<Tag*>(functor), ok != 0);
  __tsan_release(&handed_over);
}

}  // namespace

extern "C" {

grpc_call_error grpc_call_start_batch(grpc_call* call, const grpc_op* ops, size_t count, void* tag,
                                      void* reserved) {
  static const auto next = NextDefinition<decltype(&grpc_call_start_batch)>(
      reinterpret_cast<void*>(&grpc_call_start_batch));
  __tsan_release(&handed_over);
  return next(call, ops, count, tag, reserved);
}

// grpc::internal::CallbackWithSuccessTag::StaticRun and the same of CallbackWithStatusTag, which
// are weak symbols of every program that includes their header.
void RunSuccessTag(grpc_completion_queue_functor* functor, int ok) __asm__(
    "_ZN4grpc8internal22CallbackWithSuccessTag9StaticRunEP29grpc_completion_queue_functori");
void RunStatusTag(grpc_completion_queue_functor* functor, int ok) __asm__(
    "_ZN4grpc8internal21CallbackWithStatusTag9StaticRunEP29grpc_completion_queue_functori");

void RunSuccessTag(grpc_completion_queue_functor* functor, int ok) {
  RunInOrder<grpc::internal::CallbackWithSuccessTag>(functor, ok);
}
void RunStatusTag(grpc_completion_queue_functor* functor, int ok) {
  RunInOrder<grpc::internal::CallbackWithStatusTag>(functor, ok);
}
}
