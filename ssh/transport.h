// One SSH connection below its channels: key exchange, user authentication and packets (RFC 4253,
// 4252), by libssh.
//
// What runs above, the connection protocol (RFC 4254), is not libssh's: a Transport hands up every
// packet of it as it came and sends packets as they are given. docs/adr/0001 says why.
//
// Flow: Send() never blocks and never refuses; whoever sends watches output_pending() and stops at
// the high watermark. OnOutputDrained() says that there is room again. PauseReading() makes the
// peer wait: nothing more is handed up and, once TCP's buffers are full, nothing more is sent to
// us.
//
// A peer that sends what is answered and does not read the answers is not read any more while twice
// the high watermark waits for it, whatever the handler does; before sign-in it is out.
//
// Memory: buffers keep what they needed until no packet has come or gone for a moment.
//
// Threads: everything on the loop's thread.
#ifndef HOMEPORT_SSH_TRANSPORT_H_
#define HOMEPORT_SSH_TRANSPORT_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "base/event_loop.h"
#include "base/silence_timer.h"
#include "base/unique_fd.h"

struct ssh_session_struct;
struct ssh_event_struct;

namespace homeport::ssh {

class Transport {
 public:
  // Who is told what happens. OnPacket must not destroy the transport; OnClosed may.
  class Handler {
   public:
    virtual ~Handler() = default;
    // A packet of the connection protocol, with its message number first; the view ends with the
    // call. False ends the connection as a protocol error. A few may still come after PauseReading
    // while keys are exchanged anew.
    virtual bool OnPacket(absl::string_view payload) = 0;
    // After output_pending() was above the high watermark it has fallen below a quarter of that.
    virtual void OnOutputDrained() = 0;
    // The connection is over. Nothing else is called afterwards.
    virtual void OnClosed(const absl::Status& status) = 0;
  };

  static constexpr size_t kHighWatermark = 512 << 10;

  virtual ~Transport();
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  // Sends one packet of the connection protocol: `head` and `body` together are its payload. Only
  // once signed in. Virtual, so that a test can look at what is sent.
  virtual void Send(absl::string_view head, absl::string_view body = {});
  // Bytes that wait for the kernel to take them.
  size_t output_pending() const;
  bool above_high_watermark() const { return output_pending() > high_watermark_; }
  // In place of kHighWatermark.
  void set_high_watermark(size_t bytes) { high_watermark_ = bytes; }
  // Whether the peer owes acknowledgements of what was sent, or of the question whether it has room
  // (TCP_INFO, tcp(7)), and the last that it sent is longer ago than this.
  bool OwesAcknowledgements(absl::Duration longer_than) const;

  void PauseReading();
  void ResumeReading();

  // Says why to the peer (RFC 4253, 11.1) and closes, at the latest after a moment's wait for a
  // peer that does not read. OnClosed follows from the loop.
  void Disconnect(uint32_t reason, const std::string& description);

  // Whether the connection is gone or going.
  bool closed() const { return closed_ || disconnecting_; }
  // The peer's address, `host:port`, and identification string (RFC 4253, 4.2).
  const std::string& peer_address() const { return peer_address_; }
  // The address on our side.
  std::string local_address() const;
  virtual std::string peer_version() const = 0;
  // The session identifier (RFC 4253, 7.2): what a sign-in on this connection signs. Empty before
  // the first key exchange is over.
  std::string session_identifier() const;
  // What the peer said when it disconnected (RFC 4253, 11.1); empty if it has not, or said nothing.
  const std::string& peer_farewell() const { return peer_farewell_; }
  EventLoop& loop() { return loop_; }

 protected:
  Transport(EventLoop& loop, Handler& handler);

  // Puts the session, whose socket this is (ssh_session_leave_socket), into its own event and the
  // socket into the loop.
  absl::Status Attach(ssh_session_struct* session, UniqueFd socket);
  // In place of the socket's own addresses, each if it is not empty.
  void SetAddresses(const std::string& peer, const std::string& local);
  // Advances key exchange or authentication. Called after each round of packets until SetOpen;
  // packets for the handler that the round brought follow after it.
  virtual void Step() = 0;
  // From now on packets may be sent, and Step is not called any more.
  void SetOpen();
  // Closes without a word; OnClosed follows from the loop.
  void Fail(absl::Status status);
  // Lets libssh read, write and call back, soon.
  void ScheduleDrive();
  // libssh's last error as a status.
  absl::Status LastError(absl::string_view what) const;

  ssh_session_struct* session() const { return session_; }

 private:
  void Drive();
  // What is sent in one turn of the loop goes to the kernel together.
  void Cork();
  void Uncork();
  void TrimBuffers();
  void AcknowledgeAtOnce();
  void UpdateInterest();
  // Stops and resumes reading by what waits to be sent. False if the peer is out.
  bool MindAnswers();
  void FinishDisconnect();
  // A packet for the handler, or one that must wait for SetOpen. False is a protocol error.
  bool Accepts(absl::string_view payload);
  bool DeliverEarlyPackets();
  static int OnConnectionPacket(ssh_session_struct* session, const uint8_t* payload, size_t size,
                                void* self);

  EventLoop& loop_;
  Handler& handler_;
  ssh_session_struct* session_ = nullptr;  // owned
  ssh_event_struct* event_ = nullptr;  // owned; a session each, so that no other's end disturbs it
  UniqueFd socket_;                    // watched until closed_
  std::string peer_address_;
  std::string local_address_;  // empty: the socket's
  std::string peer_farewell_;
  bool open_ = false;
  // What came in the same breath as the end of authentication, before the handler knew of that.
  std::vector<std::string> early_packets_;
  size_t high_watermark_ = kHighWatermark;
  bool was_above_high_ = false;
  bool paused_ = false;  // by the handler
  bool choked_ = false;  // too much waits to be sent
  bool closed_ = false;
  bool disconnecting_ = false;
  uint32_t disconnect_reason_ = 0;
  std::string disconnect_text_;
  EventLoop::TimerId linger_timer_ = 0;
  SilenceTimer silence_;  // since a packet came or went: buffers are given back
  absl::Status status_;
  // What was posted to the loop finds out here whether the transport is still there.
  std::shared_ptr<Transport*> self_;
  bool drive_scheduled_ = false;
  bool corked_ = false;
  int early_turns_ = 0;
};

}  // namespace homeport::ssh

#endif  // HOMEPORT_SSH_TRANSPORT_H_
