// A client's way to the coordinator: TLS that trusts the pinned CA alone, keepalive that fits the
// server's.
#ifndef HOMEPORT_RPC_CHANNEL_H_
#define HOMEPORT_RPC_CHANNEL_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "grpcpp/channel.h"

namespace homeport {

// Both ends of a control connection ping when nothing else was said for this long ...
inline constexpr absl::Duration kKeepaliveInterval = absl::Seconds(20);
// ... and give the connection up without an answer for this long.
inline constexpr absl::Duration kKeepaliveTimeout = absl::Seconds(10);

// `target` is host:port; `ca_file` holds the CA's certificate (PEM). Does not connect yet. Errors
// name the file.
absl::StatusOr<std::shared_ptr<grpc::Channel>> MakeChannel(const std::string& target,
                                                           const std::string& ca_file);

}  // namespace homeport

#endif  // HOMEPORT_RPC_CHANNEL_H_
