"""A document as PDF: typeset by typst, tagged for screen readers (PDF/UA-1), the same bytes each time."""

from __future__ import annotations

import json
import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from texteval.errors import UserError
from texteval.report.brand import Brand, prepared
from texteval.report.document import Block, Bullets, Document, Heading, Paragraph, Picture, Table, Words
from texteval.report.paper import SHORT, TALL, column_widths, em, row_lines, verdict
from texteval.words import TONES, isolated

if TYPE_CHECKING:
    import typst

WIDTH, HEIGHT = 504.0, 560.0
"""Room on a US letter page for text and for a picture, in points."""

INSET = 8.0
"""What a cell's margins take of its width, in points."""

RUNNING = 90
"""Signs of the title at the head of a page."""


def render(document: Document, brand: Brand, client: str | None = None) -> bytes:
    """Render a document as PDF.

    The first page holds the opening, as large as fits on it. Signs that the fonts lack are shown as □.

    Parameters
    ----------
    document : Document
        What it says.
    brand : Brand
        Whose it is.
    client : str, optional
        For whom it is made; named on the cover, where the brand has one.

    Returns
    -------
    bytes
        A tagged PDF (PDF/UA-1) on US letter paper, with its fonts in it.

    Raises
    ------
    UserError
        If there is no typst for this machine.
    """
    try:
        import typst
    except ImportError:
        raise UserError(
            "the PDF cannot be made: typst, which sets it, is not there for this machine: leave out 'pdf' and print "
            "the HTML report, or save the Word file, as PDF; or run texteval with Python for x64"
        ) from None
    data = _Data(document, brand, client).whole()
    pdf = typst.compile(
        Path(__file__).parent / "templates" / "document.typ",
        font_paths=_fonts(),
        sys_inputs={"data": json.dumps(data)},
        pdf_standards=["ua-1"],
    )
    assert isinstance(pdf, bytes)
    return pdf


class _Data:
    """A document as the plain data that the template reads."""

    def __init__(self, document: Document, brand: Brand, client: str | None) -> None:
        self._document, self._brand, self._client = document, brand, client
        self._places: dict[str, str] = {}
        """The label of each place that is in this document, by its id."""
        for section in document.sections:
            self._add(section.id)
        for block in document.blocks():
            if isinstance(block, Table):
                for place in (block.id, *block.row_ids):
                    self._add(place)
        self._set: set[str] = set()

    def _add(self, place: str) -> None:
        if place:
            self._places.setdefault(place, f"place-{len(self._places)}")

    def _place(self, place: str) -> str | None:
        """Return the label to set at a place, once."""
        label = self._places.get(place)
        if label is None or label in self._set:
            return None
        self._set.add(label)
        return label

    def whole(self) -> dict[str, Any]:
        document, brand = self._document, self._brand
        title = _heading(document.title, WIDTH / 24).strip() or "texteval"
        logo = brand.logo and {
            "data": list(brand.logo.data),
            "form": "svg" if brand.logo.mime == "image/svg+xml" else "png",
            "alt": f"Logo of {brand.firm}",
        }
        return {
            "title": title,
            "running": title if len(title) <= RUNNING else title[:RUNNING] + "…",
            "subtitle": _text(document.subtitle),
            "author": brand.firm or "texteval",
            "firm": _text(brand.firm),
            "foot": " · ".join(filter(None, [_text(isolated(brand.firm)), _text(document.stamp)])),
            "contact": [_text(line) for line in brand.contact],
            "colour": brand.colour,
            "cover": [_text(paragraph) for paragraph in brand.cover],
            "prepared": _text(prepared(brand, self._client)),
            "logo": logo or None,
            "opening": [self._block(block) for block in document.opening],
            "sections": [
                {
                    "title": _heading(section.title),
                    "place": self._place(section.id) or f"section-{number}",
                    "apart": section.apart,
                    "blocks": [self._block(block) for block in section.blocks],
                }
                for number, section in enumerate(document.sections)
            ],
        }

    def _block(self, block: Block) -> dict[str, Any]:
        match block:
            case Paragraph(text, style):
                return {"kind": "paragraph", "style": style, "text": _text(text)}
            case Bullets(items, numbered, tick):
                texts = [_text(item) for item in items]
                return {"kind": "bullets", "items": texts, "numbered": numbered, "tick": tick}
            case Heading(text):
                return {"kind": "heading", "text": _text(text)}
            case Picture(figure):
                svg = figure.svg().decode("utf-8")
                return {
                    "kind": "picture",
                    "title": _text(figure.title),
                    "alt": _text(figure.alt),
                    "source": _text(figure.source),
                    "svg": svg,
                    "width": _width(svg),
                }
            case Table():
                return self._table(block)

    def _table(self, table: Table) -> dict[str, Any]:
        """Lay a table out: smaller type where there are many columns, breaks where a word is wider than its column."""
        size = max(6.0, min(9.0, 9.5 - 0.25 * len(table.columns)))
        widths = column_widths(table, WIDTH, size, INSET)
        room = [(width - INSET) / size for width in widths]
        place = self._place(table.id)
        rows, height = [], 0.0
        for number, row in enumerate(table.rows):
            lines = row_lines(row, widths, size, INSET)
            height += lines + 1
            cells = [
                _verdict(cell) if column.kind == "verdict" else self._linked(cell, wide)
                for column, cell, wide in zip(table.columns, row, room, strict=True)
            ]
            row_place = self._place(table.row_ids[number]) if table.row_ids else None
            rows.append({"cells": cells, "whole": lines < TALL, "place": row_place})
        return {
            "kind": "table",
            "columns": [
                {"title": _text(column.title, wide), "kind": column.kind, "width": width}
                for column, wide, width in zip(table.columns, room, widths, strict=True)
            ],
            "rows": rows,
            "whole": height < SHORT,
            "size": size,
            "caption": _text(table.caption),
            "place": place,
        }

    def _linked(self, words: Words, room: float) -> str | dict[str, str]:
        if isinstance(words, str):
            return _text(words, room)
        text = _text(words.text, room)
        if words.web:
            return {"text": text, "to": words.web}
        place = self._places.get(words.to[1:]) if words.to.startswith("#") else None
        return {"text": text, "place": place} if place else text


