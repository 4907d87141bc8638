"""Figures, what is asked of them, and how both are printed."""

import dataclasses
import json
import statistics
import textwrap
from typing import Optional, Union

# What was measured, one figure a run; or why nothing could be.
Figures = Union[list[float], str]


@dataclasses.dataclass
class Goal:
    text: str
    met: Optional[bool]  # None: there is no figure


@dataclasses.dataclass
class Row:
    """One line of the table: the same work by several routes, or one figure under a name."""

    item: str
    what: str
    unit: str
    figures: dict[str, Figures]
    goals: list[Goal] = dataclasses.field(default_factory=list)
    note: str = ""

    def value(self, column: str) -> Optional[float]:
        """The median."""
        figures = self.figures.get(column)
        return statistics.median(figures) if isinstance(figures, list) and figures else None

    def ratio(self, column: str, base: str) -> Optional[float]:
        value, of = self.value(column), self.value(base)
        return value / of if value is not None and of else None

    def want_ratio(self, column: str, base: str, least: float) -> None:
        """Asks for at least this many times the figure of `base`."""
        ratio = self.ratio(column, base)
        met = None if ratio is None else ratio >= least
        shown = "no figure" if ratio is None else f"{ratio:.2f}"
        self.goals.append(Goal(f"{column} >= {least:g} x {base}: {shown}", met))

    def want_at_most(self, column: str, most: float) -> None:
        value = self.value(column)
        met = None if value is None else value <= most
        shown = "no figure" if value is None else number(value)
        self.goals.append(Goal(f"{column} <= {most:g} {self.unit}: {shown}", met))

    def want_no_more_than(self, column: str, base: str) -> None:
        ratio = self.ratio(column, base)
        met = None if ratio is None else ratio <= 1.0
        shown = "no figure" if ratio is None else f"{ratio:.2f} x"
        self.goals.append(Goal(f"{column} <= {base}: {shown}", met))


def number(value: float) -> str:
    if value == 0:
        return "0"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def _cell(row: Row, column: str) -> str:
    if column not in row.figures:
        return ""
    value = row.value(column)
    return "failed" if value is None else number(value)


def _verdict(goal: Goal) -> str:
    return {True: "met   ", False: "MISSED", None: "?     "}[goal.met]


def print_table(rows: list[Row], columns: tuple[str, ...]) -> None:
    """One line a row: the medians, then the ratios to direct; its goals stand under it."""
    width = max([len(row.what) for row in rows] + [4])
    ratios = [column for column in columns if column != columns[0]]
    head = f"{'':{width}} {'unit':>8}" + "".join(f"{column:>10}" for column in columns)
    if ratios:
        head += " |" + "".join(f"{column:>10}" for column in ratios) + f"  (x {columns[0]})"
    item = ""
    for row in rows:
        if row.item != item:
            item = row.item
            print(f"\n{item}\n{head}")
        line = f"{row.what:{width}} {row.unit:>8}"
        line += "".join(f"{_cell(row, column):>10}" for column in columns) + " |"
        for column in ratios:
            ratio = row.ratio(column, columns[0])
            line += f"{'' if ratio is None else format(ratio, '.2f'):>10}"
        print(line.rstrip(" |"))
        for column, figures in row.figures.items():
            if isinstance(figures, str):
                print(f"    {column}: failed: {figures}")
            elif column not in columns:
                print(f"    {column}: {number(row.value(column) or 0.0)} {row.unit}")
        for goal in row.goals:
            print(f"    {_verdict(goal)} {goal.text}")
        if row.note:
            print(textwrap.fill(row.note, 96, initial_indent="    ", subsequent_indent="    "))


def summary(rows: list[Row]) -> str:
    goals = [goal for row in rows for goal in row.goals]
    met = sum(goal.met is True for goal in goals)
    missed = sum(goal.met is False for goal in goals)
    return f"{met} goals met, {missed} missed, {len(goals) - met - missed} without a figure"


def write_json(path: str, machine: dict[str, str], rows: list[Row]) -> None:
    table = []
    for row in rows:
        entry = dataclasses.asdict(row)
        entry["medians"] = {column: row.value(column) for column in row.figures}
        table.append(entry)
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"machine": machine, "rows": table}, file, indent=1)
        file.write("\n")
