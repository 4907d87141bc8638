#include "coordinator/proxy_registry.h"

#include <utility>

namespace homeport {

void ProxyRegistry::Register(const std::string& replica, std::shared_ptr<ProxyWriter> writer,
                             v1::ConnectProxyResponse welcome) {
  {
    absl::MutexLock lock(&mutex_);
    writer->Write(std::move(welcome));
    std::swap(proxies_[replica], writer);
  }
  if (writer != nullptr) {
    writer->Finish(absl::AbortedError("a newer stream of this replica has connected"));
  }
}

bool ProxyRegistry::Unregister(const std::string& replica,
                               const std::shared_ptr<ProxyWriter>& writer) {
  absl::MutexLock lock(&mutex_);
  const auto found = proxies_.find(replica);
  if (found == proxies_.end() || found->second != writer) return false;
  proxies_.erase(found);
  return true;
}

std::shared_ptr<ProxyWriter> ProxyRegistry::Find(const std::string& replica) const {
  absl::MutexLock lock(&mutex_);
  const auto found = proxies_.find(replica);
  return found == proxies_.end() ? nullptr : found->second;
}

void ProxyRegistry::Disconnect(const std::string& replica) {
  const std::shared_ptr<ProxyWriter> writer = Find(replica);
  if (writer != nullptr) {
    writer->Finish(absl::AbortedError("this replica has connected to another coordinator"));
  }
}

std::vector<std::string> ProxyRegistry::Names() const {
  absl::MutexLock lock(&mutex_);
  std::vector<std::string> names;
  for (const auto& [name, writer] : proxies_) names.push_back(name);
  return names;
}

bool ProxyRegistry::Send(const std::string& replica, v1::ConnectProxyResponse message) {
  const std::shared_ptr<ProxyWriter> writer = Find(replica);
  return writer != nullptr && writer->Write(std::move(message));
}

int ProxyRegistry::size() const {
  absl::MutexLock lock(&mutex_);
  return static_cast<int>(proxies_.size());
}

}  // namespace homeport
