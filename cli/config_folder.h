// Where the command keeps what it knows between runs: $XDG_CONFIG_HOME/homeport, else
// ~/.config/homeport. The folder has mode 0700, its files 0600; each appears whole or not at all.
//
//   ca.pem        the CA of the coordinator that the person trusts
//   sign-in.json  its address, and after a sign-in the token, whose it is, and until when
//   ssh/          key and known_hosts of `homeport ssh`
//
// Threads: one at a time.
#ifndef HOMEPORT_CLI_CONFIG_FOLDER_H_
#define HOMEPORT_CLI_CONFIG_FOLDER_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace homeport {

// What a sign-in leaves behind.
struct StoredSignIn {
  std::string coordinator;  // host:port
  std::string user;         // users/{user}; empty after a sign-out
  std::string token;        // empty after a sign-out
  absl::Time expire_time = absl::InfiniteFuture();
};

class ConfigFolder {
 public:
  // By the environment. FAILED_PRECONDITION if neither XDG_CONFIG_HOME nor HOME says where.
  static absl::StatusOr<ConfigFolder> Here();

  const std::string& path() const { return path_; }
  std::string ca_file() const { return path_ + "/ca.pem"; }
  std::string sign_in_file() const { return path_ + "/sign-in.json"; }
  std::string ssh_folder() const { return path_ + "/ssh"; }

  // Whether a CA was pinned.
  bool HasCa() const;
  // Pins another CA. INVALID_ARGUMENT if `pem` is no certificate.
  absl::Status PinCa(absl::string_view pem) const;

  // None if nobody signed in. FAILED_PRECONDITION for a file that others may read or that is
  // damaged.
  absl::StatusOr<std::optional<StoredSignIn>> ReadSignIn() const;
  absl::Status WriteSignIn(const StoredSignIn& sign_in) const;

 private:
  explicit ConfigFolder(std::string path) : path_(std::move(path)) {}
  absl::Status Write(const std::string& file, absl::string_view content) const;

  std::string path_;
};

// The absolute path of the person's home. FAILED_PRECONDITION if HOME does not say.
absl::StatusOr<std::string> HomeFolder();

// Makes the folder, and those above it, for the person alone. FAILED_PRECONDITION if it cannot.
absl::Status MakePrivateFolder(const std::string& path);

}  // namespace homeport

#endif  // HOMEPORT_CLI_CONFIG_FOLDER_H_
