// TCP and Unix socket forwarding of the embedded server, through the real ssh.
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "agent/embedded_server_fixture.h"
#include "base/address.h"
#include "base/file.h"
#include "gmock/gmock.h"

namespace homeport::agent {
namespace {

using ::testing::HasSubstr;

// serve.py ADDRESS FILE: answers every connection at host:port or a path with everything that it
// sent, in upper case, once it has sent all; writes the port or path to FILE when it listens.
// talk.py ADDRESS [TEXT]: sends TEXT (or its input), ends its side, prints what comes back.
constexpr char kSockets[] = R"SH(
cat > $DIR/sockets.py <<'END'
import os, socket, sys, threading
def listen(where):
    if where.startswith('/'):
        s = socket.socket(socket.AF_UNIX)
        s.bind(where)
    else:
        host, port = where.rsplit(':', 1)
        s = socket.socket(socket.AF_INET6 if ':' in host else socket.AF_INET)
        s.bind((host, int(port)))
    s.listen(100)
    return s
def connect(where):
    if where.startswith('/'):
        s = socket.socket(socket.AF_UNIX)
        s.connect(where)
        return s
    host, port = where.rsplit(':', 1)
    return socket.create_connection((host, int(port)), 20)
def read_all(s):
    data = b''
    while piece := s.recv(1 << 20):
        data += piece
    return data
def answer(s):
    s.sendall(read_all(s).upper())
    s.close()
END
cat > $DIR/serve.py <<'END'
from sockets import *
s = listen(sys.argv[1])
with open(sys.argv[2] + '.new', 'w') as f:
    f.write(sys.argv[1] if sys.argv[1].startswith('/') else str(s.getsockname()[1]))
os.rename(sys.argv[2] + '.new', sys.argv[2])
while True:
    threading.Thread(target=answer, args=(s.accept()[0],), daemon=True).start()
END
cat > $DIR/talk.py <<'END'
from sockets import *
s = connect(sys.argv[1])
data = sys.argv[2].encode() if len(sys.argv) > 2 else sys.stdin.buffer.read()
threading.Thread(target=lambda: (s.sendall(data), s.shutdown(socket.SHUT_WR))).start()
sys.stdout.buffer.write(read_all(s))
END
cat > $DIR/port.py <<'END'
import socket
s = socket.socket()
s.bind(('127.0.0.1', 0))
print(s.getsockname()[1])
END
until_there() { for _ in {1..600}; do [ -e "$1" ] && return; sleep 0.05; done; echo "no $1" >&2; exit 90; }
until_gone() { for _ in {1..600}; do [ -e "$1" ] || return 0; sleep 0.05; done; echo "still $1" >&2; exit 90; }
serve() { python3 $DIR/serve.py "$1" "$2" & servers+=($!); until_there "$2"; }
talk() { timeout 30 python3 $DIR/talk.py "$@"; }
servers=()
trap 'kill "${servers[@]}" 2>/dev/null' EXIT
master() { $SSH -M -S $DIR/mux -oExitOnForwardFailure=yes -N -f "$@" $TO; }
control() { $SSH -S $DIR/mux -O "$@" $TO; }
)SH";

class EmbeddedForwardTest : public EmbeddedServerFixture {
 protected:
  CommandResult RunWithSockets(const std::string& script) { return Run(kSockets + script); }
  // As the loop sees it: everything of the connections is gone.
  void AwaitNoConnection() {
    AwaitOrFail("the connection's end", [&] { return server().connections() == 0; });
  }
};

TEST_F(EmbeddedForwardTest, AForwardedPortCarriesBytesAndBothEnds) {
  const CommandResult result = RunWithSockets(R"SH(
serve 127.0.0.1:0 $DIR/port
local=$(python3 $DIR/port.py)
master -L $local:localhost:$(cat $DIR/port)
talk 127.0.0.1:$local hello
head -c 20000000 /dev/urandom | tr 'a-z' 'A-Z' > $DIR/f
talk 127.0.0.1:$local < $DIR/f | cmp - $DIR/f && echo same
control exit
)SH");
  EXPECT_EQ(result.out, "HELLOsame\n") << result.err;
}

TEST_F(EmbeddedForwardTest, StandardInputAndOutputReachAPort) {
  const CommandResult result = RunWithSockets(R"SH(
serve 127.0.0.1:0 $DIR/port
echo through | $SSH -W 127.0.0.1:$(cat $DIR/port) $TO
)SH");
  EXPECT_EQ(result.out, "THROUGH\n") << result.err;
}

TEST_F(EmbeddedForwardTest, TheSecondAddressOfANameIsTriedToo) {
  const CommandResult result = RunWithSockets(R"SH(
serve 127.0.0.1:0 $DIR/port
serve ::1:0 $DIR/port6
echo four | $SSH -W localhost:$(cat $DIR/port) $TO
echo six | $SSH -W "[::1]:$(cat $DIR/port6)" $TO
)SH");
  EXPECT_EQ(result.out, "FOUR\nSIX\n") << result.err;
}

TEST_F(EmbeddedForwardTest, FailuresAreInSshdsWords) {
  const CommandResult result = RunWithSockets(R"SH(
ssh=${SSH/ERROR/INFO}
$ssh -W 127.0.0.1:$(python3 $DIR/port.py) $TO
$ssh -W no-such-host.invalid:1 $TO
$ssh -W 127.0.0.1:1 -oLogLevel=INFO $TO; echo $?
SSH=$ssh master -L $DIR/l:/no/such/socket -E $DIR/log
talk $DIR/l hello
control exit
cat $DIR/log
)SH");
  EXPECT_THAT(result.err, HasSubstr("open failed: connect failed: Connection refused"));
  EXPECT_THAT(result.err, HasSubstr("open failed: connect failed: Name or service not known"));
  EXPECT_THAT(result.out, HasSubstr("255\n"));
  EXPECT_THAT(result.out, HasSubstr("open failed: connect failed: open failed"));
}

TEST_F(EmbeddedForwardTest, ASlowConnectHoldsUpNobody) {
  // Nobody accepts from a full queue: the connect hangs.
  const CommandResult result = RunWithSockets(R"SH(
cat > $DIR/full.py <<'END'
import socket, sys, time
s = socket.socket()
s.bind(('127.0.0.1', 0))
s.listen(0)
held = []
for _ in range(3):
    c = socket.socket()
    c.setblocking(False)
    c.connect_ex(s.getsockname())
    held.append(c)
with open(sys.argv[1] + '.new', 'w') as f: f.write(str(s.getsockname()[1]))
import os; os.rename(sys.argv[1] + '.new', sys.argv[1])
time.sleep(100)
END
python3 $DIR/full.py $DIR/full & servers+=($!)
until_there $DIR/full
serve 127.0.0.1:0 $DIR/port
a=$(python3 $DIR/port.py) b=$(python3 $DIR/port.py)
master -L $a:127.0.0.1:$(cat $DIR/full) -L $b:127.0.0.1:$(cat $DIR/port)
python3 $DIR/talk.py 127.0.0.1:$a never & servers+=($!)
talk 127.0.0.1:$b meanwhile
$SSH -S $DIR/mux $TO 'echo session'
control exit
)SH");
  EXPECT_EQ(result.out, "MEANWHILEsession\n") << result.err;
}

TEST_F(EmbeddedForwardTest, ADynamicForwardFetchesAPage) {
  const CommandResult result = RunWithSockets(R"SH(
mkdir $DIR/www; echo page > $DIR/www/index.txt
cat > $DIR/page.py <<'END'
import http.server, functools, os, sys
h = functools.partial(http.server.SimpleHTTPRequestHandler, directory=sys.argv[1])
s = http.server.ThreadingHTTPServer(('127.0.0.1', 0), h)
with open(sys.argv[2] + '.new', 'w') as f: f.write(str(s.server_address[1]))
os.rename(sys.argv[2] + '.new', sys.argv[2])
s.serve_forever()
END
python3 $DIR/page.py $DIR/www $DIR/port 2>/dev/null & servers+=($!)
until_there $DIR/port
socks=$(python3 $DIR/port.py)
master -D $socks
curl -sS --max-time 20 --socks5-hostname 127.0.0.1:$socks http://localhost:$(cat $DIR/port)/index.txt
control exit
)SH");
  EXPECT_EQ(result.out, "page\n") << result.err;
}

TEST_F(EmbeddedForwardTest, ARemotePortIsChosenReportedAndFreedByCancel) {
  const CommandResult result = RunWithSockets(R"SH(
serve 127.0.0.1:0 $DIR/port
master
chosen=$(control forward -R 0:127.0.0.1:$(cat $DIR/port))
talk 127.0.0.1:$chosen back
talk ::1:$chosen six
control cancel -R 0:127.0.0.1:$(cat $DIR/port)
for _ in {1..200}; do ss -Hltn "sport = :$chosen" | grep -q . || break; sleep 0.05; done
ss -Hltn "sport = :$chosen" | wc -l
# The number can be had again, by number, while the connection lives.
control forward -R $chosen:127.0.0.1:$(cat $DIR/port)
talk 127.0.0.1:$chosen again
control exit
for _ in {1..200}; do ss -Hltn "sport = :$chosen" | grep -q . || break; sleep 0.05; done
ss -Hltn "sport = :$chosen" | wc -l
)SH");
  EXPECT_EQ(result.out, "BACKSIX0\nAGAIN0\n") << result.err;
}

TEST_F(EmbeddedForwardTest, RemotePortsListenOnLoopbackOnly) {
  const CommandResult result = RunWithSockets(R"SH(
a=$(python3 $DIR/port.py) b=$(python3 $DIR/port.py) c=$(python3 $DIR/port.py) d=$(python3 $DIR/port.py)
master -R "*:$a:127.0.0.1:1" -R 127.0.0.1:$b:127.0.0.1:1 -R "[::1]:$c:127.0.0.1:1" -R 192.0.2.1:$d:127.0.0.1:1
for port in $a $b $c $d; do ss -Hltn "sport = :$port" | awk '{print $4}' | sed 's/:[0-9]*$//' | sort | xargs; done
control exit
)SH");
  EXPECT_EQ(result.out, "127.0.0.1 [::1]\n127.0.0.1\n[::1]\n127.0.0.1 [::1]\n") << result.err;
}

TEST_F(EmbeddedForwardTest, ATakenPortIsRefusedAndFreedWithTheConnection) {
  const CommandResult result = RunWithSockets(R"SH(
port=$(python3 $DIR/port.py)
master -R 127.0.0.1:$port:127.0.0.1:1
$SSH -oExitOnForwardFailure=yes -R 127.0.0.1:$port:127.0.0.1:1 $TO true; echo $?
# The client vanishes: its port is free for the next one at once.
pid=$(control check 2>&1 | sed 's/.*pid=\([0-9]*\).*/\1/')
kill -9 $pid
for _ in {1..200}; do ss -Hltn "sport = :$port" | grep -q . || break; sleep 0.05; done
$SSH -oExitOnForwardFailure=yes -R 127.0.0.1:$port:127.0.0.1:1 $TO true; echo $?
)SH");
  EXPECT_EQ(result.out, "255\n0\n") << result.err;
}

TEST_F(EmbeddedForwardTest, UnixSocketsAreForwardedBothWays) {
  const CommandResult result = RunWithSockets(R"SH(
serve $DIR/there $DIR/there.up
serve $DIR/here $DIR/here.up
master -L $DIR/local:$DIR/there -R $DIR/remote:$DIR/here
stat -c %a $DIR/remote
talk $DIR/local out
talk $DIR/remote back
control cancel -R $DIR/remote:$DIR/here
until_gone $DIR/remote && echo removed  # ssh cancels without waiting for the answer
control exit
)SH");
  EXPECT_EQ(result.out, "600\nOUTBACKremoved\n") << result.err;
}

TEST_F(EmbeddedForwardTest, APathThatExistsIsLeftAlone) {
  const CommandResult result = RunWithSockets(R"SH(
echo precious > $DIR/taken
$SSH -oExitOnForwardFailure=yes -R $DIR/taken:$DIR/x $TO true; echo $?
cat $DIR/taken
# Whoever has taken the name in the meantime keeps it.
master -R $DIR/mine:$DIR/x
rm $DIR/mine; echo other > $DIR/mine
control cancel -R $DIR/mine:$DIR/x
$SSH -S $DIR/mux $TO true  # what came before it has been dealt with
cat $DIR/mine
control exit
)SH");
  EXPECT_EQ(result.out, "255\nprecious\nother\n") << result.err;
}

TEST_F(EmbeddedForwardTest, SocketsGoWithTheConnection) {
  const CommandResult result = RunWithSockets("master -R $DIR/remote:$DIR/x; control exit");
  EXPECT_EQ(result.status, 0) << result.err;
  AwaitNoConnection();
  EXPECT_NE(access((folder() + "/remote").c_str(), F_OK), 0);
}

class FewForwardsTest : public EmbeddedForwardTest {
 protected:
  void SetUp() override {
    options.max_forwards = 2;
    options.max_channels = 5;
    EmbeddedForwardTest::SetUp();
  }
};

TEST_F(FewForwardsTest, ForwardsAndChannelsAreBounded) {
  const CommandResult result = RunWithSockets(R"SH(
master
for i in 1 2 3; do control forward -R $DIR/r$i:$DIR/x; echo $?; done 2>/dev/null
control cancel -R $DIR/r1:$DIR/x
control forward -R $DIR/r3:$DIR/x; echo $?
pids=()
for i in 1 2 3 4 5; do $SSH -S $DIR/mux $TO 'echo open; sleep 50' >> $DIR/opened & pids+=($!); done
for _ in {1..200}; do [ "$(wc -l < $DIR/opened)" = 5 ] && break; sleep 0.05; done
$SSH -S $DIR/mux -oProxyCommand=false $TO true; echo $?
control exit
kill ${pids[*]} 2>/dev/null
)SH");
  EXPECT_EQ(result.out, "0\n0\n255\n0\n255\n") << result.err;
}

TEST_F(EmbeddedForwardTest, ManyChannelsOneAfterTheOtherAndAtOnce) {
  const CommandResult result = RunWithSockets(R"SH(
serve 127.0.0.1:0 $DIR/port
local=$(python3 $DIR/port.py)
master -L $local:127.0.0.1:$(cat $DIR/port)
cat > $DIR/many.py <<'END'
from sockets import *
done = 0
def one(n):
    global done
    s = connect(sys.argv[1])
    s.sendall(b'x' * n)
    s.shutdown(socket.SHUT_WR)
    if read_all(s) == b'X' * n: done += 1
for n in range(500): one(n)
threads = [threading.Thread(target=one, args=(100000,)) for _ in range(50)]
for t in threads: t.start()
for t in threads: t.join()
print(done)
END
timeout 50 python3 $DIR/many.py 127.0.0.1:$local
control exit
)SH");
  EXPECT_EQ(result.out, "550\n") << result.err;
}

}  // namespace
}  // namespace homeport::agent
