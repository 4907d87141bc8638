#include "agent/key_socket/coordinator_signer.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/credential_file.h"
#include "rpc/bearer_token.h"
#include "rpc/status_conversion.h"

namespace homeport::agent {
namespace {

// What a person can make of it.
absl::Status Explained(const absl::Status& status) {
  if (absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status)) {
    return absl::Status(status.code(),
                        absl::StrCat("the coordinator does not answer: ", status.message()));
  }
  return status;
}

}  // namespace

// Shared by the set of calls and gRPC's callback, which goes last.
struct CoordinatorSigner::Call {
  v1::SignForWorkspaceRequest request;
  v1::SignForWorkspaceResponse response;
  Callback on_signed;
  absl::Time deadline;
  // Goes before the signer does: it holds on to the channel, whose end must not come in gRPC's
  // own thread.
  std::unique_ptr<grpc::ClientContext> context = std::make_unique<grpc::ClientContext>();
};

CoordinatorSigner::CoordinatorSigner(std::shared_ptr<CoordinatorRoute> route, EventLoop& loop,
                                     WorkerPool& pool, std::string credential_file,
                                     absl::Duration patience)
    : route_(std::move(route)),
      loop_(loop),
      pool_(pool),
      credential_file_(std::move(credential_file)),
      patience_(patience) {}

CoordinatorSigner::~CoordinatorSigner() {
  route_->Close();
  absl::MutexLock lock(&mutex_);
  stopping_ = true;
  for (const auto& call : calls_) call->context->TryCancel();
  const auto idle = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return calls_.empty(); };
  mutex_.Await(absl::Condition(&idle));
}

void CoordinatorSigner::Sign(SignatureWanted wanted, Callback on_signed) {
  auto call = std::make_shared<Call>();
  call->request.set_public_key(std::move(wanted.public_key));
  call->request.set_data(std::move(wanted.data));
  call->request.set_flags(wanted.flags);
  call->on_signed = std::move(on_signed);
  call->deadline = absl::Now() + patience_;
  call->context->set_deadline(absl::ToChronoTime(call->deadline));
  {
    absl::MutexLock lock(&mutex_);
    if (stopping_) return;
    calls_.insert(call);
  }
  pool_.Submit([this, call] { Start(call); });
}

void CoordinatorSigner::Start(const std::shared_ptr<Call>& call) {
  absl::StatusOr<std::string> credential = ReadCredentialFile(credential_file_);
  if (!credential.ok()) {
    Finish(call, credential.status());
    return;
  }
  AddBearerToken(*call->context, *credential);
  route_->Use(call->deadline,
              [this, call](absl::StatusOr<CoordinatorRoute::SharedChannel> channel) {
                if (channel.ok()) {
                  StartOn(*channel, call);
                } else {
                  Finish(call, Explained(channel.status()));
                }
              });
}

void CoordinatorSigner::StartOn(const std::shared_ptr<grpc::Channel>& channel,
                                const std::shared_ptr<Call>& call) {
  v1::AgentService::NewStub(channel)->async()->SignForWorkspace(
      call->context.get(), &call->request, &call->response,
      [this, call](const grpc::Status& status) {
        if (status.ok()) {
          Finish(call, std::move(*call->response.mutable_signature()));
        } else {
          Finish(call, Explained(ToAbslStatus(status)));
        }
      });
}

void CoordinatorSigner::Finish(const std::shared_ptr<Call>& call,
                               absl::StatusOr<std::string> signature) {
  loop_.Post([on_signed = std::move(call->on_signed), signature = std::move(signature)] {
    on_signed(signature);
  });
  absl::MutexLock lock(&mutex_);
  call->context.reset();
  calls_.erase(call);  // may let the destructor go on
}

}  // namespace homeport::agent
