// Message numbers and reason codes of the connection protocol (RFC 4254, 9 and 5.1; RFC
// 4253, 11.1).
#ifndef HOMEPORT_SSH_MESSAGE_NUMBERS_H_
#define HOMEPORT_SSH_MESSAGE_NUMBERS_H_

#include <cstdint>

namespace homeport::ssh {

enum MessageNumber : uint8_t {
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

enum OpenFailureReason : uint32_t {
  kAdministrativelyProhibited = 1,
  kConnectFailed = 2,
  kUnknownChannelType = 3,
  kResourceShortage = 4,
};

enum DisconnectReason : uint32_t {
  kProtocolError = 2,
  kServiceNotAvailable = 7,
  kConnectionLost = 10,
  kByApplication = 11,
  kTooManyConnections = 12,
  kNoMoreAuthMethodsAvailable = 14,
};

inline constexpr uint32_t kExtendedDataStderr = 1;

}  // namespace homeport::ssh

#endif  // HOMEPORT_SSH_MESSAGE_NUMBERS_H_
