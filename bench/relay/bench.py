"""What every item is given."""

import dataclasses
import pathlib
import sys

import world


@dataclasses.dataclass
class Bench:
    system: world.World
    quick: bool
    runs: int
    tools: pathlib.Path
    root: pathlib.Path

    def say(self, text: str) -> None:
        """For who watches; the table alone goes to standard output."""
        print(text, file=sys.stderr, flush=True)

    def tool(self, name: str) -> str:
        return str(self.tools / name)
