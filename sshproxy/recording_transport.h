// A transport that remembers what it was given to send, for tests.
//
// Threads: one.
#ifndef HOMEPORT_SSHPROXY_RECORDING_TRANSPORT_H_
#define HOMEPORT_SSHPROXY_RECORDING_TRANSPORT_H_

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "ssh/transport.h"

namespace homeport {

class Nobody : public ssh::Transport::Handler {
 public:
  bool OnPacket(absl::string_view) override { return true; }
  void OnOutputDrained() override {}
  void OnClosed(const absl::Status&) override {}
};

class RecordingTransport : public ssh::Transport {
 public:
  RecordingTransport(EventLoop& loop, Handler& handler) : Transport(loop, handler) {}
  void Send(absl::string_view head, absl::string_view body) override {
    sent.push_back(absl::StrCat(head, body));
  }
  std::string peer_version() const override { return ""; }

  std::vector<std::string> sent;

 private:
  void Step() override {}
};

}  // namespace homeport

#endif  // HOMEPORT_SSHPROXY_RECORDING_TRANSPORT_H_
