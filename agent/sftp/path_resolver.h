// Turns what a person typed into an absolute path without symbolic links, "." and "..".
//
// Threads: the server's only.
#ifndef HOMEPORT_AGENT_SFTP_PATH_RESOLVER_H_
#define HOMEPORT_AGENT_SFTP_PATH_RESOLVER_H_

#include <cerrno>
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

  static constexpr int kNoSuchUser = -ESRCH;

  // The same after "~user" at the start has been replaced with that user's home folder, and "~"
  // with the folder in which the server stands, which is the session's. kNoSuchUser if there is
  // none.
  int Expand(const std::string& path, std::string& resolved);

 private:
  FileSystem& files_;
  Accounts& accounts_;
};

}  // namespace homeport::agent::sftp

#endif  // HOMEPORT_AGENT_SFTP_PATH_RESOLVER_H_
