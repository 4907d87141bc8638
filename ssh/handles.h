// libssh's handles under RAII. For the .cc files of this folder only.
#ifndef HOMEPORT_SSH_HANDLES_H_
#define HOMEPORT_SSH_HANDLES_H_

#include <memory>
#include <string>

#include "absl/strings/string_view.h"
// libssh marks reading messages as deprecated in favour of callbacks, but those must answer at
// once, and ours waits for the coordinator.
#define SSH_SUPPRESS_DEPRECATED
#include "libssh/libssh.h"
#include "libssh/server.h"

namespace homeport::ssh {

struct HandleDeleter {
  void operator()(ssh_session session) const { ssh_free(session); }
  void operator()(ssh_event event) const { ssh_event_free(event); }
  void operator()(ssh_bind bind) const { ssh_bind_free(bind); }
  void operator()(ssh_key key) const { ssh_key_free(key); }
  void operator()(ssh_string string) const { ssh_string_free(string); }
  void operator()(ssh_message message) const { ssh_message_free(message); }
};

using SessionHandle = std::unique_ptr<ssh_session_struct, HandleDeleter>;
using EventHandle = std::unique_ptr<ssh_event_struct, HandleDeleter>;
using BindHandle = std::unique_ptr<ssh_bind_struct, HandleDeleter>;
using KeyHandle = std::unique_ptr<ssh_key_struct, HandleDeleter>;
using StringHandle = std::unique_ptr<ssh_string_struct, HandleDeleter>;
using MessageHandle = std::unique_ptr<ssh_message_struct, HandleDeleter>;

inline StringHandle MakeString(absl::string_view bytes) {
  StringHandle made(ssh_string_new(bytes.size()));
  if (made != nullptr) ssh_string_fill(made.get(), bytes.data(), bytes.size());
  return made;
}

inline std::string ToBytes(ssh_string string) {
  return {static_cast<const char*>(ssh_string_data(string)), ssh_string_len(string)};
}

// The key's blob (RFC 4253, 6.6); empty if there is none.
std::string PublicBlob(ssh_key key);
// The public key in a blob; null if it is none.
KeyHandle KeyFromBlob(absl::string_view blob);

}  // namespace homeport::ssh

#endif  // HOMEPORT_SSH_HANDLES_H_
