// Requests about open files.
//
// Threads: the server's only.
#ifndef HOMEPORT_AGENT_SFTP_FILE_REQUESTS_H_
#define HOMEPORT_AGENT_SFTP_FILE_REQUESTS_H_

#include "agent/sftp/request.h"
#include "agent/sftp/services.h"

namespace homeport::agent::sftp {

class FileRequests {
 public:
  explicit FileRequests(Services& services) : services_(services) {}

  Outcome Open(Request& request);
  Outcome Close(Request& request);  // folders too
  Outcome Read(Request& request);
  Outcome Write(Request& request);
  Outcome Fstat(Request& request);
  Outcome Fsetstat(Request& request);
  Outcome Fsync(Request& request);  // fsync@openssh.com

 private:
  Services& services_;
};

}  // namespace homeport::agent::sftp

#endif  // HOMEPORT_AGENT_SFTP_FILE_REQUESTS_H_
