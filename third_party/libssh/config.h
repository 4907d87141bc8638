/*
 * libssh's configuration for Homeport, in place of the one its CMake would write: OpenSSL 3, glibc,
 * server and client, no SFTP, no GSSAPI, no FIDO2 devices, no exec, no packet capture, no call
 * tracing. All of it holds on Debian 12 and 13; README.md says how to check it against a new release.
 */

/* Homeport switches configuration files off on every session; these are libssh's usual names. */
#define GLOBAL_CONF_DIR "/etc/ssh"
#define GLOBAL_BIND_CONFIG "/etc/ssh/libssh_server_config"
#define GLOBAL_CLIENT_CONFIG "/etc/ssh/ssh_config"

/* Headers */
#define HAVE_ARPA_INET_H 1
#define HAVE_GLOB_H 1
#define HAVE_IFADDRS_H 1
#define HAVE_OPENSSL_AES_H 1
#define HAVE_OPENSSL_DES_H 1
#define HAVE_OPENSSL_ECDH_H 1
#define HAVE_OPENSSL_ECDSA_H 1
#define HAVE_OPENSSL_EC_H 1
#define HAVE_PTHREAD_H 1
#define HAVE_PTY_H 1
#define HAVE_STDINT_H 1
#define HAVE_SYS_TIME_H 1
#define HAVE_TERMIOS_H 1
#define HAVE_UNISTD_H 1
#define HAVE_UTMP_H 1

/* Functions of glibc */
#define HAVE_CFMAKERAW 1
#define HAVE_CLOCK_GETTIME 1
#define HAVE_EXPLICIT_BZERO 1
#define HAVE_GETADDRINFO 1
#define HAVE_GLOB 1
#define HAVE_GLOB_GL_FLAGS_MEMBER 1
#define HAVE_ISBLANK 1
#define HAVE_POLL 1
#define HAVE_SELECT 1
#define HAVE_SNPRINTF 1
#define HAVE_STRNCPY 1
#define HAVE_STRNDUP 1
#define HAVE_STRTOULL 1
#define HAVE_VSNPRINTF 1

/* Libraries. ML-KEM is libssh's own copy: OpenSSL has it from 3.5 only. */
#define HAVE_ECC 1
#define HAVE_LIBCRYPTO 1
#define HAVE_OPENSSL_ECC 1
#define HAVE_OPENSSL_EVP_CHACHA20 1
#define HAVE_OPENSSL_EVP_KDF_CTX 1
#define HAVE_PTHREAD 1

/* The compiler */
#define HAVE_COMPILER__FUNCTION__ 1
#define HAVE_COMPILER__FUNC__ 1
#define HAVE_CONSTRUCTOR_ATTRIBUTE 1
#define HAVE_DESTRUCTOR_ATTRIBUTE 1
#define HAVE_FALLTHROUGH_ATTRIBUTE 1
#define HAVE_GCC_THREAD_LOCAL_STORAGE 1
#define HAVE_GCC_VOLATILE_MEMORY_PROTECTION 1
#define HAVE_UNUSED_ATTRIBUTE 1
#define HAVE_WEAK_ATTRIBUTE 1

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define WORDS_BIGENDIAN 1
#endif

/* What is built */
#define WITH_GEX 1
#define WITH_SERVER 1
#define WITH_ZLIB 1
