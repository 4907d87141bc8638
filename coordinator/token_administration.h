// What AdminService does about people's tokens, once it is settled that the caller may.
//
// Threads: any; blocks, since it asks the store.
#ifndef HOMEPORT_COORDINATOR_TOKEN_ADMINISTRATION_H_
#define HOMEPORT_COORDINATOR_TOKEN_ADMINISTRATION_H_

#include "absl/status/status.h"
#include "coordinator/caller.h"
#include "coordinator/store/store.h"
#include "proto/homeport/v1/admin.pb.h"

namespace homeport {

class TokenAdministration {
 public:
  explicit TokenAdministration(Store& store) : store_(store) {}

  // The request names the caller.
  absl::Status Create(const Caller& caller, const v1::CreateTokenRequest& request,
                      v1::Token& response);
  absl::Status List(const Caller& caller, const v1::ListTokensRequest& request,
                    v1::ListTokensResponse& response);
  absl::Status Delete(const Caller& caller, const v1::DeleteTokenRequest& request,
                      v1::DeleteTokenResponse& response);

 private:
  Store& store_;
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_TOKEN_ADMINISTRATION_H_
