// Pages of a listing (Google AIP-158): sizes and tokens.
//
// A token says after which record to go on and is opaque to clients. It is no secret and grants
// nothing.
//
// Threads: any.
#ifndef HOMEPORT_COORDINATOR_PAGE_H_
#define HOMEPORT_COORDINATOR_PAGE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace homeport {

// 0 means 100, more than 1000 means 1000. INVALID_ARGUMENT if negative.
absl::StatusOr<int> PageSize(int32_t requested);

// `listing` names what is listed, with its parent; a token fits that listing alone.
std::string MakePageToken(absl::string_view listing, const std::vector<std::string>& last);
// The `parts` names of the last record; all empty for an empty token. INVALID_ARGUMENT for anything
// but a token of this listing.
absl::StatusOr<std::vector<std::string>> ParsePageToken(absl::string_view token,
                                                        absl::string_view listing, size_t parts);

// The same for a listing whose records go by number. 0 for an empty token.
std::string MakeNumberToken(absl::string_view listing, int64_t last);
absl::StatusOr<int64_t> ParseNumberToken(absl::string_view token, absl::string_view listing);

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_PAGE_H_
