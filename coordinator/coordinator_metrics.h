// What the coordinator tells Prometheus. Names and labels are in the .cc.
//
// Threads: any.
#ifndef HOMEPORT_COORDINATOR_COORDINATOR_METRICS_H_
#define HOMEPORT_COORDINATOR_COORDINATOR_METRICS_H_

#include <memory>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "prometheus/counter.h"
#include "prometheus/family.h"
#include "prometheus/gauge.h"
#include "prometheus/registry.h"

namespace homeport {

class CoordinatorMetrics {
 public:
  CoordinatorMetrics();

  const std::shared_ptr<prometheus::Registry>& registry() const { return registry_; }

  void SetAgents(int connected) { agents_.Set(connected); }
  void SetProxies(int connected) { proxies_.Set(connected); }
  void SetSessions(int opening, int live);
  // `method` is AdminService's, SessionService's or AgentService's.
  void CountRpc(absl::string_view method, const absl::Status& status);
  void CountSign(const absl::Status& status);
  // "granted", "refused", "unknown_key" or "error".
  void CountOpen(absl::string_view result);
  // Of pods and their tokens: "accepted", "refused" or "unavailable".
  void CountPodCheck(absl::string_view result);
  void CountStoreError(const absl::Status& status);

 private:
  const std::shared_ptr<prometheus::Registry> registry_;
  prometheus::Gauge& agents_;
  prometheus::Gauge& proxies_;
  prometheus::Family<prometheus::Gauge>& sessions_;
  prometheus::Family<prometheus::Counter>& rpcs_;
  prometheus::Family<prometheus::Counter>& signs_;
  prometheus::Family<prometheus::Counter>& opens_;
  prometheus::Family<prometheus::Counter>& pod_checks_;
  prometheus::Family<prometheus::Counter>& store_errors_;
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_COORDINATOR_METRICS_H_
