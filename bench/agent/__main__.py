"""dev/bench agent: what the agent costs a workspace that nobody uses, and how big the asset bundle is.

The agent is the bundle's, in the workspace `dev` of a system that dev/up starts in a temporary folder.
"""

import argparse
import pathlib
import signal
import subprocess
import sys
import time
from typing import Iterator

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "relay"))

import machine  # noqa: E402  (bench/relay's)
import process_times  # noqa: E402
import report  # noqa: E402
import world  # noqa: E402

_COLUMN = "agent"
_MIB = 1 << 20


def _row(item: str, what: str, unit: str, figures: list[float], note: str = "") -> report.Row:
    return report.Row(item, what, unit, {_COLUMN: figures}, note=note)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


class Agent:
    """The bundle's agent, in the place of the one that dev/up has started."""

    def __init__(self, system: world.World, program: pathlib.Path):
        state = system.folder
        self._status = state / "bench-agent.status"
        address = dict(
            line.split("=", 1)
            for line in (state / "coordinator.address").read_text().splitlines()
        )
        self._command = [
            str(program), "run",
            "--coordinator", address["grpc"],
            "--ca_file", str(state / "coordinator/ca.pem"),
            "--credential_file", str(state / "agents/dev.credential"),
            "--status_file", str(self._status),
            "--home", str(state),
            "--backend", "embedded",
        ]  # fmt: skip
        self._log = open(state / "logs/bench-agent.log", "ab")
        self.process: subprocess.Popen[bytes]

    def start(self) -> float:
        """Seconds until it is connected."""
        self._status.unlink(missing_ok=True)
        began = time.monotonic()
        self.process = subprocess.Popen(
            self._command, stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log
        )
        while time.monotonic() - began < 30:
            if self._status.exists() and "state=connected" in self._status.read_text():
                return time.monotonic() - began
            if self.process.poll() is not None:
                raise ChildProcessError(f"the agent ended with {self.process.returncode}")
            time.sleep(0.001)
        raise TimeoutError("the agent is not connected after 30 s")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(30)

    def memory(self) -> dict[str, float]:
        """Resident MiB: all of it, and what is the process's own (not pages of the program's file)."""
        fields = {}
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            name, _, value = line.partition(":")
            if name in ("VmRSS", "RssAnon"):
                fields[name] = int(value.split()[0]) / 1024
        return fields

    def switches(self) -> dict[str, int]:
        """How often each thread has gone to sleep and was woken, by its id and name."""
        return dict(self._switches())

    def _switches(self) -> Iterator[tuple[str, int]]:
        for thread in pathlib.Path(f"/proc/{self.process.pid}/task").iterdir():
            name = (thread / "comm").read_text().strip()
            for line in (thread / "status").read_text().splitlines():
                if line.startswith("voluntary_ctxt_switches"):
                    yield f"{thread.name} {name}", int(line.split()[1])


def _bundle_rows(assets: pathlib.Path) -> list[report.Row]:
    rows = []
    for what, path in (
        ("compressed", assets.parent / "homeport-bundle.tar.xz"),
        ("homeport-agent", assets / "homeport-agent"),
        ("homeport", assets / "coder-cli/homeport"),
    ):
        rows.append(_row("bundle", what, "MiB", [path.stat().st_size / _MIB]))
    rows[0].want_at_most(_COLUMN, 12)
    return rows


def _start_rows(agent: Agent, assets: pathlib.Path, runs: int) -> list[report.Row]:
    versions, starts = [], []
    for _ in range(runs):
        began = time.monotonic()
        subprocess.run([assets / "homeport-agent", "--version"], check=True, capture_output=True)
        versions.append((time.monotonic() - began) * 1000)
        starts.append(agent.start() * 1000)
        agent.stop()
    note = f"medians of {runs}; connected: the status file says so, as the disk lets it"
    return [
        _row("start-up", "--version", "ms", versions),
        _row("start-up", "connected", "ms", starts, note),
    ]


def _idle_rows(agent: Agent, when: str, settle: float, watch: float) -> list[report.Row]:
    _say(f"idle, {when}: {settle:.0f} s to settle, {watch:.0f} s watched")
    time.sleep(settle)
    before, cpu = agent.switches(), process_times.cpu_seconds(agent.process.pid)
    time.sleep(watch)
    after, cpu = agent.switches(), process_times.cpu_seconds(agent.process.pid) - cpu
    memory = agent.memory()
    woken = {name: count - before.get(name, 0) for name, count in after.items()}
    awake = [f"{name} {count}" for name, count in sorted(woken.items()) if count > 0]
    item = f"idle, {when}"
    resident = _row(item, "resident memory", "MiB", [memory["VmRSS"]])
    resident.want_at_most(_COLUMN, 16)
    wakeups = _row(item, "wake-ups", "per s", [sum(woken.values()) / watch])
    wakeups.note = (
        f"in {watch:.0f} s, over {len(after)} threads, by id and name: {', '.join(awake) or 'none'}"
    )
    wakeups.want_at_most(_COLUMN, 1)
    return [
        resident,
        _row(item, "of it its own", "MiB", [memory["RssAnon"]]),
        _row(item, "processor", "ms/min", [cpu * 1000 * 60 / watch]),
        wakeups,
    ]


def _use(system: world.World, sessions: int) -> None:
    """Some sessions, and some bytes, as a workspace sees in an hour."""
    ssh = ["ssh", "-F", str(system.ssh_config()), "embedded"]
    for _ in range(sessions):
        subprocess.run([*ssh, "true"], check=True, stdin=subprocess.DEVNULL)
    subprocess.run(
        [*ssh, "head -c 268435456 /dev/zero"],
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="dev/bench agent", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--quick", action="store_true", help="shorter looks: about half a minute")
    parser.add_argument("--json", metavar="FILE", help="write all figures there too")
    parser.add_argument("--root", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--tools", type=pathlib.Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> int:
    arguments = _arguments()
    # As an exception, so that what was started is stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    assets = arguments.tools
    settle, watch, runs = (5.0, 10.0, 3) if arguments.quick else (30.0, 60.0, 10)
    rows = _bundle_rows(assets)
    with world.World(arguments.root, keep=False) as system:
        facts = machine.facts(system, arguments.root)
        facts["command"] = facts["command"].replace("dev/bench relay", "dev/bench agent")
        subprocess.run(["kill", str(system.pids["agent-dev"])], check=True)
        agent = Agent(system, assets / "homeport-agent")
        rows += _start_rows(agent, assets, runs)
        agent.start()
        try:
            rows += _idle_rows(agent, "fresh", settle, watch)
            _use(system, 5 if arguments.quick else 20)
            rows += _idle_rows(agent, "after use", settle, watch)
        finally:
            agent.stop()
    width = max(map(len, facts))
    for name, value in facts.items():
        print(f"{name:{width}}  {value}")
    report.print_table(rows, (_COLUMN,))
    print(f"\n{report.summary(rows)}")
    if arguments.json:
        report.write_json(arguments.json, facts, rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
