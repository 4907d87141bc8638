// What a server that has too much to do tells a stream that it refuses: when to come back. It is
// trailing metadata of the call, in milliseconds.
#ifndef HOMEPORT_RPC_COME_BACK_LATER_H_
#define HOMEPORT_RPC_COME_BACK_LATER_H_

#include <optional>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "grpcpp/client_context.h"
#include "grpcpp/server_context.h"

namespace homeport {

inline constexpr char kComeBackLater[] = "homeport-come-back-ms";

// Before the call is finished.
inline void AskToComeBackAfter(grpc::ServerContextBase& context, absl::Duration delay) {
  context.AddTrailingMetadata(kComeBackLater, absl::StrCat(absl::ToInt64Milliseconds(delay)));
}

// What the server asked for, if it did. After the call is done.
inline std::optional<absl::Duration> AskedToComeBackAfter(const grpc::ClientContext& context) {
  const auto& metadata = context.GetServerTrailingMetadata();
  const auto found = metadata.find(kComeBackLater);
  if (found == metadata.end()) return std::nullopt;
  int milliseconds = 0;
  if (!absl::SimpleAtoi(absl::string_view(found->second.data(), found->second.size()),
                        &milliseconds) ||
      milliseconds < 0) {
    return std::nullopt;
  }
  return absl::Milliseconds(milliseconds);
}

}  // namespace homeport

#endif  // HOMEPORT_RPC_COME_BACK_LATER_H_
