"""bulk: one large stream, down and up."""

from typing import Iterator

import ssh_run
import world
from bench import Bench
from report import Figures, Row

NAME = "bulk"
SUMMARY = "1 GiB down and up: throughput, and CPU of each program"

_AES = "aes128-gcm@openssh.com"
# The most that the proxy may use, in CPU seconds per GiB.
_PROXY_CPU = {"down": 0.85, "up": 0.95}
_OPENSSH_RATIO = {"down": 0.75, "up": 0.80}
_PROGRAMS = ("ssh", "sshproxy", "agent", "commands", "sshd")


def _remote(direction: str, size: int) -> str:
    work = f"head -c {size} /dev/zero" if direction == "down" else "cat >/dev/null"
    return f"echo {ssh_run.STARTED} >&2; exec {work}"


class _Case:
    """One direction with one cipher."""

    def __init__(self, bench: Bench, direction: str, options: tuple[str, ...], cipher: str):
        self.direction, self.options, self.cipher = direction, options, cipher
        self.size = (256 if bench.quick else 1024) << 20
        self.rates: dict[str, Figures] = {route: [] for route in world.ROUTES}
        self.cpu: dict[str, dict[str, list[float]]] = {
            program: {route: [] for route in world.ROUTES} for program in _PROGRAMS
        }

    def run(self, bench: Bench, route: str) -> None:
        rates = self.rates[route]
        if isinstance(rates, str):
            return
        source = None
        if self.direction == "up":
            source = bench.system.folder / "zeros"
            with open(source, "wb") as file:
                file.truncate(self.size)
        try:
            run = ssh_run.run(
                bench.system, route, _remote(self.direction, self.size), self.options, source
            )
        except ssh_run.Failed as failure:
            self.rates[route] = str(failure)
            return
        rates.append(self.size / 2**20 / run.work_seconds)
        for program in _PROGRAMS:
            self.cpu[program][route].append(run.cpu[program] * 2**30 / self.size)

    def rows(self) -> Iterator[Row]:
        row = Row(NAME, f"{self.direction}, {self.cipher}", "MiB/s", self.rates)
        row.want_ratio("embedded", "direct", 1.0)
        row.want_ratio("openssh", "direct", _OPENSSH_RATIO[self.direction])
        row.want_ratio("openssh", "jump", 1.4)
        yield row
        for program in _PROGRAMS:
            row = Row(NAME, f"  CPU of {program}", "s/GiB", dict(self.cpu[program]))
            if program == "sshproxy":
                row.figures = {r: f for r, f in row.figures.items() if r in ("embedded", "openssh")}
                if self.cipher == _AES:
                    for route in ("embedded", "openssh"):
                        row.want_at_most(route, _PROXY_CPU[self.direction])
            elif program in ("agent", "commands"):
                row.figures = {r: f for r, f in row.figures.items() if r in ("embedded", "openssh")}
            row.figures = {r: f for r, f in row.figures.items() if f}
            yield row


def run(bench: Bench) -> Iterator[Row]:
    default = bench.system.default_cipher()
    ciphers = [((f"Ciphers {_AES}",), _AES)]
    if default != _AES:
        ciphers.append(((), f"{default} (default)"))
    cases = [
        _Case(bench, direction, options, cipher)
        for options, cipher in ciphers
        for direction in ("down", "up")
    ]
    for number in range(bench.runs):
        for case in cases:
            bench.say(f"  run {number + 1} of {bench.runs}: {case.direction}, {case.cipher}")
            for route in world.ROUTES:
                case.run(bench, route)
    for case in cases:
        yield from case.rows()
