"""A sheet of a workbook: what is text, what is a number and what is live; its styles, and the names of cells."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from itertools import groupby
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell

from texteval.words import TONES

CELL = 32_767
"""Characters that a cell may hold, in UTF-16 units."""

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""What XML, or a screen, cannot hold."""

_PLAIN = {"font_name": "Arial", "font_size": 10, "valign": "top"}
STYLES: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 16},
    "section": {"bold": True, "font_size": 13},
    "soft": {"font_color": "#595959"},
    "apart": {"align": "left", "indent": 1},
    "bold": {"bold": True},
    "wrap": {"text_wrap": True},
    "right": {"align": "right"},
    "head": {"bold": True, "bg_color": "#1F3A4D", "font_color": "#FFFFFF", "text_wrap": True, "valign": "vcenter"},
    "line": {"bottom": 1, "bottom_color": "#D9D9D9"},
    "total": {"bold": True, "top": 1, "bottom": 1},
    "input": {"bg_color": "#FFF2CC", "border": 1, "border_color": "#BF9000"},
    "working": {"font_color": "#595959", "bg_color": "#F2F2F2"},
    "answer": {"text_wrap": True, "font_size": 13, "bg_color": "#F4F6F8", "left": 5, "left_color": "#005A8F"},
    "link": {"font_color": "#005A8F", "underline": 1},
    "alarm": {"bold": True, "font_color": TONES["verify first"]},
    "count": {"num_format": "#,##0_)"},
    "usd": {"num_format": "$#,##0.00_);-$#,##0.00_);$0.00_);@_)", "align": "right"},
    "unit": {"num_format": "$#,##0.00####_)", "align": "right"},
    "micro": {"num_format": "#,##0.0000,,_)", "align": "right"},  # two commas: shown in dollars, kept in millionths
    "percent": {"num_format": '0.##"%"_)', "align": "right"},
    **{verdict: {"bold": True, "font_color": tone} for verdict, tone in TONES.items()},
}

Value = str | int | float


