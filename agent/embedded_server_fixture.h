// An EmbeddedServer on a port of its own, and the real ssh to speak to it.
//
// Threads: the test's; the server runs on a loop thread of the fixture's.
#ifndef HOMEPORT_AGENT_EMBEDDED_SERVER_FIXTURE_H_
#define HOMEPORT_AGENT_EMBEDDED_SERVER_FIXTURE_H_

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "agent/embedded_options.h"
#include "agent/embedded_server.h"
#include "base/event_loop.h"
#include "base/unique_fd.h"
#include "base/worker_pool.h"
#include "gtest/gtest.h"

namespace homeport::agent {

struct CommandResult {
  int status = -1;  // exit status; 124 when it took longer than a minute
  std::string out;
  std::string err;
};

class EmbeddedServerFixture : public ::testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  // Runs a bash script in which `ssh` is spelled $SSH (with key, port and options) and the
  // destination $TO; the folder of the test is $DIR, the server's process $SERVER.
  CommandResult Run(const std::string& script) const;
  // The ssh command as words, without the destination's command.
  std::vector<std::string> SshWords() const;
  // Makes a key pair of ssh-keygen's type in the test's folder; returns its public blob.
  std::string MakeKey(const std::string& name, const std::string& type = "ed25519") const;
  // Runs `work` on the loop's thread and waits for it.
  void OnLoop(const std::function<void()>& work);

  // What the server is made with; for a subclass to change before SetUp.
  EmbeddedOptions options;
  std::string shell = "/bin/bash";
  // With which key the next connections opened the front door; the loop's once it runs.
  std::string entry_key;

  // On the loop's thread: the port answers no more; connections go on.
  void StopListening();

  const std::string& folder() const { return folder_; }
  const std::string& owner_key() const { return owner_key_; }
  EmbeddedServer& server() { return *server_; }
  ProcessReaper& reaper() { return *reaper_; }
  EventLoop& loop() { return *loop_; }
  int port() const { return port_; }

 private:
  void AcceptOne();

  std::string folder_;
  std::string owner_key_;
  int port_ = 0;
  UniqueFd listener_;
  std::unique_ptr<EventLoop> loop_;
  std::unique_ptr<ProcessReaper> reaper_;
  std::unique_ptr<WorkerPool> resolver_;
  std::unique_ptr<SessionContext> context_;
  std::unique_ptr<EmbeddedServer> server_;
  std::thread thread_;
};

// Waits until `condition` holds; fails the test with `what` after half a minute.
void AwaitOrFail(const std::string& what, const std::function<bool()>& condition);

}  // namespace homeport::agent

#endif  // HOMEPORT_AGENT_EMBEDDED_SERVER_FIXTURE_H_
