// Which sshproxy replicas are connected now, and the stream to each.
//
// Threads: any; a mutex guards the map. Writing the welcome under it only queues.
#ifndef HOMEPORT_COORDINATOR_PROXY_REGISTRY_H_
#define HOMEPORT_COORDINATOR_PROXY_REGISTRY_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "proto/homeport/v1/session.pb.h"
#include "rpc/server_stream.h"

namespace homeport {

using ProxyWriter = StreamWriter<v1::ConnectProxyRequest, v1::ConnectProxyResponse>;

class ProxyRegistry {
 public:
  // Makes this the replica's current stream, writes the welcome to it and ends the older one with
  // ABORTED. Nothing reaches the replica before the welcome, and a replica that has read it can be
  // found here.
  void Register(const std::string& replica, std::shared_ptr<ProxyWriter> writer,
                v1::ConnectProxyResponse welcome);
  // Takes the stream out if it is still the current one; false if it is not.
  bool Unregister(const std::string& replica, const std::shared_ptr<ProxyWriter>& writer);
  // The replica's current stream, or null.
  std::shared_ptr<ProxyWriter> Find(const std::string& replica) const;
  // Ends the replica's stream, if there is one: it has connected to another coordinator.
  void Disconnect(const std::string& replica);
  // Those that are connected.
  std::vector<std::string> Names() const;
  // False if the replica is not connected.
  bool Send(const std::string& replica, v1::ConnectProxyResponse message);
  int size() const;

 private:
  mutable absl::Mutex mutex_;
  // Shared with the streams, which go first.
  std::map<std::string, std::shared_ptr<ProxyWriter>> proxies_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_PROXY_REGISTRY_H_
