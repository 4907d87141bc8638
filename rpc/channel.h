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

// As MakeChannel, for somebody who makes a few calls and goes: of several, host:port with commas
// between, tried in any order, it is the first that answers. Blocks only if there are several.
absl::StatusOr<std::shared_ptr<grpc::Channel>> MakeChannelToAny(const std::string& targets,
                                                                const std::string& ca_file);

// What MakeChannel is made of.

// The content of `ca_file`; INVALID_ARGUMENT if that is no certificate.
absl::StatusOr<std::string> ReadCa(const std::string& ca_file);

struct ChannelTarget {
  std::string address;  // host:port, or what gRPC calls a target ("ipv4:…")
  // host:port with the name that the certificate is to have; empty: that of the address.
  std::string name;
  // How long a connection may take until TLS stands.
  absl::Duration patience = absl::Seconds(20);
};
std::shared_ptr<grpc::Channel> MakeChannel(const ChannelTarget& target, const std::string& ca_pem);

}  // namespace homeport

#endif  // HOMEPORT_RPC_CHANNEL_H_
