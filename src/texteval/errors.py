"""What goes wrong on the user's side, told in one plain sentence each."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass


class UserError(Exception):
    """Something that the user can put right; the command line prints it and exits with code 2.

    Parameters
    ----------
    message : str
        What is wrong and what would be right, in plain words.
    """

    def _render_traceback_(self) -> list[str]:
        """Show the message alone in a notebook: IPython asks an exception for this before it writes a traceback."""
        return [f"texteval: {self}"]


@dataclass(frozen=True, order=True)
class Problem:
    """One fault in a data file.

    Parameters
    ----------
    file : str
        The file, as the user named it.
    line : int
        Line number, counted from 1; 0 where there is no file.
    path : str
        Where in the file: keys joined by dots.
    wrong : str
        What is wrong.
    right : str
        What would be right.
    """

    file: str
    line: int
    path: str
    wrong: str
    right: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        where = f"{where}: {self.path}" if self.path else where
        return f"{where}: {self.wrong}: {self.right}"

    def as_dict(self) -> dict[str, str | int]:
        """Return the fault as plain data, for JSON output."""
        return asdict(self)


class DataError(UserError):
    """One or more faults in a data file, all of them at once.

    Parameters
    ----------
    problems : iterable of Problem
        The faults; they are kept in the order of the file.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(set(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


def program() -> str:
    """Return what the user types before a command: ``texteval``, or the launcher that called it."""
    return os.environ.get("TEXTEVAL_COMMAND", "texteval")


def nearest(word: str, known: Iterable[str]) -> str:
    """Suggest the known word nearest to a misspelt one.

    Parameters
    ----------
    word : str
        What the user wrote.
    known : iterable of str
        What would be understood.

    Returns
    -------
    str
        ``did you mean 'x'?`` where one is near, else the list of known words.
    """
    known = list(known)
    if not known:
        return "none is known"
    if near := closest(word, known):
        return f"did you mean '{near}'?"
    within = [name for name in known if word.casefold() in name.casefold()]
    if within:
        return f"did you mean '{within[0]}'?"
    shown = ", ".join(sorted(known)[:20])
    return f"known are {shown}{', …' if len(known) > 20 else ''}"


def closest(word: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """Return the known word that looks most like another one, by itself or by what follows its last slash, if any does.

    Parameters
    ----------
    word, known : str, iterable of str
        As :func:`nearest` takes them.
    cutoff : float
        How alike they must look (:func:`difflib.get_close_matches`).
    """
    known = list(known)
    for table in ({name.casefold(): name for name in known}, {name.split("/")[-1].casefold(): name for name in known}):
        if close := difflib.get_close_matches(word.casefold(), table, n=1, cutoff=cutoff):
            return table[close[0]]
    return None
