#include "ssh/library.h"

#include "libssh/libssh.h"

namespace homeport::ssh {

void InitLibrary() { ssh_init(); }

const char* LibraryVersion() { return ssh_version(0); }

}  // namespace homeport::ssh
