#include "coordinator/user_keys.h"

#include "absl/strings/str_cat.h"

namespace homeport {
namespace {

constexpr char kPurpose[] = "ssh private key";

}  // namespace

std::string UserKeyOwner(absl::string_view user_name) { return absl::StrCat("users/", user_name); }

KeyRecord SealKeyPair(const KeyVault& vault, const KeyPair& pair, absl::string_view owner) {
  std::string secret = pair.Secret();
  KeyRecord record{pair.PublicKeyBlob(), vault.Seal(secret, owner, kPurpose)};
  WipeSecret(secret);
  return record;
}

absl::StatusOr<KeyPair> OpenKeyPair(const KeyVault& vault, const KeyRecord& record,
                                    absl::string_view owner) {
  absl::StatusOr<std::string> secret = vault.Open(record.sealed, owner, kPurpose);
  if (!secret.ok()) return secret.status();
  absl::StatusOr<KeyPair> pair = KeyPair::FromSecret(*secret);
  WipeSecret(*secret);
  // A user who was deleted and made again has the same resource name and another key.
  if (!pair.ok() || pair->PublicKeyBlob() != record.public_key) {
    return absl::DataLossError(
        absl::StrCat("the private key of ", owner, " does not belong to its public key"));
  }
  return pair;
}

}  // namespace homeport
