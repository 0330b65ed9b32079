"""How words and tables fit on a sheet of paper; the PDF and the Word file share it."""

from __future__ import annotations

import re

from texteval.report.document import Column, Link, Table, Words
from texteval.words import MARKS

TALL = 22
"""Lines of a row from which it may be broken across pages."""

SHORT = 24
"""Lines of a table up to which it stands on one page."""

LONGEST = 20
"""Letters of the longest word for which a column is made wide enough; longer ones are broken."""

NARROW, WIDE = frozenset("iljtfrIJ!.,:;'|/\\-()[]{}"), frozenset("mMW@%")


def plain(words: Words) -> str:
    """Return the words without where they lead."""
    return words.text if isinstance(words, Link) else words


def verdict(words: Words) -> tuple[str, str]:
    """Return a verdict's sign and its word; a dash and nothing where nothing is offered."""
    word = plain(words)
    return (MARKS.get(word, ""), word) if word else ("–", "")


def em(text: str) -> float:
    """Return no less than a text's width.

    Parameters
    ----------
    text : str
        One line.

    Returns
    -------
    float
        Its width in em; right within a fifth for Libertinus Serif and Arial, and never too small for Latin letters.
    """
    return sum(map(_sign_em, text))


def _sign_em(sign: str) -> float:
    if sign in NARROW:
        return 0.46
    if sign in WIDE or not sign.isascii():
        return 1.04
    return 0.83 if sign.isupper() or sign in "w&" else 0.64


def column_widths(table: Table, room: float, size: float, inset: float) -> list[float]:
    """Share a sheet's width among the columns of a table.

    Each has its share, but is no narrower than its longest word of up to :data:`LONGEST` letters, as long as all can
    be so.

    Parameters
    ----------
    table : Table
        The table.
    room : float
        The width of all columns together, in points.
    size : float
        The size of type, in points.
    inset : float
        What the margins of a cell take of its width, in points.

    Returns
    -------
    list of float
        The width of each column, in points, from left to right; together they are ``room``.
    """
    least = [
        size * max((em(word) for word in _unbroken(table, place, column)), default=0) + inset
        for place, column in enumerate(table.columns)
    ]
    if sum(least) > room:
        least = [0.0] * len(least)
    shares = [column.share for column in table.columns]
    held: set[int] = set()
    while True:
        left = room - sum(least[place] for place in held)
        whole = sum(share for place, share in enumerate(shares) if place not in held)
        widths = [least[place] if place in held else left * share / whole for place, share in enumerate(shares)]
        tight = {place for place, width in enumerate(widths) if width < least[place]}
        if not tight:
            return widths
        held |= tight


def _unbroken(table: Table, place: int, column: Column) -> list[str]:
    cells = [column.title]
    for row in table.rows:
        cells.append(" ".join(verdict(row[place])) if column.kind == "verdict" else plain(row[place]))
    return [
        word for cell in cells for word in re.split(r"[\s\u200b]+|(?<=-)(?=\D)", cell) if word and len(word) <= LONGEST
    ]


def row_lines(row: tuple[Words, ...], widths: list[float], size: float, inset: float) -> float:
    """Estimate how many lines a row of a table takes."""
    return max((em(plain(cell)) * size / (width - inset) for cell, width in zip(row, widths, strict=True)), default=0)
