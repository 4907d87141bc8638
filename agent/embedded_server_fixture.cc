#include "agent/embedded_server_fixture.h"

#include <sys/socket.h>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "agent/workspace_environment.h"
#include "base/address.h"
#include "base/file.h"
#include "base/termination.h"
#include "ssh/library.h"

namespace homeport::agent {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(30);

void InitProcess() {
  static const bool done = [] {
    signal(SIGPIPE, SIG_IGN);
    ssh::InitLibrary();
    RaiseDescriptorLimit();
    return true;
  }();
  static_cast<void>(done);
}

std::string ContentOf(const std::string& path) {
  absl::StatusOr<std::string> content = ReadFile(path, 64 << 20);
  return content.ok() ? *std::move(content) : "";
}

}  // namespace

void AwaitOrFail(const std::string& what, const std::function<bool()>& condition) {
  const absl::Time deadline = absl::Now() + kPatience;
  while (!condition()) {
    ASSERT_LT(absl::Now(), deadline) << "waited in vain for: " << what;
    absl::SleepFor(absl::Milliseconds(10));
  }
}

void EmbeddedServerFixture::SetUp() {
  InitProcess();
  // Not Bazel's folder: its path is too long for the control socket of ssh.
  std::string pattern = "/tmp/homeport-embedded.XXXXXX";
  ASSERT_NE(mkdtemp(pattern.data()), nullptr);
  folder_ = pattern;
  owner_key_ = MakeKey("owner");
  ASSERT_FALSE(owner_key_.empty());
  loop_ = std::make_unique<EventLoop>();
  reaper_ = std::make_unique<ProcessReaper>(*loop_);
  const Account account = {"tester", folder_, shell, false};
  WorkspaceFacts facts;
  facts.account = account;
  facts.image = {absl::StrCat("PATH=", getenv("PATH")), "HOMEPORT_CREDENTIAL_FILE=/run/secret",
                 "FLAVOUR=mint"};
  facts.assets_root = "/var/tmp/coder";
  resolver_ = std::make_unique<WorkerPool>(2);
  context_ = std::unique_ptr<SessionContext>(new SessionContext{
      *loop_, *reaper_, account, MakeWorkspaceEnvironment(facts).variables, *resolver_, options});
  auto server = EmbeddedServer::Create(*context_);
  ASSERT_TRUE(server.ok()) << server.status();
  server_ = *std::move(server);
  server_->SetOwnerKeys({owner_key_});
  auto listener = Listen("127.0.0.1:0");
  ASSERT_TRUE(listener.ok()) << listener.status();
  listener_ = *std::move(listener);
  port_ = ParseHostPort(LocalAddress(listener_.get()))->port;
  loop_->Watch(listener_.get(), EPOLLIN, [this](uint32_t) { AcceptOne(); });
  thread_ = std::thread([this] { loop_->Run(); });
}

void EmbeddedServerFixture::StopListening() {
  loop_->Unwatch(listener_.get());
  listener_.Reset();
}

void EmbeddedServerFixture::AcceptOne() {
  UniqueFd socket(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!socket.valid()) return;
  PrepareTcpSocket(socket.get());
  const auto endpoints = ParseEndpoints(PeerAddress(socket.get()), LocalAddress(socket.get()));
  // An error is a client's that was gone already.
  server_->Serve(std::move(socket), "test", endpoints, entry_key, [] {}).IgnoreError();
}

void EmbeddedServerFixture::TearDown() {
  if (thread_.joinable()) {
    loop_->Stop();
    thread_.join();
    resolver_.reset();  // may post to the loop until then
    server_.reset();
  }
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void EmbeddedServerFixture::OnLoop(const std::function<void()>& work) {
  absl::Notification done;
  loop_->Post([&] {
    work();
    done.Notify();
  });
  ASSERT_TRUE(done.WaitForNotificationWithTimeout(kPatience)) << "the loop is stuck";
}

std::string EmbeddedServerFixture::MakeKey(const std::string& name, const std::string& type) const {
  const std::string path = absl::StrCat(folder_, "/", name);
  const std::string command = absl::StrCat("ssh-keygen -q -t ", type, " -N '' -f ", path);
  if (std::system(command.c_str()) != 0) return "";
  const std::vector<std::string> words = absl::StrSplit(ContentOf(path + ".pub"), ' ');
  std::string blob;
  return words.size() >= 2 && absl::Base64Unescape(words[1], &blob) ? blob : "";
}

std::vector<std::string> EmbeddedServerFixture::SshWords() const {
  return {"ssh",
          "-F",
          "none",
          "-p",
          absl::StrCat(port_),
          "-i",
          folder_ + "/owner",
          "-oIdentitiesOnly=yes",
          "-oIdentityAgent=none",
          "-oStrictHostKeyChecking=no",
          "-oUserKnownHostsFile=/dev/null",
          "-oGlobalKnownHostsFile=/dev/null",
          "-oLogLevel=ERROR",
          "-oBatchMode=yes",
          "-oConnectTimeout=20"};
}

CommandResult EmbeddedServerFixture::Run(const std::string& script) const {
  const std::string path = folder_ + "/script";
  const std::string content = absl::StrCat("set -o pipefail\nDIR=", folder_, "\nSERVER=", getpid(),
                                           "\nTO=tester@127.0.0.1\nSSH='",
                                           absl::StrJoin(SshWords(), " "), "'\n", script, "\n");
  EXPECT_TRUE(WriteFileAtomically(path, content, 0600).ok());
  const int status = std::system(
      absl::StrCat("timeout -k 1 60 bash ", path, " > ", path, ".out 2> ", path, ".err < /dev/null")
          .c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, ContentOf(path + ".out"),
          ContentOf(path + ".err")};
}

}  // namespace homeport::agent
