// Which algorithms are spoken, in order of preference (RFC 4253, 7.1). No SHA-1, no CBC, no DSA, no
// certificates.
#ifndef HOMEPORT_SSH_ALGORITHMS_H_
#define HOMEPORT_SSH_ALGORITHMS_H_

namespace homeport::ssh {

// Towards users: a post-quantum hybrid first, and what clients of the last ten years can.
inline constexpr char kServerKeyExchange[] =
    "mlkem768x25519-sha256,sntrup761x25519-sha512,sntrup761x25519-sha512@openssh.com,"
    "curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,"
    "ecdh-sha2-nistp521,diffie-hellman-group16-sha512,diffie-hellman-group18-sha512,"
    "diffie-hellman-group14-sha256";

// Towards workspaces: sntrup costs tens of milliseconds, mlkem gives the same protection for one.
inline constexpr char kClientKeyExchange[] =
    "mlkem768x25519-sha256,curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,"
    "ecdh-sha2-nistp384,ecdh-sha2-nistp521,diffie-hellman-group16-sha512,"
    "diffie-hellman-group14-sha256";

inline constexpr char kServerCiphers[] =
    "aes128-gcm@openssh.com,aes256-gcm@openssh.com,chacha20-poly1305@openssh.com,aes128-ctr,"
    "aes192-ctr,aes256-ctr";

inline constexpr char kClientCiphers[] =
    "aes128-gcm@openssh.com,aes256-gcm@openssh.com,chacha20-poly1305@openssh.com,aes256-ctr,"
    "aes128-ctr";

inline constexpr char kMacs[] =
    "hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,hmac-sha2-256,hmac-sha2-512";

// Keys that users sign in with.
inline constexpr char kUserKeyTypes[] =
    "ssh-ed25519,sk-ssh-ed25519@openssh.com,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,"
    "ecdsa-sha2-nistp521,sk-ecdsa-sha2-nistp256@openssh.com,rsa-sha2-512,rsa-sha2-256";

// Keys that servers prove themselves with.
inline constexpr char kHostKeyTypes[] =
    "ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,rsa-sha2-512,"
    "rsa-sha2-256";

inline constexpr int kLeastRsaBits = 2048;

}  // namespace homeport::ssh

#endif  // HOMEPORT_SSH_ALGORITHMS_H_
