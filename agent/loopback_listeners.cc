#include "agent/loopback_listeners.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "base/address.h"
#include "base/file.h"

namespace homeport::agent {
namespace {

constexpr int kBacklog = 128;  // sshd's

sockaddr_storage Loopback(int family, int port, socklen_t& size) {
  sockaddr_storage storage = {};
  if (family == AF_INET) {
    auto* address = reinterpret_cast<sockaddr_in*>(&storage);
    address->sin_family = AF_INET;
    address->sin_port = htons(static_cast<uint16_t>(port));
    address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    size = sizeof(sockaddr_in);
  } else {
    auto* address = reinterpret_cast<sockaddr_in6*>(&storage);
    address->sin6_family = AF_INET6;
    address->sin6_port = htons(static_cast<uint16_t>(port));
    address->sin6_addr = in6addr_loopback;
    size = sizeof(sockaddr_in6);
  }
  return storage;
}

// Invalid, with errno, if it cannot be had.
UniqueFd ListenOn(int family, int port) {
  UniqueFd fd(socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int on = 1;
  if (fd.valid()) setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (fd.valid() && family == AF_INET6) {
    setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
  }
  socklen_t size = 0;
  const sockaddr_storage address = Loopback(family, port, size);
  if (fd.valid() && bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), size) == 0 &&
      listen(fd.get(), kBacklog) == 0) {
    return fd;
  }
  const int error = errno;
  fd.Reset();
  errno = error;
  return fd;
}

bool FamilyIsMissing(int error) {
  return error == EAFNOSUPPORT || error == EADDRNOTAVAIL || error == EINVAL;
}

}  // namespace

absl::StatusOr<LoopbackListeners> ListenOnLoopback(LoopbackFamilies families, int port,
                                                   bool all_or_none) {
  LoopbackListeners made;
  made.port = port;
  int error = 0;
  for (const int family : {AF_INET, AF_INET6}) {
    if (families == LoopbackFamilies::kIpv4 && family == AF_INET6) continue;
    if (families == LoopbackFamilies::kIpv6 && family == AF_INET) continue;
    UniqueFd fd = ListenOn(family, made.port);
    if (!fd.valid()) {
      error = errno;
      if (all_or_none && !FamilyIsMissing(error)) {
        return ErrnoStatus(error, absl::StrCat("cannot listen on loopback port ", port));
      }
      continue;
    }
    if (made.port == 0) {
      const absl::StatusOr<HostPort> bound = ParseHostPort(LocalAddress(fd.get()));
      if (!bound.ok()) return bound.status();
      made.port = bound->port;
    }
    made.sockets.push_back(std::move(fd));
  }
  if (made.sockets.empty()) {
    return ErrnoStatus(error, absl::StrCat("cannot listen on loopback port ", port));
  }
  return made;
}

}  // namespace homeport::agent
