// A folder, the person's alone, with what their ssh needs for Homeport.
//
//   identity, identity.pub   the assigned key pair
//   known_hosts              the front door's keys
//   config                   the entries that ~/.ssh/config includes; not in every such folder
//
// Threads: one at a time.
#ifndef HOMEPORT_CLI_OPENSSH_KEY_FOLDER_H_
#define HOMEPORT_CLI_OPENSSH_KEY_FOLDER_H_

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace homeport {

class KeyFolder {
 public:
  explicit KeyFolder(std::string path) : path_(std::move(path)) {}

  const std::string& path() const { return path_; }
  std::string identity() const { return path_ + "/identity"; }
  std::string public_key() const { return path_ + "/identity.pub"; }
  std::string known_hosts() const { return path_ + "/known_hosts"; }
  std::string config() const { return path_ + "/config"; }

  // Makes it if it is not there, with mode 0700 in any case. FAILED_PRECONDITION if it cannot.
  absl::Status Prepare() const;

  // Whether the private key of this public key (a line of authorized_keys) is here.
  bool HasIdentity(absl::string_view public_key_line) const;
  // Keeps the pair. A kill at any moment leaves a pair that is whole or one that HasIdentity
  // denies.
  absl::Status StoreIdentity(absl::string_view public_key_line,
                             absl::string_view private_key) const;
  // Takes the pair away, if it is there.
  absl::Status RemoveIdentity() const;
  // Writes known_hosts if it is another.
  absl::Status StoreKnownHosts(const std::string& content) const;

 private:
  std::string path_;
};

}  // namespace homeport

#endif  // HOMEPORT_CLI_OPENSSH_KEY_FOLDER_H_
