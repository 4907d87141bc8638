// The options of `workspaces create` and `workspaces update` that say what a workspace is.
//
// Threads: one.
#ifndef HOMEPORT_CLI_WORKSPACE_FIELDS_H_
#define HOMEPORT_CLI_WORKSPACE_FIELDS_H_

#include <map>
#include <string>

#include "CLI/CLI.hpp"
#include "google/protobuf/field_mask.pb.h"
#include "proto/homeport/v1/workspace.pb.h"

namespace homeport {

class WorkspaceFields {
 public:
  // This outlives the parsing of `command`.
  void AddOptions(CLI::App& command);

  // Whether the command line has none of them.
  bool empty() const { return values_.empty(); }
  // Puts what the command line says into the workspace; the answer is the paths of these fields.
  google::protobuf::FieldMask Apply(v1::Workspace& workspace) const;

 private:
  std::map<std::string, std::string> values_;  // by path
};

}  // namespace homeport

#endif  // HOMEPORT_CLI_WORKSPACE_FIELDS_H_
