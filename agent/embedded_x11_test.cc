// The client's X server in the workspace: the real ssh and xauth, and an X server that only checks
// the cookie.
#include <unistd.h>

#include <cstring>
#include <string>

#include "agent/embedded_server_fixture.h"
#include "agent/xauthority_process.h"
#include "base/file.h"
#include "gmock/gmock.h"

namespace homeport::agent {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

// Server: a display on a TCP port that answers each connection with the length of the cookie that
// its set-up packet holds, or "bad". Client (in the session): connects to $DISPLAY with the cookie
// that xauth has for it.
constexpr char kX11[] = R"SH(
cat > $DIR/xserver.py <<'END'
import os, socket, struct, sys, threading
for display in range(500, 900):
    s = socket.socket()
    try:
        s.bind(('127.0.0.1', 6000 + display))
        break
    except OSError:
        s.close()
s.listen(10)
with open(sys.argv[1] + '.new', 'w') as f: f.write(str(display))
os.rename(sys.argv[1] + '.new', sys.argv[1])
def serve(c):
    head = c.recv(12, socket.MSG_WAITALL)
    name, size = struct.unpack('<HH', head[6:10])
    body = c.recv((name + 3) // 4 * 4 + (size + 3) // 4 * 4, socket.MSG_WAITALL)
    ok = head[0:1] == b'l' and body.startswith(b'MIT-MAGIC-COOKIE-1')
    c.sendall(b'cookie of %d bytes' % size if ok else b'bad')
    c.close()
while True:
    threading.Thread(target=serve, args=(s.accept()[0],), daemon=True).start()
END
cat > $DIR/xclient.py <<'END'
import os, socket, struct, subprocess
number = os.environ['DISPLAY'].split(':')[1].split('.')[0]
line = subprocess.run(['xauth', 'list', 'unix:' + number], capture_output=True, text=True).stdout
cookie = bytes.fromhex(line.split()[2])
name = b'MIT-MAGIC-COOKIE-1'
s = socket.create_connection(('localhost', 6000 + int(number)), 20)
s.sendall(b'l\0' + struct.pack('<HHHHH', 11, 0, len(name), len(cookie), 0) + name + b'\0\0' + cookie)
answer = b''
while piece := s.recv(1000): answer += piece
print(answer.decode())
END
export HOME=$DIR
python3 $DIR/xserver.py $DIR/display & server=$!
trap 'kill $server' EXIT
for _ in {1..600}; do [ -e $DIR/display ] && break; sleep 0.05; done
export DISPLAY=127.0.0.1:$(cat $DIR/display)
)SH";

class EmbeddedX11Test : public EmbeddedServerFixture {
 protected:
  void SetUp() override {
    if (access("/usr/bin/xauth", X_OK) != 0) GTEST_SKIP() << "there is no /usr/bin/xauth";
    EmbeddedServerFixture::SetUp();
  }
  CommandResult RunWithX11(const std::string& script) { return Run(kX11 + script); }
};

TEST_F(EmbeddedX11Test, AProgramReachesTheUsersDisplay) {
  const CommandResult result = RunWithX11(R"SH(
$SSH -Y $TO 'echo $DISPLAY; python3 $HOME/xclient.py; python3 $HOME/xclient.py'
)SH");
  EXPECT_THAT(result.out, MatchesRegex("localhost:[0-9]+\\.0\ncookie of 16 bytes\n"
                                       "cookie of 16 bytes\n"))
      << result.err;
}

TEST_F(EmbeddedX11Test, EachSessionOfAConnectionHasADisplayAndTheyGoWithIt) {
  const CommandResult result = RunWithX11(R"SH(
$SSH -Y -M -S $DIR/mux -N -f $TO
mux="$SSH -Y -S $DIR/mux"
$mux $TO 'echo ${DISPLAY#*:} > $HOME/one; until [ -e $HOME/go ]; do sleep 0.05; done' & first=$!
for _ in {1..600}; do [ -s $DIR/one ] && break; sleep 0.05; done
$mux $TO 'echo ${DISPLAY#*:} > $HOME/two; python3 $HOME/xclient.py'
[ "$(cat $DIR/one)" != "$(cat $DIR/two)" ] && echo two displays
touch $DIR/go
wait $first
port=$((6000 + $(cut -d. -f1 $DIR/one)))
# Displays are numbered from the lowest free: another server may have it already.
ours() { ss -Hltnp "sport = :$port" | grep "pid=$SERVER,"; }
for _ in {1..600}; do ours > /dev/null || break; sleep 0.05; done
ours | wc -l
$SSH -S $DIR/mux -O exit $TO
)SH");
  EXPECT_EQ(result.out, "cookie of 16 bytes\ntwo displays\n0\n") << result.err;
}

TEST_F(EmbeddedX11Test, AnRcFileGetsTheCookieInsteadOfXauth) {
  const CommandResult result = RunWithX11(R"SH(
mkdir -p $DIR/.ssh
echo 'read protocol cookie; echo "rc has $protocol and ${#cookie} digits on $DISPLAY"' > $DIR/.ssh/rc
$SSH -Y $TO 'echo then; xauth list | wc -l'
$SSH $TO 'echo without'
)SH");
  EXPECT_THAT(result.out, MatchesRegex("rc has MIT-MAGIC-COOKIE-1 and 32 digits on localhost:.*\n"
                                       "then\n0\n"
                                       "rc has  and 0 digits on \nwithout\n"))
      << result.err;
}

class NoXauthTest : public EmbeddedX11Test {
 protected:
  void SetUp() override {
    options.xauth = "/no/such/xauth";
    EmbeddedX11Test::SetUp();
  }
};

TEST_F(NoXauthTest, WithoutXauthProgramsFindTheSecretAllTheSame) {
  const CommandResult result = RunWithX11(R"SH(
xauth -q -f $DIR/.Xauthority add elsewhere:7 MIT-MAGIC-COOKIE-1 00ff
$SSH -Y $TO 'python3 $HOME/xclient.py; xauth list | wc -l; xauth list elsewhere:7; ls -A | grep Xauth'
$SSH -Y $TO 'python3 $HOME/xclient.py; xauth list | wc -l; stat -c %a .Xauthority'
)SH");
  EXPECT_EQ(result.out,
            "cookie of 16 bytes\n2\nelsewhere:7  MIT-MAGIC-COOKIE-1  00ff\n.Xauthority\n"
            "cookie of 16 bytes\n2\n600\n")
      << result.err;
}

TEST_F(NoXauthTest, AFileThatCannotBeWrittenIsSaidAndTheSessionGoesOn) {
  const CommandResult result = RunWithX11(
      "mkdir $DIR/.Xauthority; $SSH -Y $TO 'echo \"display:$DISPLAY\"; exit 6'; echo $?");
  EXPECT_THAT(result.out, MatchesRegex("display:localhost:[0-9]+\\.0\n6\n"));
  EXPECT_THAT(result.err, HasSubstr("X11 programs will not find their display's secret: "));
}

}  // namespace
}  // namespace homeport::agent

// The server starts itself anew to write the file, as the agent does.
int main(int argc, char** argv) {
  if (argc > 1 && strcmp(argv[1], homeport::agent::kAddXauthority) == 0) {
    return homeport::agent::RunAddXauthority();
  }
  ::testing::InitGoogleMock(&argc, argv);
  return RUN_ALL_TESTS();
}
