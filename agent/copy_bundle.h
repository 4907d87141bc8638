// `homeport-agent copy-bundle FOLDER`: copies the asset bundle that this program belongs to. An
// init container does so, because its image has neither a shell nor cp.
//
// Threads: main; the program does nothing else.
#ifndef HOMEPORT_AGENT_COPY_BUNDLE_H_
#define HOMEPORT_AGENT_COPY_BUNDLE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace homeport::agent {

// The subcommand's name.
inline constexpr char kCopyBundle[] = "copy-bundle";

// Copies the bundle's files from folder `from` to `to`, which must be there. Each file is complete
// or absent, and an older bundle's are replaced: an init container may be killed and run again.
// Whoever uses the workspace can read the copies and nobody but their owner can change them. The
// status names the file that cannot be read or written.
absl::Status CopyBundle(const std::string& from, const std::string& to);

// With the program's own folder as source. Says on standard error what goes wrong, and returns the
// exit status.
int RunCopyBundle(int argc, char** argv);

}  // namespace homeport::agent

#endif  // HOMEPORT_AGENT_COPY_BUNDLE_H_
