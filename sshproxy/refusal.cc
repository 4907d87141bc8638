#include "sshproxy/refusal.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace homeport {
namespace {

constexpr uint32_t kExitStatus = 255;  // what ssh itself exits with when it cannot connect

class RefusedSession : public ssh::ChannelHandler {
 public:
  RefusedSession(std::string sentence, std::function<void()> told)
      : sentence_(std::move(sentence)), told_(std::move(told)) {}

  void OnOpened(ssh::Channel& channel) override { channel_ = &channel; }
  void OnData(absl::string_view data) override { channel_->Consumed(data.size()); }
  void OnEof() override {}
  bool OnRequest(const std::string& type, WireReader) override {
    if (type == "pty-req") terminal_ = true;
    if (type == "shell" || type == "exec" || type == "subsystem") started_ = true;
    return started_ || type == "pty-req" || type == "env";
  }
  void OnRequestAnswered() override { Tell(); }
  void OnWritable() override { Tell(); }
  void OnClosed() override {
    if (started_) told_();
  }

 private:
  void Tell() {
    const std::string line = absl::StrCat("homeport: ", sentence_, terminal_ ? "\r\n" : "\n");
    if (!started_ || channel_->close_sent() || channel_->writable_bytes() < line.size()) return;
    channel_->WriteStderr(line);
    channel_->SendRequest("exit-status", WireWriter().Uint32(kExitStatus).bytes());
    channel_->SendEof();
    channel_->Close();
  }

  const std::string sentence_;
  const std::function<void()> told_;
  ssh::Channel* channel_ = nullptr;
  bool terminal_ = false;
  bool started_ = false;
};

}  // namespace

ssh::ConnectionServer::OpenCallback RefuseWith(std::string sentence, std::function<void()> told) {
  return [sentence = std::move(sentence), told = std::move(told)](const std::string& type,
                                                                  absl::string_view) {
    ssh::ConnectionServer::OpenResult result;
    if (type == "session") {
      result.handler = std::make_unique<RefusedSession>(sentence, told);
    } else {
      result.reason = ssh::kConnectFailed;
      result.description = sentence;
    }
    return result;
  };
}

}  // namespace homeport
