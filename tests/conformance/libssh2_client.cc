// libssh2 as a client of the front door; the arguments are those of paramiko_client.py.
#include <arpa/inet.h>
#include <libssh2.h>
#include <libssh2_sftp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "base/unique_fd.h"

namespace homeport::story {
namespace {

constexpr size_t kBlock = 1 << 17;
constexpr size_t kLargestFile = 256 << 20;

[[noreturn]] void Fail(const std::string& what) {
  fprintf(stderr, "%s\n", what.c_str());
  exit(1);
}

void Expect(bool works, const std::string& what) {
  if (!works) Fail("failed: " + what);
}

void ExpectSame(const std::string& got, const std::string& wanted, const std::string& what) {
  if (got == wanted) return;
  Fail(absl::StrCat(what, ": ", got.size(), " bytes (", got.substr(0, 100), ") instead of ",
                    wanted.size(), " (", wanted.substr(0, 100), ")"));
}

std::string Content(const std::string& path) {
  const absl::StatusOr<std::string> content = ReadFile(path, kLargestFile);
  if (!content.ok()) Fail(std::string(content.status().message()));
  return *content;
}

UniqueFd Connect(int port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  UniqueFd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  Expect(connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0,
         absl::StrCat("connecting to port ", port));
  return fd;
}

struct Arguments {
  std::string what;
  int port = 0;
  std::string login;
  std::string key_file;
  std::string known_hosts;
  std::string folder;
  int echo_port = 0;
};

// A channel that is freed when it is no longer needed.
//
// Threads: one.
class Channel {
 public:
  explicit Channel(LIBSSH2_CHANNEL* channel) : channel_(channel) {
    Expect(channel != nullptr, "opening a channel");
  }
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  ~Channel() { libssh2_channel_free(channel_); }

  LIBSSH2_CHANNEL* get() const { return channel_; }
  void Exec(const std::string& command) {
    Expect(libssh2_channel_exec(channel_, command.c_str()) == 0, command);
  }
  void Write(const std::string& bytes) {
    for (size_t at = 0; at < bytes.size();) {
      const ssize_t n =
          libssh2_channel_write(channel_, &bytes[at], std::min(kBlock, bytes.size() - at));
      Expect(n > 0, absl::StrCat("writing after ", at, " bytes: ", n));
      at += static_cast<size_t>(n);
    }
  }
  void SendEof() { Expect(libssh2_channel_send_eof(channel_) == 0, "sending EOF"); }
  std::string ReadToEnd(int stream = 0) {
    std::string all;
    while (Read(stream, all)) {
    }
    return all;
  }
  std::string ReadExactly(size_t size) {
    std::string all;
    while (all.size() < size && Read(0, all)) {
    }
    return all;
  }
  void ReadUntil(const std::string& text) {
    std::string all;
    while (!absl::StrContains(all, text)) {
      if (!Read(0, all)) Fail(all + " ended without " + text);
    }
  }
  // Closes it and returns the command's exit status.
  int Close() {
    Expect(libssh2_channel_close(channel_) == 0, "closing");
    Expect(libssh2_channel_wait_closed(channel_) == 0, "waiting for the other side to close");
    return libssh2_channel_get_exit_status(channel_);
  }

 private:
  bool Read(int stream, std::string& all) {
    std::vector<char> bytes(kBlock);
    const ssize_t n = libssh2_channel_read_ex(channel_, stream, bytes.data(), bytes.size());
    Expect(n >= 0, absl::StrCat("reading: ", n));
    all.append(bytes.data(), static_cast<size_t>(n));
    return n > 0;
  }

