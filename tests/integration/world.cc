#include "tests/integration/world.h"

#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "base/file.h"
#include "tests/integration/private_sshd.h"
#include "tests/integration/sanitizer_reports.h"
#include "tests/integration/start_files.h"
#include "tests/integration/tcp_connection.h"
#include "tests/integration/wait_for.h"

namespace homeport::story {
namespace {

constexpr absl::Duration kStartLimit = absl::Seconds(20);
// For a service that leaks are sought in to end by itself.
constexpr absl::Duration kEndLimit = absl::Seconds(10);
constexpr size_t kLogTailBytes = 6000;

constexpr char kSshConfig[] = R"(Host *
  HostName 127.0.0.1
  Port $PORT
  IdentitiesOnly yes
  IdentityAgent none
  BatchMode yes
  UserKnownHostsFile $FOLDER/known_hosts
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking yes
Match originalhost dev
  User dev
Match originalhost box
  User box
)";

// Not in Bazel's own folder for tests: the names of Unix sockets are short.
std::string MakeWorldFolder() {
  std::string path = "/tmp/homeport-story.XXXXXX";
  EXPECT_NE(mkdtemp(path.data()), nullptr) << "cannot make a folder like " << path;
  return path;
}

void PrintTail(const std::string& path) {
  const std::string text = ReadFile(path, 256 << 20).value_or("");
  if (text.empty()) return;
  const size_t from = text.size() > kLogTailBytes ? text.size() - kLogTailBytes : 0;
  std::cerr << "=== the end of " << std::filesystem::path(path).filename() << "\n"
            << text.substr(from) << "\n";
}

}  // namespace

std::string Binary(const std::string& name) {
  const std::string folder = name == "homeport" ? "cli" : name == "homeport-agent" ? "agent" : name;
  return std::filesystem::absolute(absl::StrCat(folder, "/", name));
}

World::World() : folder_(MakeWorldFolder()) {
  AdoptOrphans();
  HideStartFiles();
  CollectSanitizerReports(folder_);
  state_folder = Path("coordinator");
  for (const char* name : {"coordinator", "sshproxy", "sshd"}) {
    services_[name] = std::make_unique<Service>(name, Path(absl::StrCat(name, ".log")));
  }
}

World::~World() {
  if (kLeaksAreSought) EndServices();
  for (const auto& [name, service] : services_) {
    if (service->running()) service->process().Signal(SIGKILL);
  }
  services_.clear();
  KillChildren();
  FailForSanitizerReports(folder_);
  // A world that several tests share ends after the last of them.
  const bool shared = testing::UnitTest::GetInstance()->current_test_info() == nullptr;
  if (testing::Test::HasFailure() || (shared && testing::UnitTest::GetInstance()->Failed())) {
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      if (entry.path().extension() == ".log") PrintTail(entry.path());
    }
  }
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void World::EndServices() {
  for (Service* service : services()) service->process().Signal(SIGTERM);
  const absl::Time deadline = absl::Now() + kEndLimit;
  while (!services().empty() && absl::Now() < deadline) absl::SleepFor(absl::Milliseconds(10));
}

Service& World::service(const std::string& name) {
  std::unique_ptr<Service>& service = services_[name];
  if (service == nullptr) {
    service = std::make_unique<Service>(name, Path(absl::StrCat(name, ".log")));
  }
  return *service;
}

std::vector<Service*> World::services() {
  std::vector<Service*> running;
  for (const auto& [name, service] : services_) {
    if (name != "sshd" && service->running()) running.push_back(service.get());
  }
  return running;
}

std::string World::TokenFile(const std::string& user) const { return Path(user + ".token"); }

std::string World::ListenAddress(const std::string& name) const {
  const auto found = addresses_.find(name);
  return found == addresses_.end() ? "127.0.0.1:0" : found->second;
}

absl::Status World::ShareDatabase() {
  absl::StatusOr<std::unique_ptr<PostgresqlServer>> server = PostgresqlServer::Start();
  if (!server.ok()) return server.status();
  postgresql_ = *std::move(server);
  absl::StatusOr<std::string> made = postgresql_->CreateDatabase();
  if (!made.ok()) return made.status();
  database = *made;
  return absl::OkStatus();
}

