// What the front door asks of the coordinator. CoordinatorLink is the real one; tests have a small
// fake.
//
// Threads: called from loop threads; callbacks come on any thread, once each, and must not block.
#ifndef HOMEPORT_SSHPROXY_SESSION_BROKER_H_
#define HOMEPORT_SSHPROXY_SESSION_BROKER_H_

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/statusor.h"

namespace homeport {

// Somebody proved to hold a key; OpenSessionRequest in session.proto says more.
struct SignIn {
  std::string login_name;
  std::string public_key;
  std::string client_address;
  std::string server_address;
  std::string client_version;
  std::string ticket;
};

// The coordinator's answer: `refusal` is a sentence for the person, or empty if the session may go
// ahead.
struct SessionGrant {
  std::string refusal;
  std::string user;
  std::string session_id;
  std::string workspace;
  std::string os_user;
  std::string public_key;
};

// A session that is under way; LiveSession in session.proto says more.
struct LiveSession {
  std::string session_id;
  std::string user;
  std::string workspace;
};

// A signature that is wanted; SignRequest in session.proto says more.
struct SignatureRequest {
  std::string session_id;
  int backend = 0;
  std::string host_key;
  std::string data;
};

// How a session ended.
struct SessionEnd {
  std::string session_id;
  std::string reason;
  int64_t bytes_to_user = 0;
  int64_t bytes_to_workspace = 0;
};

class SessionBroker {
 public:
  virtual ~SessionBroker() = default;
  // UNAUTHENTICATED: nobody has this key. UNAVAILABLE, DEADLINE_EXCEEDED: the coordinator cannot be
  // asked now.
  virtual void OpenSession(const SignIn& sign_in,
                           std::function<void(absl::StatusOr<SessionGrant>)> callback) = 0;
  virtual void Sign(const SignatureRequest& request,
                    std::function<void(absl::StatusOr<std::string>)> callback) = 0;
  virtual void ReportEnd(const SessionEnd& end) = 0;
};

}  // namespace homeport

#endif  // HOMEPORT_SSHPROXY_SESSION_BROKER_H_
