// Packets of the connection protocol from a client that has signed in. The input is a row of
// packets, each a `string`. Global requests make the server do what it does by itself otherwise:
// open channels, and give answers that it had put off, in an order of its own.
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/ssh_wire.h"
#include "ssh/connection_server.h"

namespace {

using homeport::EventLoop;
using homeport::WireReader;
using homeport::ssh::Channel;
using homeport::ssh::ChannelHandler;
using homeport::ssh::ConnectionServer;
using homeport::ssh::Transport;

// A transport without a connection: what is sent is looked at and goes nowhere.
class NoTransport : public Transport {
 public:
  NoTransport(EventLoop& loop, Handler& handler) : Transport(loop, handler) {}
  void Send(absl::string_view head, absl::string_view body) override {
    const auto number = static_cast<uint8_t>(head.empty() ? 0 : head[0]);
    if (number < homeport::ssh::kGlobalRequest || number > homeport::ssh::kChannelFailure) abort();
    if (head.size() + body.size() > Channel::kMaxPacketBytes + 1024) abort();
  }
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

// What the embedded server does for forwards and agents: some answers come late, and channels are
// opened from this side.
class Host {
 public:
  explicit Host(Transport& transport)
      : server_(
            transport, kMostChannels,
            [this](const std::string& type, absl::string_view) { return OnOpen(type); },
            kMostPendingOpens) {
    server_.set_global_request_callback(
        [this](const std::string& name, absl::string_view payload, bool, GlobalReply reply) {
          return OnGlobalRequest(name, payload, std::move(reply));
        });
  }

  ConnectionServer& server() { return server_; }

 private:
  using OpenAnswer = ConnectionServer::OpenAnswer;
  using GlobalReply = ConnectionServer::GlobalReply;
  static constexpr size_t kMostChannels = 4;
  static constexpr size_t kMostPendingOpens = 3;

  ConnectionServer::OpenResult OnOpen(const std::string& type) {
    ConnectionServer::OpenResult result;
    if (type == "session") result.handler = std::make_unique<BusyChannel>();
    if (type == "later") {
      result.later = [this](OpenAnswer answer) { opens_.push_back(std::move(answer)); };
    }
    return result;
  }

  bool OnGlobalRequest(const std::string& name, absl::string_view payload, GlobalReply reply) {
    if (name == "end") return false;
    if (name == "later") {
      replies_.push_back(std::move(reply));
      return true;
    }
    if (name == "open") {
      const bool could = server_.CanOpen();
      const bool opened =
          server_.OpenChannel("forwarded-tcpip", payload, std::make_unique<BusyChannel>());
      if (opened != could) abort();
    }
    if (name == "answer" && !opens_.empty()) {
      // Twice: only the first counts.
      opens_.back().Confirm(std::make_unique<BusyChannel>());
      opens_.back().Refuse(homeport::ssh::kConnectFailed, payload);
      opens_.pop_back();
    }
    if (name == "refuse" && !opens_.empty()) {
      opens_.front().Refuse(homeport::ssh::kConnectFailed, payload);
      opens_.erase(opens_.begin());
    }
    if (name == "reply" && !replies_.empty()) {
      replies_.back().Success(payload);
      replies_.back().Failure();
      replies_.pop_back();
    }
    if (payload.empty()) {
      reply.Failure();
    } else {
      reply.Success(payload);
    }
    if (server_.channel_count() > kMostChannels) abort();
    return true;
  }

  // Those that outlive the server answer nobody.
  std::vector<OpenAnswer> opens_;
  std::vector<GlobalReply> replies_;
  ConnectionServer server_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  EventLoop loop;
  NoHandler handler;
  NoTransport transport(loop, handler);
  Host host(transport);
  WireReader packets({reinterpret_cast<const char*>(data), size});
  while (!packets.AtEnd() && packets.ok()) {
    const absl::string_view packet = packets.String();
    if (packet.empty() || !host.server().OnPacket(packet)) break;
    host.server().OnOutputDrained();
  }
  loop.Stop();
  loop.Run();
  return 0;
}