std::string World::CoordinatorOf(const std::string& service) const {
  const auto found = coordinator_of.find(service);
  return found == coordinator_of.end() ? address("grpc") : found->second;
}

void World::SetCoordinatorCommand(const std::string& name) {
  const std::string suffix = name.substr(std::string("coordinator").size());
  Words words = {Binary("coordinator"),
                 "--state",
                 state_folder,
                 "--address_file",
                 Path(name + ".address"),
                 "--listen",
                 ListenAddress("grpc" + suffix),
                 "--ops_listen",
                 ListenAddress(name + "_ops")};
  if (!database.empty()) {
    words[1] = "--secrets";
    words.insert(words.end(), {"--store", database, "--replica", name});
  }
  words.insert(words.end(), coordinator_flags.begin(), coordinator_flags.end());
  service(name).SetCommand(words);
}

void World::SetSshproxyCommand(const std::string& name) {
  const std::string suffix = name.substr(std::string("sshproxy").size());
  Words words = {Binary("sshproxy"),
                 "--listen",
                 ListenAddress("ssh" + suffix),
                 "--tunnel_listen",
                 ListenAddress("tunnel" + suffix),
                 "--ops_listen",
                 ListenAddress(name + "_ops"),
                 "--coordinator",
                 CoordinatorOf(name),
                 "--ca_file",
                 state_folder + "/ca.pem",
                 "--credential_file",
                 state_folder + "/proxy-credential",
                 "--address_file",
                 Path(name + ".address")};
  words.insert(words.end(), sshproxy_flags.begin(), sshproxy_flags.end());
  service(name).SetCommand(words);
}

void World::TakeAddresses(const std::string& name) {
  const std::string path = Path(name + ".address");
  WaitFor([&] { return access(path.c_str(), R_OK) == 0 || !service(name).running(); }, kStartLimit,
          name + " to say where it listens");
  const std::string content = ReadFile(path).value_or("");
  for (const absl::string_view line : absl::StrSplit(content, '\n', absl::SkipEmpty())) {
    const std::pair<std::string, std::string> entry = absl::StrSplit(line, absl::MaxSplits('=', 1));
    // "ssh" of sshproxy-2 is "ssh-2".
    const size_t dash = name.find('-');
    const std::string suffix = dash == std::string::npos ? "" : name.substr(dash);
    addresses_[entry.first == "ops" ? name + "_ops" : entry.first + suffix] = entry.second;
  }
  if (addresses_.count(name + "_ops") == 0) FAIL() << name << " did not start: " << content;
}

void World::WaitUntilReady(const std::string& name) {
  const std::string ops = address(name + "_ops");
  WaitFor([&] { return HttpGet(ops, "/readyz").status == 200 || !service(name).running(); },
          kStartLimit, name + " to be ready");
  EXPECT_TRUE(service(name).running()) << name << " ended instead of starting";
}

void World::StartCoordinator(const std::string& name) {
  if (!database.empty() && access((state_folder + "/master.key").c_str(), F_OK) != 0) {
    Process::Command make;
    make.arguments = {Binary("coordinator"), "make-secrets", state_folder};
    const Result made = RunToEnd(make);
    ASSERT_EQ(made.status, 0) << made.err;
  }
  SetCoordinatorCommand(name);
  unlink(Path(name + ".address").c_str());
  service(name).Start();
  ASSERT_NO_FATAL_FAILURE(TakeAddresses(name));
  WaitUntilReady(name);
  SetUp();
}

void World::SetUp() {
  // Once: a coordinator that starts again has its site manager already.
  if (access(TokenFile("admin").c_str(), F_OK) == 0) return;
  ASSERT_TRUE(WriteFileAtomically(Path("admin.password"), "a password for stories\n", 0600).ok());
  Process::Command login =
      HomeportCommand({"login", "--setup", "--code-file", SetUpCodeFile(), "--username", "admin",
                       "--email", "admin@example.com", "--password-file", Path("admin.password")});
  const Result signed_in = RunToEnd(login);
  ASSERT_EQ(signed_in.status, 0) << signed_in.err;
  const Result token = RunToEnd(
      HomeportCommand({"tokens", "create", "stories", "--secret-file", TokenFile("admin")}));
  ASSERT_EQ(token.status, 0) << token.err;
}

