"""echo: one byte there and back over a session that is open."""

from typing import Iterator

import load
import world
from bench import Bench
from report import Figures, Row
from ssh_run import Failed

NAME = "echo"
SUMMARY = "one byte there and back: median and 99th percentile"

_KINDS = {
    "pipe": (["-T"], "echo ready; exec cat"),
    "terminal": (["-tt"], "stty raw -echo; echo ready; exec cat"),
}


def run(bench: Bench) -> Iterator[Row]:
    count = 2000 if bench.quick else 5000
    for kind, (flags, remote) in _KINDS.items():
        median: dict[str, Figures] = {route: [] for route in world.ROUTES}
        p99: dict[str, Figures] = {route: [] for route in world.ROUTES}
        for _ in range(bench.runs):
            for route in world.ROUTES:
                if isinstance(median[route], str):
                    continue
                ssh = ["ssh", "-F", str(bench.system.ssh_config()), *flags, route, remote]
                try:
                    got = load.run([bench.tool("echo_client"), str(count), *ssh], 60)
                except Failed as failure:
                    median[route] = p99[route] = str(failure)
                    continue
                median[route].append(got["median"])
                p99[route].append(got["p99"])
        for what, figures, most in (("median", median, 150.0), ("99th percentile", p99, 300.0)):
            row = Row(NAME, f"{kind}, {what}", "us", figures)
            row.want_at_most("embedded", most)
            row.want_at_most("openssh", most)
            yield row
