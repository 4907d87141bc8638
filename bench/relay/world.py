"""The system that is measured: dev/up's, in a temporary folder, and the ways into it."""

import os
import pathlib
import pwd
import shlex
import shutil
import subprocess
import sys
import tempfile

ROUTES = ("direct", "jump", "embedded", "openssh")

_HOSTS = """
Host direct jump
  HostName 127.0.0.1
  Port {sshd_port}
  User {user}
Host jump
  ProxyJump direct
Host embedded openssh
  HostName 127.0.0.1
  Port {proxy_port}
Host embedded
  User dev
Host openssh
  User box
Host *
  IdentityFile {folder}/demo.key
  IdentitiesOnly yes
  IdentityAgent none
  BatchMode yes
  ConnectTimeout 30
  PreferredAuthentications publickey
  UserKnownHostsFile {folder}/known_hosts {folder}/bench_known_hosts
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking yes
  LogLevel ERROR
"""


def user_name() -> str:
    """Who runs this, and signs in."""
    return pwd.getpwuid(os.getuid()).pw_name


class World:
    """Starts with `with`; stops, and removes its folder, at the end."""

    def __init__(self, root: pathlib.Path, keep: bool):
        self._root = root
        self._keep = keep
        # Not TMPDIR: the names of Unix sockets are short.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="homeport-bench.", dir="/tmp"))
        self._configs: dict[tuple[str, ...], pathlib.Path] = {}
        self.pids: dict[str, int] = {}

    def __enter__(self) -> "World":
        try:
            self._dev("up", "--detach")
            self._read()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._keep:
            print(f"Left running: dev/down --state {self.folder} stops it.", file=sys.stderr)
        else:
            self._stop()

    def _stop(self) -> None:
        try:
            self._dev("down")
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _dev(self, script: str, *words: str) -> None:
        command = [self._root / "dev" / script, "--state", self.folder, *words]
        subprocess.run(command, stdin=subprocess.DEVNULL, stdout=sys.stderr, check=True)

    def _read(self) -> None:
        for name in ("sshproxy", "agent-dev", "agent-box", "sshd", "coordinator"):
            record = (self.folder / "pids" / name).read_text()
            self.pids[name] = int(record.split()[0])
        ports = dict(
            line.split("=", 1) for line in (self.folder / "ports").read_text().splitlines()
        )
        self.sshd_port, self.proxy_port = int(ports["sshd"]), int(ports["ssh"])
        host_key = (self.folder / "box/ssh_host_ed25519_key.pub").read_text().split()
        (self.folder / "bench_known_hosts").write_text(
            f"[127.0.0.1]:{self.sshd_port} {host_key[0]} {host_key[1]}\n"
        )
        self.sshd_version = self._sshd_version()

    def _sshd_version(self) -> str:
        command = ["ssh-keyscan", "-p", str(self.sshd_port), "127.0.0.1"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=20)
        for line in done.stderr.splitlines() + done.stdout.splitlines():
            if "SSH-2.0-" in line:
                return line.split("SSH-2.0-", 1)[1].strip()
        return "unknown"

    def ssh_config(self, *options: str) -> pathlib.Path:
        """A file for `ssh -F` that knows the four routes by name. The options ("Ciphers …") hold for
        all legs, which the command line's would not with `ssh -J`."""
        if options not in self._configs:
            path = self.folder / f"bench_ssh_config.{len(self._configs)}"
            hosts = _HOSTS.format(
                sshd_port=self.sshd_port,
                proxy_port=self.proxy_port,
                user=user_name(),
                folder=self.folder,
            )
            path.write_text("".join(f"{option}\n" for option in options) + hosts)
            self._configs[options] = path
        return self._configs[options]

    def default_cipher(self) -> str:
        """What the installed client would rather use than anything else."""
        command = ["ssh", "-G", "-F", str(self.ssh_config()), "direct"]
        for line in subprocess.check_output(command, text=True).splitlines():
            if line.startswith("ciphers "):
                return line.split()[1].split(",")[0]
        raise ValueError(f"{shlex.join(command)} names no ciphers")
