#include "coordinator/agent_hello.h"

#include <functional>

#include "base/ssh_wire.h"
#include "gtest/gtest.h"

namespace homeport {
namespace {

v1::AgentHello GoodHello() {
  v1::AgentHello hello;
  hello.set_version("1.0");
  hello.set_hostname("pod-0");
  hello.set_os_user("coder");
  v1::Backend* backend = hello.mutable_status()->add_backends();
  backend->set_kind(v1::BACKEND_KIND_EMBEDDED);
  backend->add_host_keys(WireWriter().String("ssh-ed25519").String("key").bytes());
  return hello;
}

void ExpectRefused(const char* what, const std::function<void(v1::AgentHello&)>& change) {
  v1::AgentHello hello = GoodHello();
  change(hello);
  EXPECT_TRUE(absl::IsInvalidArgument(CheckAgentHello(hello))) << what;
}

TEST(AgentHelloTest, TakesAGoodOne) {
  EXPECT_TRUE(CheckAgentHello(GoodHello()).ok());
  v1::AgentHello longest = GoodHello();
  longest.set_os_user(std::string(32, 'a'));
  longest.set_hostname(std::string(255, 'a'));
  EXPECT_TRUE(CheckAgentHello(longest).ok());
  longest.clear_status();
  EXPECT_TRUE(CheckAgentHello(longest).ok()) << "no backend is up yet";
}

TEST(AgentHelloTest, RefusesTextsOfAnotherForm) {
  ExpectRefused("version", [](auto& h) { h.set_version("a\n"); });
  ExpectRefused("hostname", [](auto& h) { h.set_hostname(std::string(256, 'a')); });
  for (const std::string& user : {std::string(), std::string("-a"), std::string("a b"),
                                  std::string("a\0", 2), std::string(33, 'a')}) {
    ExpectRefused("os_user", [&](auto& h) { h.set_os_user(user); });
  }
}

TEST(AgentHelloTest, RefusesBackendsOfAnotherForm) {
  const auto backend = [](v1::AgentHello& h) { return h.mutable_status()->mutable_backends(0); };
  ExpectRefused("no kind", [&](auto& h) { backend(h)->set_kind(v1::BACKEND_KIND_UNSPECIFIED); });
  ExpectRefused("unknown kind",
                [&](auto& h) { backend(h)->set_kind(static_cast<v1::BackendKind>(9)); });
  ExpectRefused("twice", [&](auto& h) { *h.mutable_status()->add_backends() = *backend(h); });
  ExpectRefused("empty key", [&](auto& h) { backend(h)->add_host_keys(""); });
  ExpectRefused("cut key",
                [&](auto& h) { backend(h)->add_host_keys(std::string("\0\0\0\7ssh", 7)); });
  ExpectRefused("type alone",
                [&](auto& h) { backend(h)->add_host_keys(WireWriter().String("x").bytes()); });
  ExpectRefused("no type", [&](auto& h) {
    backend(h)->add_host_keys(WireWriter().String("").String("key").bytes());
  });
  ExpectRefused("large key", [&](auto& h) {
    backend(h)->add_host_keys(WireWriter().String("x").String(std::string(8192, 'k')).bytes());
  });
  ExpectRefused("many keys", [&](auto& h) {
    for (int i = 0; i < 8; ++i) backend(h)->add_host_keys(backend(h)->host_keys(0));
  });
}

TEST(AgentHelloTest, TakesWhatAnAgentMaySay) {
  v1::AgentHello hello = GoodHello();
  v1::AgentStatus& status = *hello.mutable_status();
  status.set_openssh_passed_over("What listens there does not greet – as SSH would.");
  v1::ManagedFile& file = *status.add_files();
  file.set_path("/home/j\xc3\xbcrgen/.ssh/environment");
  file.set_error(std::string(1024, 'e'));
  file.add_left_out("LONG");
  status.mutable_key_socket()->set_path("/home/coder/.coder-ssh-agent.sock");
  status.mutable_limits()->set_cpu_millis(24000);
  status.set_last_error("The disk is full.");
  status.mutable_last_error_time()->set_seconds(1700000000);
  EXPECT_TRUE(CheckAgentHello(hello).ok()) << CheckAgentHello(hello);
}

TEST(AgentHelloTest, RefusesAStatusOfAnotherForm) {
  const auto status = [](v1::AgentHello& h) { return h.mutable_status(); };
  ExpectRefused("passed over", [&](auto& h) { status(h)->set_openssh_passed_over("a\x1b[2J"); });
  ExpectRefused("passed over",
                [&](auto& h) { status(h)->set_openssh_passed_over(std::string(1025, 'a')); });
  ExpectRefused("last error", [&](auto& h) { status(h)->set_last_error("a\nb"); });
  ExpectRefused("path", [&](auto& h) { status(h)->add_files()->set_path(std::string(4097, 'a')); });
  ExpectRefused("error", [&](auto& h) { status(h)->add_files()->set_error("\r"); });
  ExpectRefused("left out", [&](auto& h) { status(h)->add_files()->add_left_out("\x7f"); });
  ExpectRefused("socket", [&](auto& h) { status(h)->mutable_key_socket()->set_path("\t"); });
  ExpectRefused("socket", [&](auto& h) { status(h)->mutable_key_socket()->set_error("\t"); });
  ExpectRefused("cpu", [&](auto& h) { status(h)->mutable_limits()->set_cpu_millis(-1); });
  ExpectRefused("memory", [&](auto& h) { status(h)->mutable_limits()->set_memory_bytes(-1); });
  ExpectRefused("time",
                [&](auto& h) { status(h)->mutable_last_error_time()->set_seconds(253402300800); });
  ExpectRefused("nanos", [&](auto& h) { status(h)->mutable_last_error_time()->set_nanos(-1); });
  ExpectRefused("many files", [&](auto& h) {
    for (int i = 0; i < 17; ++i) status(h)->add_files();
  });
  ExpectRefused("many names", [&](auto& h) {
    v1::ManagedFile* file = status(h)->add_files();
    for (int i = 0; i < 4097; ++i) file->add_left_out("A");
  });
  ExpectRefused("large", [&](auto& h) {
    v1::ManagedFile* file = status(h)->add_files();
    for (int i = 0; i < 300; ++i) file->add_left_out(std::string(1000, 'a'));
  });
}

}  // namespace
}  // namespace homeport
