# shellcheck shell=bash
# The services of dev/up: where they listen, whether they are ready, how they are started. To be
# sourced after lib.sh and processes.sh. A service that runs and is right is left alone.
# shellcheck disable=SC2154  # state and sshd come from dev/up

# The port that NAME had the last time, or 0. Kept so that ssh_config stays right.
remembered_port() {
  local port
  port=$(sed -n "s/^$1=\([0-9]\{1,5\}\)\$/\1/p" -- "$state/ports" 2>/dev/null)
  printf '%s' "${port:-0}"
}

# remember_ports NAME=PORT…
remember_ports() {
  local entry
  {
    for entry in "$@"; do printf '%s\n' "$entry"; done
    local drop='^$'
    for entry in "$@"; do drop+="|^${entry%%=*}="; done
    grep -v -E "$drop" -- "$state/ports" 2>/dev/null || true
  } >"$state/ports.new"
  mv -f -- "$state/ports.new" "$state/ports"
}

# The address NAME=HOST:PORT from a service's address file.
from_address_file() { sed -n "s/^$2=//p" -- "$state/$1.address" 2>/dev/null; }

coordinator_address() { from_address_file coordinator grpc; }
ssh_address() { from_address_file sshproxy ssh; }
sshd_port() { remembered_port sshd; }

# For people: where something listens.
address_of() {
  case $1 in
  coordinator) coordinator_address ;;
  sshproxy) ssh_address ;;
  sshd) printf '127.0.0.1:%s' "$(sshd_port)" ;;
  *) printf 'dials out' ;;
  esac
}

