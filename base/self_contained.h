// Programs that are put into other people's images and need no file of them.
//
// They are linked statically (depend on this library), but glibc and OpenSSL would still load what
// the image's nsswitch.conf and openssl.cnf name: shared libraries made for another glibc.
#ifndef HOMEPORT_BASE_SELF_CONTAINED_H_
#define HOMEPORT_BASE_SELF_CONTAINED_H_

namespace homeport {

// From now on accounts come from /etc/passwd and /etc/group, and addresses from /etc/hosts and DNS,
// whatever /etc/nsswitch.conf says, and OpenSSL reads no configuration. First thing in main.
void UseOnlyOwnLibraries();

}  // namespace homeport

#endif  // HOMEPORT_BASE_SELF_CONTAINED_H_
