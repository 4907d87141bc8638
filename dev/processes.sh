# shellcheck shell=bash
# The processes of one state folder: started apart from the terminal, found again by what is recorded
# about them, stopped. To be sourced after lib.sh; `state` is the folder.
#
# pids/NAME holds the process id, the process's start time and the boot it was started in, so that
# neither a reboot nor a reused id makes another process ours; and on a second line what it was
# started for, so that a change shows.

pid_file() { printf '%s' "${state:?}/pids/$1"; }

# Start time of a process in clock ticks since boot. Fails if there is none, or only its zombie.
start_time() {
  local stat fields
  { stat=$(<"/proc/$1/stat"); } 2>/dev/null || return 1
  # The name before the last parenthesis may hold anything; the state follows it.
  read -r -a fields <<<"${stat##*) }"
  [[ ${fields[0]} != [ZX] ]] || return 1
  printf '%s' "${fields[19]}"
}

boot_id() { cat /proc/sys/kernel/random/boot_id; }

# Prints the process id of NAME if it runs.
running_pid() {
  local pid started boot
  { read -r pid started boot <"$(pid_file "$1")"; } 2>/dev/null || return 1
  [[ $pid =~ ^[0-9]+$ && $boot == "$(boot_id)" ]] || return 1
  [[ $(start_time "$pid") == "$started" ]] || return 1
  printf '%s' "$pid"
}

is_running() { running_pid "$1" >/dev/null; }

# What NAME was started for.
started_for() { sed -n 2p -- "$(pid_file "$1")" 2>/dev/null; }

# launch NAME FOR COMMAND…: starts the command in a session of its own, with the usual signals (this
# shell's children would ignore SIGINT, and so would everything in a workspace) and without our lock.
launch() {
  local name=$1 purpose=$2 pid started
  shift 2
  setsid env --default-signal "$@" </dev/null >>"$state/logs/$name.log" 2>&1 9>&- &
  pid=$!
  disown # the shell is not to remark on its end
  started=$(start_time "$pid") || started=0
  printf '%s %s %s\n%s\n' "$pid" "$started" "$(boot_id)" "$purpose" >"$(pid_file "$name").new"
  mv -f -- "$(pid_file "$name").new" "$(pid_file "$name")"
  launched+=("$name")
}

# stop NAME SECONDS: asks it to end, and after that many seconds makes it. Says so.
stop() {
  local name=$1 pid how=stopped
  if pid=$(running_pid "$name"); then
    kill -TERM "$pid" 2>/dev/null || true
    if ! wait_until "$2" is_gone "$name"; then
      kill -KILL "$pid" 2>/dev/null || true
      wait_until 5 is_gone "$name" || die "$name (process $pid) does not end"
      how="killed after $2 s"
    fi
    say "  $name (process $pid): $how"
  fi
  rm -f -- "$(pid_file "$name")"
}

is_gone() { ! is_running "$1"; }

# In the order in which they go: sessions end by the proxy, with a sentence to the person.
all_processes=(sshproxy agent-dev agent-box sshd coordinator)

# Stops all that run; the number of seconds is for each.
stop_all() {
  local name
  for name in "${all_processes[@]}"; do stop "$name" "$1"; done
}

any_running() {
  local name
  for name in "${all_processes[@]}"; do
    if is_running "$name"; then return 0; fi
  done
  return 1
}

all_running() {
  local name
  for name in "${all_processes[@]}"; do
    is_running "$name" || return 1
  done
}

# The folder as an absolute path that can be written into ssh's files. Sets `state`.
use_state() {
  local folder=$1
  [[ -n $folder ]] || usage_error "--state needs a folder"
  case $folder in
  *[\"\\\$]* | *$'\n'* | *$'\t'*)
    usage_error "the name of the --state folder must have no quote, backslash, dollar or line break"
    ;;
  /*) state=$folder ;;
  *) state=$PWD/$folder ;;
  esac
}

# One dev/up or dev/down at a time on a folder.
lock_state() {
  exec 9>"$state/lock"
  if ! flock --nonblock 9; then
    say "Waiting for another dev/up or dev/down on $state …"
    flock 9
  fi
}

unlock_state() { exec 9>&-; }
