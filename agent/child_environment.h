// A session's environment, put together between fork and exec, because reading a file of the
// user's may take as long as the home's file server likes: the child waits for that, not the loop.
//
//   what the workspace sets  ‹  ~/.ssh/environment  ‹  what the session sets
//
// The right wins. Of the file, lines before the agent's own block lose to the workspace, as with
// sshd, which takes the last value.
//
// Threads: one at a time. Compose makes system calls only.
#ifndef HOMEPORT_AGENT_CHILD_ENVIRONMENT_H_
#define HOMEPORT_AGENT_CHILD_ENVIRONMENT_H_

#include <cstddef>
#include <string>
#include <vector>

namespace homeport::agent {

class ChildEnvironment {
 public:
  // All "NAME=value"; the strings outlive the object. No file is read if its path is empty.
  ChildEnvironment(const std::vector<std::string>& workspace, const std::string& file,
                   const std::vector<std::string>& session);

  // For execve. Only a regular file is read, of at most 256 KiB; of a longer one the beginning. The
  // memory that takes is the process's until it executes something.
  char* const* Compose();

 private:
  // Sets an entry whose name is `name_size` long, in place of one of that name.
  void Set(char* entry, size_t name_size);
  void SetAll(const std::vector<std::string>& entries);

  const std::vector<std::string>& workspace_;
  const std::string& file_;
  const std::vector<std::string>& session_;
  std::vector<char*> entries_;  // room for all, made before fork
  size_t count_ = 0;
};

}  // namespace homeport::agent

#endif  // HOMEPORT_AGENT_CHILD_ENVIRONMENT_H_