def plain_text(value: object) -> str:
    """Make any text fit for a cell."""
    text = _CONTROL.sub("\ufffd", str(value).replace("\r\n", "\n").replace("\r", "\n"))
    while len(text.encode("utf-16-le")) // 2 > CELL:
        text = text[: CELL // 2 - 1] + "…"
    return text


class Book:
    """A workbook while it is written: its sheets, and its cell formats made once.

    Parameters
    ----------
    buffer : io.BytesIO
        Where it is written to.
    title, subject, stamp : str
        What it is called, what it is about, and what every page carries.
    on : datetime.date
        Its date.
    """

    def __init__(self, buffer: io.BytesIO, title: str, subject: str, stamp: str, on: date) -> None:
        self.stamp = plain_text(stamp)
        self.file = xlsxwriter.Workbook(
            buffer,
            {
                "in_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
                "default_format_properties": dict(_PLAIN),  # it is written into
            },
        )
        self.file.set_properties(
            {
                "title": plain_text(title)[:250],
                "subject": subject,
                "author": "texteval",
                "comments": self.stamp[:250],
                "created": datetime.combine(on, time()),
            }
        )
        self.sheets: list[Sheet] = []
        self._formats: dict[tuple[str, ...], Any] = {}

    def style(self, *names: str) -> Any:
        """Return a cell format, made from named styles one over the other."""
        if names not in self._formats:
            merged = dict(_PLAIN)
            for name in names:
                merged |= STYLES[name]
            self._formats[names] = self.file.add_format(merged)
        return self._formats[names]


class Sheet:
    """One sheet: a thin layer that knows what is text, what is a number, and what is live."""

    def __init__(self, book: Book, name: str, widths: Sequence[float], tab: str) -> None:
        self.book, self.name, self.widths = book, name, widths
        self.heights: dict[int, float] = {}
        self.page = book.file.add_worksheet(name)
        for column, width in enumerate(widths):
            self.page.set_column(column, column, width, book.style())
        book.sheets.append(self)
        self.page.set_tab_color(tab)
        self.page.hide_gridlines(2)
        self.page.set_paper(1)
        self.page.set_landscape()
        self.page.fit_to_pages(1, 0)
        self.page.set_margins(0.5, 0.5, 0.6, 0.7)
        self.page.set_footer(f"&L&8{book.stamp}&R&8{name}, page &P of &N")

    def text(self, row: int, column: int, value: object, *styles: str) -> None:
        """Write a text, never a formula or a link, and see how high its row must be."""
        words = plain_text(value)
        self.page.write_string(row, column, words, self.book.style(*styles))
        if "wrap" in styles or "answer" in styles:
            size, height = (1.3, 17) if "answer" in styles else (1, 13)
            room = int(self.widths[column] * 1.1 / size) - 2  # a word that does not fit leaves some of a line empty
            lines = sum(-(-len(line) // max(room, 5)) or 1 for line in words.split("\n"))
            self.heights[row] = max(self.heights.get(row, 0), min(lines * height + 3, 409))

    def number(self, row: int, column: int, value: float, *styles: str) -> None:
        """Write a number."""
        self.page.write_number(row, column, value, self.book.style(*styles))

    def live(self, row: int, column: int, formula: str, value: Value, *styles: str) -> None:
        """Write a formula, with the value that it has as things stand."""
        self.page.write_formula(row, column, f"={formula}", self.book.style(*styles), value)

    def whole(self, row: int, column: int, least: int, most: int) -> None:
        """Let only whole numbers be typed into a cell."""
        rule = {
            "validate": "integer",
            "criteria": "between",
            "minimum": least,
            "maximum": most,
            "error_message": f"Write a whole number from {least:,} to {most:,}.",
        }
        self.page.data_validation(row, column, row, column, rule)

    def top(self, title: str, *notes: str) -> int:
        """Write the sheet's title, and what to know of it; return the row of what comes next."""
        self.text(0, 0, title, "title")
        self.page.set_row(0, 24)
        for row, note in enumerate(notes, 1):
            self.text(row, 0, note, "soft")
        return len(notes) + 2

    def head(self, row: int, titles: Sequence[str], height: float = 32) -> None:
        """Write the head of a table."""
        for column, title in enumerate(titles):
            self.text(row, column, title, "head")
        self.page.set_row(row, height)

    def close(self) -> None:
        """Make rows as high as their text, since not every program does so."""
        for row, height in self.heights.items():
            if height > 16:
                self.page.set_row(row, height)

    def table(self, row: int, last: int, columns: int, frozen: int, printed: int | None = None) -> None:
        """Make a table of what stands below a header: it filters, stays in view and is repeated on paper."""
        if printed is not None:
            self.page.print_area(0, 0, max(last, row), printed - 1)
        self.page.freeze_panes(row + 1, frozen)
        self.page.repeat_rows(row)
        if last > row:
            self.page.autofilter(row, 0, last, columns - 1)


def cell_at(row: int, column: int, sheet: str = "") -> str:
    """Name a cell."""
    cell: str = xl_rowcol_to_cell(row, column, row_abs=True, col_abs=True)
    return f"{sheet}!{cell}" if sheet else cell


def cells_between(first: int, last: int, column: int, sheet: str = "") -> str:
    """Name the cells of a column from one row to another."""
    return f"{cell_at(first, column, sheet)}:{cell_at(last, column)}"


def cells_of(rows: Iterable[int], column: int) -> str:
    """Name cells of a column, neighbours as ranges."""
    runs = []
    for _, run in groupby(enumerate(sorted(rows)), key=lambda pair: pair[1] - pair[0]):
        places = [row for _, row in run]
        name = xl_col_to_name(column)
        runs.append(f"{name}{places[0] + 1}" + (f":{name}{places[-1] + 1}" if len(places) > 1 else ""))
    return ",".join(runs)


def is_whole(cell: str, least: int, most: int) -> str:
    """Ask whether a cell holds a whole number within bounds."""
    number = f"N({cell})"  # so that a text is no fault of the formula
    return f"AND(ISNUMBER({cell}),{number}>={least},{number}<={most},{number}=INT({number}))"


def is_one_of(cell: str, choice: Iterable[str]) -> str:
    """Ask whether a cell holds one of some words."""
    return f"OR({','.join(f'{cell}={chr(34)}{one}{chr(34)}' for one in choice)})"
