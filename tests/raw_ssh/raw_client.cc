#include "tests/raw_ssh/raw_client.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "base/ssh_wire.h"
#include "tests/raw_ssh/messages.h"
#include "tests/raw_ssh/user_authentication.h"

namespace homeport::raw_ssh {
namespace {

constexpr size_t kCookieBytes = 16;
constexpr size_t kNameLists = 10;
constexpr char kCipher[] = "aes128-ctr";
constexpr char kMac[] = "hmac-sha2-256-etm@openssh.com";

}  // namespace

bool RawClient::ExchangeIdentifications() {
  transcript_.client_identification = identification;
  stream_.SendBytes(absl::StrCat(identification, "\r\n"));
  transcript_.server_identification = stream_.ReceiveLine(kPatience);
  return absl::StartsWith(transcript_.server_identification, "SSH-2.0-");
}

void RawClient::SendKexInit() {
  transcript_.client_kexinit = WireWriter()
                                   .Byte(kKexInit)
                                   .Raw(std::string(kCookieBytes, 'c'))
                                   .String(absl::StrJoin(key_exchanges, ","))
                                   .String("ssh-ed25519")
                                   .String(kCipher)
                                   .String(kCipher)
                                   .String(kMac)
                                   .String(kMac)
                                   .String("none")
                                   .String("none")
                                   .String("")
                                   .String("")
                                   .Bool(false)
                                   .Uint32(0)
                                   .bytes();
  Send(transcript_.client_kexinit);
}

bool RawClient::ReceiveKexInit() {
  transcript_.server_kexinit = Receive().value_or("");
  return !transcript_.server_kexinit.empty() && transcript_.server_kexinit[0] == kKexInit;
}

std::vector<std::string> RawClient::server_names(size_t list) const {
  WireReader reader(transcript_.server_kexinit);
  reader.Raw(1 + kCookieBytes);
  for (size_t i = 0; i < std::min(list, kNameLists - 1); ++i) reader.String();
  return absl::StrSplit(reader.String(), ',', absl::SkipEmpty());
}

bool RawClient::strict() const {
  const std::vector<std::string> theirs = server_names(0);
  const auto has = [](const std::vector<std::string>& names, const char* name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  return has(key_exchanges, "kex-strict-c-v00@openssh.com") &&
         has(theirs, "kex-strict-s-v00@openssh.com");
}

void RawClient::SendKeyExchangeInit() {
  transcript_.client_value = half_.public_value();
  Send(WireWriter().Byte(kKexEcdhInit).String(transcript_.client_value).bytes());
}

bool RawClient::ReceiveKeyExchangeReply() {
  const std::string payload = Receive().value_or("");
  WireReader reader(payload);
  if (reader.Byte() != kKexEcdhReply) return false;
  transcript_.host_key = std::string(reader.String());
  transcript_.server_value = std::string(reader.String());
  const std::string signature(reader.String());
  transcript_.shared_secret = half_.SharedSecret(transcript_.server_value);
  exchange_hash_ = transcript_.Hash();
  session_id_ = exchange_hash_;
  return reader.AtEnd() && VerifyEd25519(transcript_.host_key, signature, exchange_hash_);
}

void RawClient::SendNewKeys() {
  Send(WireWriter().Byte(kNewKeys).bytes());
  stream_.ProtectSending(DeriveKeys(transcript_.shared_secret, exchange_hash_, session_id_, 'A'),
                         strict());
}

bool RawClient::ReceiveNewKeys() {
  if (ReceiveNumber() != kNewKeys) return false;
  stream_.ProtectReceiving(DeriveKeys(transcript_.shared_secret, exchange_hash_, session_id_, 'B'),
                           strict());
  return true;
}

bool RawClient::ExchangeKeys() {
  if (!ExchangeIdentifications()) return false;
  SendKexInit();
  if (!ReceiveKexInit()) return false;
  SendKeyExchangeInit();
  if (!ReceiveKeyExchangeReply()) return false;
  SendNewKeys();
  return ReceiveNewKeys();
}

bool RawClient::BeginAuthentication() {
  Send(RequestService("ssh-userauth"));
  return ReceiveNumber() == kServiceAccept;
}

uint8_t RawClient::SignIn(const std::string& user, const SigningKey& key) {
  if (!ExchangeKeys() || !BeginAuthentication()) return 0;
  Send(SignedRequest(session_id_, user, key));
  return ReceiveNumber();
}

void RawClient::NoteExtensions(absl::string_view payload) {
  WireReader reader(payload.substr(1));
  for (uint32_t left = reader.Uint32(); left > 0 && reader.ok(); --left) {
    const std::string name(reader.String());
    extensions_[name] = std::string(reader.String());
  }
}

void RawClient::NoteFarewell(absl::string_view payload) {
  WireReader reader(payload.substr(1));
  farewell_reason_ = reader.Uint32();
  farewell_ = std::string(reader.String());
}

std::optional<std::string> RawClient::Receive(absl::Duration limit) {
  const absl::Time deadline = absl::Now() + limit;
  for (;;) {
    std::optional<std::string> payload = stream_.Receive(deadline - absl::Now());
    if (!payload.has_value() || payload->empty()) return std::nullopt;
    switch (static_cast<uint8_t>(payload->front())) {
      case kExtInfo:
        NoteExtensions(*payload);
        break;
      case kDisconnect:
        NoteFarewell(*payload);
        break;
      case kIgnore:
      case kUnimplemented:
      case kDebug:
        break;
      default:
        return payload;
    }
  }
}

uint8_t RawClient::ReceiveNumber(absl::Duration limit) {
  const std::optional<std::string> payload = Receive(limit);
  return payload.has_value() ? static_cast<uint8_t>(payload->front()) : 0;
}

bool RawClient::WaitUntilClosed(absl::Duration limit) {
  const absl::Time deadline = absl::Now() + limit;
  while (!closed() && absl::Now() < deadline) {
    // After what cannot be read there is only the end to wait for.
    if (stream_.broken()) {
      stream_.ReceiveLine(deadline - absl::Now());
    } else {
      Receive(deadline - absl::Now());
    }
  }
  return closed();
}

}  // namespace homeport::raw_ssh
