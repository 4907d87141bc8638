// Decides whether a session may be: one function for those that are asked for, those that live
// when something changes, and those that were taken over.
//
// Threads: each object one at a time; blocks, since it asks the store.
#ifndef HOMEPORT_COORDINATOR_ADMISSION_H_
#define HOMEPORT_COORDINATOR_ADMISSION_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "coordinator/session.h"
#include "coordinator/store/store.h"

namespace homeport {

// What the records say of a session.
struct Verdict {
  enum class Kind {
    kAllowed,
    kUserGone,
    kSuspended,
    kKeyGone,
    kWorkspaceGone,  // or not the user's
    kExternalConnectOff,
  };
  Kind kind = Kind::kAllowed;
  std::string provider;      // the provider's name
  v1::SessionPolicy policy;  // of kAllowed

  bool allowed() const { return kind == Kind::kAllowed; }
  // For somebody who asks for it. Never of kAllowed.
  std::string RefusalSentence() const;
  // For somebody who has it. Never of kAllowed.
  std::string EndingSentence(const Session& session) const;
};

// Reads each record once: make one for each decision, or for one about many sessions.
class Admission {
 public:
  explicit Admission(Store& store) : store_(store) {}

  // An error says that the records cannot be read now. Of a session whose key is not known the key
  // is not asked about.
  absl::StatusOr<Verdict> Judge(const Session& session);

 private:
  struct User {
    absl::StatusOr<UserRecord> record;
    absl::StatusOr<std::set<std::string>> keys;
  };

  const User& FindUser(int64_t id);
  const absl::StatusOr<WorkspaceRecord>& FindWorkspace(int64_t id);
  const absl::StatusOr<ProviderRecord>& FindProvider(const std::string& name);

  Store& store_;
  std::map<int64_t, User> users_;
  std::map<int64_t, absl::StatusOr<WorkspaceRecord>> workspaces_;
  std::map<std::string, absl::StatusOr<ProviderRecord>> providers_;
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_ADMISSION_H_
