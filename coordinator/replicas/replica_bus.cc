#include "coordinator/replicas/replica_bus.h"

#include <poll.h>
#include <sodium.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iterator>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/backoff.h"
#include "base/file.h"
#include "base/logging.h"

namespace homeport {
namespace {

constexpr char kEverybody[] = "homeport_all";
// A notification's payload is shorter than 8000 bytes (NOTIFY, Parameters).
constexpr size_t kMostPayload = 7900;
constexpr size_t kMostInBatch = 100;
constexpr int kPollMilliseconds = 5000;
constexpr char kTable[] =
    "SELECT pg_advisory_xact_lock(7201310246);"
    "CREATE UNLOGGED TABLE IF NOT EXISTS replica_messages ("
    " id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
    " time TIMESTAMPTZ NOT NULL DEFAULT now(),"
    " payload TEXT NOT NULL)";

// A replica's own channel: names of channels have at most 63 bytes.
std::string ChannelOf(const std::string& replica) {
  std::string hash(crypto_generichash_BYTES_MIN, '\0');
  crypto_generichash(reinterpret_cast<unsigned char*>(&hash[0]), hash.size(),
                     reinterpret_cast<const unsigned char*>(replica.data()), replica.size(),
                     nullptr, 0);
  return absl::StrCat("homeport_", absl::BytesToHexString(hash));
}

}  // namespace

ReplicaBus::ReplicaBus(std::string url, std::string replica, Callbacks callbacks)
    : url_(std::move(url)),
      replica_(std::move(replica)),
      callbacks_(std::move(callbacks)),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

absl::StatusOr<std::unique_ptr<ReplicaBus>> ReplicaBus::Start(std::string url, std::string replica,
                                                              Callbacks callbacks) {
  auto bus = std::unique_ptr<ReplicaBus>(
      new ReplicaBus(std::move(url), std::move(replica), std::move(callbacks)));
  if (!bus->wake_.valid()) return ErrnoStatus(errno, "eventfd");
  if (absl::Status status = bus->Connect(); !status.ok()) return status;
  bus->thread_ = std::thread([bus = bus.get()] { bus->Run(); });
  return bus;
}

void ReplicaBus::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    if (std::exchange(stopping_, true)) return;
  }
  if (wake_.valid()) (void)eventfd_write(wake_.get(), 1);
  if (thread_.joinable()) thread_.join();
}

void ReplicaBus::Send(const std::string& to, v1::ReplicaMessage message) {
  message.set_from(replica_);
  {
    absl::MutexLock lock(&mutex_);
    if (waiting_.size() >= kMostWaiting) waiting_.pop_front();
    waiting_.push_back({to.empty() ? kEverybody : ChannelOf(to), message.SerializeAsString()});
  }
  (void)eventfd_write(wake_.get(), 1);
}

bool ReplicaBus::connected() const {
  absl::MutexLock lock(&mutex_);
  return connected_;
}

void ReplicaBus::SetConnected(bool connected) {
  absl::MutexLock lock(&mutex_);
  connected_ = connected;
}

absl::Status ReplicaBus::Connect() {
  absl::StatusOr<std::unique_ptr<PostgresqlConnection>> opened = PostgresqlConnection::Open(url_);
  if (!opened.ok()) return opened.status();
  connection_ = *std::move(opened);
  absl::Status status = connection_->Execute(kTable);
  if (status.ok()) {
    status =
        connection_->Execute(absl::StrCat("LISTEN ", kEverybody, "; LISTEN ", ChannelOf(replica_)));
  }
  if (!status.ok()) return status;
  SetConnected(true);
  return absl::OkStatus();
}

void ReplicaBus::Run() {
  while (Wait()) {
    absl::Status status = Receive();
    if (status.ok()) status = SendWaiting();
    // What came in together with answers does not show at the socket.
    if (status.ok()) status = Receive();
    if (status.ok()) continue;
    Logger("replicas")
        ->error("the other replicas cannot be heard: {}", std::string(status.message()));
    SetConnected(false);
    callbacks_.on_disconnected();
    Reconnect();
  }
  (void)SendWaiting();
}

