#include "cli/program.h"

#include <signal.h>
#include <unistd.h>

#include <cerrno>

#include "absl/strings/str_cat.h"
#include "base/file.h"

namespace homeport {

absl::Status BecomeProgram(const std::vector<std::string>& argv) {
  std::vector<char*> words;
  words.reserve(argv.size() + 1);
  for (const std::string& word : argv) words.push_back(const_cast<char*>(word.c_str()));  // NOLINT
  words.push_back(nullptr);
  // What is ignored here would stay ignored there.
  signal(SIGPIPE, SIG_DFL);
  execvp(words[0], words.data());
  const int error = errno;
  signal(SIGPIPE, SIG_IGN);
  if (error == ENOENT) return absl::NotFoundError(absl::StrCat("there is no ", argv[0]));
  return absl::FailedPreconditionError(
      ErrnoStatus(error, absl::StrCat("cannot run ", argv[0])).message());
}

}  // namespace homeport
