"""dev/bench relay: the same work through four routes, side by side in one run.

direct    plain ssh to a private sshd
jump      ssh -J through that sshd to itself
embedded  Homeport, a workspace with the agent's own SSH server
openssh   Homeport, a workspace with that sshd
"""

import argparse
import pathlib
import resource
import signal
import sys

import accept
import bulk
import burst
import channels
import connect
import echo
import files
import idle
import machine
import process_times
import report
import world
from bench import Bench

ITEMS = (bulk, connect, echo, idle, accept, channels, burst, files)


def _arguments() -> argparse.Namespace:
    items = "\n".join(f"  {item.NAME:9} {item.SUMMARY}" for item in ITEMS)
    parser = argparse.ArgumentParser(
        prog="dev/bench relay",
        description=__doc__.split("\n", 1)[1] + "\nitems:\n" + items,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--quick", action="store_true", help="less of everything: about 2 minutes")
    parser.add_argument("--only", metavar="NAME,…", help="these items alone")
    parser.add_argument("--runs", type=int, help="repetitions of which the median is taken")
    parser.add_argument("--json", metavar="FILE", help="write all figures there too")
    parser.add_argument("--keep", action="store_true", help="leave the system running")
    parser.add_argument("--root", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--tools", type=pathlib.Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    known = {item.NAME: item for item in ITEMS}
    names = arguments.only.split(",") if arguments.only else list(known)
    unknown = [name for name in names if name not in known]
    if unknown:
        parser.error(f"no item {', '.join(unknown)}; there are {', '.join(known)}")
    arguments.items = [known[name] for name in names]
    if arguments.runs is not None and arguments.runs < 1:
        parser.error("--runs must be at least 1")
    return arguments


def _raise_file_limit() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def main() -> int:
    arguments = _arguments()
    # As an exception, so that what was started is stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    _raise_file_limit()
    runs = arguments.runs or (1 if arguments.quick else 3)
    rows: list[report.Row] = []
    with world.World(arguments.root, arguments.keep) as system:
        process_times.adopt_orphans()  # only now: the services are nobody's children
        facts = machine.facts(system, arguments.root)
        bench = Bench(system, arguments.quick, runs, arguments.tools, arguments.root)
        for item in arguments.items:
            bench.say(f"{item.NAME}: {item.SUMMARY}")
            rows += item.run(bench)
    width = max(map(len, facts))
    for name, value in facts.items():
        print(f"{name:{width}}  {value}")
    report.print_table(rows, world.ROUTES)
    print(f"\n{report.summary(rows)}")
    if arguments.json:
        report.write_json(arguments.json, facts, rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
