// A request as it arrived: its number and its fields, read in order.
//
// Every read is checked; after the first that fails all fail, so that a handler reads all that it
// needs and asks ok() once. What follows the last field is ignored, as OpenSSH does.
//
// Threads: one at a time.
#ifndef HOMEPORT_AGENT_SFTP_REQUEST_H_
#define HOMEPORT_AGENT_SFTP_REQUEST_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "agent/sftp/attributes.h"
#include "agent/sftp/protocol.h"
#include "base/ssh_wire.h"

namespace homeport::agent::sftp {

// How a request ended: with a status that is still to be sent, or, without a value, answered.
using Outcome = std::optional<StatusCode>;
constexpr Outcome kAnswered = std::nullopt;

class Request {
 public:
  // `fields` follow the packet's type, and must outlive the request.
  explicit Request(absl::string_view fields) : reader_(fields), id_(reader_.Uint32()) {}

  uint32_t id() const { return id_; }
  // Whether all reads so far succeeded.
  bool ok() const { return ok_ && reader_.ok(); }

  uint32_t Uint32() { return reader_.Uint32(); }
  uint64_t Uint64() { return reader_.Uint64(); }
  // A view into the packet.
  absl::string_view String() { return reader_.String(); }
  // A path or name for the system: any bytes but zero. One at the very end is taken as C's.
  std::string Path() {
    absl::string_view path = reader_.String();
    if (!path.empty() && path.back() == '\0') path.remove_suffix(1);
    ok_ = ok_ && path.find('\0') == absl::string_view::npos;
    return std::string(path);
  }
  sftp::Attributes Attributes() { return ReadAttributes(reader_); }

 private:
  WireReader reader_;
  bool ok_ = true;
  const uint32_t id_;
};

}  // namespace homeport::agent::sftp

#endif  // HOMEPORT_AGENT_SFTP_REQUEST_H_
