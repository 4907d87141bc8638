// Requests about files and folders by their paths, which are bytes and not text.
//
// Threads: the server's only.
#ifndef HOMEPORT_AGENT_SFTP_PATH_REQUESTS_H_
#define HOMEPORT_AGENT_SFTP_PATH_REQUESTS_H_

#include "agent/sftp/path_resolver.h"
#include "agent/sftp/request.h"
#include "agent/sftp/services.h"

namespace homeport::agent::sftp {

class PathRequests {
 public:
  explicit PathRequests(Services& services)
      : services_(services), resolver_(services.files, services.accounts) {}

  Outcome Stat(Request& request);
  Outcome Lstat(Request& request);
  Outcome Setstat(Request& request);
  Outcome Lsetstat(Request& request);  // lsetstat@openssh.com
  Outcome Mkdir(Request& request);
  Outcome Rmdir(Request& request);
  Outcome Remove(Request& request);
  // Fails if the new name is taken.
  Outcome Rename(Request& request);
  Outcome PosixRename(Request& request);  // posix-rename@openssh.com: replaces what is there
  Outcome HardLink(Request& request);     // hardlink@openssh.com
  // The target comes first, as OpenSSH and everybody since has it, and not as the draft says
  // (OpenSSH PROTOCOL, 4.1).
  Outcome Symlink(Request& request);
  Outcome Readlink(Request& request);
  Outcome Realpath(Request& request);
  Outcome ExpandPath(Request& request);  // expand-path@openssh.com

 private:
  Outcome SendAttributes(Request& request, const FileSystem::Target& target);
  int RenameToFreeName(const std::string& from, const std::string& to);
  int RenameRegularFile(const std::string& from, const std::string& to);

  Services& services_;
  PathResolver resolver_;
};

}  // namespace homeport::agent::sftp

#endif  // HOMEPORT_AGENT_SFTP_PATH_REQUESTS_H_
