// A service that finds its files damaged says in one sentence which and ends with a status that
// means it; it never starts over on top of them.
#include <sys/stat.h>

#include <filesystem>
#include <functional>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/exit_code.h"
#include "base/file.h"
#include "gmock/gmock.h"
#include "tests/integration/world.h"

namespace homeport::story {
namespace {

using ::testing::HasSubstr;

constexpr size_t kMostBytes = 64 << 20;
constexpr size_t kPageBytes = 4096;  // of SQLite

void Write(const std::string& path, const std::string& content, mode_t mode = 0600) {
  ASSERT_TRUE(WriteFileAtomically(path, content, mode).ok()) << path;
}

std::string Read(const std::string& path) { return ReadFile(path, kMostBytes).value_or("?"); }

// All files of a folder with what is in them. SQLite's working files come and go.
std::map<std::string, std::string> Content(const std::string& folder) {
  std::map<std::string, std::string> content;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename();
    if (name != "lock" && !absl::EndsWith(name, "-wal") && !absl::EndsWith(name, "-shm")) {
      content[name] = Read(entry.path());
    }
  }
  return content;
}

struct Damage {
  std::string name;
  // What happens to the state folder.
  std::function<void(const std::string& folder)> happen;
  // The file that is to be named.
  std::string file;
};

// Overwrites bytes in the middle of the file.
std::function<void(const std::string&)> Overwrite(const std::string& file, double where) {
  return [=](const std::string& folder) {
    std::string content = Read(folder + "/" + file);
    size_t at = static_cast<size_t>(static_cast<double>(content.size()) * where);
    // In the middle of a page of a database there may be nothing yet: from its beginning.
    if (content.size() > kPageBytes) at -= at % kPageBytes;
    for (size_t i = at; i < std::min(content.size(), at + 2048); ++i) content[i] = '\x5a';
    Write(folder + "/" + file, content);
  };
}

std::function<void(const std::string&)> Replace(const std::string& file, const std::string& by) {
  return [=](const std::string& folder) { Write(folder + "/" + file, by); };
}

std::function<void(const std::string&)> Cut(const std::string& file, double to) {
  return [=](const std::string& folder) {
    const std::string content = Read(folder + "/" + file);
    Write(folder + "/" + file,
          content.substr(0, static_cast<size_t>(static_cast<double>(content.size()) * to)));
  };
}

std::function<void(const std::string&)> Remove(const std::string& file) {
  return
      [=](const std::string& folder) { ASSERT_TRUE(std::filesystem::remove(folder + "/" + file)); };
}

std::vector<Damage> AllDamage() {
  const std::string other_key(64, 'a');
  return {
      {"DatabaseHeadOverwritten", Overwrite("homeport.db", 0), "homeport.db"},
      {"DatabaseOverwrittenInside", Overwrite("homeport.db", 0.3), "homeport.db"},
      {"DatabaseTruncated", Cut("homeport.db", 0.5), "homeport.db"},
      {"DatabaseEmpty", Replace("homeport.db", ""), "homeport.db"},
      {"DatabaseGone", Remove("homeport.db"), "homeport.db"},
      {"DatabaseIsText", Replace("homeport.db", "this is no database\n"), "homeport.db"},
      {"MasterKeyGone", Remove("master.key"), "master.key"},
      {"MasterKeyEmpty", Replace("master.key", ""), "master.key"},
      {"MasterKeyTooShort", Replace("master.key", "abcd\n"), "master.key"},
      {"MasterKeyOfAnother", Replace("master.key", other_key + "\n"), "master.key"},
      {"MasterKeyNotHex", Replace("master.key", std::string(64, 'z')), "master.key"},
      {"CaDamaged", Overwrite("ca.pem", 0.3), "ca.pem"},
      {"CaEmpty", Replace("ca.pem", ""), "ca.pem"},
      {"CaKeyDamaged", Overwrite("ca.key", 0.3), "ca.key"},
      {"CaKeyGone", Remove("ca.key"), "ca.key"},
      {"ServerCertificateDamaged", Overwrite("server.pem", 0.3), "server.pem"},
      {"ServerKeyDamaged", Overwrite("server.key", 0.3), "server.key"},
      {"ProxyCredentialDamaged", Replace("proxy-credential", "hpp_nonsense\n"), "proxy-credential"},
  };
}

class DamagedState : public Story, public testing::WithParamInterface<Damage> {
 protected:
  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(world_.StartCoordinator());
    world_.AddUser("demo");
    ASSERT_EQ(world_.coordinator().Terminate(), 0);
  }

  Result RunCoordinator(const std::string& listen = "127.0.0.1:0") {
    Process::Command command;
    command.arguments = {Binary("coordinator"),
                         "--state",
                         world_.state_folder,
                         "--ops_listen",
                         "",
                         "--listen",
                         listen};
    return RunToEnd(command, "", absl::Seconds(10));
  }
};

