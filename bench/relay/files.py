"""sftp, rsync and git: what people move files with."""

import os
import pathlib
import shutil
import subprocess
import time
from typing import Callable, Iterator

import world
from bench import Bench
from report import Figures, Row

NAME = "files"
SUMMARY = "sftp of one large file and of many small ones, rsync, git clone: wall time"

_LIMIT = 120


class _Place:
    """Folders for one piece of work, and the commands of one route."""

    def __init__(self, bench: Bench, route: str, folder: pathlib.Path):
        self.route = route
        self.source = folder / "source"
        self.target = folder / "target"
        self.repository = folder / "repository.git"
        self.tree = bench.root
        self.config = str(bench.system.ssh_config())

    def sftp(self, *lines: str) -> list[str]:
        batch = self.source.parent / "batch"
        batch.write_text("\n".join(lines) + "\n")
        return ["sftp", "-q", "-F", self.config, "-b", str(batch), self.route]

    @property
    def shell(self) -> str:
        return f"ssh -F {self.config}"


def _works(small: int) -> list[tuple[str, Callable[[_Place], list[str]]]]:
    def put_large(place: _Place) -> list[str]:
        return place.sftp(f"put {place.source}/large {place.target}/large")

    def get_large(place: _Place) -> list[str]:
        return place.sftp(f"get {place.source}/large {place.target}/large")

    def put_small(place: _Place) -> list[str]:
        return place.sftp(f"put -r {place.source}/small {place.target}")

    def get_small(place: _Place) -> list[str]:
        return place.sftp(f"get -r {place.source}/small {place.target}")

    def rsync_headers(place: _Place) -> list[str]:
        target = f"{place.route}:{place.target}/"
        return ["rsync", "-a", "-e", place.shell, "/usr/include", target]

    def rsync_sources(place: _Place) -> list[str]:
        exclude = ["--exclude=/bazel-*", "--exclude=/.homeport"]
        target = f"{place.route}:{place.target}/"
        return ["rsync", "-a", *exclude, "-e", place.shell, f"{place.tree}/", target]

    def clone(place: _Place) -> list[str]:
        source = f"{place.route}:{place.repository}"
        set_ssh = f"core.sshCommand={place.shell}"
        return ["git", "-c", set_ssh, "clone", "-q", source, str(place.target / "clone")]

    return [
        ("sftp put, one large file", put_large),
        ("sftp get, one large file", get_large),
        (f"sftp put, {small:,} files of 1 KiB", put_small),
        (f"sftp get, {small:,} files of 1 KiB", get_small),
        ("rsync of /usr/include", rsync_headers),
        ("rsync of this repository", rsync_sources),
        ("git clone of this repository", clone),
    ]


def _prepare(bench: Bench, folder: pathlib.Path, small: int, large: int) -> None:
    (folder / "source/small").mkdir(parents=True)
    with open(folder / "source/large", "wb") as file:
        file.truncate(large)
    for number in range(small):
        (folder / f"source/small/{number:05}").write_bytes(os.urandom(1024))
    command = ["git", "clone", "-q", "--bare", str(bench.root), str(folder / "repository.git")]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)


def _time(command: list[str]) -> float | str:
    """Seconds, or why it failed."""
    started = time.monotonic()
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
            timeout=_LIMIT,
        )
    except subprocess.TimeoutExpired:
        return f"not done after {_LIMIT} s"
    except FileNotFoundError:
        return f"{command[0]} is not installed"
    if done.returncode != 0:
        return " ".join(done.stderr.split())[-200:] or f"ended with {done.returncode}"
    return time.monotonic() - started


def run(bench: Bench) -> Iterator[Row]:
    small, large = (500, 128 << 20) if bench.quick else (5000, 1 << 30)
    folder = bench.system.folder / "files"
    _prepare(bench, folder, small, large)
    for what, make in _works(small):
        bench.say(f"  {what}")
        times: dict[str, Figures] = {route: [] for route in world.ROUTES}
        for _ in range(bench.runs):
            for route in world.ROUTES:
                figures = times[route]
                if isinstance(figures, str):
                    continue
                (folder / "target").mkdir()
                took = _time(make(_Place(bench, route, folder)))
                shutil.rmtree(folder / "target")
                if isinstance(took, str):
                    times[route] = took
                else:
                    figures.append(took)
        yield Row(NAME, what, "s", times)
    shutil.rmtree(folder)
