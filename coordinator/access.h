// Who may call which method of AdminService.
//
// Every method stands in one table, as the brackets in admin.proto say; a method that does not is
// denied to everybody.
//
// Threads: any.
#ifndef HOMEPORT_COORDINATOR_ACCESS_H_
#define HOMEPORT_COORDINATOR_ACCESS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "coordinator/caller.h"

namespace homeport {

enum class Access {
  kNobody,        // not in the table
  kAny,           // every user
  kOwn,           // the user that the resource name starts with, and site managers
  kOwnOrAuditor,  // and auditors
  kOwnAlone,      // that user and no other, whatever their role
  kAuditor,       // auditors and site managers
  kSiteManager,
};

// `method` is the method's name without the service's.
Access AccessOf(absl::string_view method);

// `resource` is the name that the request is about: for what is one's own it starts with
// `users/{user}`. PERMISSION_DENIED for a wrong role; NOT_FOUND, in the words for something that
// does not exist, for a resource of somebody else's.
absl::Status Authorize(const Caller& caller, absl::string_view method, absl::string_view resource);

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_ACCESS_H_
