// What the front door asks of the coordinator. CoordinatorLink is the real one; tests have a small
// fake.
//
// Threads: called from loop threads; callbacks come on any thread, once each, and must not block.
#ifndef HOMEPORT_SSHPROXY_SESSION_BROKER_H_
#define HOMEPORT_SSHPROXY_SESSION_BROKER_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "sshproxy/channel_kind.h"

namespace homeport {

// Somebody proved to hold a key; OpenSessionRequest in session.proto says more.
struct SignIn {
  std::string login_name;
  std::string public_key;
  std::string client_address;
  std::string server_address;
  std::string client_version;
  std::string ticket;
  std::string session_identifier;
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
  SessionPolicy policy;
};

// A session that is under way; LiveSession in session.proto says more.
struct LiveSession {
  std::string session_id;
  std::string user;
  std::string workspace;
  std::string public_key;  // that opened the front door
  std::string client_address;
  std::string client_version;
  int backend = 0;  // 0 while it is being opened
  absl::Time start_time = absl::InfinitePast();
  SessionTraffic traffic;
};

// What a session has carried so far.
struct SessionReport {
  std::string session_id;
  SessionTraffic traffic;
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
  SessionTraffic traffic;
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
  virtual void ReportTraffic(const std::vector<SessionReport>& reports) = 0;
};

}  // namespace homeport

#endif  // HOMEPORT_SSHPROXY_SESSION_BROKER_H_
