#include "rpc/ops_server.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/address.h"
#include "httplib.h"
#include "prometheus/text_serializer.h"

namespace homeport {
namespace {

// A connection holds a thread until it has spoken: guests who say nothing must not keep a probe
// waiting for long.
constexpr int kThreads = 4;
constexpr int kTimeoutSeconds = 1;

}  // namespace

OpsServer::OpsServer() : server_(std::make_unique<httplib::Server>()) {}

absl::StatusOr<std::unique_ptr<OpsServer>> OpsServer::Start(
    const std::string& listen, std::shared_ptr<prometheus::Registry> registry) {
  absl::StatusOr<HostPort> address = ParseHostPort(listen);
  if (!address.ok()) return address.status();
  auto ops = std::unique_ptr<OpsServer>(new OpsServer);
  httplib::Server& server = *ops->server_;
  server.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
  server.set_read_timeout(kTimeoutSeconds);
  server.set_write_timeout(kTimeoutSeconds);
  server.set_keep_alive_timeout(kTimeoutSeconds);
  server.set_payload_max_length(1024);
  server.Get("/metrics", [registry = std::move(registry)](const auto&, auto& response) {
    response.set_content(prometheus::TextSerializer().Serialize(registry->Collect()),
                         "text/plain; version=0.0.4");
  });
  server.Get("/healthz",
             [](const auto&, auto& response) { response.set_content("ok\n", "text/plain"); });
  server.Get("/readyz", [ready = &ops->ready_](const auto&, auto& response) {
    response.status = *ready ? 200 : 503;
    response.set_content(*ready ? "ready\n" : "not ready\n", "text/plain");
  });
  const std::string host = address->host.empty() ? "::" : address->host;
  ops->port_ = address->port == 0 ? server.bind_to_any_port(host)
                                  : (server.bind_to_port(host, address->port) ? address->port : -1);
  if (ops->port_ <= 0) {
    return absl::UnavailableError(
        absl::StrCat("cannot listen on ", listen, " for metrics and health; is the port free?"));
  }
  ops->thread_ = std::thread([&server] { server.listen_after_bind(); });
  return ops;
}

OpsServer::~OpsServer() {
  // stop() before the thread has begun to listen would be lost.
  while (thread_.joinable() && !server_->is_running()) std::this_thread::yield();
  server_->stop();
  if (thread_.joinable()) thread_.join();
}

}  // namespace homeport
