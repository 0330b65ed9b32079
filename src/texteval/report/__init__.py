"""One question → one report model → one document → HTML, PDF, a workbook, Word, JSON.

The report is a library function: the command line, the notebooks and the explorer call :func:`build` and :func:`write`.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from texteval import kept
from texteval.errors import UserError
from texteval.report.html import render
from texteval.report.model import Report, build
from texteval.report.pages import document

if TYPE_CHECKING:
    from texteval.report.brand import Brand

__all__ = ["FORMATS", "Report", "build", "document", "render", "writable", "write"]

FORMATS = {
    "html": "open it in a browser; it needs no network, and holds a calculator",
    "pdf": "to print or to send",
    "xlsx": "change the yellow cells, and the costs follow",
    "docx": "to edit on",
    "json": "all of it as data",
}
"""The formats of a report, in the order in which they are written, and what each is good for."""


def writable() -> tuple[str, ...]:
    """Return the formats that can be written on this machine: all, but no PDF where its typesetter has no build."""
    return tuple(form for form in FORMATS if form != "pdf" or importlib.util.find_spec("typst"))


def write(
    report: Report,
    folder: Path,
    formats: Sequence[str] = (),
    brand: Brand | None = None,
    client: str | None = None,
    tell: Callable[[str], object] = lambda step: None,
) -> list[Path]:
    """Write a report into a folder.

    Parameters
    ----------
    report : Report
        As :func:`build` gathers it.
    folder : pathlib.Path
        Where; it is made if need be.
    formats : sequence of str
        Some of :data:`FORMATS`; all that this machine can write, if left out.
    brand : Brand, optional
        Whose name, logo and colour it bears.
    client : str, optional
        For whom it is made.
    tell : callable
        Called with a few words at each step, for a progress line.

    Returns
    -------
    list of pathlib.Path
        The files written, the same bytes each time for the same report.

    Raises
    ------
    UserError
        If a file cannot be written, or somebody has changed it since it was: the one there is then untouched, and the
        others are written all the same.
    """
    from texteval.report import brand as brands
    from texteval.report import data, pdf, word, workbook

    brand = brand or brands.Brand()
    pages = document(report, client, tell)
    makers: dict[str, Callable[[], str | bytes]] = {
        "html": lambda: render(report, pages, brand),
        "pdf": lambda: pdf.render(pages, brand, client),
        "xlsx": lambda: workbook.workbook(report),
        "docx": lambda: word.render(pages, brand, client),
        "json": lambda: data.render(report),
    }
    made = {}
    for form in formats or writable():
        tell(f"writing {form}")
        made[form] = makers[form]()
    written, failed = [], []
    for form, content in made.items():
        file = {f"{file_name(report)}.{form}": content.encode() if isinstance(content, str) else content}
        try:
            if names := kept.changed(folder, file):
                raise kept.refusal(folder, names)
            written += kept.write(folder, file)
        except UserError as error:
            failed.append(str(error))
    if failed:
        done = f" Written all the same: {', '.join(str(path) for path in written)}." if written else ""
        raise UserError("; ".join(failed) + "." + done)
    return written


def file_name(report: Report) -> str:
    """Name a report's files, without ending: by practice and day, and apart from those without one's own facts."""
    name = re.sub(r"[^\w-]+", "-", report.comparison.practice_id)[:60].strip("-") or "practice"
    own = "-own" if report.catalog.own or report.catalog.own_prices else ""
    return f"texteval-{name}{own}-{report.on}"
