#include "base/address.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"

namespace homeport {
namespace {

using AddressList = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

absl::StatusOr<AddressList> Resolve(const std::string& address, int flags) {
  absl::StatusOr<HostPort> parsed = ParseHostPort(address);
  if (!parsed.ok()) return parsed.status();
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(parsed->host.empty() ? nullptr : parsed->host.c_str(),
                                absl::StrCat(parsed->port).c_str(), &hints, &found);
  if (error != 0) {
    return absl::UnavailableError(
        absl::StrCat("cannot look up ", address, ": ", gai_strerror(error)));
  }
  return AddressList(found, freeaddrinfo);
}

std::string Format(const sockaddr_storage& storage, socklen_t size) {
  char host[NI_MAXHOST], port[NI_MAXSERV];
  if (getnameinfo(reinterpret_cast<const sockaddr*>(&storage), size, host, sizeof(host), port,
                  sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
    return "";
  }
  HostPort parsed{host, 0};
  if (!absl::SimpleAtoi(port, &parsed.port)) return "";
  return FormatHostPort(parsed);
}

}  // namespace

absl::StatusOr<HostPort> ParseHostPort(const std::string& address) {
  const size_t colon = address.rfind(':');
  HostPort parsed;
  if (colon == std::string::npos) {
    return absl::InvalidArgumentError(
        absl::StrCat("address \"", address, "\" has no port; write host:port"));
  }
  if (!absl::SimpleAtoi(address.substr(colon + 1), &parsed.port) || parsed.port < 0 ||
      parsed.port > 65535) {
    return absl::InvalidArgumentError(
        absl::StrCat("address \"", address, "\" has no port from 0 to 65535 after the colon"));
  }
  parsed.host = address.substr(0, colon);
  if (absl::StartsWith(parsed.host, "[") && absl::EndsWith(parsed.host, "]")) {
    parsed.host = parsed.host.substr(1, parsed.host.size() - 2);
  } else if (absl::StrContains(parsed.host, ":")) {
    return absl::InvalidArgumentError(
        absl::StrCat("address \"", address, "\" is ambiguous; write [IPv6 address]:port"));
  }
  return parsed;
}

absl::StatusOr<std::vector<HostPort>> ParseHostPorts(const std::string& addresses) {
  std::vector<HostPort> parsed;
  for (const absl::string_view address : absl::StrSplit(addresses, ',')) {
    absl::StatusOr<HostPort> one = ParseHostPort(std::string(absl::StripAsciiWhitespace(address)));
    if (!one.ok()) return one.status();
    parsed.push_back(*std::move(one));
  }
  return parsed;
}

absl::StatusOr<std::vector<HostPort>> LookUp(const HostPort& name) {
  const absl::StatusOr<AddressList> list = Resolve(FormatHostPort(name), 0);
  if (!list.ok()) return list.status();
  std::vector<HostPort> addresses;
  for (const addrinfo* found = list->get(); found != nullptr; found = found->ai_next) {
    sockaddr_storage storage = {};
    memcpy(&storage, found->ai_addr, found->ai_addrlen);
    absl::StatusOr<HostPort> address = ParseHostPort(Format(storage, found->ai_addrlen));
    if (address.ok()) addresses.push_back(*std::move(address));
  }
  return addresses;
}

std::string FormatHostPort(const HostPort& address) {
  const bool brackets = absl::StrContains(address.host, ":");
  return absl::StrCat(brackets ? "[" : "", address.host, brackets ? "]:" : ":", address.port);
}

absl::StatusOr<UniqueFd> Listen(const std::string& address) {
  absl::StatusOr<AddressList> found = Resolve(address, AI_PASSIVE);
  if (!found.ok()) return found.status();
  int error = 0;
  for (const addrinfo* info = found->get(); info != nullptr; info = info->ai_next) {
    UniqueFd fd(socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const int on = 1;
    if (fd.valid() && setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
        bind(fd.get(), info->ai_addr, info->ai_addrlen) == 0 && listen(fd.get(), 1024) == 0) {
      return fd;
    }
    error = errno;
  }
  return absl::UnavailableError(absl::StrCat("cannot listen on ", address, ": ", strerror(error)));
}

absl::StatusOr<UniqueFd> Connect(const std::string& address, absl::Duration timeout) {
  absl::StatusOr<AddressList> found = Resolve(address, 0);
  if (!found.ok()) return found.status();
  int error = 0;
  for (const addrinfo* info = found->get(); info != nullptr; info = info->ai_next) {
    UniqueFd fd(socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd.valid()) {
      error = errno;
      continue;
    }
    error = connect(fd.get(), info->ai_addr, info->ai_addrlen) == 0 ? 0 : errno;
    if (error == EINPROGRESS) {
      pollfd waiting = {fd.get(), POLLOUT, 0};
      const int ready = poll(&waiting, 1, static_cast<int>(absl::ToInt64Milliseconds(timeout)));
      if (ready == 0) {
        return absl::DeadlineExceededError(absl::StrCat("no answer from ", address));
      }
      socklen_t size = sizeof(error);
      getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    }
    if (error == 0) {
      PrepareTcpSocket(fd.get());
      return fd;
    }
  }
  return absl::UnavailableError(absl::StrCat("cannot connect to ", address, ": ", strerror(error)));
}

std::string LocalAddress(int fd) {
  sockaddr_storage storage = {};
  socklen_t size = sizeof(storage);
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &size) != 0) return "";
  return Format(storage, size);
}

std::string PeerAddress(int fd) {
  sockaddr_storage storage = {};
  socklen_t size = sizeof(storage);
  if (getpeername(fd, reinterpret_cast<sockaddr*>(&storage), &size) != 0) return "";
  return Format(storage, size);
}

void PrepareTcpSocket(int fd) {
  fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
  const int on = 1, idle_seconds = 45, interval_seconds = 15, probes = 3;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
  setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_seconds, sizeof(idle_seconds));
  setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval_seconds, sizeof(interval_seconds));
  setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof(probes));
}

}  // namespace homeport
