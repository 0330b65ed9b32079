"""What the benchmarks share: timing in turns, tables for terminal and paper, and the page of results."""

from __future__ import annotations

import os
import platform
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table as Terminal

from texteval.files import write_whole

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGE = DOCS / "benchmarks.md"
CORES = os.cpu_count() or 1

INTRO = """\
# Benchmarks

What texteval takes, next to what one would reach for instead, each section in one run on one machine. On another
machine the seconds differ; the ratios differ less.

"""


@dataclass(frozen=True)
class Took:
    """The seconds that a task took, round after round."""

    seconds: tuple[float, ...]

    @property
    def best(self) -> float:
        return min(self.seconds)

    @property
    def median(self) -> float:
        return median(self.seconds)


def in_turns(
    tasks: Sequence[Callable[[], object]], rounds: int, done: Callable[[], object] = lambda: None, again: int = 0
) -> list[Took]:
    """Time tasks in turns, so that what slows the machine for a while slows them all.

    Of a turn that runs a task ``again`` the quickest run counts: the memory is then as the task itself left it.
    """
    taken: list[list[float]] = [[] for _ in tasks]
    for _ in range(rounds):
        for seconds, task in zip(taken, tasks, strict=True):
            runs = []
            for _ in range(1 + again):
                start = time.perf_counter()
                task()
                runs.append(time.perf_counter() - start)
            seconds.append(min(runs))
            done()
    return [Took(tuple(seconds)) for seconds in taken]


@dataclass(frozen=True)
class Table:
    """Rows under headings: words in the first column, numbers in the others."""

    headings: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]

    def markdown(self) -> str:
        lines = [self.headings, *self.rows]
        lines.insert(1, ("---", *["---:"] * (len(self.headings) - 1)))
        return "".join(f"| {' | '.join(line)} |\n" for line in lines)

    def terminal(self, title: str) -> Terminal:
        table = Terminal(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
        for i, heading in enumerate(self.headings):
            table.add_column(heading, justify="right" if i else "left")
        for row in self.rows:
            table.add_row(*row)
        return table


def progress() -> Progress:
    """Show on standard error how far a run is; the tables alone go to standard output."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)


def machine(*libraries: str) -> str:
    """Say when and with what a section is measured."""
    parts = [f"{CORES} cores", f"Python {platform.python_version()}"]
    parts += [f"{library} {version(library)}" for library in libraries]
    return f"Measured on {date.today()}: {', '.join(parts)}."


def put(title: str, body: str) -> None:
    """Write a section of the page, in the place of the one of that title if there is one; the others stay."""
    text = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    sections = {part.split("\n", 1)[0]: part.rstrip("\n") for part in re.split(r"(?m)^## ", text)[1:]}
    sections[title] = f"{title}\n\n{body.rstrip()}"
    write_whole(PAGE, INTRO + "\n\n".join(f"## {section}" for section in sections.values()) + "\n")
