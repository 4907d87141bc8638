#include "coordinator/user_keys.h"

#include "absl/strings/str_cat.h"

namespace homeport {
namespace {

constexpr char kPurpose[] = "ssh private key";

}  // namespace

std::string UserKeyOwner(absl::string_view user_name) { return absl::StrCat("users/", user_name); }

KeyRecord SealKeyPair(const KeyVault& vault, const Ed25519KeyPair& pair, absl::string_view owner) {
  return {pair.PublicKeyBlob(), vault.Seal(pair.Seed(), owner, kPurpose)};
}

absl::StatusOr<Ed25519KeyPair> OpenKeyPair(const KeyVault& vault, const KeyRecord& record,
                                           absl::string_view owner) {
  absl::StatusOr<std::string> seed = vault.Open(record.sealed, owner, kPurpose);
  if (!seed.ok()) return seed.status();
  absl::StatusOr<Ed25519KeyPair> pair = Ed25519KeyPair::FromSeed(*seed);
  WipeSecret(*seed);
  // A user who was deleted and made again has the same resource name and another key.
  if (!pair.ok() || pair->PublicKeyBlob() != record.public_key) {
    return absl::DataLossError(
        absl::StrCat("the private key of ", owner, " does not belong to its public key"));
  }
  return pair;
}

}  // namespace homeport
