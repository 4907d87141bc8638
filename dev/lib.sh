# shellcheck shell=bash
# What the scripts in dev/ share: messages, steps with progress, root's rights. To be sourced.

# The repository, and the folder outside it that all clones of this person share.
# shellcheck disable=SC2034  # used by the scripts that source this
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
# shellcheck disable=SC2034  # used by the scripts that source this
cache=${XDG_CACHE_HOME:-${HOME:?HOME is not set}/.cache}/homeport
program=dev/$(basename -- "$0")

say() { printf '%s\n' "$*"; }

die() {
  printf '%s: %s\n' "$program" "$*" >&2
  exit 1
}

usage_error() {
  printf '%s: %s\n' "$program" "$*" >&2
  exit 64
}

# The last lines of a log, indented, on standard error.
show_tail() {
  local log=$1
  [[ -s $log ]] || return 0
  printf '  the end of %s:\n' "$log" >&2
  tail -n "${2:-20}" -- "$log" | sed 's/^/  | /' >&2
}

# step WHAT LOG COMMAND…: runs the command with its output in the log; says how long it has taken
# every ten seconds, with the log's last line. Returns the command's status.
step() {
  local what=$1 log=$2 started=$SECONDS said=$SECONDS pid status=0
  shift 2
  printf '%s …\n' "$what"
  "$@" >>"$log" 2>&1 </dev/null 9>&- &
  pid=$!
  step_pid=$pid # for who must end it early
  while kill -0 "$pid" 2>/dev/null; do
    if ((SECONDS - said >= 10)); then
      said=$SECONDS
      printf '  %s … %d s  %s\n' "$what" "$((SECONDS - started))" "$(last_line "$log")"
    fi
    sleep 0.1
  done
  wait "$pid" || status=$?
  step_pid=''
  if ((status == 0)); then
    ((SECONDS - started < 3)) || printf '  %s: done after %d s\n' "$what" "$((SECONDS - started))"
  fi
  return "$status"
}

# The last line of a log without control characters, cut to fit.
last_line() {
  tail -n 1 -- "$1" 2>/dev/null | LC_ALL=C tr -cd '[:print:]' | cut -c 1-90
}

# need_root COMMAND…: before the first as_root. Asks for sudo's password now, and not where the
# question would go to a log. Without root's rights it ends, and says what root would have to run.
need_root() {
  ((EUID != 0)) || return 0
  if ! command -v sudo >/dev/null || ! sudo -- true; then
    die "this needs root's rights, and sudo does not give them. Let root run: $*"
  fi
}

# Runs a command as root.
as_root() {
  if ((EUID == 0)); then "$@"; else sudo -- "$@"; fi
}

# wait_until SECONDS COMMAND…: tries the command until it succeeds. Fails when time is up.
wait_until() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    ((SECONDS < deadline)) || return 1
    sleep 0.1
  done
}

# The text as one word of a shell, whatever it holds.
quote() { printf "'%s'" "${1//\'/\'\\\'\'}"; }

# apt-get without questions and without what is only recommended.
apt_get() {
  as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get -o DPkg::Lock::Timeout=300 -o APT::Install-Recommends=false -y "$@"
}
