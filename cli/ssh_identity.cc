#include "cli/ssh_identity.h"

#include <string>

namespace homeport {

absl::StatusOr<bool> FetchIdentity(Invocation& invocation, const v1::User& user,
                                   const KeyFolder& folder) {
  if (folder.HasIdentity(user.public_key())) return true;
  const absl::StatusOr<PeopleApi*> people = invocation.People();
  if (!people.ok()) return people.status();
  const absl::StatusOr<std::string> key = (*people)->DownloadPrivateKey(user.name());
  if (absl::IsFailedPrecondition(key.status())) {
    invocation.Remark(
        "The private key that was assigned to you must not be downloaded here. ssh will try your "
        "own keys: homeport keys add lets one in.");
    if (absl::Status status = folder.RemoveIdentity(); !status.ok()) return status;
    return false;
  }
  if (!key.ok()) return key.status();
  if (absl::Status status = folder.StoreIdentity(user.public_key(), *key); !status.ok()) {
    return status;
  }
  return true;
}

}  // namespace homeport
