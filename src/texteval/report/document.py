"""What a paper says, before any format is chosen: sections of paragraphs, lists, tables and pictures.

HTML, PDF and Word files are written from the same document, so that what it says is the same in all of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from texteval.figures import Figure


@dataclass(frozen=True)
class Link:
    """Words that lead somewhere.

    Parameters
    ----------
    text : str
        The words.
    to : str
        A web address; or ``#`` and the id of a place in the document, which a format without that place leaves out.
    """

    text: str
    to: str

    @property
    def web(self) -> str:
        """The web address; empty where there is none that every format can hold."""
        return self.to if re.fullmatch(r"https?://[A-Za-z0-9\-._~:/?#@!$&'()*+,;=%]{1,2000}", self.to) else ""


Words = str | Link
"""Running text: all of it words, and never markup."""


@dataclass(frozen=True)
class Paragraph:
    """A paragraph.

    Parameters
    ----------
    text : str
        Its words.
    style : str
        ``plain``; ``answer`` for the answer that a reader came for; ``soft`` for a remark.
    """

    text: str
    style: Literal["plain", "answer", "soft"] = "plain"


@dataclass(frozen=True)
class Bullets:
    """A list.

    Parameters
    ----------
    items : tuple of str
        One for each entry.
    numbered : bool
        Whether the order matters.
    tick : bool
        Whether each entry has a box to tick off.
    """

    items: tuple[str, ...]
    numbered: bool = False
    tick: bool = False


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Parameters
    ----------
    title : str
        Its heading.
    kind : str
        ``text``; ``number`` for what stands at the right, digit below digit; ``verdict`` for a verdict's word.
    share : float
        How wide it is, measured by the other columns.
    """

    title: str
    kind: Literal["text", "number", "verdict"] = "text"
    share: float = 1


@dataclass(frozen=True)
class Table:
    """A table. The first cell of each row names the row.

    Parameters
    ----------
    columns : tuple of Column
        From left to right.
    rows : tuple of tuple
        A cell for each column; a verdict is empty where nothing is offered.
    caption : str
        What it shows, in one line; may be empty where the heading above says it.
    id : str
        Its place in the document, empty if nothing leads there.
    row_ids : tuple of str
        For each row its place, where something leads there; empty if for none.
    """

    columns: tuple[Column, ...]
    rows: tuple[tuple[Words, ...], ...]
    caption: str = ""
    id: str = ""
    row_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Picture:
    """A picture, with its finding, its words for those who cannot see it, and its source."""

    figure: Figure


@dataclass(frozen=True)
class Heading:
    """A heading within a section."""

    text: str


Block = Paragraph | Bullets | Table | Picture | Heading


@dataclass(frozen=True)
class Section:
    """A part of a document.

    Parameters
    ----------
    id : str
        Its place in the document.
    title : str
        Its heading.
    blocks : tuple
        What stands in it.
    apart : bool
        Whether it begins a page of its own.
    """

    id: str
    title: str
    blocks: tuple[Block, ...]
    apart: bool = False


@dataclass(frozen=True)
class Document:
    """A whole paper.

    Parameters
    ----------
    title, subtitle : str
        What it is, and for whom.
    opening : tuple
        What stands on the first page, which is for everybody.
    sections : tuple of Section
        The rest.
    stamp : str
        Version, day and data hash, on every page.
    """

    title: str
    subtitle: str
    opening: tuple[Block, ...]
    sections: tuple[Section, ...]
    stamp: str

    def blocks(self) -> Iterator[Block]:
        """Go through all blocks in their order."""
        yield from self.opening
        for section in self.sections:
            yield from section.blocks
