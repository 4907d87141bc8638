// The extensions that the server knows (OpenSSH PROTOCOL, 4): their names, versions and handlers.
//
// Threads: the server's only.
#ifndef HOMEPORT_AGENT_SFTP_EXTENSIONS_H_
#define HOMEPORT_AGENT_SFTP_EXTENSIONS_H_

#include <string>

#include "agent/sftp/file_requests.h"
#include "agent/sftp/path_requests.h"
#include "agent/sftp/request.h"
#include "agent/sftp/services.h"

namespace homeport::agent::sftp {

class Extensions {
 public:
  Extensions(Services& services, FileRequests& file_requests, PathRequests& path_requests)
      : services_(services), file_requests_(file_requests), path_requests_(path_requests) {}

  // What a VERSION packet says of them: a read-only server has only those that change nothing.
  std::string Announcement() const;

  // Serves an EXTENDED request of any name.
  Outcome Serve(Request& request);

 private:
  struct Extension;
  static const Extension kAll[];

  Outcome PosixRename(Request& request) { return path_requests_.PosixRename(request); }
  Outcome HardLink(Request& request) { return path_requests_.HardLink(request); }
  Outcome Fsync(Request& request) { return file_requests_.Fsync(request); }
  Outcome Lsetstat(Request& request) { return path_requests_.Lsetstat(request); }
  Outcome ExpandPath(Request& request) { return path_requests_.ExpandPath(request); }
  Outcome Statvfs(Request& request);
  Outcome Fstatvfs(Request& request);
  Outcome SendVolume(Request& request, const FileSystem::Target& target);
  Outcome Limits(Request& request);
  Outcome CopyData(Request& request);
  Outcome HomeDirectory(Request& request);
  Outcome UsersGroupsById(Request& request);

  Services& services_;
  FileRequests& file_requests_;
  PathRequests& path_requests_;
};

}  // namespace homeport::agent::sftp

#endif  // HOMEPORT_AGENT_SFTP_EXTENSIONS_H_