std::string World::SetUpCodeFile() {
  if (database.empty()) return state_folder + "/set-up-code";
  // The log is all that has it. Prefix, 16 digits, an underscore, 43 characters.
  const std::string log = coordinator().Log();
  const size_t begin = log.find("hps_");
  EXPECT_NE(begin, std::string::npos) << "no set-up code in the coordinator's log";
  if (begin == std::string::npos) return "";
  const std::string file = Path("set-up-code");
  EXPECT_TRUE(WriteFileAtomically(file, log.substr(begin, 64) + "\n", 0600).ok());
  return file;
}

void World::StartSshproxy(const std::string& name) {
  SetSshproxyCommand(name);
  unlink(Path(name + ".address").c_str());
  service(name).Start();
  ASSERT_NO_FATAL_FAILURE(TakeAddresses(name));
  WaitUntilReady(name);
}

void World::StartAgent(const std::string& workspace) {
  Words words = {Binary("homeport-agent"),
                 "run",
                 "--coordinator",
                 CoordinatorOf("agent-" + workspace),
                 "--ca_file",
                 state_folder + "/ca.pem",
                 "--credential_file",
                 CredentialFile(workspace),
                 "--status_file",
                 Path(workspace + ".status")};
  const auto sshd = addresses_.find("sshd");
  if (workspace == "box" && sshd != addresses_.end()) {
    words.insert(words.end(), {"--backend", "openssh", "--openssh_address", sshd->second});
  } else {
    words.insert(words.end(), {"--backend", "embedded"});
  }
  words.insert(words.end(), home_flags.begin(), home_flags.end());
  words.insert(words.end(), agent_flags.begin(), agent_flags.end());
  agent(workspace).SetCommand(words);
  unlink(Path(workspace + ".status").c_str());
  agent(workspace).Start();
}

void World::Start() {
  ASSERT_NO_FATAL_FAILURE(StartCoordinator());
  if (postgresql_ != nullptr) {
    ASSERT_NO_FATAL_FAILURE(StartCoordinator("coordinator-2"));
    coordinator_of.emplace("agent-dev", address("grpc-2"));
    coordinator_of.emplace("agent-box", address("grpc-2"));
  }
  ASSERT_NO_FATAL_FAILURE(AddUser("demo"));
  const Result provider = Homeport({"providers", "create", "local"});
  ASSERT_EQ(provider.status, 0) << provider.err;
  ASSERT_NO_FATAL_FAILURE(AddWorkspace("demo/dev"));
  ASSERT_NO_FATAL_FAILURE(StartSshproxy());
  StartAgent("dev");
  WriteSshConfig();
  ASSERT_TRUE(WaitForAgent("dev"));
}

void World::StartBox() {
  ASSERT_NO_FATAL_FAILURE(AddWorkspace("demo/box"));
  ASSERT_NO_FATAL_FAILURE(StartSshd());
  StartAgent("box");
  ASSERT_TRUE(WaitForAgent("box"));
}

std::string World::WhyNoBox() { return PrivateSshd::WhyNone(); }

void World::StartSshd() {
  const Result keys = Homeport({"keys", "show", "demo"});
  ASSERT_EQ(keys.status, 0) << keys.err;
  PrivateSshd sshd(Path("box-sshd"), sshd_configuration);
  addresses_["sshd"] = sshd.Start(service("sshd"), keys.out);
}

void World::Restart(const std::string& name) {
  if (absl::StartsWith(name, "coordinator")) {
    StartCoordinator(name);
  } else if (absl::StartsWith(name, "sshproxy")) {
    StartSshproxy(name);
  } else {
    const std::string workspace = name.substr(std::string("agent-").size());
    StartAgent(workspace);
    WaitForAgent(workspace);
  }
}

void World::AddUser(const std::string& name) {
  const Result made = Homeport({"users", "create", name, "--email", name + "@example.com",
                                "--token-file-out", TokenFile(name)});
  ASSERT_EQ(made.status, 0) << made.err;
  const Result key = HomeportAs(name, {"keys", "download", "--file", KeyFile(name)});
  ASSERT_EQ(key.status, 0) << key.err;
}

void World::AddWorkspace(const std::string& path) {
  const std::string name = path.substr(path.find('/') + 1);
  const Result made = Homeport({"workspaces", "create", path, "--provider", "local",
                                "--credential-file", CredentialFile(name)});
  ASSERT_EQ(made.status, 0) << made.err;
}

