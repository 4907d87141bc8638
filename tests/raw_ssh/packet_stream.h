// The binary packet protocol (RFC 4253, 6) over a socket: in clear, then with aes128-ctr and
// hmac-sha2-256-etm@openssh.com (OpenSSH's PROTOCOL, 1.5). The sequence number is part of the MAC,
// so both sides have to agree on it.
//
// Threads: one at a time.
#ifndef HOMEPORT_TESTS_RAW_SSH_PACKET_STREAM_H_
#define HOMEPORT_TESTS_RAW_SSH_PACKET_STREAM_H_

#include <openssl/evp.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/unique_fd.h"
#include "tests/raw_ssh/session_keys.h"

namespace homeport::raw_ssh {

class PacketStream {
 public:
  // A connected, non-blocking socket.
  explicit PacketStream(UniqueFd socket) : socket_(std::move(socket)) {}

  // Bytes as they are. False if the peer does not take them within `limit`.
  bool SendBytes(absl::string_view bytes, absl::Duration limit = absl::Seconds(10));
  // The next line, without its end. Empty if none comes within `limit`.
  std::string ReceiveLine(absl::Duration limit);

  // One packet. False if the peer does not take it within `limit`; then no other can follow.
  bool Send(absl::string_view payload, absl::Duration limit = absl::Seconds(10));
  // The next packet's payload; nothing if the peer has closed, or sends none within `limit`.
  std::optional<std::string> Receive(absl::Duration limit);

  // From the next packet on, in this direction. `reset` is what strict key exchange does to the
  // sequence number (OpenSSH's PROTOCOL, 1.9).
  void ProtectSending(const DirectionKeys& keys, bool reset);
  void ProtectReceiving(const DirectionKeys& keys, bool reset);

  // Whether the peer has closed the connection.
  bool closed() const { return closed_; }
  // Whether what was received was not what the keys say, so that nothing can be read any more.
  bool broken() const { return broken_; }

 private:
  struct Direction {
    std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> cipher{nullptr,
                                                                           &EVP_CIPHER_CTX_free};
    std::string mac_key;
    uint32_t sequence = 0;
  };

  static void Protect(Direction& direction, const DirectionKeys& keys, bool reset);
  static std::string Crypt(Direction& direction, absl::string_view bytes);
  static std::string Mac(const Direction& direction, absl::string_view bytes);
  // Reads until there are so many bytes. False if the peer closed, or at `deadline`.
  bool Fill(size_t bytes, absl::Time deadline);

  UniqueFd socket_;
  std::string received_;
  Direction sending_;
  Direction receiving_;
  bool closed_ = false;
  bool broken_ = false;
};

}  // namespace homeport::raw_ssh

#endif  // HOMEPORT_TESTS_RAW_SSH_PACKET_STREAM_H_
