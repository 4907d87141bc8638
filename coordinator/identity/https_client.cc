#include "coordinator/identity/https_client.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "base/address.h"
#include "httplib.h"

namespace homeport {
namespace {

// Servers close what is idle for longer.
constexpr absl::Duration kLongestIdle = absl::Seconds(30);

}  // namespace

HttpsClient::HttpsClient(Options options) : options_(std::move(options)) {}

HttpsClient::~HttpsClient() = default;

absl::StatusOr<HttpsClient::Place> HttpsClient::ParseUrl(const std::string& url) {
  absl::string_view rest = url;
  const auto wrong = [&url] {
    return absl::InvalidArgumentError(absl::StrCat("\"", url, "\" is not https://host[:port]/…"));
  };
  if (!absl::ConsumePrefix(&rest, "https://")) return wrong();
  const size_t slash = std::min(rest.find('/'), rest.size());
  const absl::string_view authority = rest.substr(0, slash);
  for (const char c : rest) {
    if (c <= ' ' || c >= '\x7f') return wrong();
  }
  // A name and a password before the host are not taken.
  if (authority.empty() || authority.find('@') != authority.npos) return wrong();
  const bool has_port = authority.back() != ']' && authority.rfind(':') != authority.npos;
  const absl::StatusOr<HostPort> parsed =
      ParseHostPort(absl::StrCat(authority, has_port ? "" : ":443"));
  if (!parsed.ok() || parsed->host.empty() || parsed->port == 0) return wrong();
  return Place{parsed->host, parsed->port, std::string(rest.substr(slash))};
}

HttpsClient::Connection HttpsClient::Connect() const {
  Connection connection;
  connection.client = std::make_unique<httplib::SSLClient>(options_.host, options_.port);
  httplib::SSLClient& client = *connection.client;
  if (!options_.ca_file.empty()) client.set_ca_cert_path(options_.ca_file);
  client.enable_server_certificate_verification(true);
  client.set_keep_alive(true);
  client.set_follow_location(false);
  client.set_decompress(false);
  client.set_url_encode(false);
  client.set_tcp_nodelay(true);
  return connection;
}

absl::StatusOr<HttpsClient::Connection> HttpsClient::Begin(absl::Time deadline) {
  std::vector<Connection> closed;  // goes after the lock
  absl::MutexLock lock(&mutex_);
  const absl::Time now = absl::Now();
  if (now - last_failure_ < options_.pause) {
    return absl::UnavailableError(absl::StrCat(options_.host, " did not answer a moment ago"));
  }
  const auto free = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return calls_ < options_.most_calls;
  };
  if (!mutex_.AwaitWithDeadline(absl::Condition(&free), deadline)) {
    return absl::UnavailableError(absl::StrCat(options_.host, " is being asked too much"));
  }
  ++calls_;
  Connection connection;
  if (!idle_.empty()) {
    connection = std::move(idle_.back());
    idle_.pop_back();
    // The others are older still.
    if (now - connection.last_use > kLongestIdle) {
      closed.swap(idle_);
      closed.push_back(std::move(connection));
      connection = Connection();
    }
  }
  return connection;
}

void HttpsClient::End(Connection connection, bool good) {
  std::vector<Connection> closed;  // as above
  absl::MutexLock lock(&mutex_);
  --calls_;
  if (!good) {
    last_failure_ = absl::Now();
    closed.swap(idle_);
    return;
  }
  connection.last_use = absl::Now();
  idle_.push_back(std::move(connection));
}

absl::StatusOr<HttpAnswer> HttpsClient::Call(const HttpRequest& request) {
  const absl::Time deadline = absl::Now() + options_.patience;
  absl::StatusOr<Connection> connection = Begin(deadline);
  if (!connection.ok()) return connection.status();
  absl::StatusOr<HttpAnswer> answer = absl::UnavailableError("");
  const bool kept = connection->client != nullptr;
  if (kept) answer = Send(*connection, request, deadline);
  // The server may have closed the one that was kept.
  if (!answer.ok()) {
    *connection = Connect();
    answer = Send(*connection, request, deadline);
  }
  End(*std::move(connection), answer.ok());
  return answer;
}

absl::StatusOr<HttpAnswer> HttpsClient::Send(Connection& connection, const HttpRequest& request,
                                             absl::Time deadline) const {
  httplib::SSLClient& client = *connection.client;
  const absl::Duration left = std::max(deadline - absl::Now(), absl::Milliseconds(1));
  const std::chrono::microseconds wait = absl::ToChronoMicroseconds(left);
  client.set_connection_timeout(wait);
  client.set_read_timeout(wait);
  client.set_write_timeout(wait);

  HttpAnswer answer;
  bool too_long = false;
  httplib::Request http;
  http.method = request.body.empty() ? "GET" : "POST";
  http.path = request.path;
  http.body = request.body;
  http.set_header("Host", FormatHostPort({options_.host, options_.port}));
  http.set_header("Accept", "application/json");
  if (!request.body.empty()) http.set_header("Content-Type", "application/json");
  if (!request.bearer.empty()) http.set_header("Authorization", "Bearer " + request.bearer);
  http.content_receiver = [&](const char* data, size_t size, uint64_t, uint64_t) {
    too_long = answer.body.size() + size > options_.most_bytes;
    if (too_long || absl::Now() > deadline) return false;
    answer.body.append(data, size);
    return true;
  };
  httplib::Response response;
  httplib::Error error = httplib::Error::Success;
  if (!client.send(http, response, error)) {
    return absl::UnavailableError(
        absl::StrCat("no answer from ", options_.host, ":", options_.port, ": ",
                     too_long ? "it is too long" : httplib::to_string(error)));
  }
  answer.status = response.status;
  return answer;
}

}  // namespace homeport
