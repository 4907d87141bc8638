"""dev/bench scale: what many agents take of a coordinator, and how soon they are back and hear of changes.

One coordinator and all agents on this machine, over loopback; a database of its own in a temporary folder.
"""

import argparse
import os
import pathlib
import platform
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "relay"))

import load  # noqa: E402  (bench/relay's)
import process_times  # noqa: E402
import report  # noqa: E402

_COLUMN = "coordinator"
_MOST_BYTES = 40
_BACK_SECONDS = 30
_TOLD_SECONDS = 1
_STACK_BYTES = 256 * 1024  # of the agents' threads, of which each has one


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


class Coordinator:
    """A coordinator with its state; can be killed and started again on the same address."""

    def __init__(self, program: pathlib.Path, folder: pathlib.Path, flags: list[str]):
        self._program = program
        self._flags = flags
        self.folder = folder
        self.state = folder / "state"
        self.address = "127.0.0.1:0"
        self._process: subprocess.Popen[bytes]

    def start(self) -> None:
        address_file = self.folder / "address"
        address_file.unlink(missing_ok=True)
        command = [
            str(self._program), "--state", str(self.state), "--listen", self.address,
            "--ops_listen", "", "--address_file", str(address_file), *self._flags,
        ]  # fmt: skip
        log = open(self.folder / "coordinator.log", "ab")
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=log, stdout=log)
        deadline = time.monotonic() + 30
        while not address_file.exists():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise load.Failed("the coordinator does not start; see coordinator.log")
            time.sleep(0.01)
        pairs = dict(line.split("=", 1) for line in address_file.read_text().splitlines())
        self.address = pairs["grpc"]

    def kill(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    @property
    def pid(self) -> int:
        return self._process.pid

    def common(self) -> list[str]:
        return ["--coordinator", self.address, "--ca_file", str(self.state / "ca.pem")]


def _settled_bytes(pid: int, limit: float = 20.0) -> int:
    """Resident memory once it has not grown for two seconds."""
    last, since = process_times.resident_bytes(pid), time.monotonic()
    deadline = since + limit
    while time.monotonic() < deadline and time.monotonic() - since < 2:
        time.sleep(0.2)
        now = process_times.resident_bytes(pid)
        if now > last:
            last, since = now, time.monotonic()
    return process_times.resident_bytes(pid)


def _row(item: str, what: str, unit: str, figures: list[float]) -> report.Row:
    return report.Row(item, what, unit, {_COLUMN: figures})



def _fill(tools: pathlib.Path, coordinator: Coordinator, agents: int) -> None:
    command = [
        str(tools / "scale_client"), "prepare", *coordinator.common(),
        "--set_up_code_file", str(coordinator.state / "set-up-code"),
        "--folder", str(coordinator.folder),
        "--users", str(max(1, agents // 4)), "--workspaces", str(agents),
    ]  # fmt: skip
    subprocess.run(command, check=True, timeout=600)


def _crowd(tools: pathlib.Path, coordinator: Coordinator, agents: int) -> load.Conversation:
    command = [str(tools / "scale_client"), "crowd", *coordinator.common()]
    command += ["--folder", str(coordinator.folder), "--count", str(agents)]
    old = resource.getrlimit(resource.RLIMIT_STACK)
    resource.setrlimit(resource.RLIMIT_STACK, (_STACK_BYTES, old[1]))
    try:
        return load.Conversation(command)
    finally:
        resource.setrlimit(resource.RLIMIT_STACK, old)


def _come(coordinator: Coordinator, crowd: load.Conversation, began: float, cpu: float, what: str) -> list[report.Row]:
    standing = crowd.hear(300)
    used = process_times.cpu_seconds(coordinator.pid) - cpu
    _say(f"  {what}: all after {standing['last'] - began:.1f} s, {used:.1f} s of the coordinator's CPU")
    rows = [
        _row(what, f"until {name} are connected", "s", [standing[key] - began])
        for name, key in (("half", "middle"), ("99 %", "p99"), ("all", "last"))
    ]
    rows.append(_row(what, "CPU time of the coordinator", "s", [used]))
    return rows


def _memory(coordinator: Coordinator, before: int, agents: int) -> report.Row:
    after = _settled_bytes(coordinator.pid)
    row = _row("memory", "growth for each agent", "KiB", [(after - before) / agents / 1024])
    row.want_at_most(_COLUMN, _MOST_BYTES)
    row.note = f"{before / 2**20:.0f} MiB before, {after / 2**20:.0f} MiB with all"
    _say(f"  {row.note}: {(after - before) / agents / 1024:.1f} KiB each")
    return row


def _restart(coordinator: Coordinator, crowd: load.Conversation) -> list[report.Row]:
    coordinator.kill()
    crowd.hear(30)
    began = time.monotonic()
    coordinator.start()
    rows = _come(coordinator, crowd, began, 0.0, "restart")
    rows[2].want_at_most(_COLUMN, _BACK_SECONDS)
    return rows


def _switch(tools: pathlib.Path, coordinator: Coordinator, crowd: load.Conversation, rounds: int) -> list[report.Row]:
    command = [str(tools / "provider_switch"), *coordinator.common()]
    command += ["--token_file", str(coordinator.folder / "admin.token"), "--provider", "local"]
    figures: dict[str, list[float]] = {"half": [], "99 %": [], "all": [], "call": []}
    with load.Conversation(command) as switch:
        for number in range(rounds):
            switch.say("off" if number % 2 == 0 else "on")
            told, call = crowd.hear(60), switch.hear(60)
            for name, key in (("half", "middle"), ("99 %", "p99"), ("all", "last")):
                figures[name].append(told[key] - call["called"])
            figures["call"].append(call["returned"] - call["called"])
            words = ", ".join(f"{name} {values[-1]:.2f} s" for name, values in figures.items())
            _say(f"  switched: {words}; {call['laggards']:.0f} had not acted")
    rows = [
        _row("switch", f"until {name} are told" if name != "call" else "until the call returns", "s", values)
        for name, values in figures.items()
    ]
    rows[1].want_at_most(_COLUMN, _TOLD_SECONDS)
    return rows


def _measure(arguments: argparse.Namespace, folder: pathlib.Path) -> list[report.Row]:
    flags = [word for flag in arguments.coordinator_flag for word in flag.split("=", 1)]
    program = arguments.program or arguments.tools.parent / "coordinator" / "coordinator"
    coordinator = Coordinator(program, folder, flags)
    coordinator.start()
    try:
        _say(f"making {arguments.agents} workspaces")
        _fill(arguments.tools, coordinator, arguments.agents)
        # What making them took is not the agents'.
        coordinator.kill()
        coordinator.start()
        before = _settled_bytes(coordinator.pid)
        _say(f"{arguments.agents} agents")
        cpu = process_times.cpu_seconds(coordinator.pid)
        began = time.monotonic()
        with _crowd(arguments.tools, coordinator, arguments.agents) as crowd:
            rows = _come(coordinator, crowd, began, cpu, "first")
            rows.append(_memory(coordinator, before, arguments.agents))
            rows += _switch(arguments.tools, coordinator, crowd, arguments.rounds)
            rows += _restart(coordinator, crowd)
            return rows
    finally:
        coordinator.kill()


def main() -> int:
    parser = argparse.ArgumentParser(prog="dev/bench scale", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--quick", action="store_true", help="1,000 agents, fewer rounds")
    parser.add_argument("--agents", type=int, help="how many (10,000)")
    parser.add_argument("--rounds", type=int, help="how often the provider is switched (5)")
    parser.add_argument("--coordinator_flag", action="append", default=[], metavar="--FLAG=VALUE",
                        help="for the coordinator, such as its --store")  # fmt: skip
    parser.add_argument("--program", type=pathlib.Path, help="another coordinator")
    parser.add_argument("--json", metavar="FILE", help="write all figures there too")
    parser.add_argument("--root", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--tools", type=pathlib.Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    arguments.agents = arguments.agents or (1000 if arguments.quick else 10000)
    arguments.rounds = arguments.rounds or (2 if arguments.quick else 5)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    if most < arguments.agents + 200:
        _say(f"at most {most} files may be open, which is too few for {arguments.agents} agents")
        return 1
    folder = pathlib.Path(tempfile.mkdtemp(prefix="homeport-bench.", dir="/tmp"))
    try:
        rows = _measure(arguments, folder)
    finally:
        if (folder / "coordinator.log").exists():
            _say((folder / "coordinator.log").read_bytes()[-600:].decode(errors="replace"))
        shutil.rmtree(folder, ignore_errors=True)
    facts = {
        "agents": str(arguments.agents),
        "cores": str(len(os.sched_getaffinity(0))),
        "kernel": platform.release(),
        "load at the end": "{:.2f} {:.2f} {:.2f}".format(*os.getloadavg()),
    }
    for name, value in facts.items():
        print(f"{name:16}  {value}")
    report.print_table(rows, (_COLUMN,))
    print(f"\n{report.summary(rows)}")
    if arguments.json:
        report.write_json(arguments.json, facts, rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
