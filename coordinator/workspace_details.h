// What a workspace's record says of it (image, gallery, path, pin, limits, service account):
// between messages and records, with all checks.
//
// Threads: any.
#ifndef HOMEPORT_COORDINATOR_WORKSPACE_DETAILS_H_
#define HOMEPORT_COORDINATOR_WORKSPACE_DETAILS_H_

#include "absl/status/statusor.h"
#include "coordinator/audit_line.h"
#include "coordinator/store/records.h"
#include "google/protobuf/field_mask.pb.h"
#include "proto/homeport/v1/admin.pb.h"

namespace homeport {

// The details of a new workspace. INVALID_ARGUMENT names the field and its rule.
absl::StatusOr<WorkspaceDetails> ReadWorkspaceDetails(const v1::Workspace& workspace);

// The fields that `mask` names (coordinator/field_mask.h). INVALID_ARGUMENT names the path, or the
// field and its rule.
absl::StatusOr<WorkspaceChange> ReadWorkspaceChange(const v1::Workspace& workspace,
                                                    const google::protobuf::FieldMask& mask);

// Each field that changes, with what it was.
AuditDetail DescribeWorkspaceChange(const WorkspaceDetails& old, const WorkspaceChange& change);

void WriteWorkspaceDetails(const WorkspaceDetails& details, v1::Workspace& workspace);

v1::BackendKind ToProto(BackendPin pin);

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_WORKSPACE_DETAILS_H_
