#include "rpc/channel.h"

#include <algorithm>
#include <vector>

#include "absl/random/random.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "base/file.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "openssl/err.h"
#include "openssl/pem.h"
#include "openssl/x509.h"
#include "rpc/grpc_log.h"

namespace homeport {
namespace {

// Who waits for an answer does not wait for one address for long.
constexpr absl::Duration kFewCallsPatience = absl::Seconds(5);

// gRPC would find out at every connection, and say it only in its own log.
bool StartsWithCertificate(const std::string& pem) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(
      PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr), &X509_free);
  ERR_clear_error();
  return certificate != nullptr;
}

int Milliseconds(absl::Duration duration) {
  return static_cast<int>(absl::ToInt64Milliseconds(duration));
}

// Whether somebody answers, with TLS that is to our liking.
bool Connects(grpc::Channel& channel) {
  const auto deadline = absl::ToChronoTime(absl::Now() + kFewCallsPatience);
  for (;;) {
    const grpc_connectivity_state state = channel.GetState(true);
    if (state == GRPC_CHANNEL_READY) return true;
    if (state == GRPC_CHANNEL_TRANSIENT_FAILURE || state == GRPC_CHANNEL_SHUTDOWN) return false;
    if (!channel.WaitForStateChange(state, deadline)) return false;
  }
}

}  // namespace

absl::StatusOr<std::string> ReadCa(const std::string& ca_file) {
  absl::StatusOr<std::string> ca = ReadFile(ca_file);
  if (ca.ok() && !StartsWithCertificate(*ca)) {
    return absl::InvalidArgumentError(
        absl::StrCat(ca_file, " holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)"));
  }
  return ca;
}

std::shared_ptr<grpc::Channel> MakeChannel(const ChannelTarget& target, const std::string& ca_pem) {
  RouteGrpcLog();
  grpc::SslCredentialsOptions tls;
  tls.pem_root_certs = ca_pem;
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, Milliseconds(kKeepaliveInterval));
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, Milliseconds(kKeepaliveTimeout));
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  // Our own backoff paces streams; the channel's must not add minutes to it.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 2000);
  // Not a backoff, whatever its name says: an attempt to connect is given up after this time.
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, Milliseconds(target.patience));
  // A proxy from the environment is for the web, not for the control plane next door.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  if (!target.name.empty()) arguments.SetString(GRPC_ARG_DEFAULT_AUTHORITY, target.name);
  return grpc::CreateCustomChannel(target.address, grpc::SslCredentials(tls), arguments);
}

absl::StatusOr<std::shared_ptr<grpc::Channel>> MakeChannel(const std::string& target,
                                                           const std::string& ca_file) {
  if (target.find(':') == std::string::npos) {
    return absl::InvalidArgumentError(
        absl::StrCat("coordinator address \"", target, "\" has no port; write host:port"));
  }
  const absl::StatusOr<std::string> ca = ReadCa(ca_file);
  if (!ca.ok()) return ca.status();
  return MakeChannel(ChannelTarget{target, "", kFewCallsPatience}, *ca);
}

absl::StatusOr<std::shared_ptr<grpc::Channel>> MakeChannelToAny(const std::string& targets,
                                                                const std::string& ca_file) {
  std::vector<std::string> each = absl::StrSplit(targets, ',');
  if (each.size() < 2) return MakeChannel(targets, ca_file);
  for (std::string& target : each) absl::StripAsciiWhitespace(&target);
  std::shuffle(each.begin(), each.end(), absl::BitGen());
  absl::StatusOr<std::shared_ptr<grpc::Channel>> channel;
  for (const std::string& target : each) {
    channel = MakeChannel(target, ca_file);
    if (!channel.ok() || Connects(**channel)) break;
  }
  return channel;
}

}  // namespace homeport
