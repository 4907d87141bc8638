#include "sshproxy/proxy_metrics.h"

#include "base/version.h"

namespace homeport {
namespace {

prometheus::Family<prometheus::Counter>& CounterFamily(prometheus::Registry& registry,
                                                       const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

prometheus::Gauge& OneGauge(prometheus::Registry& registry, const char* name, const char* help,
                            const prometheus::Labels& labels = {}) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add(labels);
}

}  // namespace

ProxyMetrics::ProxyMetrics()
    : registry_(std::make_shared<prometheus::Registry>()),
      connections_(OneGauge(*registry_, "homeport_sshproxy_connections",
                            "Users' connections that are open.")),
      unauthenticated_(OneGauge(*registry_, "homeport_sshproxy_unauthenticated_connections",
                                "Users' connections that have not signed in yet.")),
      coordinator_(OneGauge(*registry_, "homeport_sshproxy_coordinator_connected",
                            "Whether the stream to the coordinator stands.")),
      refused_connections_(CounterFamily(*registry_, "homeport_sshproxy_refused_connections_total",
                                         "Users' connections that there was no room for, or whose "
                                         "PROXY header was none, by reason.")),
      sign_ins_(CounterFamily(*registry_, "homeport_sshproxy_sign_ins_total",
                              "Verified public keys, by what came of them.")),
      tunnels_(CounterFamily(*registry_, "homeport_sshproxy_tunnels_total",
                             "Connections to the tunnel port, by what came of them.")),
      bytes_(CounterFamily(*registry_, "homeport_sshproxy_channel_bytes_total",
                           "Channel data of sessions that have ended, by direction.")),
      accept_errors_(CounterFamily(*registry_, "homeport_sshproxy_accept_errors_total",
                                   "Connections that could not be accepted.")
                         .Add({})),
      set_up_(prometheus::BuildHistogram()
                  .Name("homeport_sshproxy_session_set_up_seconds")
                  .Help("From a connection's first byte until its packets are relayed.")
                  .Register(*registry_)
                  .Add({}, prometheus::Histogram::BucketBoundaries{.01, .025, .05, .1, .25, .5, 1,
                                                                   2.5, 5, 10})) {
  OneGauge(*registry_, "homeport_sshproxy_build_info", "Always 1; the version is a label.",
           {{"version", kVersion}})
      .Set(1);
}

void ProxyMetrics::CountBytes(int64_t to_user, int64_t to_workspace) {
  bytes_.Add({{"direction", "to_user"}}).Increment(static_cast<double>(to_user));
  bytes_.Add({{"direction", "to_workspace"}}).Increment(static_cast<double>(to_workspace));
}

}  // namespace homeport
