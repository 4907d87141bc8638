// Fills a new coordinator: a site manager, a provider, users and workspaces.
//
// Threads: Run's caller, and as many as are asked for.
#ifndef HOMEPORT_BENCH_NEW_INSTALLATION_H_
#define HOMEPORT_BENCH_NEW_INSTALLATION_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "proto/homeport/v1/admin.grpc.pb.h"

namespace homeport::bench {

class NewInstallation {
 public:
  struct Options {
    std::string coordinator;
    std::string ca_file;
    std::string set_up_code_file;
    // Where to write: "admin.token", and the workspaces' credentials as "credentials/0" and so on.
    std::string folder;
    int users = 0;
    int workspaces = 0;  // of the provider "local", one user's after the other's
    int parallel = 8;
  };

  explicit NewInstallation(Options options) : options_(std::move(options)) {}

  absl::Status Run();

 private:
  absl::Status SetUp();
  absl::Status MakeProvider();
  absl::Status MakeUser(int number);
  absl::Status MakeWorkspace(int number);
  // Does that for all numbers below `count`, several at a time; the first error.
  absl::Status Each(int count, const std::function<absl::Status(int)>& make) const;

  const Options options_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::AdminService::Stub> admin_;
  std::string token_;
};

}  // namespace homeport::bench

#endif  // HOMEPORT_BENCH_NEW_INSTALLATION_H_
