#include "agent/stream_connect.h"

#include <netdb.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/address.h"

namespace homeport::agent {
namespace {

// A name with more addresses than this has enough of them.
constexpr size_t kMostAddresses = 16;

absl::StatusOr<std::vector<SocketAddress>> LookUp(const std::string& host, int port, int flags) {
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host.c_str(), absl::StrCat(port).c_str(), &hints, &found);
  if (error == EAI_SYSTEM) return absl::UnavailableError(strerror(errno));
  if (error != 0) return absl::UnavailableError(gai_strerror(error));
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, freeaddrinfo);
  std::vector<SocketAddress> addresses;
  for (; found != nullptr && addresses.size() < kMostAddresses; found = found->ai_next) {
    SocketAddress address;
    memcpy(&address.storage, found->ai_addr, found->ai_addrlen);
    address.size = found->ai_addrlen;
    addresses.push_back(address);
  }
  return addresses;
}

}  // namespace

StreamConnect::StreamConnect(EventLoop& loop, absl::Duration limit, Callback done)
    : loop_(loop),
      limit_(limit),
      done_(std::move(done)),
      self_(std::make_shared<StreamConnect*>(this)) {}

StreamConnect::~StreamConnect() {
  *self_ = nullptr;
  EndAttempt();
}

void StreamConnect::ToHost(WorkerPool& resolver, const std::string& host, int port) {
  resolver.Submit([&loop = loop_, self = self_, host, port] {
    // Moved on by the copies of the function below.
    auto found =
        std::make_shared<absl::StatusOr<std::vector<SocketAddress>>>(LookUp(host, port, 0));
    loop.Post([self, found] {
      if (*self != nullptr) (*self)->OnAddresses(std::move(*found));
    });
  });
}

void StreamConnect::ToPath(const std::string& path) {
  SocketAddress address;
  auto* local = reinterpret_cast<sockaddr_un*>(&address.storage);
  local->sun_family = AF_UNIX;
  absl::Status status;
  if (path.empty() || path.find('\0') != std::string::npos) {
    status = absl::InvalidArgumentError(strerror(EINVAL));
  } else if (path.size() >= sizeof(local->sun_path)) {
    status = absl::InvalidArgumentError(strerror(ENAMETOOLONG));
  } else {
    memcpy(local->sun_path, path.c_str(), path.size() + 1);
    address.size = sizeof(sockaddr_un);
  }
  loop_.Post([self = self_, status, address] {
    if (*self == nullptr) return;
    if (status.ok()) {
      (*self)->OnAddresses(std::vector<SocketAddress>{address});
    } else {
      (*self)->OnAddresses(status);
    }
  });
}

void StreamConnect::OnAddresses(absl::StatusOr<std::vector<SocketAddress>> addresses) {
  if (!addresses.ok()) {
    Finish(addresses.status());
    return;
  }
  addresses_ = *std::move(addresses);
  TryNext(EHOSTUNREACH);
}

void StreamConnect::TryNext(int error) {
  EndAttempt();
  for (; next_ < addresses_.size(); error = errno) {
    const SocketAddress& address = addresses_[next_++];
    socket_.Reset(socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket_.valid()) continue;
    const int rc =
        connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address.storage), address.size);
    if (rc == 0 || errno == EINPROGRESS) {
      loop_.Watch(socket_.get(), EPOLLOUT, [this](uint32_t) { OnAttemptReady(); });
      timer_ = loop_.After(limit_, [this] {
        timer_ = 0;
        TryNext(ETIMEDOUT);
      });
      return;
    }
    const int refused = errno;
    socket_.Reset();
    errno = refused;
  }
  Finish(absl::UnavailableError(strerror(error)));
}

void StreamConnect::OnAttemptReady() {
  int error = 0;
  socklen_t size = sizeof(error);
  if (getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  if (error != 0) {
    TryNext(error);
    return;
  }
  loop_.Unwatch(socket_.get());
  UniqueFd connected = std::move(socket_);
  if (addresses_[next_ - 1].storage.ss_family != AF_UNIX) PrepareTcpSocket(connected.get());
  EndAttempt();
  Finish(std::move(connected));
}

void StreamConnect::EndAttempt() {
  loop_.Cancel(timer_);
  timer_ = 0;
  if (socket_.valid()) loop_.Unwatch(socket_.get());
  socket_.Reset();
}

void StreamConnect::Finish(absl::StatusOr<UniqueFd> result) {
  // May destroy this object, and with it the function.
  const Callback done = done_;
  done(std::move(result));
}

}  // namespace homeport::agent
