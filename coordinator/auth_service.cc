#include "coordinator/auth_service.h"

#include <utility>

#include "base/logging.h"
#include "coordinator/peer_address.h"
#include "rpc/bearer_token.h"
#include "rpc/unary.h"

namespace homeport {

AuthService::Reactor* AuthService::Run(Context* context, const char* method, WorkerPool& pool,
                                       Work work) {
  return RunUnary(context, pool,
                  [this, method, address = PeerAddress(context->peer()), work = std::move(work)] {
                    const absl::Status status = work(address);
                    metrics_.CountRpc(method, status);
                    Logger("sign_in")->info("{} from={}: {}", method, address,
                                            absl::StatusCodeToString(status.code()));
                    return status;
                  });
}

AuthService::Reactor* AuthService::GetSignInOptions(Context* context,
                                                    const v1::GetSignInOptionsRequest*,
                                                    v1::SignInOptions* response) {
  return RunUnary(context, pool_, [this, response] {
    const absl::Status status = desk_.GetOptions(*response);
    metrics_.CountRpc("GetSignInOptions", status);
    return status;
  });
}

AuthService::Reactor* AuthService::SetUp(Context* context, const v1::SetUpRequest* request,
                                         v1::SignInResponse* response) {
  return Run(context, "SetUp", sign_in_pool_,
             [=](const std::string& address) { return desk_.SetUp(address, *request, *response); });
}

AuthService::Reactor* AuthService::SignIn(Context* context, const v1::SignInRequest* request,
                                          v1::SignInResponse* response) {
  return Run(context, "SignIn", sign_in_pool_, [=](const std::string& address) {
    return desk_.SignIn(address, *request, *response);
  });
}

AuthService::Reactor* AuthService::SignOut(Context* context, const v1::SignOutRequest*,
                                           v1::SignOutResponse*) {
  return Run(context, "SignOut", pool_,
             [this, token = BearerToken(*context)](const std::string& address) {
               absl::StatusOr<Caller> caller = authenticator_.User(token);
               if (!caller.ok()) return caller.status();
               caller->address = address;
               return desk_.SignOut(*caller);
             });
}

}  // namespace homeport
