"""Runs one ssh to its end, with its times."""

import dataclasses
import os
import pathlib
import selectors
import signal
import subprocess
import time
from typing import Optional

import process_times
import world

# Printed by the remote command to standard error when it starts.
STARTED = "homeport-bench-started"


class Failed(Exception):
    """The work could not be done; the table says so instead of a figure."""


@dataclasses.dataclass
class Run:
    seconds: float  # all of it, from the start of the process to its end
    work_seconds: float  # from STARTED to the end; without STARTED, all of it
    cpu: dict[str, float]  # CPU seconds: "ssh", "sshproxy", "agent", "commands", "sshd"


class Meter:
    """CPU time of the system's processes over a piece of work."""

    def __init__(self, system: world.World):
        self._pids = system.pids
        self._agents = [system.pids["agent-dev"], system.pids["agent-box"]]
        self._parents = [*self._agents, system.pids["sshd"]]
        process_times.wait_without_children(self._parents)
        self._before = self._now()

    def _now(self) -> dict[str, float]:
        sshd = self._pids["sshd"]
        return {
            "sshproxy": process_times.cpu_seconds(self._pids["sshproxy"]),
            "agent": sum(map(process_times.cpu_seconds, self._agents)),
            "commands": sum(map(process_times.children_cpu_seconds, self._agents)),
            "sshd": process_times.cpu_seconds(sshd) + process_times.children_cpu_seconds(sshd),
        }

    def stop(self) -> dict[str, float]:
        process_times.wait_without_children(self._parents)
        return {name: now - self._before[name] for name, now in self._now().items()}


def run(
    system: world.World,
    route: str,
    remote: str,
    options: tuple[str, ...] = (),
    stdin: Optional[pathlib.Path] = None,
    limit: float = 120.0,
) -> Run:
    """`ssh ROUTE REMOTE`, output thrown away. Failed if it does not end with status 0 in time."""
    command = ["ssh", "-F", str(system.ssh_config(*options)), route, remote]
    meter = Meter(system)
    with open(stdin or os.devnull, "rb") as source:
        started = time.monotonic()
        process = subprocess.Popen(
            command, stdin=source, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        said, work_started = _read_errors(process, started + limit)
        _, status, usage = os.wait4(process.pid, 0)
        ended = time.monotonic()
    process.returncode = os.waitstatus_to_exitcode(status)
    ssh_cpu = usage.ru_utime + usage.ru_stime + _reap_orphans()
    if process.returncode != 0:
        why = " ".join(said.split())[-200:]
        raise Failed(f"ssh {route} ended with {process.returncode}: {why}")
    cpu = meter.stop()
    cpu["ssh"] = ssh_cpu
    return Run(ended - started, ended - (work_started or started), cpu)


def _read_errors(process: subprocess.Popen, deadline: float) -> tuple[str, Optional[float]]:
    """Standard error to its end, and when STARTED came. Past the deadline the process is killed."""
    assert process.stderr is not None
    said, work_started = b"", None
    with selectors.DefaultSelector() as selector, process.stderr as stream:
        selector.register(stream, selectors.EVENT_READ)
        while True:
            if not selector.select(max(0.0, deadline - time.monotonic())):
                os.kill(process.pid, signal.SIGKILL)
                return "it took too long and was killed", None
            piece = os.read(stream.fileno(), 4096)
            if not piece:
                return said.decode(errors="replace"), work_started
            said += piece
            if work_started is None and STARTED.encode() in said:
                work_started = time.monotonic()


def _reap_orphans() -> float:
    """CPU time of what the process left behind: the inner ssh of `ssh -J` ends after the outer."""
    cpu, deadline = 0.0, time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            pid, _, usage = os.wait4(-1, os.WNOHANG)
        except ChildProcessError:
            return cpu
        if pid == 0:
            time.sleep(0.001)
        else:
            cpu += usage.ru_utime + usage.ru_stime
    raise Failed("a process that ssh started does not end")
