"""What processes have used, from /proc: CPU time, memory, children."""

import ctypes
import os
import pathlib
import time

_TICK = 1.0 / os.sysconf("SC_CLK_TCK")
_PR_SET_CHILD_SUBREAPER = 36


def _stat_fields(pid: int) -> list[str]:
    text = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    return text[text.rindex(")") + 2 :].split()


def cpu_seconds(pid: int) -> float:
    """User and system time of all threads of the process."""
    fields = _stat_fields(pid)
    return (int(fields[11]) + int(fields[12])) * _TICK


def children_cpu_seconds(pid: int) -> float:
    """The same of all its children that have ended and were waited for, and of theirs."""
    fields = _stat_fields(pid)
    return (int(fields[13]) + int(fields[14])) * _TICK


def children(pid: int) -> list[int]:
    found = []
    for thread in pathlib.Path(f"/proc/{pid}/task").iterdir():
        try:
            found += [int(word) for word in (thread / "children").read_text().split()]
        except FileNotFoundError:  # the thread has just ended
            continue
    return found


def resident_bytes(pid: int) -> int:
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise ProcessLookupError(pid)


def wait_without_children(pids: list[int], limit: float = 10.0) -> None:
    """Until none of them has children; what has not ended by then is what the bench started and
    could not end, and no figure can be trusted."""
    deadline = time.monotonic() + limit
    while any(children(pid) for pid in pids):
        if time.monotonic() > deadline:
            left = {pid: children(pid) for pid in pids}
            raise TimeoutError(f"processes are left over after {limit:.0f} s: {left}")
        time.sleep(0.005)


def adopt_orphans() -> None:
    """Makes this process the parent of its descendants whose own parent has ended, such as the ssh
    that `ssh -J` starts: their CPU time can be had only by who waits for them."""
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_CHILD_SUBREAPER)")
