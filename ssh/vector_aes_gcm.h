// AES-GCM for processors with VAES, VPCLMULQDQ and AVX-512, by ipsec-mb.
//
// OpenSSL 3.0, which Debian 12 has, does not use these instructions; ipsec-mb does, at two to three
// times the speed, and most of what a relay computes is AES-GCM (docs/adr/0007). Elsewhere
// OpenSSL's stays in use.
//
// Threads: before any other thread; what it puts in place serves all threads.
#ifndef HOMEPORT_SSH_VECTOR_AES_GCM_H_
#define HOMEPORT_SSH_VECTOR_AES_GCM_H_

struct ssh_aes_gcm_struct;

namespace homeport::ssh {

// The functions for libssh, null if this processor lacks the instructions.
const ssh_aes_gcm_struct* VectorAesGcm();

// From now on sessions of libssh use them. False if OpenSSL's remain.
bool UseVectorAesGcm();

}  // namespace homeport::ssh

#endif  // HOMEPORT_SSH_VECTOR_AES_GCM_H_
