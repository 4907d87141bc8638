"""accept: new connections per second that a server on one core takes."""

import os
import pathlib
from typing import Iterator

import load
import process_times
from bench import Bench
from report import Figures, Row
from ssh_run import Failed

NAME = "accept"
SUMMARY = "new connections per second (sign in, `true`), the server on one core"


def _pin(pid: int, cpus: set[int]) -> None:
    """All its threads; what it forks from now on inherits it."""
    for thread in pathlib.Path(f"/proc/{pid}/task").iterdir():
        os.sched_setaffinity(int(thread.name), cpus)


def _cpu(pid: int) -> float:
    return process_times.cpu_seconds(pid) + process_times.children_cpu_seconds(pid)


def _measure(bench: Bench, route: str, server: str, count: int, rest: set[int]) -> dict[str, float]:
    pid = bench.system.pids[server]
    others = {name: other for name, other in bench.system.pids.items() if name != server}
    before = {name: _cpu(other) for name, other in others.items()}
    server_before = _cpu(pid)
    got = load.run(load.load_command(bench, route, "run", count, 24), 120, rest)
    process_times.wait_without_children([bench.system.pids["sshd"]])
    got["server"] = _cpu(pid) - server_before
    got["others"] = sum(_cpu(other) - before[name] for name, other in others.items())
    return got


def run(bench: Bench) -> Iterator[Row]:
    all_cpus = os.sched_getaffinity(0)
    if len(all_cpus) < 2:
        yield Row(NAME, "connections", "1/s", {"sshproxy": "needs at least two cores"})
        return
    core = {min(all_cpus)}
    counts = {"sshd": 40, "sshproxy": 200} if bench.quick else {"sshd": 150, "sshproxy": 1500}
    rates: dict[str, Figures] = {"sshd": [], "sshproxy": []}
    per_cpu: dict[str, Figures] = {"sshd": [], "sshproxy": []}
    notes = {}
    for server in counts:
        _pin(bench.system.pids[server], core)
    for agent in ("agent-dev", "coordinator"):
        _pin(bench.system.pids[agent], all_cpus - core)
    try:
        for _ in range(bench.runs):
            for server, route in (("sshd", "direct"), ("sshproxy", "embedded")):
                got = _measure(bench, route, server, counts[server], all_cpus - core)
                rates[server].append(got["count"] / got["seconds"])
                per_cpu[server].append(got["count"] / got["server"])
                notes[server] = (
                    f"{server} was busy for {got['server'] / got['seconds']:.0%} of its core; on "
                    f"the others the load generator used {got['cpu'] / got['seconds']:.0%} of one, "
                    f"the other services and their commands {got['others'] / got['seconds']:.0%}"
                )
    except Failed as failure:
        rates[server] = per_cpu[server] = str(failure)
    finally:
        for pid in bench.system.pids.values():
            _pin(pid, all_cpus)
    row = Row(NAME, "connections", "1/s", rates, note=". ".join(notes.values()))
    row.want_ratio("sshproxy", "sshd", 10)
    yield row
    row = Row(NAME, "per CPU second", "1/s", per_cpu)
    row.note = "of the server's own CPU: what its core would take if nothing else were the limit"
    yield row
