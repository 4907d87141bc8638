// What a provider's record says: between messages, records and the audit, with all checks.
//
// Threads: any.
#ifndef HOMEPORT_COORDINATOR_PROVIDER_FIELDS_H_
#define HOMEPORT_COORDINATOR_PROVIDER_FIELDS_H_

#include "absl/status/statusor.h"
#include "coordinator/audit_line.h"
#include "coordinator/store/records.h"
#include "google/protobuf/field_mask.pb.h"
#include "proto/homeport/v1/provider.pb.h"

namespace homeport {

// What is unset of the features is on. INVALID_ARGUMENT names the field and its rule.
absl::StatusOr<ProviderRecord> ReadNewProvider(const v1::Provider& provider);

// The fields that `mask` names (coordinator/field_mask.h). INVALID_ARGUMENT names the path, or the
// field and its rule.
absl::StatusOr<ProviderChange> ReadProviderChange(const v1::Provider& provider,
                                                  const google::protobuf::FieldMask& mask);

// `change` as it has to be for this provider: one of another kind than Kubernetes has no namespace.
// INVALID_ARGUMENT if it would be given one.
absl::StatusOr<ProviderChange> FitProviderChange(const ProviderRecord& old, ProviderChange change);

// What the record says; the rest is left unset.
v1::Provider ToProto(const ProviderRecord& record);

AuditDetail DescribeProvider(const ProviderRecord& record);
// Each field that changes, with what it was.
AuditDetail DescribeProviderChange(const ProviderRecord& old, const ProviderChange& change);

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_PROVIDER_FIELDS_H_
