// Packets of the connection protocol from a client that has signed in. The input is a row of
// packets, each a `string`.
#include <memory>
#include <string>

#include "base/ssh_wire.h"
#include "ssh/connection_server.h"

namespace {

using homeport::EventLoop;
using homeport::WireReader;
using homeport::ssh::Channel;
using homeport::ssh::ChannelHandler;
using homeport::ssh::ConnectionServer;
using homeport::ssh::Transport;

// A transport without a connection: what is sent goes nowhere.
class NoTransport : public Transport {
 public:
  NoTransport(EventLoop& loop, Handler& handler) : Transport(loop, handler) {}
  std::string peer_version() const override { return ""; }

 private:
  void Step() override {}
};

class NoHandler : public Transport::Handler {
  bool OnPacket(absl::string_view) override { return true; }
  void OnOutputDrained() override {}
  void OnClosed(const absl::Status&) override {}
};

// Uses every method of a channel, as the first byte of what arrives says.
class BusyChannel : public ChannelHandler {
  void OnOpened(Channel& channel) override { channel_ = &channel; }
  void OnData(absl::string_view data) override {
    channel_->Consumed(data.size());
    channel_->Write(data);
    if (!data.empty() && data[0] == 'c') channel_->Close();
    if (!data.empty() && data[0] == 'e') channel_->SendEof();
  }
  void OnEof() override { channel_->SendEof(); }
  bool OnRequest(const std::string& type, WireReader payload) override {
    payload.String();
    payload.Uint32();
    if (type == "exit") channel_->Close();
    return payload.ok();
  }
  void OnWritable() override { channel_->WriteStderr("more"); }
  void OnClosed() override { channel_ = nullptr; }

  Channel* channel_ = nullptr;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  EventLoop loop;
  NoHandler handler;
  NoTransport transport(loop, handler);
  ConnectionServer server(transport, 4, [](const std::string& type, absl::string_view) {
    ConnectionServer::OpenResult result;
    if (type == "session") result.handler = std::make_unique<BusyChannel>();
    return result;
  });
  WireReader packets({reinterpret_cast<const char*>(data), size});
  while (!packets.AtEnd() && packets.ok()) {
    const absl::string_view packet = packets.String();
    if (packet.empty() || !server.OnPacket(packet)) break;
    server.OnOutputDrained();
  }
  loop.Stop();
  loop.Run();
  return 0;
}
