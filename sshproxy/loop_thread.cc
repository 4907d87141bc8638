#include "sshproxy/loop_thread.h"

#include <utility>

#include "base/logging.h"

namespace homeport {
namespace {

constexpr absl::Duration kReportInterval = absl::Seconds(2);

}  // namespace

LoopThread::LoopThread(const UserConnection::Services& services, SessionDirectory& directory)
    : services_(services), directory_(directory), thread_([this] { loop_.Run(); }) {}

LoopThread::~LoopThread() {
  loop_.Stop();
  thread_.join();
  connections_.clear();
}

void LoopThread::SetHostKeys(const ssh::HostKeys& keys,
                             const ssh::ServerTransport::Limits& limits) {
  loop_.Post([this, keys, limits] {
    auto factory = ssh::ServerTransportFactory::Create(keys, limits);
    if (factory.ok()) {
      factory_ = *std::move(factory);
    } else {
      Logger("front_door")->error("host keys: {}", std::string(factory.status().message()));
    }
  });
}

void LoopThread::Serve(ssh::ServerTransport::Client client) {
  directory_.CountConnection(1);
  // std::function must be copyable
  auto shared = std::make_shared<ssh::ServerTransport::Client>(std::move(client));
  loop_.Post([this, shared] {
    const uint64_t id = next_id_++;
    auto connection = std::make_unique<UserConnection>(loop_, *this, services_, id);
    absl::Status status = factory_ == nullptr ? absl::UnavailableError("no host key yet")
                                              : connection->Start(*factory_, std::move(*shared));
    if (!status.ok()) {
      Logger("front_door")->debug("connection dropped: {}", std::string(status.message()));
      directory_.CountConnection(-1);
      return;
    }
    connections_.emplace(id, std::move(connection));
  });
}

void LoopThread::WithConnection(uint64_t id, std::function<void(UserConnection&)> work) {
  loop_.Post([this, id, work = std::move(work)] {
    const auto found = connections_.find(id);
    if (found != connections_.end()) work(*found->second);
  });
}

void LoopThread::EndAll(const std::string& message) {
  loop_.Post([this, message] {
    for (auto& [id, connection] : connections_) connection->End(message);
  });
}

void LoopThread::OnSessionNamed(const LiveSession& session, uint64_t id) {
  directory_.Add(session, *this, id);
}

void LoopThread::OnSessionRelayed(const std::string& session_id, int backend) {
  directory_.NoteRelayed(session_id, backend);
  if (report_timer_ == 0) report_timer_ = loop_.After(kReportInterval, [this] { Report(); });
}

void LoopThread::Report() {
  report_timer_ = 0;
  bool relaying = false;
  std::vector<SessionReport> reports;
  for (auto& [id, connection] : connections_) {
    relaying = relaying || connection->relaying();
    if (std::optional<SessionReport> report = connection->TakeReport()) {
      reports.push_back(*std::move(report));
    }
  }
  if (!reports.empty()) {
    directory_.NoteTraffic(reports);
    services_.broker.ReportTraffic(reports);
  }
  if (relaying) report_timer_ = loop_.After(kReportInterval, [this] { Report(); });
}

void LoopThread::OnConnectionOver(const std::string& session_id, uint64_t id) {
  if (!session_id.empty()) directory_.Remove(session_id);
  loop_.Post([this, id] {
    if (connections_.erase(id) != 0) directory_.CountConnection(-1);
  });
}

}  // namespace homeport