bool ReplicaBus::Wait() {
  {
    absl::MutexLock lock(&mutex_);
    if (stopping_) return false;
    if (!waiting_.empty()) return true;
  }
  pollfd fds[] = {{wake_.get(), POLLIN, 0}, {connection_->socket(), POLLIN, 0}};
  poll(fds, 2, kPollMilliseconds);
  eventfd_t count = 0;
  (void)eventfd_read(wake_.get(), &count);
  absl::MutexLock lock(&mutex_);
  return !stopping_;
}

void ReplicaBus::Reconnect() {
  Backoff backoff(absl::Milliseconds(100), absl::Seconds(2));
  for (;;) {
    {
      // Send's wake-ups are of no use now; the destructor's is seen here.
      absl::MutexLock lock(&mutex_);
      if (mutex_.AwaitWithTimeout(absl::Condition(&stopping_), backoff.Next())) return;
    }
    const absl::Status status = Connect();
    if (!status.ok()) continue;
    Logger("replicas")->info("the other replicas can be heard again");
    callbacks_.on_connected();
    return;
  }
}

absl::Status ReplicaBus::SendWaiting() {
  if (connection_ == nullptr) return absl::OkStatus();
  for (;;) {
    std::vector<Waiting> batch;
    {
      absl::MutexLock lock(&mutex_);
      while (!waiting_.empty() && batch.size() < kMostInBatch) {
        batch.push_back(std::move(waiting_.front()));
        waiting_.pop_front();
      }
    }
    if (batch.empty()) return absl::OkStatus();
    const absl::Status status = SendBatch(batch);
    if (absl::IsUnavailable(status)) {
      absl::MutexLock lock(&mutex_);
      waiting_.insert(waiting_.begin(), std::make_move_iterator(batch.begin()),
                      std::make_move_iterator(batch.end()));
      return status;
    }
    if (!status.ok()) {
      Logger("replicas")
          ->error("messages to other replicas are lost: {}", std::string(status.message()));
    }
  }
}

absl::Status ReplicaBus::SendBatch(const std::vector<Waiting>& batch) {
  std::vector<std::string> channels, payloads;
  for (const Waiting& waiting : batch) {
    channels.push_back(waiting.channel);
    // PostgreSQL delivers what is said twice in one transaction once.
    payloads.push_back(absl::StrCat(++last_sent_, " ", absl::Base64Escape(waiting.payload)));
    if (payloads.back().size() <= kMostPayload) continue;
    const auto stored = connection_->Query(
        "WITH old AS (DELETE FROM replica_messages WHERE time < now() - interval '1 minute') "
        "INSERT INTO replica_messages (payload) VALUES ($1) RETURNING id",
        {payloads.back()});
    if (!stored.ok()) return stored.status();
    payloads.back() = absl::StrCat("@", stored->at(0).at(0));
  }
  return connection_
      ->Query(
          "SELECT pg_notify(channel, payload) FROM unnest($1::text[], $2::text[]) AS "
          "message (channel, payload)",
          {PostgresqlConnection::Texts(channels), PostgresqlConnection::Texts(payloads)})
      .status();
}

absl::Status ReplicaBus::Receive() {
  absl::Status status = connection_->ConsumeInput();
  while (status.ok()) {
    const std::optional<std::string> payload = connection_->NextNotification();
    if (!payload.has_value()) break;
    status = Deliver(*payload);
  }
  return status;
}

absl::Status ReplicaBus::Deliver(const std::string& payload) {
  std::string text = payload;
  if (absl::StartsWith(payload, "@")) {
    const auto stored = connection_->Query(
        "SELECT payload FROM replica_messages WHERE id = $1::bigint", {payload.substr(1)});
    if (!stored.ok())
      return absl::IsUnavailable(stored.status()) ? stored.status() : absl::OkStatus();
    if (stored->empty()) return absl::OkStatus();
    text = stored->at(0).at(0);
  }
  const size_t space = text.find(' ');
  std::string bytes;
  v1::ReplicaMessage message;
  if (space == std::string::npos || !absl::Base64Unescape(text.substr(space + 1), &bytes) ||
      !message.ParseFromString(bytes) || message.from().empty()) {
    Logger("replicas")->warn("a notification that is no message was ignored");
    return absl::OkStatus();
  }
  if (message.from() != replica_) callbacks_.on_message(std::move(message));
  return absl::OkStatus();
}

}  // namespace homeport
