// Calls of one HTTPS server, with a bound on everything: how long a call takes, how long its answer
// is, how many there are at a time. Connections are kept for the next call.
//
// Redirects are not followed: the answer is theirs. Proxies of the environment are not used.
//
// Threads: any; blocks. A mutex guards the idle connections; none is held during a call.
#ifndef HOMEPORT_COORDINATOR_IDENTITY_HTTPS_CLIENT_H_
#define HOMEPORT_COORDINATOR_IDENTITY_HTTPS_CLIENT_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace httplib {
class SSLClient;
}

namespace homeport {

struct HttpRequest {
  std::string path;    // begins with '/'
  std::string bearer;  // token to show; empty: none
  std::string body;    // JSON for a POST; empty: a GET
};

struct HttpAnswer {
  int status = 0;
  std::string body;
};

class HttpsClient {
 public:
  struct Options {
    std::string host;
    int port = 443;
    std::string ca_file;  // whom to trust, PEM; empty: whom the system trusts
    absl::Duration patience = absl::Seconds(5);
    size_t most_bytes = 4 << 20;  // of an answer; etcd keeps nothing that is longer
    int most_calls = 16;          // at a time; the next one waits
    // After a failure all calls fail at once for that long: a queue does not wait for each.
    absl::Duration pause = absl::Seconds(1);
  };

  explicit HttpsClient(Options options);
  ~HttpsClient();

  // UNAVAILABLE if there was no whole answer in time.
  absl::StatusOr<HttpAnswer> Call(const HttpRequest& request);

  // Host, port and path of "https://host[:port][/path]". INVALID_ARGUMENT for other URLs.
  struct Place {
    std::string host;
    int port = 443;
    std::string path;
  };
  static absl::StatusOr<Place> ParseUrl(const std::string& url);

 private:
  struct Connection {
    std::unique_ptr<httplib::SSLClient> client;
    absl::Time last_use;
  };

  Connection Connect() const;
  // A kept connection, or one without a client.
  absl::StatusOr<Connection> Begin(absl::Time deadline);
  void End(Connection connection, bool good);
  absl::StatusOr<HttpAnswer> Send(Connection& connection, const HttpRequest& request,
                                  absl::Time deadline) const;

  const Options options_;
  absl::Mutex mutex_;
  std::vector<Connection> idle_ ABSL_GUARDED_BY(mutex_);
  int calls_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Time last_failure_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_IDENTITY_HTTPS_CLIENT_H_
