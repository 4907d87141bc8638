"""burst: many connections at one moment."""

from typing import Iterator

import load
from bench import Bench
from report import Figures, Goal, Row
from ssh_run import Failed

NAME = "burst"
SUMMARY = "200 connections opened at once: all must succeed; time until the last is done"


def run(bench: Bench) -> Iterator[Row]:
    count = 200
    # sshd alone takes a minute for it.
    routes = load.ROUTES[1:] if bench.quick else load.ROUTES
    times: dict[str, Figures] = {route: [] for route in routes}
    for _ in range(1 if bench.quick else bench.runs):
        for route in routes:
            if isinstance(times[route], str):
                continue
            try:
                got = load.run(load.load_command(bench, route, "run", count, count), 120)
                times[route].append(got["seconds"])
            except Failed as failure:
                times[route] = str(failure)
    row = Row(NAME, f"{count} at once", "s", times)
    row.goals = [
        Goal(f"{route}: all succeeded", isinstance(times[route], list))
        for route in ("embedded", "openssh")
    ]
    yield row
