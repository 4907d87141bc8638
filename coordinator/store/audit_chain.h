// How the lines of the audit hang together.
//
// The hash of a line is SHA-256 over the hash of the line before it (32 bytes; zeros before the
// first) and the line's fields: id and time (microseconds since 1970) in decimal, actor, action,
// target, address, detail, each as a 64-bit length (big endian) and its bytes. A line that is
// changed or missing makes every hash after it wrong, and ids that grow by one show where.
//
// What is cut off at the end would not show: so the chain's head, the last line's id and hash and
// those of the last line that was deleted for its age, is kept apart, under a seal: HMAC-SHA-256
// with a key that is not in the database.
//
// Threads: any.
#ifndef HOMEPORT_COORDINATOR_STORE_AUDIT_CHAIN_H_
#define HOMEPORT_COORDINATOR_STORE_AUDIT_CHAIN_H_

#include <cstdint>
#include <string>

#include "coordinator/store/records.h"

namespace homeport {

// The hash before the first line.
std::string FirstAuditHash();

// The hash of `record`, whose own `hash` is ignored, after the line with `previous_hash`.
std::string AuditHash(const std::string& previous_hash, const AuditRecord& record);

struct AuditHead {
  int64_t last_id = 0;
  std::string last_hash = FirstAuditHash();
  int64_t purged_id = 0;  // all up to this one were deleted for their age
  std::string purged_hash = FirstAuditHash();
  std::string seal;  // empty: not sealed yet
};

// What the seal has to be. Empty without a key.
std::string AuditSeal(const std::string& key, const AuditHead& head);

// Follows the chain line by line and says where it breaks.
class AuditChainCheck {
 public:
  explicit AuditChainCheck(const AuditHead& head);

  // The next line, in the order of ids. False once something is wrong.
  bool Follow(const AuditRecord& record);
  // After the last line. `sealed` says whether the head's seal was the right one.
  AuditVerification Finish(bool sealed);

 private:
  const AuditHead head_;
  AuditVerification result_;
  int64_t last_id_;
  std::string last_hash_;
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_STORE_AUDIT_CHAIN_H_
