"""What a figure depends on besides the programs: the machine and the versions."""

import os
import pathlib
import platform
import shlex
import subprocess
import sys
import time

import world


def _cpu_model() -> str:
    for line in pathlib.Path("/proc/cpuinfo").read_text(encoding="ascii").splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def _memory() -> str:
    size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return f"{size / 2**30:.0f} GiB"


def _revision(root: pathlib.Path) -> str:
    command = ["git", "-C", str(root), "describe", "--always", "--dirty"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def facts(system: world.World, root: pathlib.Path) -> dict[str, str]:
    client = subprocess.run(["ssh", "-V"], capture_output=True, text=True, check=True)
    words = [word for word in sys.argv[1:]]
    for own in ("--root", "--tools"):  # dev/bench gives them
        if own in words:
            del words[words.index(own) : words.index(own) + 2]
    return {
        "command": shlex.join(["dev/bench", "relay", *words]),
        "date": time.strftime("%Y-%m-%d %H:%M:%S %Z"),
        "revision": _revision(root),
        "cores": str(len(os.sched_getaffinity(0))),
        "cpu": _cpu_model(),
        "memory": _memory(),
        "kernel": platform.release(),
        "client": client.stderr.strip(),
        "server": system.sshd_version,
        "default cipher": system.default_cipher(),
        "load before": "{:.2f} {:.2f} {:.2f}".format(*os.getloadavg()),
    }
