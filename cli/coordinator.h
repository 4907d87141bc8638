// The coordinator as the commands see it: its calls by subject, each of which blocks.
//
// Errors are the coordinator's canonical codes with a message for the person (cli/failure.h). Lists
// are whole, if nothing else is said: all pages are fetched. Threads: one at a time.
#ifndef HOMEPORT_CLI_COORDINATOR_H_
#define HOMEPORT_CLI_COORDINATOR_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "cli/installation_api.h"
#include "cli/people_api.h"
#include "cli/places_api.h"
#include "cli/sessions_api.h"
#include "cli/sign_in_api.h"

namespace homeport {

// How to reach it, and as whom.
struct CoordinatorOptions {
  std::string address;  // host:port, or several with commas
  std::string ca_file;
  std::string token;                           // empty: sign-in alone works
  absl::Duration timeout = absl::Seconds(10);  // of each call
  std::string token_refused;  // what the person reads when the token is not accepted
};

// All parts are there.
struct Coordinator {
  std::unique_ptr<SignInApi> sign_in;
  std::unique_ptr<PeopleApi> people;
  std::unique_ptr<PlacesApi> places;
  std::unique_ptr<SessionsApi> sessions;
  std::unique_ptr<InstallationApi> installation;
};

using CoordinatorConnector =
    std::function<absl::StatusOr<Coordinator>(const CoordinatorOptions& options)>;

}  // namespace homeport

#endif  // HOMEPORT_CLI_COORDINATOR_H_
