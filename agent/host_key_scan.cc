#include "agent/host_key_scan.h"

#include <utility>

#include "ssh/message_numbers.h"

namespace homeport::agent {
namespace {

constexpr absl::Duration kSignInTime = absl::Seconds(5);

}  // namespace

absl::StatusOr<std::unique_ptr<HostKeyScan>> HostKeyScan::Start(EventLoop& loop, UniqueFd socket,
                                                                const Question& question,
                                                                DoneCallback on_done) {
  auto scan = std::unique_ptr<HostKeyScan>(new HostKeyScan(std::move(on_done)));
  ssh::ClientTransport::Options options;
  options.user = question.user;
  options.public_blob = question.owner_key;
  options.only_ask = true;
  options.host_key_types = question.host_key_types;
  options.sign_in_timeout = kSignInTime;
  absl::StatusOr<std::unique_ptr<ssh::ClientTransport>> transport =
      ssh::ClientTransport::Create(loop, std::move(socket), options, *scan);
  if (!transport.ok()) return transport.status();
  scan->transport_ = *std::move(transport);
  return scan;
}

void HostKeyScan::OnSignatureWanted(const std::string& host_key, const std::string&) {
  OnKeyAnswered(host_key, true);
}

void HostKeyScan::OnKeyAnswered(const std::string& host_key, bool accepted) {
  answer_.host_key = host_key;
  answer_.owner_key_refused = !accepted;
  transport_->Disconnect(ssh::kByApplication, "");
}

void HostKeyScan::OnClosed(const absl::Status& status) {
  // May destroy this object, and with it the function.
  const DoneCallback on_done = on_done_;
  if (answer_.host_key.empty()) {
    on_done(status);
  } else {
    on_done(answer_);
  }
}

}  // namespace homeport::agent
