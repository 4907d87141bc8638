// What AdminService does about people, once it is settled that the caller may.
//
// Threads: any; blocks, since it asks the store, and until those concerned have heard of a change.
// Making a key of RSA takes seconds.
#ifndef HOMEPORT_COORDINATOR_USER_ADMINISTRATION_H_
#define HOMEPORT_COORDINATOR_USER_ADMINISTRATION_H_

#include "absl/status/status.h"
#include "coordinator/caller.h"
#include "coordinator/change_listener.h"
#include "coordinator/keys/key_vault.h"
#include "coordinator/store/store.h"
#include "proto/homeport/v1/admin.pb.h"

namespace homeport {

class UserAdministration {
 public:
  UserAdministration(Store& store, const KeyVault& vault, ChangeListener& changes)
      : store_(store), vault_(vault), changes_(changes) {}

  absl::Status GetCaller(const Caller& caller, const v1::GetCallerRequest& request,
                         v1::Caller& response);
  absl::Status Create(const Caller& caller, const v1::CreateUserRequest& request,
                      v1::User& response);
  absl::Status Get(const Caller& caller, const v1::GetUserRequest& request, v1::User& response);
  absl::Status List(const Caller& caller, const v1::ListUsersRequest& request,
                    v1::ListUsersResponse& response);
  absl::Status Update(const Caller& caller, const v1::UpdateUserRequest& request,
                      v1::User& response);
  absl::Status Delete(const Caller& caller, const v1::DeleteUserRequest& request,
                      v1::Effect& response);

 private:
  Store& store_;
  const KeyVault& vault_;
  ChangeListener& changes_;
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_USER_ADMINISTRATION_H_