// The last line names the file, and nothing comes past our own log.
void ExpectOneSentence(const Result& result, const std::string& file) {
  const std::vector<std::string> lines = absl::StrSplit(result.err, '\n', absl::SkipEmpty());
  ASSERT_FALSE(lines.empty());
  EXPECT_THAT(lines.back(), HasSubstr(file));
  for (const std::string& line : lines) {
    EXPECT_TRUE(absl::StrContains(line, ": ") &&
                (absl::ascii_isdigit(static_cast<unsigned char>(line[0])) || lines.size() == 1))
        << line;
  }
}

TEST_P(DamagedState, IsNamedAndLeftAsItIs) {
  GetParam().happen(world_.state_folder);
  const auto before = Content(world_.state_folder);
  const Result result = RunCoordinator();
  EXPECT_EQ(result.status, kExitBadState) << result.err;
  ExpectOneSentence(result, world_.state_folder + "/" + GetParam().file);
  EXPECT_TRUE(Content(world_.state_folder) == before) << "a file was changed";
}

INSTANTIATE_TEST_SUITE_P(Every, DamagedState, testing::ValuesIn(AllDamage()),
                         [](const testing::TestParamInfo<Damage>& it) { return it.param.name; });

class StateInUse : public Story {};

TEST_F(StateInUse, BelongsToTheCoordinatorThatHasIt) {
  Process::Command command;
  command.arguments = {Binary("coordinator"), "--state", world_.state_folder,
                       "--ops_listen",        "",        "--listen",
                       "127.0.0.1:0"};
  const Result result = RunToEnd(command, "", absl::Seconds(10));
  EXPECT_NE(result.status, 0);
  EXPECT_NE(result.status, -1);
  ExpectOneSentence(result, "another coordinator is running on " + world_.state_folder);
  EXPECT_EQ(world_.Ssh({"dev", "echo in"}).out, "in\n");
}

TEST_F(StateInUse, SoDoItsPorts) {
  const std::string credential = world_.state_folder + "/proxy-credential";
  const std::string ca = world_.state_folder + "/ca.pem";
  for (const Words& words :
       {Words{Binary("coordinator"), "--state", world_.Path("other"), "--ops_listen", "",
              "--listen", world_.address("grpc")},
        Words{Binary("coordinator"), "--state", world_.Path("other"), "--listen", "127.0.0.1:0",
              "--ops_listen", world_.address("grpc")},
        Words{Binary("sshproxy"), "--ca_file", ca, "--credential_file", credential, "--coordinator",
              world_.address("grpc"), "--ops_listen", "", "--listen", world_.address("grpc"),
              "--tunnel_listen", "127.0.0.1:0"},
        Words{Binary("sshproxy"), "--ca_file", ca, "--credential_file", credential, "--coordinator",
              world_.address("grpc"), "--ops_listen", "", "--listen", "127.0.0.1:0",
              "--tunnel_listen", world_.address("grpc")}}) {
    Process::Command command;
    command.arguments = words;
    const Result result = RunToEnd(command, "", absl::Seconds(10));
    EXPECT_EQ(result.status, kExitUnavailable) << result.err;
    ExpectOneSentence(result, world_.address("grpc"));
  }
}

// The files that agents and proxies are given.
class DamagedCredential : public Story {
 protected:
  void Expect(const std::string& program, const std::string& ca, const std::string& credential,
              const std::string& named) {
    Process::Command command;
    command.arguments = {Binary(program)};
    if (program == "homeport-agent") command.arguments.push_back("run");
    command.arguments.insert(command.arguments.end(), {"--coordinator", "127.0.0.1:1", "--ca_file",
                                                       ca, "--credential_file", credential});
    if (program == "sshproxy") {
      command.arguments.insert(
          command.arguments.end(),
          {"--listen", "127.0.0.1:0", "--tunnel_listen", "127.0.0.1:0", "--ops_listen", ""});
    }
    const Result result = RunToEnd(command, "", absl::Seconds(10));
    EXPECT_EQ(result.status, kExitBadState) << program << ": " << result.err;
    ExpectOneSentence(result, named);
  }
};

TEST_F(DamagedCredential, IsNamed) {
  const std::string ca = world_.state_folder + "/ca.pem";
  const std::string good = world_.CredentialFile("dev");
  const std::string open_to_all = world_.Path("open");
  const std::string empty = world_.Path("empty");
  const std::string damaged = world_.Path("damaged.pem");
  Write(open_to_all, Read(good), 0644);
  Write(empty, "");
  Write(damaged, "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n");
  for (const char* program : {"homeport-agent", "sshproxy"}) {
    SCOPED_TRACE(program);
    Expect(program, ca, world_.Path("missing"), world_.Path("missing"));
    Expect(program, ca, open_to_all, open_to_all);
    Expect(program, ca, empty, empty);
    Expect(program, ca, world_.Path("."), world_.Path("."));
    Expect(program, world_.Path("missing.pem"), good, world_.Path("missing.pem"));
    Expect(program, empty, good, empty);
    Expect(program, damaged, good, damaged);
  }
}

}  // namespace
}  // namespace homeport::story
