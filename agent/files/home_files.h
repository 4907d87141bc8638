// Looks after ~/.ssh/authorized_keys and ~/.ssh/environment: writes the agent's block in each when
// there is something new to say, and tells the status board how that went.
//
// What could not be written is tried again, after a while that grows, and at once when there is
// something new. A block that is right already is not written.
//
// A file is read and written at the agent's start, as soon as the coordinator has said what is to
// be in it, and when that changes; never because somebody else has changed it. So two workspaces
// that share a home (NFS) do not fight: their key blocks are the same, having one owner, and the
// environment is that of the workspace that spoke last (docs/adr/0011). Sessions of the embedded
// server have their own workspace's all the same: they take it from the agent.
//
// Threads: any; the work is done by a thread of its own, which a home that does not answer may hold
// up. The destructor waits for it.
#ifndef HOMEPORT_AGENT_FILES_HOME_FILES_H_
#define HOMEPORT_AGENT_FILES_HOME_FILES_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "agent/files/managed_block.h"
#include "agent/files/managed_file.h"
#include "agent/status_board.h"
#include "base/backoff.h"

namespace homeport::agent {

class HomeFiles {
 public:
  struct Options {
    std::string home;
    absl::Duration first_pause = absl::Seconds(2);
    absl::Duration longest_pause = absl::Minutes(2);
  };

  // `board` outlives the object.
  HomeFiles(Options options, StatusBoard& board);
  ~HomeFiles();
  HomeFiles(const HomeFiles&) = delete;
  HomeFiles& operator=(const HomeFiles&) = delete;

  // The lines of the blocks. The same as before is nothing new.
  void SetKeys(std::vector<std::string> lines);
  // `left_out`: names of variables that are not in the lines, for the status. Lines at the end are
  // left out too where the file would be longer than the thousand lines that sshd reads.
  void SetEnvironment(std::vector<std::string> lines, std::vector<std::string> left_out);

  // Told once what was last wished for has been written, or could not be: then the error is why.
  // Called on the object's thread, or at once if there is nothing to be done. A home that does not
  // answer holds it up; the destructor drops it.
  using TriedCallback = std::function<void(const std::string& error)>;
  void WhenTried(TriedCallback on_tried);

 private:
  struct Wish {
    std::vector<std::string> lines;
    std::vector<std::string> left_out;
    uint64_t number = 0;
  };
  struct File {
    File(const Options& options, const std::string& name, const BlockStyle& block_style);

    const BlockStyle& style;
    ManagedFile file;                         // the thread's
    Backoff backoff;                          // the thread's
    bool wished = false;                      // whether there is a wish at all
    Wish wish;                                // what the file is to hold
    absl::Time due = absl::InfiniteFuture();  // when it is written
    uint64_t wishes = 0;                      // so far
    uint64_t tried = 0;                       // of them
    std::string error;                        // of the last attempt
  };

  void Set(File& file, Wish wish);
  void Run();
  // Waits until a file is due or it is time to stop: then null.
  File* AwaitDue(Wish& wish);
  void Write(File& file, Wish wish);
  // What those who wait are told now; nothing if they have to go on waiting.
  std::optional<std::string> TriedLocked() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void TellTried();
  void Report(const File& file, const Wish& wish, const absl::Status& status);

  StatusBoard& board_;
  absl::Mutex mutex_;
  File keys_;         // `wished`, `wish` and `due` are guarded by mutex_
  File environment_;  // as keys_
  bool changed_ ABSL_GUARDED_BY(mutex_) = false;  // since the thread last looked
  std::vector<TriedCallback> waiting_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace homeport::agent

#endif  // HOMEPORT_AGENT_FILES_HOME_FILES_H_
