// Switches a provider's External Connect and says how long that took.
//
//   provider_switch --coordinator HOST:PORT --ca_file FILE --token_file FILE --provider NAME
//
// obeys "on" and "off", a line each on standard input, and answers each with a line: the word, when
// the call was made and when it returned (CLOCK_MONOTONIC, seconds), how many sessions it ended and
// how many proxies and agents had not acted when it returned. The connection stands before the
// first.
#include <grpcpp/grpcpp.h>

#include <cstdio>
#include <ctime>
#include <iostream>
#include <string>

#include "CLI/CLI.hpp"
#include "absl/status/status.h"
#include "base/file.h"
#include "proto/homeport/v1/admin.grpc.pb.h"
#include "rpc/bearer_token.h"
#include "rpc/channel.h"
#include "rpc/status_conversion.h"

namespace homeport::bench {
namespace {

struct Options {
  std::string coordinator;
  std::string ca_file;
  std::string token_file;
  std::string provider;
};

double Monotonic() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

absl::Status Switch(v1::AdminService::Stub& stub, const std::string& token,
                    const std::string& provider, const std::string& word) {
  v1::UpdateProviderRequest request;
  request.mutable_provider()->set_name("providers/" + provider);
  request.mutable_provider()->mutable_features()->set_external_connect(word == "on");
  request.mutable_update_mask()->add_paths("features.external_connect");
  grpc::ClientContext context;
  AddBearerToken(context, token);
  v1::Provider response;
  const double called = Monotonic();
  const absl::Status status = ToAbslStatus(stub.UpdateProvider(&context, request, &response));
  if (!status.ok()) return status;
  std::printf("%s called=%.6f returned=%.6f ended=%d laggards=%d\n", word.c_str(), called,
              Monotonic(), response.effect().ended_sessions(), response.effect().laggards_size());
  return absl::OkStatus();
}

absl::Status Run(const Options& options) {
  const auto token = ReadSecretFile(options.token_file);
  if (!token.ok()) return token.status();
  const auto channel = MakeChannel(options.coordinator, options.ca_file);
  if (!channel.ok()) return channel.status();
  if (!(*channel)->WaitForConnected(std::chrono::system_clock::now() + std::chrono::seconds(10))) {
    return absl::UnavailableError("the coordinator does not answer");
  }
  const auto stub = v1::AdminService::NewStub(*channel);
  for (std::string word; std::getline(std::cin, word);) {
    if (absl::Status status = Switch(*stub, *token, options.provider, word); !status.ok()) {
      return status;
    }
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace homeport::bench

int main(int argc, char** argv) {
  homeport::bench::Options options;
  CLI::App app("Switches a provider's External Connect, for dev/bench revoke.");
  app.add_option("--coordinator", options.coordinator)->required();
  app.add_option("--ca_file", options.ca_file)->required();
  app.add_option("--token_file", options.token_file)->required();
  app.add_option("--provider", options.provider)->required();
  CLI11_PARSE(app, argc, argv);
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  const absl::Status status = homeport::bench::Run(options);
  if (status.ok()) return 0;
  std::fprintf(stderr, "provider_switch: %s\n", std::string(status.message()).c_str());
  return 1;
}