# Whether a service answers that it takes work.
is_ready() {
  local address answer
  address=$(from_address_file "$1" ops)
  [[ -n $address ]] || return 1
  answer=$(
    exec 2>/dev/null
    exec 3<>"/dev/tcp/${address%:*}/${address##*:}" || exit 1
    printf 'GET /readyz HTTP/1.0\r\n\r\n' >&3
    read -r -t 2 -u 3 line && printf '%s' "$line"
  ) || return 1
  [[ $answer == HTTP/*' 200'* ]]
}

ready_or_gone() { is_ready "$1" || ! is_running "$1"; }

# start_service NAME FOR COMMAND…: starts it and waits until it is ready. Fails if it ended or was
# not ready in time.
start_service() {
  local name=$1 purpose=$2
  shift 2
  say "Starting $name."
  rm -f -- "$state/$name.address"
  launch "$name" "$purpose" "$@"
  wait_until 30 ready_or_gone "$name" || {
    show_tail "$state/logs/$name.log"
    die "$name was not ready within 30 s"
  }
  is_running "$name"
}

failed_to_start() {
  show_tail "$state/logs/$1.log"
  die "$1 ended instead of starting"
}

# One below those that outgoing connections use.
unused_port() {
  local port attempt
  for ((attempt = 0; attempt < 50; attempt++)); do
    port=$((15000 + RANDOM % 17000))
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
  done
  printf '%s' "$port"
}

coordinator_command() {
  launch_arguments=("$state/bin/coordinator" --state "$state/coordinator"
    --listen "127.0.0.1:$1" --ops_listen "127.0.0.1:$2"
    --ssh_address "127.0.0.1:$(remembered_port ssh)" --address_file "$state/coordinator.address")
}

start_coordinator() {
  if is_running coordinator && wait_until 10 ready_or_gone coordinator && is_ready coordinator; then
    return
  fi
  stop coordinator 3
  # The coordinator tells people where the front door is, so its port is chosen first.
  [[ $(remembered_port ssh) != 0 ]] || remember_ports "ssh=$(unused_port)"
  coordinator_command "$(remembered_port coordinator)" "$(remembered_port coordinator_ops)"
  start_service coordinator '' "${launch_arguments[@]}" || {
    # Perhaps somebody else has the port now.
    coordinator_command 0 0
    start_service coordinator '' "${launch_arguments[@]}" || failed_to_start coordinator
  }
  local ops
  ops=$(from_address_file coordinator ops)
  local address
  address=$(coordinator_address)
  remember_ports "coordinator=${address##*:}" "coordinator_ops=${ops##*:}"
}

sshproxy_command() {
  launch_arguments=("$state/bin/sshproxy" --listen "127.0.0.1:$1" --tunnel_listen "127.0.0.1:$2"
    --ops_listen "127.0.0.1:$3" --coordinator "$(coordinator_address)"
    --ca_file "$state/coordinator/ca.pem" --credential_file "$state/coordinator/proxy-credential"
    --address_file "$state/sshproxy.address" --drain 5s
    --max_unauthenticated_per_address 1000) # whoever comes, comes from here
}

start_sshproxy() {
  local purpose tunnel ops address
  purpose=$(coordinator_address)
  if is_running sshproxy && [[ $(started_for sshproxy) == "$purpose" ]] &&
    wait_until 20 ready_or_gone sshproxy && is_ready sshproxy; then
    return
  fi
  stop sshproxy 8
  sshproxy_command "$(remembered_port ssh)" "$(remembered_port tunnel)" \
    "$(remembered_port sshproxy_ops)"
  start_service sshproxy "$purpose" "${launch_arguments[@]}" || {
    sshproxy_command 0 0 0
    start_service sshproxy "$purpose" "${launch_arguments[@]}" || failed_to_start sshproxy
  }
  address=$(ssh_address)
  tunnel=$(from_address_file sshproxy tunnel)
  ops=$(from_address_file sshproxy ops)
  remember_ports "ssh=${address##*:}" "tunnel=${tunnel##*:}" "sshproxy_ops=${ops##*:}"
}

# ssh expands percent signs in file names.
percent_escaped() { printf '%s' "${1//%/%%}"; }

# PAM is needed only to let root in where root's password is locked: without PAM, sshd takes a locked
# password for a locked account.
use_pam() {
  local password=''
  if ((EUID == 0)); then password=$(getent shadow "$(id -un)" | cut -d : -f 2); fi
  if [[ $password == '!'* ]]; then printf yes; else printf no; fi
}

write_sshd_config() {
  local box
  box=$(percent_escaped "$state/box")
  cat >"$state/box/sshd_config" <<CONFIG
# Written by dev/up: OpenSSH for the workspace box, reachable from this machine alone.
ListenAddress 127.0.0.1:$1
HostKey "$state/box/ssh_host_ed25519_key"
AuthorizedKeysFile "$box/authorized_keys"
PidFile none
StrictModes no
UsePAM $(use_pam)
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitUserEnvironment yes
AcceptEnv LANG LC_*
X11Forwarding yes
Subsystem sftp internal-sftp
MaxStartups 200:30:400
MaxSessions 100
LogLevel VERBOSE
CONFIG
}

# Whether an SSH server speaks on the port.
speaks_ssh() {
  local greeting
  greeting=$(
    exec 2>/dev/null
    exec 3<>"/dev/tcp/127.0.0.1/$1" || exit 1
    read -r -t 2 -u 3 line && printf '%s' "$line"
  ) || return 1
  [[ $greeting == SSH-2.0-* ]]
}

speaks_or_gone() { speaks_ssh "$1" || ! is_running sshd; }

start_sshd() {
  local port attempt
  as_admin keys show demo >"$state/box/authorized_keys.new"
  mv -f -- "$state/box/authorized_keys.new" "$state/box/authorized_keys"
  [[ -s $state/box/ssh_host_ed25519_key ]] ||
    ssh-keygen -q -t ed25519 -N '' -C box -f "$state/box/ssh_host_ed25519_key" </dev/null
  if ((EUID == 0)) && [[ ! -d /run/sshd ]]; then mkdir -m 0755 /run/sshd; fi
  port=$(sshd_port)
  if is_running sshd && speaks_ssh "$port"; then return; fi
  stop sshd 3
  say "Starting sshd."
  # sshd takes no port 0: the last port, then some below those that outgoing connections use.
  for ((attempt = 0; attempt < 20; attempt++)); do
    if ((port == 0 || attempt > 0)); then port=$((15000 + RANDOM % 17000)); fi
    write_sshd_config "$port"
    launch sshd '' "$sshd" -D -e -f "$state/box/sshd_config"
    if wait_until 10 speaks_or_gone "$port" && is_running sshd; then
      remember_ports "sshd=$port"
      return
    fi
    stop sshd 3
    tail -n 3 -- "$state/logs/sshd.log" | grep -q 'Cannot bind any address' || break
  done
  failed_to_start sshd
}

# start_agent WORKSPACE FLAG…
start_agent() {
  local name=agent-$1 workspace=$1 purpose
  shift
  purpose="$(coordinator_address) $*"
  if is_running "$name" && [[ $(started_for "$name") == "$purpose" ]]; then return; fi
  stop "$name" 3
  say "Starting $name."
  rm -f -- "$state/agents/$workspace.status"
  launch "$name" "$purpose" "$state/bin/homeport-agent" run --coordinator "$(coordinator_address)" \
    --ca_file "$state/coordinator/ca.pem" \
    --credential_file "$state/agents/$workspace.credential" \
    --status_file "$state/agents/$workspace.status" "$@"
}
