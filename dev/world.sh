# shellcheck shell=bash
# The world of dev/up: the user and the workspaces, and the files that lead there. To be sourced after
# services.sh. Every step may be run again after it was cut short anywhere.
# shellcheck disable=SC2154  # state comes from dev/up

# homeport as the site manager, and as demo.
as_admin() { homeport --token-file "$state/admin.token" "$@"; }
as_demo() { homeport --token-file "$state/demo.token" "$@"; }
homeport() {
  XDG_CONFIG_HOME=$state/config "$state/bin/homeport" --coordinator "$(coordinator_address)" \
    --ca-file "$state/coordinator/ca.pem" "$@"
}

# The site manager, with the set-up code that the coordinator printed, and a token for this script.
make_admin() {
  [[ ! -s $state/admin.token ]] || return 0
  if [[ ! -s $state/admin.password ]]; then
    (umask 077 && head -c 18 /dev/urandom | base64 >"$state/admin.password")
  fi
  if [[ -s $state/coordinator/set-up-code ]]; then
    homeport login --setup --code-file "$state/coordinator/set-up-code" --username admin \
      --email admin@example.com --password-file "$state/admin.password" >/dev/null
  else
    homeport login --username admin --password-file "$state/admin.password" >/dev/null
  fi
  homeport tokens create dev-up --expires-in 8760h --secret-file "$state/admin.token" >/dev/null
  homeport logout >/dev/null
}

# Whether the coordinator has it. Anything but yes and no ends the run.
exists() {
  local status=0
  as_admin "$@" >/dev/null 2>"$state/logs/homeport.log" || status=$?
  case $status in
  0) return 0 ;;
  2) return 1 ;;
  *)
    show_tail "$state/logs/homeport.log"
    die "homeport $* failed"
    ;;
  esac
}

make_user() {
  # The token was lost between its creation and our file: without it there is no key, so start over.
  if exists users get demo && [[ ! -s $state/demo.token && ! -s $state/demo.key ]]; then
    say "The user demo was left without a key; making demo anew."
    local workspace
    for workspace in dev box; do
      if exists workspaces get "demo/$workspace"; then
        as_admin workspaces delete "demo/$workspace" >/dev/null
      fi
    done
    as_admin users delete demo >/dev/null
  fi
  if ! exists users get demo; then
    rm -f -- "$state/demo.key"
    as_admin users create demo --email demo@example.com --token-file-out "$state/demo.token" \
      --force >/dev/null
  fi
  [[ -s $state/demo.key ]] || as_demo keys download --file "$state/demo.key" --force >/dev/null
}

make_workspace() {
  local name=$1 credential=$state/agents/$1.credential
  if exists workspaces get "demo/$name"; then
    [[ ! -s $credential ]] || return 0
    say "The workspace $name was left without a credential; making it anew."
    as_admin workspaces delete "demo/$name" >/dev/null
  fi
  stop "agent-$name" 3
  as_admin workspaces create "demo/$name" --provider local --credential-file "$credential" --force \
    >/dev/null
}

make_world() {
  make_admin
  make_user
  exists providers get local ||
    as_admin providers create local --display-name 'This machine' >/dev/null
  make_workspace dev
  make_workspace box
}

# Whether the coordinator sees the workspace with this backend.
is_online() {
  local text
  text=$(as_admin workspaces get "demo/$1" 2>/dev/null) || return 1
  grep -q '^online  *yes$' <<<"$text" && grep -q "^backends .*$2" <<<"$text"
}

online_or_gone() { is_online "$1" "$2" || ! is_running "agent-$1"; }

wait_for_agent() {
  if wait_until 30 online_or_gone "$1" "$2" && is_running "agent-$1"; then return; fi
  show_tail "$state/logs/agent-$1.log"
  show_tail "$state/agents/$1.status"
  die "the workspace $1 did not come online with its $2 server"
}

write_ssh_config() {
  local address=$1 name folder
  folder=$(percent_escaped "$state")
  {
    printf '# Written by dev/up.\n'
    for name in dev box; do
      cat <<CONFIG
Host $name
  HostName ${address%:*}
  Port ${address##*:}
  User $name
  IdentityFile "$folder/demo.key"
  IdentitiesOnly yes
  IdentityAgent none
  PreferredAuthentications publickey
  UserKnownHostsFile "$folder/known_hosts"
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking yes
CONFIG
    done
  } >"$state/ssh_config.new"
  mv -f -- "$state/ssh_config.new" "$state/ssh_config"
}

write_env() {
  local address=$1 entry
  (
    umask 077
    for entry in \
      "HOMEPORT_STATE=$state" \
      "HOMEPORT_SSH_HOST=${address%:*}" \
      "HOMEPORT_SSH_PORT=${address##*:}" \
      "HOMEPORT_COORDINATOR=$(coordinator_address)" \
      "HOMEPORT_CA=$state/coordinator/ca.pem" \
      "HOMEPORT_ADMIN_TOKEN=$(<"$state/admin.token")" \
      "HOMEPORT_DEMO_TOKEN_FILE=$state/demo.token" \
      "HOMEPORT_BIN=$state/bin" \
      "HOMEPORT_PID_COORDINATOR=$(running_pid coordinator)" \
      "HOMEPORT_PID_SSHPROXY=$(running_pid sshproxy)" \
      "HOMEPORT_PID_AGENT_DEV=$(running_pid agent-dev)" \
      "HOMEPORT_PID_AGENT_BOX=$(running_pid agent-box)"; do
      printf 'export %s=%s\n' "${entry%%=*}" "$(quote "${entry#*=}")"
    done >"$state/env.new"
  )
  mv -f -- "$state/env.new" "$state/env"
}

write_world() {
  local address
  address=$(ssh_address)
  as_admin front-door --known-hosts "${address%:*}" "${address##*:}" >"$state/known_hosts.new"
  mv -f -- "$state/known_hosts.new" "$state/known_hosts"
  write_ssh_config "$address"
  write_env "$address"
}

# Whether the files are there and of the processes that run.
world_is_written() {
  [[ -s $state/ssh_config && -s $state/known_hosts ]] &&
    grep -q -x -F "export HOMEPORT_PID_SSHPROXY='$(running_pid sshproxy)'" -- "$state/env" \
      2>/dev/null &&
    grep -q -x -F "export HOMEPORT_PID_AGENT_BOX='$(running_pid agent-box)'" -- "$state/env" &&
    grep -q -x -F "export HOMEPORT_PID_AGENT_DEV='$(running_pid agent-dev)'" -- "$state/env" &&
    grep -q -x -F "export HOMEPORT_PID_COORDINATOR='$(running_pid coordinator)'" -- "$state/env"
}

start_everything() {
  start_coordinator
  make_world
  start_sshproxy
  start_sshd
  # The home is the person's own: its files stay as they are.
  start_agent dev --backend embedded --manage_files off
  start_agent box --backend openssh --openssh_address "127.0.0.1:$(sshd_port)" --manage_files off
  wait_for_agent dev embedded
  wait_for_agent box openssh
  write_world
}
