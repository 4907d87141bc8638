"""connect: `ssh X true`, from nothing to the end."""

import dataclasses
import subprocess
import time
from typing import Iterator

import ssh_run
import world
from bench import Bench
from report import Figures, Row

NAME = "connect"
SUMMARY = "ssh X true with each key exchange: wall time"

# By what is asked of the embedded backend, in milliseconds. The first name that ssh knows is used.
_KEY_EXCHANGES = (
    (("curve25519-sha256",), 25.0),
    (("sntrup761x25519-sha512@openssh.com", "sntrup761x25519-sha512"), 45.0),
    (("mlkem768x25519-sha256",), 25.0),
)


@dataclasses.dataclass
class _Case:
    name: str
    goal: float
    times: dict[str, Figures]
    client: dict[str, Figures]

    def run(self, bench: Bench, route: str, keep: bool) -> None:
        times, client = self.times[route], self.client[route]
        if isinstance(times, str) or isinstance(client, str):
            return
        try:
            run = ssh_run.run(bench.system, route, "true", (f"KexAlgorithms {self.name}",))
        except ssh_run.Failed as failure:
            self.times[route] = self.client[route] = str(failure)
            return
        if keep:
            times.append(run.seconds * 1000)
            client.append(run.cpu["ssh"] * 1000)

    def rows(self, process_ms: float) -> Iterator[Row]:
        row = Row(NAME, self.name, "ms", self.times)
        row.want_at_most("embedded", self.goal)
        row.want_no_more_than("openssh", "direct")
        row.note = f"of each, {process_ms:.1f} ms are the start and end of a process (`ssh -V`)"
        yield row
        yield Row(NAME, "  CPU of ssh", "ms", self.client)


def _process_milliseconds() -> float:
    """What a process of ssh costs that does nothing, the median of 20."""
    times = []
    for _ in range(20):
        started = time.monotonic()
        subprocess.run(["ssh", "-V"], stderr=subprocess.DEVNULL, check=True)
        times.append((time.monotonic() - started) * 1000)
    return sorted(times)[len(times) // 2]


def run(bench: Bench) -> Iterator[Row]:
    known = subprocess.check_output(["ssh", "-Q", "kex"], text=True).split()
    cases = []
    for names, goal in _KEY_EXCHANGES:
        for name in names:
            if name in known:
                times: dict[str, Figures] = {route: [] for route in world.ROUTES}
                cases.append(_Case(name, goal, times, {route: [] for route in times}))
                break
        else:
            bench.say(f"  {names[0]}: the installed ssh does not know it")
    times = 5 if bench.quick else 20
    for number in range(times + 1):  # the first is not counted
        for case in cases:
            for route in world.ROUTES:
                case.run(bench, route, keep=number > 0)
    process_ms = _process_milliseconds()
    for case in cases:
        yield from case.rows(process_ms)
