"""dev/bench revoke: how soon sessions are over when a site manager switches SSH off for their provider.

The sessions are on one proxy of a system that dev/up starts in a temporary folder.
"""

import argparse
import pathlib
import resource
import signal
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "relay"))

import load  # noqa: E402  (bench/relay's)
import machine  # noqa: E402
import report  # noqa: E402
import world  # noqa: E402
from bench import Bench  # noqa: E402

_COLUMN = "embedded"
_GOAL_MS = 250


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _switch_command(bench: Bench) -> list[str]:
    folder = bench.system.folder
    address = dict(
        line.split("=", 1) for line in (folder / "coordinator.address").read_text().splitlines()
    )
    return [
        bench.tool("provider_switch"), "--coordinator", address["grpc"],
        "--ca_file", str(folder / "coordinator/ca.pem"),
        "--token_file", str(folder / "admin.token"),
        "--provider", "local",
    ]  # fmt: skip


def _round(bench: Bench, switch: load.Conversation, count: int) -> dict[str, float]:
    """Milliseconds since the call."""
    command = load.load_command(bench, "embedded", "revoked", count, 8)
    with load.Conversation(command) as client:
        client.hear(180)
        switch.say("off")
        ended, call = client.hear(60), switch.hear(60)
        client.finish(60)
    switch.say("on")
    switch.hear(60)
    if call["ended"] != count or call["laggards"] != 0:
        _say(f"  the call ended {call['ended']:.0f} sessions and left {call['laggards']:.0f} behind")
    times = {name: (ended[name] - call["called"]) * 1000 for name in ("first", "middle", "last")}
    times["call"] = (call["returned"] - call["called"]) * 1000
    _say("  " + ", ".join(f"{name} {value:.0f} ms" for name, value in times.items()))
    return times


def _rows(rounds: list[dict[str, float]], count: int) -> list[report.Row]:
    rows = []
    for name, what in (
        ("first", "until the first is over"),
        ("middle", "until half are over"),
        ("last", "until the last is over"),
        ("call", "until the call returns"),
    ):
        figures = [times[name] for times in rounds]
        row = report.Row("revoke", f"{count} sessions, {what}", "ms", {_COLUMN: figures})
        if name == "last":
            slowest = max(figures)
            row.goals.append(
                report.Goal(f"slowest round <= {_GOAL_MS} ms: {slowest:.0f}", slowest <= _GOAL_MS)
            )
        row.note = f"median of {len(figures)} rounds; slowest {max(figures):.0f}"
        rows.append(row)
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(prog="dev/bench revoke", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--quick", action="store_true", help="fewer and smaller rounds")
    parser.add_argument("--json", metavar="FILE", help="write all figures there too")
    parser.add_argument("--root", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--tools", type=pathlib.Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    count, rounds = (200, 2) if arguments.quick else (1000, 5)
    with world.World(arguments.root, False) as system:
        facts = machine.facts(system, arguments.root)
        facts["command"] = facts["command"].replace("dev/bench relay", "dev/bench revoke")
        bench = Bench(system, arguments.quick, 1, arguments.tools, arguments.root)
        times = []
        with load.Conversation(_switch_command(bench)) as switch:
            for number in range(rounds):
                _say(f"round {number + 1} of {rounds}: {count} sessions")
                times.append(_round(bench, switch, count))
    width = max(map(len, facts))
    for name, value in facts.items():
        print(f"{name:{width}}  {value}")
    rows = _rows(times, count)
    report.print_table(rows, (_COLUMN,))
    print(f"\n{report.summary(rows)}")
    if arguments.json:
        report.write_json(arguments.json, facts, rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
