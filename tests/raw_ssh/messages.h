// Message numbers and reasons of the transport and authentication protocols (RFC 4253, 12; RFC
// 4252, 6 and 7; RFC 8308), and those of the connection protocol that are sent too early.
#ifndef HOMEPORT_TESTS_RAW_SSH_MESSAGES_H_
#define HOMEPORT_TESTS_RAW_SSH_MESSAGES_H_

#include <cstdint>

namespace homeport::raw_ssh {

enum Message : uint8_t {
  kDisconnect = 1,
  kIgnore = 2,
  kUnimplemented = 3,
  kDebug = 4,
  kServiceRequest = 5,
  kServiceAccept = 6,
  kExtInfo = 7,
  kKexInit = 20,
  kNewKeys = 21,
  kKexEcdhInit = 30,
  kKexEcdhReply = 31,
  kUserauthRequest = 50,
  kUserauthFailure = 51,
  kUserauthSuccess = 52,
  kUserauthBanner = 53,
  kUserauthPkOk = 60,
  kUserauthInfoResponse = 61,
  kGlobalRequest = 80,
  kRequestSuccess = 81,
  kRequestFailure = 82,
  kChannelOpen = 90,
  kChannelOpenConfirmation = 91,
  kChannelOpenFailure = 92,
  kChannelWindowAdjust = 93,
  kChannelData = 94,
  kChannelExtendedData = 95,
  kChannelEof = 96,
  kChannelClose = 97,
  kChannelRequest = 98,
  kChannelSuccess = 99,
  kChannelFailure = 100,
};

}  // namespace homeport::raw_ssh

#endif  // HOMEPORT_TESTS_RAW_SSH_MESSAGES_H_
