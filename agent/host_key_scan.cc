#include "agent/host_key_scan.h"

#include <utility>

#include "absl/strings/match.h"
#include "ssh/message_numbers.h"

namespace homeport::agent {
namespace {

// A server on the same machine greets at once.
constexpr absl::Duration kGreetingTime = absl::Milliseconds(500);
constexpr absl::Duration kKeyExchangeTime = absl::Seconds(5);

absl::Status NoSshServer() {
  return absl::FailedPreconditionError("what listens there does not greet as an SSH server");
}

}  // namespace

absl::StatusOr<std::unique_ptr<HostKeyScan>> HostKeyScan::Start(EventLoop& loop, UniqueFd socket,
                                                                DoneCallback on_done) {
  auto scan = std::unique_ptr<HostKeyScan>(new HostKeyScan(loop, std::move(on_done)));
  ssh::ClientTransport::Options options;
  options.sign_in_timeout = kKeyExchangeTime;
  absl::StatusOr<std::unique_ptr<ssh::ClientTransport>> transport =
      ssh::ClientTransport::Create(loop, std::move(socket), options, *scan);
  if (!transport.ok()) return transport.status();
  scan->transport_ = *std::move(transport);
  scan->greeting_timer_ = loop.After(kGreetingTime, [scan = scan.get()] { scan->CheckGreeting(); });
  return scan;
}

HostKeyScan::~HostKeyScan() { loop_.Cancel(greeting_timer_); }

void HostKeyScan::CheckGreeting() {
  greeting_timer_ = 0;
  if (!absl::StartsWith(transport_->peer_version(), "SSH-")) Finish(NoSshServer());
}

void HostKeyScan::OnSignatureWanted(const std::string& host_key, const std::string&) {
  host_key_ = host_key;
  transport_->Disconnect(ssh::kByApplication, "");
}

void HostKeyScan::OnClosed(const absl::Status& status) {
  if (!host_key_.empty()) {
    Finish(host_key_);
  } else if (!absl::StartsWith(transport_->peer_version(), "SSH-")) {
    Finish(NoSshServer());
  } else {
    Finish(status);
  }
}

void HostKeyScan::Finish(absl::StatusOr<std::string> result) {
  // May destroy this object, and with it the function.
  const DoneCallback on_done = on_done_;
  on_done(std::move(result));
}

}  // namespace homeport::agent
