// ~/.ssh/environment as sshd reads it (sshd(8); PermitUserEnvironment): what a user has written
// there is set in the embedded server's sessions too.
//
// Lines are empty, comments ("#"), or NAME=value; blanks before the name are skipped, others belong
// to the value; a line ends at NUL as in C. Other lines are passed over, and all behind the
// thousandth line: sshd would end the session there. The agent's own block is passed over: what
// stands in it the agent knows better, above all when workspaces share a home.
//
// Threads: any. Allocates nothing: may be used between fork and exec.
#ifndef HOMEPORT_AGENT_ENVIRONMENT_FILE_H_
#define HOMEPORT_AGENT_ENVIRONMENT_FILE_H_

#include <cstddef>

#include "absl/strings/string_view.h"
#include "agent/files/managed_block.h"

namespace homeport::agent {

class EnvironmentFile {
 public:
  struct Assignment {
    absl::string_view text;     // "NAME=value" within the content
    absl::string_view name;     // its beginning; never empty
    bool before_block = false;  // then the block's value wins, as sshd takes the last
  };

  // `content` outlives the object.
  explicit EnvironmentFile(absl::string_view content);

  // The next one; false at the end.
  bool Next(Assignment& assignment);

 private:
  absl::string_view content_;
  BlockPlace block_;
  size_t position_ = 0;
  int lines_ = 0;
};

}  // namespace homeport::agent

#endif  // HOMEPORT_AGENT_ENVIRONMENT_FILE_H_
