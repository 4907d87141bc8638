// libssh as a whole: initialisation and the version.
#ifndef HOMEPORT_SSH_LIBRARY_H_
#define HOMEPORT_SSH_LIBRARY_H_

namespace homeport::ssh {

// Once, in main, before any thread starts. Linked statically, libssh does not do it by itself.
void InitLibrary();

// libssh's version, for people.
const char* LibraryVersion();

}  // namespace homeport::ssh

#endif  // HOMEPORT_SSH_LIBRARY_H_
