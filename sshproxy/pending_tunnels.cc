#include "sshproxy/pending_tunnels.h"

#include <sodium.h>

#include <utility>

#include "base/tunnel_preamble.h"

namespace homeport {

std::string PendingTunnels::Expect(absl::Time deadline, Receiver receiver) {
  std::string ticket(kTicketBytes, '\0');
  randombytes_buf(ticket.data(), ticket.size());
  absl::MutexLock lock(&mutex_);
  expected_.emplace(ticket, Expected{deadline, std::move(receiver)});
  return ticket;
}

void PendingTunnels::Forget(const std::string& ticket) {
  absl::MutexLock lock(&mutex_);
  expected_.erase(ticket);
}

bool PendingTunnels::Claim(const std::string& ticket, UniqueFd& socket, int backend,
                           absl::Time now) {
  Receiver receiver;
  {
    absl::MutexLock lock(&mutex_);
    const auto found = expected_.find(ticket);
    if (found == expected_.end()) return false;
    const bool expired = found->second.deadline < now;
    receiver = std::move(found->second.receiver);
    expected_.erase(found);
    if (expired) return false;
  }
  receiver(std::move(socket), backend);
  return true;
}

size_t PendingTunnels::size() const {
  absl::MutexLock lock(&mutex_);
  return expected_.size();
}

}  // namespace homeport