std::string World::AgentStatus(const std::string& workspace) const {
  return ReadFile(Path(workspace + ".status")).value_or("");
}

bool World::WaitForAgent(const std::string& workspace, absl::Duration limit) {
  return WaitFor([&] { return absl::StrContains(AgentStatus(workspace), "state=connected\n"); },
                 limit, absl::StrCat("the agent of ", workspace, " to be connected"));
}

bool World::WaitForOnline(const std::string& path, bool online, absl::Duration limit) {
  const std::string wanted = online ? "\"online\": true" : "\"online\": false";
  return WaitFor(
      [&] {
        return absl::StrContains(Homeport({"workspaces", "get", path, "--output", "json"}).out,
                                 wanted);
      },
      limit, absl::StrCat("the coordinator to say of ", path, " ", wanted));
}

Process::Command World::HomeportCommand(const Words& words, const std::string& at) const {
  Process::Command command;
  command.arguments = {Binary("homeport"), "--coordinator", address(at), "--ca-file",
                       state_folder + "/ca.pem"};
  command.arguments.insert(command.arguments.end(), words.begin(), words.end());
  command.environment = {"XDG_CONFIG_HOME=" + Path("config")};
  return command;
}

Result World::HomeportAs(const std::string& user, const Words& words) {
  Words with_token = {"--token-file", TokenFile(user)};
  with_token.insert(with_token.end(), words.begin(), words.end());
  return RunToEnd(HomeportCommand(with_token));
}

Result World::HomeportAt(const std::string& address, const Words& words) {
  Words with_token = {"--token-file", TokenFile("admin")};
  with_token.insert(with_token.end(), words.begin(), words.end());
  return RunToEnd(HomeportCommand(with_token, address));
}

void World::WriteSshConfig() {
  const std::string& ssh = address("ssh");
  const std::string port = ssh.substr(ssh.find(':') + 1);
  const Result known = Homeport({"front-door", "--known-hosts", "127.0.0.1", port});
  ASSERT_EQ(known.status, 0) << known.err;
  const std::string config =
      absl::StrReplaceAll(kSshConfig, {{"$PORT", port}, {"$FOLDER", folder_}});
  ASSERT_TRUE(WriteFileAtomically(Path("known_hosts"), known.out, 0600).ok());
  ASSERT_TRUE(WriteFileAtomically(Path("ssh_config"), config, 0600).ok());
}

Process::Command World::SshCommand(const Words& words, const std::string& user) const {
  Process::Command command;
  command.arguments = {"ssh", "-F", Path("ssh_config"), "-i", KeyFile(user)};
  command.arguments.insert(command.arguments.end(), words.begin(), words.end());
  return command;
}

Result World::Ssh(const Words& words, absl::string_view input, absl::Duration limit) {
  return RunToEnd(SshCommand(words), input, limit);
}

std::unique_ptr<Conversation> World::TalkSsh(const Words& words) {
  return std::make_unique<Conversation>(SshCommand(words));
}

std::unique_ptr<Conversation> World::LiveSession(const Words& words) {
  Words command = words;
  command.push_back("cat");
  std::unique_ptr<Conversation> session = TalkSsh(command);
  Say(*session, "alive");
  return session;
}

void World::Say(Conversation& session, const std::string& line) {
  session.ForgetOutput();
  session.Send(line + "\n");
  EXPECT_TRUE(session.WaitForOutput(line + "\n")) << "the session no longer answers";
}

std::unique_ptr<Conversation> World::TerminalSsh(const Words& words,
                                                 const Conversation::Terminal& terminal) {
  return std::make_unique<Conversation>(SshCommand(words), terminal);
}

double World::Metric(const std::string& ops_address, const std::string& name) const {
  const std::string body = HttpGet(ops_address, "/metrics").body;
  for (const absl::string_view line : absl::StrSplit(body, '\n')) {
    absl::string_view rest = line;
    double value = -1;
    if (absl::ConsumePrefix(&rest, absl::StrCat(name, " ")) && absl::SimpleAtod(rest, &value)) {
      return value;
    }
  }
  return -1;
}

}  // namespace homeport::story
