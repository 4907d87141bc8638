// A line of `ls -l`, which version 3 sends with each name for people to read
// (draft-ietf-secsh-filexfer-02, 7), in OpenSSH's columns.
//
// Threads: any.
#ifndef HOMEPORT_AGENT_SFTP_LONG_NAME_H_
#define HOMEPORT_AGENT_SFTP_LONG_NAME_H_

#include <sys/stat.h>

#include <ctime>
#include <string>

namespace homeport::agent::sftp {

// `user` and `group` are names; where one is empty its number is shown. Times of the half year
// before `now` have an hour, others a year; local time.
std::string LongName(const std::string& name, const struct stat& file, const std::string& user,
                     const std::string& group, time_t now);

}  // namespace homeport::agent::sftp

#endif  // HOMEPORT_AGENT_SFTP_LONG_NAME_H_
