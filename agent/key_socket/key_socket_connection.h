// One client of the key socket: reads a request, answers it, reads the next.
//
// A client cannot hold more than one request's memory: the next is read when the answer to the last
// has been taken. One that stops in the middle of a request or of taking an answer is closed after
// a while, one that asks for nothing after a longer one.
//
// Threads: the loop's.
#ifndef HOMEPORT_AGENT_KEY_SOCKET_KEY_SOCKET_CONNECTION_H_
#define HOMEPORT_AGENT_KEY_SOCKET_KEY_SOCKET_CONNECTION_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "agent/fd_watch.h"
#include "agent/key_socket/agent_message.h"
#include "agent/key_socket/signer.h"
#include "base/event_loop.h"
#include "base/unique_fd.h"

namespace homeport::agent {

// The key that the socket offers.
struct OfferedKey {
  std::string public_key;  // a blob (RFC 4253, 6.6); empty while there is none
  std::string comment;
};

class KeySocketConnection {
 public:
  struct Limits {
    absl::Duration stuck = absl::Seconds(30);  // in the middle of a request or an answer
    absl::Duration idle = absl::Minutes(10);   // between requests
  };

  // Everything referred to outlives the connection. `on_done` comes once, from the loop, when the
  // client is gone or has to go; it may destroy this object.
  KeySocketConnection(EventLoop& loop, UniqueFd socket, const OfferedKey& key, Signer& signer,
                      const Limits& limits, std::function<void()> on_done);
  ~KeySocketConnection();
  KeySocketConnection(const KeySocketConnection&) = delete;
  KeySocketConnection& operator=(const KeySocketConnection&) = delete;

  // Whether a signature is being made.
  bool signing() const { return signing_; }
  // When something last came or went.
  absl::Time last_active() const { return last_active_; }

 private:
  void OnReady();
  // Each false if the connection is over.
  bool ReadSome();
  bool WriteSome();
  bool AnswerNext();
  void Answer(const AgentRequest& request);
  void OnSigned(const absl::StatusOr<std::string>& signature);
  void SetTimer();
  void OnTimer();
  void UpdateInterest();
  void Finish();

  EventLoop& loop_;
  const UniqueFd socket_;
  const OfferedKey& key_;
  Signer& signer_;
  const Limits limits_;
  const std::function<void()> on_done_;
  FdWatch watch_;
  EventLoop::TimerId timer_ = 0;
  absl::Time last_active_;
  std::string input_;   // at most one request and what came with it
  std::string output_;  // what of the last answer has not been taken
  bool signing_ = false;
  // What waits for a signature finds out here whether the connection is still there.
  const std::shared_ptr<KeySocketConnection*> self_;
};

}  // namespace homeport::agent

#endif  // HOMEPORT_AGENT_KEY_SOCKET_KEY_SOCKET_CONNECTION_H_
