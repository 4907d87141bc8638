#include "tests/raw_ssh/packet_stream.h"

#include <openssl/hmac.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "base/ssh_wire.h"

namespace homeport::raw_ssh {
namespace {

constexpr size_t kLengthBytes = 4;
constexpr size_t kMacBytes = 32;
constexpr size_t kClearBlock = 8;
constexpr size_t kCipherBlock = 16;
constexpr size_t kLeastPadding = 4;
constexpr size_t kLongestPacket = 1 << 20;
constexpr size_t kLongestLine = 8192;

const unsigned char* Bytes(absl::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

bool Ready(int fd, short events, absl::Time deadline) {
  pollfd entry = {fd, events, 0};
  const int64_t left = absl::ToInt64Milliseconds(deadline - absl::Now());
  return poll(&entry, 1, static_cast<int>(std::max<int64_t>(0, left))) > 0;
}

}  // namespace

bool PacketStream::SendBytes(absl::string_view bytes, absl::Duration limit) {
  const absl::Time deadline = absl::Now() + limit;
  while (!bytes.empty() && Ready(socket_.get(), POLLOUT, deadline)) {
    const ssize_t n = send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n > 0) {
      bytes.remove_prefix(static_cast<size_t>(n));
    } else if (errno != EAGAIN && errno != EINTR) {
      return false;
    }
  }
  return bytes.empty();
}

bool PacketStream::Fill(size_t bytes, absl::Time deadline) {
  std::array<char, 16384> chunk;
  while (received_.size() < bytes && !closed_) {
    if (!Ready(socket_.get(), POLLIN, deadline)) return false;
    const ssize_t n = recv(socket_.get(), chunk.data(), chunk.size(), 0);
    if (n > 0) {
      received_.append(chunk.data(), static_cast<size_t>(n));
    } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
      closed_ = true;
    }
  }
  return received_.size() >= bytes;
}

std::string PacketStream::ReceiveLine(absl::Duration limit) {
  const absl::Time deadline = absl::Now() + limit;
  size_t end = 0;
  while ((end = received_.find('\n')) == std::string::npos) {
    if (received_.size() > kLongestLine || !Fill(received_.size() + 1, deadline)) return "";
  }
  std::string line(absl::StripSuffix(absl::string_view(received_).substr(0, end), "\r"));
  received_.erase(0, end + 1);
  return line;
}

bool PacketStream::Send(absl::string_view payload, absl::Duration limit) {
  const bool clear = sending_.cipher == nullptr;
  const size_t block = clear ? kClearBlock : kCipherBlock;
  // In clear the length is part of what is padded.
  const size_t counted = (clear ? kLengthBytes : 0) + 1 + payload.size();
  size_t padding = block - counted % block;
  if (padding < kLeastPadding) padding += block;
  const std::string body = WireWriter()
                               .Byte(static_cast<uint8_t>(padding))
                               .Raw(payload)
                               .Raw(std::string(padding, '\0'))
                               .bytes();
  const std::string length = WireWriter().Uint32(static_cast<uint32_t>(body.size())).bytes();
  std::string packet = absl::StrCat(length, clear ? body : Crypt(sending_, body));
  if (!clear) absl::StrAppend(&packet, Mac(sending_, packet));
  ++sending_.sequence;
  return SendBytes(packet, limit);
}

std::optional<std::string> PacketStream::Receive(absl::Duration limit) {
  const absl::Time deadline = absl::Now() + limit;
  if (broken_ || !Fill(kLengthBytes, deadline)) return std::nullopt;
  const size_t length = WireReader(received_).Uint32();
  const bool clear = receiving_.cipher == nullptr;
  const size_t whole = kLengthBytes + length + (clear ? 0 : kMacBytes);
  broken_ = length > kLongestPacket;
  if (broken_ || !Fill(whole, deadline)) return std::nullopt;
  const std::string packet = received_.substr(0, kLengthBytes + length);
  std::string body = packet.substr(kLengthBytes);
  if (!clear) {
    broken_ = Mac(receiving_, packet) != received_.substr(packet.size(), kMacBytes);
    if (broken_) return std::nullopt;
    body = Crypt(receiving_, body);
  }
  received_.erase(0, whole);
  ++receiving_.sequence;
  const size_t padding = body.empty() ? 0 : static_cast<uint8_t>(body[0]);
  broken_ = body.size() < 1 + padding;
  if (broken_) return std::nullopt;
  return body.substr(1, body.size() - 1 - padding);
}

void PacketStream::ProtectSending(const DirectionKeys& keys, bool reset) {
  Protect(sending_, keys, reset);
}

void PacketStream::ProtectReceiving(const DirectionKeys& keys, bool reset) {
  Protect(receiving_, keys, reset);
}

void PacketStream::Protect(Direction& direction, const DirectionKeys& keys, bool reset) {
  direction.cipher.reset(EVP_CIPHER_CTX_new());
  // Counter mode: encrypting and decrypting are the same.
  EVP_EncryptInit_ex(direction.cipher.get(), EVP_aes_128_ctr(), nullptr, Bytes(keys.key),
                     Bytes(keys.iv));
  direction.mac_key = keys.mac_key;
  if (reset) direction.sequence = 0;
}

std::string PacketStream::Crypt(Direction& direction, absl::string_view bytes) {
  std::string done(bytes.size(), '\0');
  int size = 0;
  EVP_EncryptUpdate(direction.cipher.get(), reinterpret_cast<unsigned char*>(done.data()), &size,
                    Bytes(bytes), static_cast<int>(bytes.size()));
  return done;
}

std::string PacketStream::Mac(const Direction& direction, absl::string_view bytes) {
  const std::string input = WireWriter().Uint32(direction.sequence).Raw(bytes).bytes();
  std::string mac(kMacBytes, '\0');
  unsigned int size = 0;
  HMAC(EVP_sha256(), direction.mac_key.data(), static_cast<int>(direction.mac_key.size()),
       Bytes(input), input.size(), reinterpret_cast<unsigned char*>(mac.data()), &size);
  return mac;
}

}  // namespace homeport::raw_ssh
