// The load generator of dev/bench relay and dev/bench revoke: many SSH connections in one thread.
//
//   load_client run      --count N --parallel P  N connections, P at a time: sign in, `true`, close
//   load_client channels --count N --parallel P  N session channels over one connection
//   load_client idle     --count N --parallel P  N sessions that stay; obeys lines on standard
//   input:
//                                                "move BYTES" moves half of them each way in every
//                                                session, P sessions at a time; the end closes
//   load_client revoked  --count N --parallel P  as idle, until the server has ended them all
//
// with --address HOST:PORT --user NAME --key FILE. Each thing done is a line on standard output: a
// word and "name=value" figures. Status 1 with a sentence if anything failed.
#include <sodium.h>
#include <sys/resource.h>

#include <csignal>
#include <cstdio>
#include <string>

#include "CLI/CLI.hpp"
#include "absl/status/status.h"
#include "base/event_loop.h"
#include "bench/channel_opens.h"
#include "bench/connection_crowd.h"
#include "bench/idle_crowd.h"
#include "bench/load_connection.h"
#include "bench/user_key.h"
#include "ssh/library.h"

namespace homeport::bench {
namespace {

struct Options {
  std::string address;
  std::string user;
  std::string key_file;
  int count = 1;
  int parallel = 1;
};

// Waits for the end of one connection.
class Single : public LoadConnection::Owner {
 public:
  explicit Single(EventLoop& loop) : loop_(loop) {}
  void OnOver(LoadConnection&, const absl::Status& status) override {
    status_ = status;
    loop_.Stop();
  }
  const absl::Status& status() const { return status_; }

 private:
  EventLoop& loop_;
  absl::Status status_;
};

absl::Status OpenChannels(EventLoop& loop, const LoadConnection::Target& target,
                          const Options& options) {
  Single owner(loop);
  ChannelOpens connection(loop, target, owner, static_cast<uint32_t>(options.count),
                          static_cast<uint32_t>(options.parallel));
  const absl::Time started = absl::Now();
  if (absl::Status status = connection.Start(); !status.ok()) return status;
  loop.Run();
  std::printf("channels seconds=%.4f count=%d\n", absl::ToDoubleSeconds(absl::Now() - started),
              options.count);
  return owner.status();
}

absl::Status Run(const std::string& mode, const Options& options) {
  auto key = UserKey::Load(options.key_file);
  if (!key.ok()) return key.status();
  const LoadConnection::Target target{options.address, options.user, *std::move(key)};
  EventLoop loop;
  if (mode == "channels") return OpenChannels(loop, target, options);
  if (mode == "revoked") {
    return IdleCrowd(loop, target, options.count, options.parallel, IdleCrowd::WhenEnded::kReport)
        .Run();
  }
  if (mode == "idle") return IdleCrowd(loop, target, options.count, options.parallel).Run();
  return ConnectionCrowd(loop, target, options.count, options.parallel).Run();
}

void RaiseFileLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace
}  // namespace homeport::bench

int main(int argc, char** argv) {
  homeport::bench::Options options;
  CLI::App app("The load generator of dev/bench relay.");
  app.require_subcommand(1);
  for (const char* mode : {"run", "channels", "idle", "revoked"}) {
    CLI::App* command = app.add_subcommand(mode);
    command->add_option("--address", options.address)->required();
    command->add_option("--user", options.user)->required();
    command->add_option("--key", options.key_file)->required();
    command->add_option("--count", options.count)->check(CLI::Range(1, 100'000));
    command->add_option("--parallel", options.parallel)->check(CLI::Range(1, 10'000));
  }
  CLI11_PARSE(app, argc, argv);
  std::signal(SIGPIPE, SIG_IGN);
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  homeport::bench::RaiseFileLimit();
  homeport::ssh::InitLibrary();
  if (sodium_init() < 0) return 1;
  const absl::Status status =
      homeport::bench::Run(app.get_subcommands().front()->get_name(), options);
  if (status.ok()) return 0;
  std::fprintf(stderr, "load_client: %s\n", std::string(status.message()).c_str());
  return 1;
}
