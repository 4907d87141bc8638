// Turns what a person typed into an absolute path without symbolic links, "." and "..".
//
// Threads: the server's only.
#ifndef HOMEPORT_AGENT_SFTP_PATH_RESOLVER_H_
#define HOMEPORT_AGENT_SFTP_PATH_RESOLVER_H_

#include <string>

#include "agent/sftp/accounts.h"
#include "agent/sftp/file_system.h"

namespace homeport::agent::sftp {

class PathResolver {
 public:
  PathResolver(FileSystem& files, Accounts& accounts) : files_(files), accounts_(accounts) {}

  // As realpath(3), from the current folder, but the last part need not exist: a client asks before
  // it makes a file. 0 or a negative errno.
  int Resolve(const std::string& path, std::string& resolved);

  // The same after "~" and "~user" at the start have been replaced with a home folder. -ENOENT if
  // there is no such user.
  int Expand(const std::string& path, std::string& resolved);

 private:
  FileSystem& files_;
  Accounts& accounts_;
};

}  // namespace homeport::agent::sftp

#endif  // HOMEPORT_AGENT_SFTP_PATH_RESOLVER_H_
