"""Runs the bench's own clients, echo_client and load_client, and reads their lines of figures."""

import os
import selectors
import signal
import subprocess
import time
from typing import Optional

import world
from bench import Bench
from ssh_run import Failed

# Routes that load_client can take: it does not jump.
ROUTES = ("direct", "embedded", "openssh")


def figures(line: str) -> dict[str, float]:
    """ "run seconds=1.5 count=3" as {"seconds": 1.5, "count": 3.0}."""
    pairs = (word.split("=", 1) for word in line.split() if "=" in word)
    return {name: float(value) for name, value in pairs}


def load_command(bench: Bench, route: str, mode: str, count: int, parallel: int) -> list[str]:
    system = bench.system
    user, port = {
        "direct": (world.user_name(), system.sshd_port),
        "embedded": ("dev", system.proxy_port),
        "openssh": ("box", system.proxy_port),
    }[route]
    command = [bench.tool("load_client"), mode, "--address", f"127.0.0.1:{port}", "--user", user]
    command += ["--key", str(system.folder / "demo.key")]
    return [*command, "--count", str(count), "--parallel", str(parallel)]


def run(command: list[str], limit: float, cpus: Optional[set[int]] = None) -> dict[str, float]:
    """The figures of a client's only line; Failed with what it said if it did not succeed."""

    def pin() -> None:
        if cpus is not None:
            os.sched_setaffinity(0, cpus)

    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
            timeout=limit, preexec_fn=pin,
        )
    except subprocess.TimeoutExpired:
        raise Failed(f"not done after {limit:.0f} s") from None
    if done.returncode != 0:
        raise Failed(" ".join((done.stdout + done.stderr).split())[-300:])
    return figures(done.stdout)


class Conversation:
    """A client that is told lines and answers with lines; killed at the end if it is still there."""

    def __init__(self, command: list[str]):
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        self._pending = b""

    def __enter__(self) -> "Conversation":
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGKILL)
        self._process.communicate()

    def say(self, line: str) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(f"{line}\n".encode())
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # hear() says why

    def hear(self, limit: float) -> dict[str, float]:
        assert self._process.stdout is not None and self._process.stderr is not None
        deadline = time.monotonic() + limit
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            while b"\n" not in self._pending:
                if not selector.select(max(0.0, deadline - time.monotonic())):
                    raise Failed(f"no answer from {self._process.args[1]} after {limit:.0f} s")
                piece = os.read(self._process.stdout.fileno(), 4096)
                if not piece:
                    raise Failed(" ".join(self._process.stderr.read().decode().split())[-300:])
                self._pending += piece
        line, self._pending = self._pending.split(b"\n", 1)
        return figures(line.decode())

    def finish(self, limit: float) -> None:
        """Closes its input and waits for its end."""
        try:
            _, said = self._process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            raise Failed(f"not ended after {limit:.0f} s") from None
        if self._process.returncode != 0:
            raise Failed(" ".join(said.decode().split())[-300:])