def _verdict(words: Words) -> dict[str, str]:
    mark, word = verdict(words)
    return {"mark": mark, "word": _text(word), "tone": TONES.get(word, TONES["ineligible"])}


def _width(svg: str) -> float:
    """Return how wide a picture is set, in points: as it was drawn, but no wider or taller than the room."""
    box = re.search(r'viewBox="0 0 ([0-9.]+) ([0-9.]+)"', svg)
    wide, high = (float(side) for side in box.groups()) if box else (WIDTH, HEIGHT)
    return min(wide, WIDTH, HEIGHT * wide / high)


# Words.


def _text(text: str, room: float = WIDTH / 16.5) -> str:
    """Leave out what no font here has, and let a word break that is wider than its room of so many em."""
    known = _signs()
    text = "".join(sign if sign in known or sign == "\n" else _other(sign) for sign in text.replace("\t", " "))
    text = re.sub(f"{MISSING}[{MISSING}\u200d\ufe0f]*", MISSING, text)
    text = re.sub(r"\S+", lambda word: _breakable(word.group(), room), text)
    return text if text.count(BREAK) <= MOST_BREAKS else text.replace(BREAK, NO_WIDTH)


def _heading(text: str, room: float = WIDTH / 16.5) -> str:
    """Do the same for words that stand in the file's title and its bookmarks too, where nothing is set."""
    return _text(text, room).replace(BREAK, NO_WIDTH)


MISSING = "\u25a1"
BANNED = "\u202a\u202b\u202c\u202d\u202e\ufeff\ufffe"
"""Signs that turn the direction of all that follows (names are closed off by others), or that PDF/UA rules out."""

BREAK = "\ue000"
"""A place where a line may be broken. The template sets nothing there, so that a word is copied and found whole."""

MOST_BREAKS = 400
"""How many such places typst takes in one text; in a longer one a sign without width stands there."""

NO_WIDTH = "\u200b"
"""A place where a line may be broken, as a sign."""


def _other(sign: str) -> str:
    if "\u2066" <= sign <= "\u2069":  # closes a name off in text of another direction; no font needs it
        return sign
    return "" if unicodedata.category(sign) in ("Cc", "Cf") else MISSING


def _breakable(word: str, room: float) -> str:
    if em(word) <= room:
        return word
    parts = re.findall(r"[^/_.?&=,:;@-]*[/_.?&=,:;@-]*", word)
    return BREAK.join(part if em(part) <= room else _anywhere(part) for part in parts if part)


def _anywhere(part: str) -> str:
    return "".join(
        sign if not i or unicodedata.category(sign)[0] == "M" or sign == "\u200d" else BREAK + sign
        for i, sign in enumerate(part)
    )


@cache
def _fonts() -> typst.Fonts:
    """Return typst's own fonts, and those of matplotlib for what they lack; never the machine's, for the same bytes."""
    import typst

    return typst.Fonts(include_system_fonts=False, font_paths=[_folder()])


def _folder() -> Path:
    from matplotlib import get_data_path

    return Path(get_data_path()) / "fonts" / "ttf"


@cache
def _signs() -> frozenset[str]:
    """Return the signs that DejaVu Sans has, upright and bold."""
    from matplotlib.ft2font import FT2Font

    fonts = [_folder() / name for name in ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf")]
    upright, bold = (set(FT2Font(str(path)).get_charmap()) for path in fonts)
    signs = map(chr, upright & bold)
    return frozenset(sign for sign in signs if unicodedata.category(sign) != "Cc" and sign not in BANNED)
