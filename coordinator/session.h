// A user's SSH connection to a workspace, as the coordinator knows it.
#ifndef HOMEPORT_COORDINATOR_SESSION_H_
#define HOMEPORT_COORDINATOR_SESSION_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "coordinator/store/records.h"
#include "proto/homeport/v1/session.pb.h"

namespace homeport {

struct Session {
  std::string id;
  std::string replica;  // the proxy that has it

  // 0 and empty, as much else: adopted, and not looked up yet.
  int64_t user_id = 0;
  std::string user;  // the user's name
  int64_t workspace_id = 0;
  std::string workspace;     // resource name
  std::string provider;      // the provider's name
  std::string entry_key;     // that opened the front door, a blob; empty: not known
  bool assigned_key = true;  // whether that is the user's assigned key
  std::string key_name;      // "assigned", or what the user calls it
  std::string client_address;
  std::string client_version;
  absl::Time start_time = absl::InfinitePast();

  int64_t agent_epoch = 0;             // the agent's stream that was told to dial
  std::string os_user;                 // whom it signs in to the workspace as
  std::string public_key;              // with which key, a blob
  BackendPin pin = BackendPin::kAuto;  // the only backend that it may get
  v1::BackendKind backend = v1::BACKEND_KIND_UNSPECIFIED;  // the one that it got
  absl::Time expire_time;  // no signatures after this, and no tunnel either
  bool live = false;       // whether the tunnel stands
  int signatures = 0;

  v1::SessionTraffic traffic;
  std::optional<v1::SessionPolicy> policy;  // as its proxy was last told; empty: not known
  int64_t policy_ticket = 0;                // drawn before that was read
  bool checked = true;                      // an adopted session has to be decided about first
  bool start_recorded = false;              // whether the audit has its start
  std::string ending;                       // why it was told to end; empty: it was not
};

// For lists and people.
v1::Session ToProto(const Session& session);
// And what can be seen of one there: neither its numbers nor its keys.
Session FromProto(const v1::Session& message);

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_SESSION_H_
