// What AdminService does about people, once it is settled that the caller may.
//
// Threads: any; blocks, since it asks the store.
#ifndef HOMEPORT_COORDINATOR_USER_ADMINISTRATION_H_
#define HOMEPORT_COORDINATOR_USER_ADMINISTRATION_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "coordinator/keys/key_vault.h"
#include "coordinator/store/store.h"
#include "proto/homeport/v1/admin.pb.h"

namespace homeport {

class UserAdministration {
 public:
  UserAdministration(Store& store, const KeyVault& vault) : store_(store), vault_(vault) {}

  static v1::User ToProto(const UserRecord& record);

  absl::Status Create(const v1::CreateUserRequest& request, v1::User& response);
  absl::Status Get(const v1::GetUserRequest& request, v1::User& response);
  absl::Status List(const v1::ListUsersRequest& request, v1::ListUsersResponse& response);
  absl::Status Delete(const v1::DeleteUserRequest& request);
  // `caller` is the user whom the request names.
  absl::Status DownloadPrivateKey(const v1::DownloadPrivateKeyRequest& request,
                                  const UserRecord& caller,
                                  v1::DownloadPrivateKeyResponse& response);

 private:
  Store& store_;
  const KeyVault& vault_;
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_USER_ADMINISTRATION_H_
