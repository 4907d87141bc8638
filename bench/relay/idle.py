"""idle: what a session costs that does nothing, before and after it has moved bytes."""

import time
from typing import Iterator

import load
import process_times
from bench import Bench
from report import Figures, Row
from ssh_run import Failed

NAME = "idle"
SUMMARY = "memory of 1,000 idle sessions, before and after each has moved 64 MiB"

_PROXY_KIB, _AGENT_KIB = 60.0, 20.0
# Memory is given back some seconds after the last packet. It has settled when for so long nothing
# has become smaller by more than a hundredth of what the sessions take, or a process's noise.
_STILL_SECONDS, _MOST_SECONDS = 12.0, 60.0
_NOISE_BYTES = 256 << 10


def _memory(bench: Bench) -> dict[str, int]:
    pids = bench.system.pids
    return {
        "sshproxy": process_times.resident_bytes(pids["sshproxy"]),
        "agent": process_times.resident_bytes(pids["agent-dev"]),
        "coordinator": process_times.resident_bytes(pids["coordinator"]),
    }


def _settled(bench: Bench, before: dict[str, int]) -> tuple[dict[str, int], float]:
    """The memory when it does not fall any more, and the seconds until it last did."""
    began = since = time.monotonic()
    lowest = _memory(bench)
    while True:
        time.sleep(0.5)
        now, memory = time.monotonic(), _memory(bench)
        for name, value in memory.items():
            if lowest[name] - value > max(_NOISE_BYTES, (lowest[name] - before[name]) / 100):
                lowest, since = memory, now
                break
        if now - since >= _STILL_SECONDS or now - began >= _MOST_SECONDS:
            return memory, since - began


def _growth(before: dict[str, int], after: dict[str, int], count: int) -> dict[str, Figures]:
    return {name: [(after[name] - before[name]) / 1024 / count] for name in after}


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
    before, _ = _settled(bench, _memory(bench))
    what = f"{count} embedded sessions, each"
    fresh: dict[str, Figures] = {}
    used: dict[str, Figures] = {}
    notes = ["", ""]
    try:
        with load.Conversation(load.load_command(bench, "embedded", "idle", count, 8)) as client:
            client.hear(120)
            memory, seconds = _settled(bench, before)
            fresh = _growth(before, memory, count)
            notes[0] = f"settled {seconds:.0f} s after the last session began"
            client.say(f"move {mebibytes << 20}")
            client.hear(900)
            memory, seconds = _settled(bench, before)
            used = _growth(before, memory, count)
            notes[1] = f"settled {seconds:.0f} s after the last byte"
            client.finish(60)
    except Failed as failure:
        fresh = fresh or {"sshproxy": str(failure), "agent": str(failure)}
        used = used or {"sshproxy": str(failure), "agent": str(failure)}
    row = _row(f"{what} idle since it began", fresh)
    row.note = notes[0]
    yield row
    row = _row(f"{what} after {mebibytes} MiB", used)
    row.note = "; ".join(note for note in (
        notes[1],
        "growth of resident memory per session of the agent's process alone, without shells",
        "half of the bytes go each way, eight sessions at a time",
    ) if note)
    yield row
