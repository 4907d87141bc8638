#include "coordinator/key_administration.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/key_fingerprint.h"
#include "coordinator/audit_line.h"
#include "coordinator/keys/public_key_line.h"
#include "coordinator/page.h"
#include "coordinator/resource_name.h"
#include "coordinator/text_rules.h"
#include "coordinator/user_keys.h"
#include "coordinator/user_messages.h"

namespace homeport {

absl::StatusOr<UserRecord> KeyAdministration::FindUser(const std::string& name,
                                                       const std::string& resource) {
  absl::StatusOr<UserRecord> user = store_.GetUser(name);
  if (absl::IsNotFound(user.status())) return ResourceNotFound(resource);
  return user;
}

absl::Status KeyAdministration::Regenerate(const Caller& caller,
                                           const v1::RegenerateKeyRequest& request,
                                           v1::User& response) {
  const absl::StatusOr<std::string> name = ParseUserName(request.name());
  if (!name.ok()) return name.status();
  const absl::StatusOr<UserRecord> user = FindUser(*name, request.name());
  if (!user.ok()) return user.status();
  const absl::StatusOr<SiteSettings> settings = store_.GetSettings();
  if (!settings.ok()) return settings.status();
  const absl::StatusOr<KeyPair> key = KeyPair::Generate(NewKeysAlgorithm(*settings));
  if (!key.ok()) return key.status();

  const absl::StatusOr<std::string> old = store_.SetUserKey(
      user->id, SealKeyPair(vault_, *key, UserKeyOwner(user->name)),
      AuditLine(caller, "key.regenerate", request.name(),
                {{"algorithm", KeyAlgorithmName(key->algorithm())},
                 {"fingerprint", OldAndNew(KeyFingerprint(user->public_key),
                                           KeyFingerprint(key->PublicKeyBlob()))}}));
  if (absl::IsNotFound(old.status())) return ResourceNotFound(request.name());
  if (!old.ok()) return old.status();
  v1::Effect effect = changes_.KeyRemoved(user->id, *old);
  const absl::StatusOr<UserRecord> updated = FindUser(*name, request.name());
  if (!updated.ok()) return updated.status();
  response = ToProto(*updated);
  *response.mutable_effect() = std::move(effect);
  return absl::OkStatus();
}

absl::Status KeyAdministration::DownloadPrivate(const Caller& caller,
                                                const v1::DownloadPrivateKeyRequest& request,
                                                v1::DownloadPrivateKeyResponse& response) {
  const absl::StatusOr<std::string> name = ParseUserName(request.name());
  if (!name.ok()) return name.status();
  const absl::StatusOr<SiteSettings> settings = store_.GetSettings();
  if (!settings.ok()) return settings.status();
  if (!settings->private_key_download) {
    return absl::FailedPreconditionError(
        "private keys are not given out here; bring a public key of your own along");
  }
  const absl::StatusOr<KeyRecord> record = store_.GetUserKey(caller.user.id);
  if (!record.ok()) return record.status();
  const absl::StatusOr<KeyPair> pair = OpenKeyPair(vault_, *record, UserKeyOwner(*name));
  if (!pair.ok()) return pair.status();
  if (absl::Status status =
          store_.AppendAudit(AuditLine(caller, "key.download", request.name(),
                                       {{"fingerprint", KeyFingerprint(record->public_key)}}));
      !status.ok()) {
    return status;
  }
  response.set_private_key(pair->OpenSshPrivateKey(KeyComment(caller.user)));
  return absl::OkStatus();
}

absl::Status KeyAdministration::Create(const Caller& caller,
                                       const v1::CreatePublicKeyRequest& request,
                                       v1::PublicKey& response) {
  const absl::StatusOr<std::string> name = ParseUserName(request.parent());
  if (!name.ok()) return name.status();
  const absl::StatusOr<PublicKeyLine> line = ParsePublicKeyLine(request.public_key().public_key());
  if (!line.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("public_key.public_key: ", line.status().message()));
  }
  OwnKeyRecord key;
  key.user_id = caller.user.id;
  key.public_key = line->blob;
  key.name = request.public_key().display_name();
  if (key.name.empty()) key.name = line->comment;
  if (absl::Status status = CheckLine("public_key.display_name", key.name, kMostNameBytes);
      !status.ok()) {
    return status;
  }
  const absl::StatusOr<OwnKeyRecord> made =
      store_.CreateOwnKey(key, AuditLine(caller, "key.add", request.parent(),
                                         {{"display_name", key.name},
                                          {"algorithm", line->algorithm},
                                          {"fingerprint", KeyFingerprint(key.public_key)}}));
  if (!made.ok()) return made.status();
  response = ToProto(*made, *name);
  *response.mutable_effect() = changes_.UserChanged(caller.user.id);
  return absl::OkStatus();
}

absl::Status KeyAdministration::List(const Caller&, const v1::ListPublicKeysRequest& request,
                                     v1::ListPublicKeysResponse& response) {
  const absl::StatusOr<std::string> name = ParseUserName(request.parent());
  if (!name.ok()) return name.status();
  const absl::StatusOr<int> size = PageSize(request.page_size());
  if (!size.ok()) return size.status();
  const std::string listing = absl::StrCat("public keys of ", *name);
  const absl::StatusOr<int64_t> after = ParseNumberToken(request.page_token(), listing);
  if (!after.ok()) return after.status();
  const absl::StatusOr<UserRecord> user = FindUser(*name, request.parent());
  if (!user.ok()) return user.status();
  // One more than asked for says whether there is another page.
  const absl::StatusOr<std::vector<OwnKeyRecord>> keys =
      store_.ListOwnKeys(user->id, *after, *size + 1);
  if (!keys.ok()) return keys.status();
  for (const OwnKeyRecord& key : *keys) {
    if (response.public_keys_size() == *size) {
      const OwnKeyRecord& last = keys->at(static_cast<size_t>(*size - 1));
      response.set_next_page_token(MakeNumberToken(listing, last.id));
      break;
    }
    *response.add_public_keys() = ToProto(key, *name);
  }
  return absl::OkStatus();
}

absl::Status KeyAdministration::Delete(const Caller& caller,
                                       const v1::DeletePublicKeyRequest& request,
                                       v1::PublicKey& response) {
  const absl::StatusOr<PublicKeyName> name = ParsePublicKeyName(request.name());
  if (!name.ok()) return name.status();
  const absl::StatusOr<UserRecord> user = FindUser(name->user, request.name());
  if (!user.ok()) return user.status();
  // Keys never change, so that what is recorded is what is deleted.
  const absl::StatusOr<std::vector<OwnKeyRecord>> found =
      store_.ListOwnKeys(user->id, name->key - 1, 1);
  if (!found.ok()) return found.status();
  if (found->empty() || found->front().id != name->key) return ResourceNotFound(request.name());
  const absl::StatusOr<OwnKeyRecord> deleted =
      store_.DeleteOwnKey(user->id, name->key,
                          AuditLine(caller, "key.remove", request.name(),
                                    {{"display_name", found->front().name},
                                     {"fingerprint", KeyFingerprint(found->front().public_key)}}));
  if (absl::IsNotFound(deleted.status())) return ResourceNotFound(request.name());
  if (!deleted.ok()) return deleted.status();
  response = ToProto(*deleted, name->user);
  *response.mutable_effect() = changes_.KeyRemoved(user->id, deleted->public_key);
  return absl::OkStatus();
}

}  // namespace homeport
