#include "bench/load_connection.h"

#include <utility>

#include "absl/time/time.h"
#include "base/address.h"
#include "ssh/message_numbers.h"

namespace homeport::bench {

absl::Status LoadConnection::Start() {
  auto socket = Connect(target_.address, absl::Seconds(20));
  if (!socket.ok()) return socket.status();
  ssh::ClientTransport::Options options;
  options.user = target_.user;
  options.public_blob = target_.key.public_blob();
  options.sign_in_timeout = absl::Seconds(60);
  auto transport = ssh::ClientTransport::Create(loop_, *std::move(socket), options, *this);
  if (!transport.ok()) return transport.status();
  transport_ = *std::move(transport);
  return absl::OkStatus();
}

void LoadConnection::OnSignatureWanted(const std::string&, const std::string& to_sign) {
  transport_->ProvideSignature(target_.key.Sign(to_sign));
}

void LoadConnection::End(absl::Status status) {
  if (ended_) return;
  ended_ = true;
  status_ = std::move(status);
  transport_->Disconnect(ssh::kByApplication, "done");
}

void LoadConnection::OnClosed(const absl::Status& status) {
  owner_.OnOver(*this, ended_ ? status_ : status);
}

}  // namespace homeport::bench
