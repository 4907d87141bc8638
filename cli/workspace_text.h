// A workspace as people read it, with what its agent says of itself.
//
// Threads: any.
#ifndef HOMEPORT_CLI_WORKSPACE_TEXT_H_
#define HOMEPORT_CLI_WORKSPACE_TEXT_H_

#include "cli/table.h"
#include "proto/homeport/v1/workspace.pb.h"

namespace homeport {

// One row for each thing that is known; what nobody said is left out.
Table WorkspaceTable(const v1::Workspace& workspace);

}  // namespace homeport

#endif  // HOMEPORT_CLI_WORKSPACE_TEXT_H_
