// What bytes that an ssh-agent is asked to sign are for, as far as their form says.
//
// Threads: any.
#ifndef HOMEPORT_COORDINATOR_KEYS_SIGNATURE_PURPOSE_H_
#define HOMEPORT_COORDINATOR_KEYS_SIGNATURE_PURPOSE_H_

#include "absl/strings/string_view.h"

namespace homeport {

// The views point into the bytes, and hold what their author liked.
struct SignaturePurpose {
  enum class Kind {
    kUserauth,  // signs in to an SSH server (RFC 4252, 7)
    kSshsig,    // signs a file, a commit… (OpenSSH PROTOCOL.sshsig)
    kOther,
  };
  Kind kind = Kind::kOther;

  // Of kUserauth.
  absl::string_view session_identifier;  // of the SSH session that it is for (RFC 4253, 7.2)
  absl::string_view user;
  absl::string_view service;
  // The server's key that the request is bound to (publickey-hostbound-v00@openssh.com, OpenSSH
  // PROTOCOL, 3.1); empty for one that is bound to none.
  absl::string_view host_key;

  // Of kSshsig.
  absl::string_view name_space;
};

// kUserauth and kSshsig only for bytes that are exactly of that form.
SignaturePurpose ReadSignaturePurpose(absl::string_view data);

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_KEYS_SIGNATURE_PURPOSE_H_