  LIBSSH2_CHANNEL* const channel_;
};

LIBSSH2_CHANNEL* OpenSession(LIBSSH2_SESSION* session) {
  return libssh2_channel_open_session(session);
}

void TryCommand(LIBSSH2_SESSION* session, const Arguments&) {
  Channel channel(OpenSession(session));
  channel.Exec("cat; echo err >&2; exit 7");
  channel.Write("in\n");
  channel.SendEof();
  ExpectSame(channel.ReadToEnd(), "in\n", "standard output");
  ExpectSame(channel.ReadToEnd(SSH_EXTENDED_DATA_STDERR), "err\n", "standard error");
  Expect(channel.Close() == 7, "exit status 7");
}

void TryLargeFiles(LIBSSH2_SESSION* session, const Arguments& arguments) {
  const std::string from = Content(arguments.folder + "/from");
  {
    Channel up(OpenSession(session));
    up.Exec("cat >" + arguments.folder + "/up");
    up.Write(from);
    up.SendEof();
    ExpectSame(up.ReadToEnd(), "", "standard output");
    Expect(up.Close() == 0, "exit status 0");
  }
  Expect(Content(arguments.folder + "/up") == from, "the same file there");
  Channel down(OpenSession(session));
  down.Exec("cat " + arguments.folder + "/up");
  Expect(down.ReadToEnd() == from, "the same file back");
  Expect(down.Close() == 0, "exit status 0");
}

void TryTerminal(LIBSSH2_SESSION* session, const Arguments&) {
  Channel channel(OpenSession(session));
  Expect(libssh2_channel_request_pty_ex(channel.get(), "vt100", 5, nullptr, 0, 101, 33, 0, 0) == 0,
         "a terminal");
  Expect(libssh2_channel_shell(channel.get()) == 0, "a shell");
  channel.Write("echo size=$(stty size) $TERM.\n");
  channel.ReadUntil("size=33 101 vt100.");
  Expect(libssh2_channel_request_pty_size_ex(channel.get(), 120, 40, 0, 0) == 0, "a new size");
  channel.Write("echo size=$(stty size).\n");
  channel.ReadUntil("size=40 120.");
  channel.Write("exit 5\n");
  channel.ReadToEnd();
  Expect(channel.Close() == 5, "exit status 5");
}

void TryForward(LIBSSH2_SESSION* session, const Arguments& arguments) {
  {
    Channel channel(libssh2_channel_direct_tcpip(session, "localhost", arguments.echo_port));
    const std::string bytes(50000, 'x');
    channel.Write(bytes);
    ExpectSame(channel.ReadExactly(bytes.size()), bytes, "what the port sent back");
    channel.SendEof();
    ExpectSame(channel.ReadToEnd(), "", "after the end");
  }
  int port = 0;
  LIBSSH2_LISTENER* const listener =
      libssh2_channel_forward_listen_ex(session, "127.0.0.1", 0, &port, 4);
  Expect(listener != nullptr && port > 0, "a port in the workspace");
  const UniqueFd visitor = Connect(port);
  Expect(send(visitor.get(), "knock", 5, 0) == 5, "sending from the workspace");
  {
    Channel channel(libssh2_channel_forward_accept(listener));
    ExpectSame(channel.ReadExactly(5), "knock", "what came from the workspace");
    channel.Write("come in");
    std::array<char, 7> got;
    Expect(recv(visitor.get(), got.data(), got.size(), MSG_WAITALL) == 7, "the answer");
    ExpectSame(std::string(got.data(), got.size()), "come in", "the answer");
  }
  Expect(libssh2_channel_forward_cancel(listener) == 0, "cancelling");
}

void WriteRemote(LIBSSH2_SFTP* sftp, const std::string& path, const std::string& bytes) {
  LIBSSH2_SFTP_HANDLE* const file = libssh2_sftp_open(
      sftp, path.c_str(), LIBSSH2_FXF_WRITE | LIBSSH2_FXF_CREAT | LIBSSH2_FXF_TRUNC, 0640);
  Expect(file != nullptr, "creating " + path);
  for (size_t at = 0; at < bytes.size();) {
    const ssize_t n = libssh2_sftp_write(file, &bytes[at], std::min(kBlock, bytes.size() - at));
    Expect(n > 0, "writing " + path);
    at += static_cast<size_t>(n);
  }
  Expect(libssh2_sftp_close(file) == 0, "closing " + path);
}

std::string ReadRemote(LIBSSH2_SFTP* sftp, const std::string& path) {
  LIBSSH2_SFTP_HANDLE* const file = libssh2_sftp_open(sftp, path.c_str(), LIBSSH2_FXF_READ, 0);
  Expect(file != nullptr, "opening " + path);
  std::string all;
  std::vector<char> bytes(kBlock);
  for (ssize_t n; (n = libssh2_sftp_read(file, bytes.data(), bytes.size())) != 0;) {
    Expect(n > 0, "reading " + path);
    all.append(bytes.data(), static_cast<size_t>(n));
  }
  libssh2_sftp_close(file);
  return all;
}

void TrySftp(LIBSSH2_SESSION* session, const Arguments& arguments) {
  const std::string from = Content(arguments.folder + "/from");
  LIBSSH2_SFTP* const sftp = libssh2_sftp_init(session);
  Expect(sftp != nullptr, "SFTP");
  const std::string made = arguments.folder + "/made";
  Expect(libssh2_sftp_mkdir(sftp, made.c_str(), 0700) == 0, "making a folder");
  WriteRemote(sftp, made + "/file", from);
  Expect(Content(made + "/file") == from, "the same file there");
  Expect(ReadRemote(sftp, made + "/file") == from, "the same file back");
  LIBSSH2_SFTP_ATTRIBUTES attributes = {};
  Expect(libssh2_sftp_stat(sftp, (made + "/file").c_str(), &attributes) == 0, "its attributes");
  Expect(attributes.filesize == from.size(), "its size");
  Expect((attributes.permissions & 0777) == 0640, "its mode");
  // What libssh2 1.10 gives back for a link that was made is random.
  libssh2_sftp_symlink(sftp, "file", const_cast<char*>((made + "/link").c_str()));
  Expect(Content(made + "/link") == from, "the link leads to the file");
  Expect(libssh2_sftp_rename(sftp, (made + "/file").c_str(), (made + "/moved").c_str()) == 0,
         "a new name");
  Expect(libssh2_sftp_stat(sftp, (made + "/link").c_str(), &attributes) != 0, "a dangling link");
  Expect(libssh2_sftp_last_error(sftp) == LIBSSH2_FX_NO_SUCH_FILE, "a dangling link's error");
  for (const char* name : {"/link", "/moved"}) {
    Expect(libssh2_sftp_unlink(sftp, (made + name).c_str()) == 0, "removing");
  }
  Expect(libssh2_sftp_rmdir(sftp, made.c_str()) == 0, "removing a folder");
  libssh2_sftp_shutdown(sftp);
}

void CheckHostKey(LIBSSH2_SESSION* session, const Arguments& arguments) {
  LIBSSH2_KNOWNHOSTS* const known = libssh2_knownhost_init(session);
  Expect(libssh2_knownhost_readfile(known, arguments.known_hosts.c_str(),
                                    LIBSSH2_KNOWNHOST_FILE_OPENSSH) > 0,
         "reading " + arguments.known_hosts);
  size_t size = 0;
  int type = 0;
  const char* const key = libssh2_session_hostkey(session, &size, &type);
  const int mask = LIBSSH2_KNOWNHOST_TYPE_PLAIN | LIBSSH2_KNOWNHOST_KEYENC_RAW;
  Expect(libssh2_knownhost_checkp(known, "127.0.0.1", arguments.port, key, size, mask, nullptr) ==
             LIBSSH2_KNOWNHOST_CHECK_MATCH,
         "the host key is the known one");
  libssh2_knownhost_free(known);
}

int Main(const Arguments& arguments) {
  Expect(libssh2_init(0) == 0, "starting libssh2");
  const UniqueFd socket = Connect(arguments.port);
  LIBSSH2_SESSION* const session = libssh2_session_init();
  libssh2_session_set_timeout(session, 20000);
  Expect(libssh2_session_handshake(session, socket.get()) == 0, "exchanging keys");
  CheckHostKey(session, arguments);
  Expect(libssh2_userauth_publickey_fromfile(session, arguments.login.c_str(), nullptr,
                                             arguments.key_file.c_str(), nullptr) == 0,
         "signing in");
  if (arguments.what == "command") TryCommand(session, arguments);
  if (arguments.what == "large-files") TryLargeFiles(session, arguments);
  if (arguments.what == "terminal") TryTerminal(session, arguments);
  if (arguments.what == "forward") TryForward(session, arguments);
  if (arguments.what == "sftp") TrySftp(session, arguments);
  libssh2_session_disconnect(session, "done");
  libssh2_session_free(session);
  return 0;
}

}  // namespace
}  // namespace homeport::story

int main(int argc, char** argv) {
  homeport::story::Arguments arguments;
  if (argc != 8 || !absl::SimpleAtoi(argv[2], &arguments.port) ||
      !absl::SimpleAtoi(argv[7], &arguments.echo_port)) {
    homeport::story::Fail("libssh2_client WHAT PORT LOGIN KEY KNOWN_HOSTS FOLDER ECHO_PORT");
  }
  arguments.what = argv[1];
  arguments.login = argv[3];
  arguments.key_file = argv[4];
  arguments.known_hosts = argv[5];
  arguments.folder = argv[6];
  return homeport::story::Main(arguments);
}
