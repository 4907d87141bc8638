// Credentials in metadata: `authorization: Bearer <token>` (RFC 6750, 2.1).
#ifndef HOMEPORT_RPC_BEARER_TOKEN_H_
#define HOMEPORT_RPC_BEARER_TOKEN_H_

#include <string>

#include "grpcpp/client_context.h"
#include "grpcpp/server_context.h"

namespace homeport {

// Adds the token to a call that is about to start.
void AddBearerToken(grpc::ClientContext& context, const std::string& token);

// The token of a call, empty if it has none. Not verified.
std::string BearerToken(const grpc::ServerContextBase& context);

}  // namespace homeport

#endif  // HOMEPORT_RPC_BEARER_TOKEN_H_
