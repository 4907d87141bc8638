#include "tests/chaos/verbs.h"

namespace homeport::story {
namespace {

constexpr char kCommand[] = R"sh(
out=$($SSH "$TO" 'echo out; echo err >&2; exit 7' 2>"$HERE/err")
status=$?
# The account's start files may have complained first.
[[ $status == 7 && $out == out && $(tail -n 1 "$HERE/err") == err ]] || {
  echo "status $status, out \"$out\", err \"$(<"$HERE/err")\"" >&2
  exit 1
}
)sh";

// A session that does nothing for a while, and is still there.
constexpr char kStay[] = R"sh(
got=$({ echo before; sleep "$PAUSE"; echo after; } | $SSH "$TO" cat) || exit
[[ $got == $'before\nafter' ]]
)sh";

constexpr char kDown[] = R"sh(
want=$(head -c "$SIZE" "$DATA" | sha256sum)
got=$($SSH "$TO" "head -c $SIZE '$DATA'" | sha256sum) && [[ $got == "$want" ]]
)sh";

constexpr char kUp[] = R"sh(
want=$(head -c "$SIZE" "$DATA" | sha256sum)
got=$(head -c "$SIZE" "$DATA" | $SSH "$TO" sha256sum) && [[ $got == "$want" ]]
)sh";

constexpr char kBothWays[] = R"sh(
want=$(head -c "$SIZE" "$DATA" | sha256sum)
got=$(head -c "$SIZE" "$DATA" | $SSH "$TO" cat | sha256sum) && [[ $got == "$want" ]]
)sh";

constexpr char kStoppedReader[] = R"sh(
want=$(head -c "$SIZE" "$DATA" | sha256sum)
got=$($SSH "$TO" "head -c $SIZE '$DATA'" | { sleep "$PAUSE"; sha256sum; }) && [[ $got == "$want" ]]
)sh";

// Starts $SSH with the arguments in the background and waits for a Unix socket of its. It is left
// to `stop`, and to the end of the process group.
constexpr char kBackground[] = R"sh(
start() {
  local socket=$1
  shift
  $SSH -N "$@" "$TO" </dev/null >/dev/null &
  background=$!
  for ((i = 0; i < 300; i++)); do
    [[ ! -S $socket ]] || return 0
    kill -0 "$background" || exit
    sleep 0.1
  done
  echo "ssh made no socket $socket" >&2
  exit 1
}
# Asks more than once: ssh overlooks a SIGTERM that comes right before it waits for something.
stop() {
  while kill "$background" 2>/dev/null; do sleep 0.1; done
  wait "$background"
  true
}
)sh";

constexpr char kForward[] = R"sh(
start "$HERE/l" -o ExitOnForwardFailure=yes -L "$HERE/l:$OPS"
for ((n = 0; n < 3; n++)); do
  status=$(curl -s -o /dev/null -w '%{http_code}' --max-time 60 --unix-socket "$HERE/l" \
    http://ops/readyz) || { echo "curl: $?" >&2; exit 1; }
  [[ $status == 200 ]] || { echo "HTTP $status" >&2; exit 1; }
done
stop
)sh";

constexpr char kMaster[] = R"sh(
start "$HERE/m" -M -S "$HERE/m"
for ((n = 0; n < 4; n++)); do
  $SSH -S "$HERE/m" "$TO" "echo $n; sleep 0.$n; exit $n" </dev/null >"$HERE/$n" &
  sessions[n]=$!
done
for ((n = 0; n < 4; n++)); do
  wait "${sessions[n]}"
  status=$?
  [[ $status == "$n" && $(<"$HERE/$n") == "$n" ]] || { echo "session $n: $status" >&2; exit 1; }
done
stop
)sh";

constexpr char kSftp[] = R"sh(
head -c "$SIZE" "$DATA" >"$HERE/original"
printf 'put %s %s\nrename %s %s\nget %s %s\nrm %s\n' "$HERE/original" "$HERE/a" "$HERE/a" "$HERE/b" \
  "$HERE/b" "$HERE/back" "$HERE/b" | sftp -q -F "$CONFIG" -b - "$TO" >/dev/null &&
  cmp "$HERE/original" "$HERE/back" && [[ ! -e $HERE/a && ! -e $HERE/b ]]
)sh";

constexpr char kScp[] = R"sh(
head -c "$SIZE" "$DATA" >"$HERE/original"
scp -q -F "$CONFIG" "$HERE/original" "$TO:$HERE/there" &&
  scp -q -F "$CONFIG" "$TO:$HERE/there" "$HERE/back" && cmp "$HERE/original" "$HERE/back"
)sh";

std::string WithBackground(const char* script) { return std::string(kBackground) + script; }

}  // namespace

const std::vector<Verb>& AllVerbs() {
  static const auto* const verbs = new std::vector<Verb>{
      {"command", kCommand, 5},
      {"stay", kStay, 6},
      {"down", kDown, 3},
      {"up", kUp, 3},
      {"both ways", kBothWays, 2},
      {"stopped reader", kStoppedReader, 2},
      {"forward", WithBackground(kForward), 2},
      {"master", WithBackground(kMaster), 2},
      {"sftp", kSftp, 2},
      {"scp", kScp, 1},
      {kTerminalVerb, "", 3},
  };
  return *verbs;
}

}  // namespace homeport::story
