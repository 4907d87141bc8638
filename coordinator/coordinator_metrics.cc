#include "coordinator/coordinator_metrics.h"

#include <string>

#include "base/version.h"

namespace homeport {
namespace {

prometheus::Family<prometheus::Counter>& Counter(prometheus::Registry& registry, const char* name,
                                                 const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

prometheus::Family<prometheus::Gauge>& Gauge(prometheus::Registry& registry, const char* name,
                                             const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
}

std::string CodeLabel(const absl::Status& status) {
  return absl::StatusCodeToString(status.code());
}

}  // namespace

CoordinatorMetrics::CoordinatorMetrics()
    : registry_(std::make_shared<prometheus::Registry>()),
      agents_(Gauge(*registry_, "homeport_coordinator_agents_connected",
                    "Workspaces whose agent is connected.")
                  .Add({})),
      proxies_(Gauge(*registry_, "homeport_coordinator_proxies_connected",
                     "Replicas of sshproxy that are connected.")
                   .Add({})),
      sessions_(Gauge(*registry_, "homeport_coordinator_sessions", "Sessions by state.")),
      rpcs_(Counter(*registry_, "homeport_coordinator_rpc_requests_total",
                    "Calls by method and canonical status code.")),
      signs_(Counter(*registry_, "homeport_coordinator_sign_requests_total",
                     "Signatures asked for, by canonical status code.")),
      opens_(Counter(*registry_, "homeport_coordinator_open_sessions_total",
                     "Sessions asked for, by what became of it.")),
      pod_checks_(Counter(*registry_, "homeport_coordinator_pod_checks_total",
                          "Pods and their tokens that were looked at, by what became of it.")),
      store_errors_(Counter(*registry_, "homeport_coordinator_store_errors_total",
                            "Failures of the database, by canonical status code.")) {
  Gauge(*registry_, "homeport_build_info", "1, with the version as a label.")
      .Add({{"program", "coordinator"}, {"version", kVersion}})
      .Set(1);
  SetSessions(0, 0);
}

void CoordinatorMetrics::SetSessions(int opening, int live) {
  sessions_.Add({{"state", "opening"}}).Set(opening);
  sessions_.Add({{"state", "live"}}).Set(live);
}

void CoordinatorMetrics::CountRpc(absl::string_view method, const absl::Status& status) {
  rpcs_.Add({{"method", std::string(method)}, {"code", CodeLabel(status)}}).Increment();
}

void CoordinatorMetrics::CountSign(const absl::Status& status) {
  signs_.Add({{"result", CodeLabel(status)}}).Increment();
}

void CoordinatorMetrics::CountOpen(absl::string_view result) {
  opens_.Add({{"result", std::string(result)}}).Increment();
}

void CoordinatorMetrics::CountPodCheck(absl::string_view result) {
  pod_checks_.Add({{"result", std::string(result)}}).Increment();
}

void CoordinatorMetrics::CountStoreError(const absl::Status& status) {
  store_errors_.Add({{"code", CodeLabel(status)}}).Increment();
}

}  // namespace homeport
