// The file in which X clients find the secrets of displays (Xau(3), Xsecurity(7)), for machines
// without the program xauth.
//
// Entries stand one after another: family, address, display number, name of the protocol, secret;
// each but the family a string, all numbers of 16 bits with the highest byte first.
//
// Threads: any; blocks as files do.
#ifndef HOMEPORT_AGENT_XAUTHORITY_H_
#define HOMEPORT_AGENT_XAUTHORITY_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace homeport::agent {

inline constexpr uint16_t kXauthorityLocal = 256;  // FamilyLocal: the address is a host name

struct XauthorityEntry {
  uint16_t family = kXauthorityLocal;
  std::string address;
  std::string display;  // its number, in decimal
  std::string protocol;
  std::string secret;
};

// Takes the first entry from the front of `bytes`; nothing, and `bytes` as they were, if there is
// no whole one.
std::optional<XauthorityEntry> TakeXauthorityEntry(absl::string_view& bytes);

// The file's new content: `entry` first, then what was there without entries for the same display
// and protocol. What comes after an entry that breaks off cannot be read by anybody, and stays as
// it is. INVALID_ARGUMENT if a string of the entry is too long for its form.
absl::StatusOr<std::string> WithXauthorityEntry(absl::string_view content,
                                                const XauthorityEntry& entry);

// Puts the entry into the file, which need not be there, under the lock that X's programs take
// (FILE-c and FILE-l). One that is older than a minute was left behind and is broken; for another
// one we wait `patience`: DEADLINE_EXCEEDED. Errors name the file.
absl::Status AddToXauthorityFile(const std::string& path, const XauthorityEntry& entry,
                                 absl::Duration patience = absl::Seconds(5));

}  // namespace homeport::agent

#endif  // HOMEPORT_AGENT_XAUTHORITY_H_
