// Requests that list folders.
//
// Threads: the server's only.
#ifndef HOMEPORT_AGENT_SFTP_FOLDER_REQUESTS_H_
#define HOMEPORT_AGENT_SFTP_FOLDER_REQUESTS_H_

#include "agent/sftp/request.h"
#include "agent/sftp/services.h"

namespace homeport::agent::sftp {

class FolderRequests {
 public:
  explicit FolderRequests(Services& services) : services_(services) {}

  Outcome Opendir(Request& request);
  // The next entries, at most kMostEntries; end of file after the last.
  Outcome Readdir(Request& request);

 private:
  static constexpr uint32_t kMostEntries = 100;

  Services& services_;
};

}  // namespace homeport::agent::sftp

#endif  // HOMEPORT_AGENT_SFTP_FOLDER_REQUESTS_H_
