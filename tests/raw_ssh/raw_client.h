// An SSH client made of packets (RFC 4253), for what no well-behaved client does: every payload can
// be sent at every moment, and what comes back is seen as it came.
//
//   RawClient client(std::move(socket));
//   ASSERT_TRUE(client.ExchangeKeys());
//   client.Send(WireWriter().Byte(kUserauthSuccess).bytes());
//   EXPECT_TRUE(client.WaitUntilClosed());
//
// ExchangeKeys() is its steps one after the other; a test that has something to say between two of
// them takes them one by one.
//
// It speaks curve25519-sha256, aes128-ctr with hmac-sha2-256-etm@openssh.com, believes ssh-ed25519
// host keys that sign the exchange, and never exchanges keys anew.
//
// Threads: one at a time.
#ifndef HOMEPORT_TESTS_RAW_SSH_RAW_CLIENT_H_
#define HOMEPORT_TESTS_RAW_SSH_RAW_CLIENT_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/unique_fd.h"
#include "tests/raw_ssh/packet_stream.h"
#include "tests/raw_ssh/session_keys.h"
#include "tests/raw_ssh/signing_key.h"

namespace homeport::raw_ssh {

class RawClient {
 public:
  static constexpr absl::Duration kPatience = absl::Seconds(40);

  // A connected, non-blocking socket.
  explicit RawClient(UniqueFd socket) : stream_(std::move(socket)) {}

  // What it says of itself, before the steps.
  std::string identification = "SSH-2.0-RawClient";
  std::vector<std::string> key_exchanges = {"curve25519-sha256", "ext-info-c",
                                            "kex-strict-c-v00@openssh.com"};

  // The steps of a key exchange. False if the server does not take part in it: it has closed, or
  // says something else.
  bool ExchangeIdentifications();
  void SendKexInit();
  bool ReceiveKexInit();
  void SendKeyExchangeInit();
  bool ReceiveKeyExchangeReply();
  void SendNewKeys();
  bool ReceiveNewKeys();
  // All of them.
  bool ExchangeKeys();

  // Asks for user authentication, which the server grants.
  bool BeginAuthentication();
  // All of the above, and a signature. The server's answer: a message's number, 0 if it closed.
  uint8_t SignIn(const std::string& user, const SigningKey& key);

  void Send(absl::string_view payload) { stream_.Send(payload); }
  // The same, to a server that may not take it. False if it has not within `limit`.
  bool Offer(absl::string_view payload, absl::Duration limit) {
    return stream_.Send(payload, limit);
  }
  void SendBytes(absl::string_view bytes) { stream_.SendBytes(bytes); }
  // The next payload that is not an extension's announcement, of no consequence (IGNORE,
  // UNIMPLEMENTED, DEBUG), or a farewell. Nothing if the server has closed, or after `limit`.
  std::optional<std::string> Receive(absl::Duration limit = kPatience);
  // The number of the next; 0 for nothing.
  uint8_t ReceiveNumber(absl::Duration limit = kPatience);
  // Receives until the server closes. False if it has not by then.
  bool WaitUntilClosed(absl::Duration limit = kPatience);

  bool closed() const { return stream_.closed(); }
  // What the server said when it disconnected (RFC 4253, 11.1).
  uint32_t farewell_reason() const { return farewell_reason_; }
  const std::string& farewell() const { return farewell_; }
  // What the server offers, of RFC 4253, 7.1 and in its order: "key exchange" is 0, and so on.
  std::vector<std::string> server_names(size_t list) const;
  // RFC 8308.
  const std::map<std::string, std::string>& server_extensions() const { return extensions_; }
  const std::string& server_identification() const { return transcript_.server_identification; }
  const std::string& session_id() const { return session_id_; }
  const std::string& host_key() const { return transcript_.host_key; }

 private:
  void NoteExtensions(absl::string_view payload);
  void NoteFarewell(absl::string_view payload);
  bool strict() const;

  PacketStream stream_;
  KeyHalf half_;
  ExchangeTranscript transcript_;
  std::string exchange_hash_;
  std::string session_id_;
  std::map<std::string, std::string> extensions_;
  uint32_t farewell_reason_ = 0;
  std::string farewell_;
};

}  // namespace homeport::raw_ssh

#endif  // HOMEPORT_TESTS_RAW_SSH_RAW_CLIENT_H_
