// What AdminService does about people's keys, once it is settled that the caller may.
//
// Threads: any; blocks, since it asks the store, and until those concerned have heard of a change.
// Making a key of RSA takes seconds.
#ifndef HOMEPORT_COORDINATOR_KEY_ADMINISTRATION_H_
#define HOMEPORT_COORDINATOR_KEY_ADMINISTRATION_H_

#include "absl/status/status.h"
#include "coordinator/caller.h"
#include "coordinator/change_listener.h"
#include "coordinator/keys/key_vault.h"
#include "coordinator/store/store.h"
#include "proto/homeport/v1/admin.pb.h"

namespace homeport {

class KeyAdministration {
 public:
  KeyAdministration(Store& store, const KeyVault& vault, ChangeListener& changes)
      : store_(store), vault_(vault), changes_(changes) {}

  absl::Status Regenerate(const Caller& caller, const v1::RegenerateKeyRequest& request,
                          v1::User& response);
  // The request names the caller.
  absl::Status DownloadPrivate(const Caller& caller, const v1::DownloadPrivateKeyRequest& request,
                               v1::DownloadPrivateKeyResponse& response);
  // The request names the caller.
  absl::Status Create(const Caller& caller, const v1::CreatePublicKeyRequest& request,
                      v1::PublicKey& response);
  absl::Status List(const Caller& caller, const v1::ListPublicKeysRequest& request,
                    v1::ListPublicKeysResponse& response);
  absl::Status Delete(const Caller& caller, const v1::DeletePublicKeyRequest& request,
                      v1::PublicKey& response);

 private:
  // NOT_FOUND in the words for `resource`.
  absl::StatusOr<UserRecord> FindUser(const std::string& name, const std::string& resource);

  Store& store_;
  const KeyVault& vault_;
  ChangeListener& changes_;
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_KEY_ADMINISTRATION_H_
