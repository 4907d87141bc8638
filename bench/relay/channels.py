"""channels: many channels on one connection."""

from typing import Iterator

import load
from bench import Bench
from report import Figures, Goal, Row
from ssh_run import Failed

NAME = "channels"
SUMMARY = "10,000 session channels opened and closed on one connection, 8 at a time"


def run(bench: Bench) -> Iterator[Row]:
    count = 2000 if bench.quick else 10_000
    times: dict[str, Figures] = {route: [] for route in load.ROUTES}
    for _ in range(bench.runs):
        for route in load.ROUTES:
            if isinstance(times[route], str):
                continue
            try:
                got = load.run(load.load_command(bench, route, "channels", count, 8), 120)
                times[route].append(got["seconds"] * 1e6 / count)
            except Failed as failure:
                times[route] = str(failure)
    row = Row(NAME, f"each of {count:,} channels", "us", times)
    row.goals = [
        Goal(f"{route}: all of them were opened", isinstance(times[route], list))
        for route in ("embedded", "openssh")
    ]
    yield row
