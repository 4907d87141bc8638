#include "coordinator/session.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/key_fingerprint.h"
#include "base/logging.h"
#include "coordinator/resource_name.h"
#include "coordinator/timestamps.h"

namespace homeport {

v1::Session ToProto(const Session& session) {
  v1::Session message;
  message.set_name(absl::StrCat("sessions/", session.id));
  if (!session.user.empty()) message.set_user(FormatUserName(session.user));
  message.set_workspace(session.workspace);
  if (!session.provider.empty()) message.set_provider(FormatProviderName(session.provider));
  message.set_client_address(session.client_address);
  message.set_client_version(session.client_version);
  if (!session.entry_key.empty()) message.set_key_fingerprint(KeyFingerprint(session.entry_key));
  message.set_key_name(session.key_name);
  message.set_backend(session.backend);
  message.set_replica(session.replica);
  if (session.start_time != absl::InfinitePast()) {
    *message.mutable_start_time() = ToTimestamp(session.start_time);
  }
  *message.mutable_traffic() = session.traffic;
  message.set_opening(!session.live);
  return message;
}

Session FromProto(const v1::Session& message) {
  Session session;
  session.id = std::string(absl::StripPrefix(message.name(), "sessions/"));
  session.user = ParseUserName(message.user()).value_or("");
  session.workspace = message.workspace();
  session.provider = ParseProviderName(message.provider()).value_or("");
  session.client_address = message.client_address();
  session.client_version = message.client_version();
  session.key_name = message.key_name();
  session.backend = message.backend();
  session.replica = message.replica();
  if (message.has_start_time()) {
    session.start_time =
        ReadTimestamp("start_time", message.start_time()).value_or(absl::InfinitePast());
  }
  session.traffic = message.traffic();
  session.live = !message.opening();
  session.start_recorded = true;
  return session;
}

}  // namespace homeport
