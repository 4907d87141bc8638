// The proxy's Prometheus metrics.
//
// Threads: any.
#ifndef HOMEPORT_SSHPROXY_PROXY_METRICS_H_
#define HOMEPORT_SSHPROXY_PROXY_METRICS_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "prometheus/counter.h"
#include "prometheus/family.h"
#include "prometheus/gauge.h"
#include "prometheus/histogram.h"
#include "prometheus/registry.h"

namespace homeport {

class ProxyMetrics {
 public:
  ProxyMetrics();

  const std::shared_ptr<prometheus::Registry>& registry() const { return registry_; }

  void SetConnections(int64_t count) { connections_.Set(static_cast<double>(count)); }
  void SetCoordinatorConnected(bool connected) { coordinator_.Set(connected ? 1 : 0); }
  // `result` is granted, refused, unknown_key or coordinator_unavailable.
  void CountSignIn(const std::string& result) { sign_ins_.Add({{"result", result}}).Increment(); }
  // `reason` is per_address, unauthenticated, connections or proxy_header.
  void CountRefusedConnection(const std::string& reason) {
    refused_connections_.Add({{"reason", reason}}).Increment();
  }
  void SetUnauthenticated(int count) { unauthenticated_.Set(count); }
  // `result` is ok, bad_preamble, bad_ticket, timeout or too_many.
  void CountTunnel(const std::string& result) { tunnels_.Add({{"result", result}}).Increment(); }
  // From a connection's first byte to the relay.
  void ObserveSetUp(absl::Duration duration) { set_up_.Observe(absl::ToDoubleSeconds(duration)); }
  void CountBytes(int64_t to_user, int64_t to_workspace);
  void CountAcceptError() { accept_errors_.Increment(); }

 private:
  // Shared with the HTTP server that shows it.
  const std::shared_ptr<prometheus::Registry> registry_;
  prometheus::Gauge& connections_;
  prometheus::Gauge& unauthenticated_;
  prometheus::Gauge& coordinator_;
  prometheus::Family<prometheus::Counter>& refused_connections_;
  prometheus::Family<prometheus::Counter>& sign_ins_;
  prometheus::Family<prometheus::Counter>& tunnels_;
  prometheus::Family<prometheus::Counter>& bytes_;
  prometheus::Counter& accept_errors_;
  prometheus::Histogram& set_up_;
};

}  // namespace homeport

#endif  // HOMEPORT_SSHPROXY_PROXY_METRICS_H_
