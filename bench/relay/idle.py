"""idle: what a session costs that does nothing, before and after it has moved bytes."""

from typing import Iterator

import load
import process_times
from bench import Bench
from report import Figures, Row
from ssh_run import Failed

NAME = "idle"
SUMMARY = "memory of 1,000 idle sessions, before and after each has moved 64 MiB"

_PROXY_KIB, _AGENT_KIB = 60.0, 20.0


def _memory(bench: Bench) -> dict[str, int]:
    pids = bench.system.pids
    return {
        "sshproxy": process_times.resident_bytes(pids["sshproxy"]),
        "agent": process_times.resident_bytes(pids["agent-dev"]),
        "coordinator": process_times.resident_bytes(pids["coordinator"]),
    }


def _growth(bench: Bench, before: dict[str, int], count: int) -> dict[str, Figures]:
    return {
        name: [(now - before[name]) / 1024 / count] for name, now in _memory(bench).items()
    }


def _row(what: str, figures: dict[str, Figures]) -> Row:
    row = Row(NAME, what, "KiB", figures)
    row.want_at_most("sshproxy", _PROXY_KIB)
    row.want_at_most("agent", _AGENT_KIB)
    return row


def run(bench: Bench) -> Iterator[Row]:
    count, mebibytes = (200, 4) if bench.quick else (1000, 64)
    # What the first connections cost once is not the sessions'.
    try:
        load.run(load.load_command(bench, "embedded", "run", 40, 10), 60)
    except Failed as failure:
        bench.say(f"  warm-up: {failure}")
    before = _memory(bench)
    what = f"{count} embedded sessions, each"
    fresh: dict[str, Figures] = {}
    used: dict[str, Figures] = {}
    try:
        with load.Conversation(load.load_command(bench, "embedded", "idle", count, 8)) as client:
            client.hear(120)
            fresh = _growth(bench, before, count)
            client.say(f"move {mebibytes << 20}")
            client.hear(600)
            used = _growth(bench, before, count)
            client.finish(60)
    except Failed as failure:
        fresh = fresh or {"sshproxy": str(failure), "agent": str(failure)}
        used = used or {"sshproxy": str(failure), "agent": str(failure)}
    yield _row(f"{what} idle since it began", fresh)
    row = _row(f"{what} after {mebibytes} MiB", used)
    row.note = (
        "growth of resident memory per session of the agent's process alone, without shells; "
        "half of the bytes go each way, eight sessions at a time"
    )
    yield row
