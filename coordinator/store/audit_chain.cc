#include "coordinator/store/audit_chain.h"

#include <sodium.h>

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace homeport {
namespace {

const unsigned char* Bytes(absl::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

void Append(std::string& bytes, absl::string_view field) {
  const uint64_t size = field.size();
  for (int shift = 56; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(size >> shift));
  bytes.append(field.data(), field.size());
}

}  // namespace

std::string FirstAuditHash() { return std::string(crypto_hash_sha256_BYTES, '\0'); }

std::string AuditHash(const std::string& previous_hash, const AuditRecord& record) {
  std::string bytes = previous_hash;
  Append(bytes, absl::StrCat(record.id));
  Append(bytes, absl::StrCat(absl::ToUnixMicros(record.time)));
  for (const std::string* field :
       {&record.actor, &record.action, &record.target, &record.address, &record.detail}) {
    Append(bytes, *field);
  }
  std::string hash = FirstAuditHash();
  crypto_hash_sha256(reinterpret_cast<unsigned char*>(hash.data()), Bytes(bytes), bytes.size());
  return hash;
}

std::string AuditSeal(const std::string& key, const AuditHead& head) {
  if (key.empty()) return "";
  std::string bytes;
  Append(bytes, absl::StrCat(head.last_id));
  Append(bytes, head.last_hash);
  Append(bytes, absl::StrCat(head.purged_id));
  Append(bytes, head.purged_hash);
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, Bytes(key), key.size());
  crypto_auth_hmacsha256_update(&state, Bytes(bytes), bytes.size());
  std::string seal(crypto_auth_hmacsha256_BYTES, '\0');
  crypto_auth_hmacsha256_final(&state, reinterpret_cast<unsigned char*>(seal.data()));
  return seal;
}

AuditChainCheck::AuditChainCheck(const AuditHead& head)
    : head_(head), last_id_(head.purged_id), last_hash_(head.purged_hash) {}

bool AuditChainCheck::Follow(const AuditRecord& record) {
  if (!result_.problem.empty()) return false;
  if (record.id != last_id_ + 1) {
    const int64_t end = record.id - 1;
    result_.problem = end == last_id_ + 1 ? absl::StrCat("auditEntries/", end, " is missing")
                                          : absl::StrCat("auditEntries/", last_id_ + 1,
                                                         " to auditEntries/", end, " are missing");
    return false;
  }
  if (AuditHash(last_hash_, record) != record.hash) {
    result_.problem =
        absl::StrCat("auditEntries/", record.id, " was changed, or something before it");
    return false;
  }
  ++result_.entries;
  if (result_.first_id == 0) result_.first_id = record.id;
  last_id_ = record.id;
  last_hash_ = record.hash;
  return true;
}

AuditVerification AuditChainCheck::Finish(bool sealed) {
  result_.last_id = result_.entries > 0 ? last_id_ : 0;
  result_.last_hash = last_hash_;
  if (!result_.problem.empty()) return result_;
  if (last_id_ < head_.last_id) {
    result_.problem = absl::StrCat("the last entries are missing, from auditEntries/", last_id_ + 1,
                                   " to auditEntries/", head_.last_id);
  } else if (last_id_ != head_.last_id || last_hash_ != head_.last_hash) {
    result_.problem =
        absl::StrCat("auditEntries/", last_id_, " is not the entry that was last written");
  } else if (!sealed) {
    result_.problem =
        "the note of which entry is the last was changed by somebody else than the coordinator";
  }
  return result_;
}

}  // namespace homeport
