"""Markdown that a name cannot break, and Markdown read back into the blocks from which Word files are written."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from texteval.report.document import Block, Bullets, Column, Document, Heading, Paragraph, Section, Table
from texteval.words import isolated

BLANK = "________"
"""What only the practice knows."""

ROOM = 24
"""How long a blank is on paper, in characters; in the cell of a table the cell is the room."""

TICK = "[ ] "
"""How an entry begins that is ticked off."""


class Markdown(str):
    """Text that is Markdown already, so that it is not escaped once more."""

    __slots__ = ()


_UNSEEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
"""Signs that nobody sees, and that turn or join what stands around them."""


def plain(text: str) -> str:
    """Return a text on one line, without control characters and unseen signs, closed off where it runs right to left.

    Parameters
    ----------
    text : str
        What somebody wrote into a data file.

    Returns
    -------
    str
        The same words.
    """
    seen = _UNSEEN.sub("", text)
    seen = "".join(" " if unicodedata.category(sign) in ("Cc", "Cn", "Cs", "Zl", "Zp") else sign for sign in seen)
    return isolated(" ".join(seen.split()))


def escape(value: object) -> Markdown:
    """Turn a value into Markdown that shows it as it is, wherever in a line it stands.

    Parameters
    ----------
    value : object
        Text or a number; what is :class:`Markdown` stays as it is.

    Returns
    -------
    Markdown
        The text, with a backslash before every sign that Markdown or HTML would read.

    Raises
    ------
    ValueError
        If there is nothing to show.
    """
    if isinstance(value, Markdown):
        return value
    if value is None:
        raise ValueError("there is nothing to print here (None)")
    text = re.sub(r"([\\`*\[\]<|~]|&(?=#?\w+;))", r"\\\1", plain(str(value)))
    text = re.sub(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])", r"\\_", text)
    text = re.sub(r"^([+=>#-])", r"\\\1", text)
    return Markdown(re.sub(r"^(\d{1,9})([.)])(?=\s|$)", r"\1\\\2", text))


def tidy(text: str) -> str:
    """Put one blank line around headings, lists, tables and quotations, nowhere two, and number numbered lists."""
    lines: list[str] = []
    number = 0
    for line in (line.rstrip() for line in text.splitlines()):
        before = lines[-1] if lines else ""
        if re.match(r"\d+\. ", line):
            number += 1
            line = re.sub(r"^\d+", str(number), line)
        elif line:
            number = 0
        starts = line.startswith("#") or before.startswith("#")
        starts = starts or (_kind(line) != _kind(before))
        if line and before and starts:
            lines.append("")
        if line or before:
            lines.append(line)
    return "\n".join(lines).strip() + "\n"


def _kind(line: str) -> str:
    """Tell what a line belongs to: a list, a table, a quotation, or running text."""
    if re.match(r"\s*(?:[-*+]|\d+[.)]) ", line):
        return "list"
    return {"|": "table", ">": "quotation"}.get(line[:1], "text")


def address(url: str) -> Markdown:
    """Turn a web address into a link that shows it."""
    signs = {"<": "%3C", ">": "%3E", "|": "%7C", "\\": "%5C"}
    return Markdown("<" + "".join(signs.get(sign, sign) for sign in plain(url)).replace(" ", "%20") + ">")


def document(text: str, subtitle: str, stamp: str) -> Document:
    """Read Markdown into the blocks of a document.

    Parameters
    ----------
    text : str
        Markdown: one heading of the first level, then headings of the second and third, paragraphs, lists, quotations
        and tables. What follows a rule (``---``) begins a page of its own. Emphasis is dropped, and so is the first
        paragraph, which says whose the document is.
    subtitle, stamp : str
        What stands below the title and on every page.

    Returns
    -------
    Document
        The same words, in blocks.
    """
    tree = SyntaxTreeNode(MarkdownIt("commonmark").enable("table").parse(text))
    title, head = "", True
    opening: list[Block] = []
    sections: list[tuple[str, list[Block], bool]] = []
    blocks, apart = opening, False
    for node in tree.children:
        if node.type == "heading" and node.tag == "h1":
            title = _words(node)
        elif node.type == "heading" and node.tag == "h2":
            blocks = []
            sections.append((_words(node), blocks, apart))
            apart = False
        elif node.type == "hr":
            apart = True
        elif head and node.type == "paragraph":
            head = False  # practice and tool, which the paper bears as firm and subtitle
        else:
            blocks += _blocks(node)
    made = (Section(f"part-{i}", name, tuple(held), alone) for i, (name, held, alone) in enumerate(sections, 1))
    return Document(title, subtitle, tuple(opening), tuple(made), stamp)


def _blocks(node: SyntaxTreeNode) -> Iterator[Block]:
    if node.type == "heading":
        yield Heading(_words(node))
    elif node.type == "paragraph":
        yield Paragraph(_on_paper(_words(node)))
    elif node.type == "blockquote":
        for inner in node.children:
            if inner.type == "paragraph":
                yield Paragraph(_words(inner), "answer")
            else:
                yield from _blocks(inner)
    elif node.type in ("bullet_list", "ordered_list"):
        items = tuple(_on_paper(_words(item)) for item in node.children)
        tick = all(item.startswith(TICK) for item in items)
        items = tuple(item.removeprefix(TICK) for item in items) if tick else items
        yield Bullets(items, numbered=node.type == "ordered_list", tick=tick)
    elif node.type == "table":
        head, *rows = (tuple(_words(cell) for cell in row.children) for part in node.children for row in part.children)
        longest = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
        columns = tuple(Column(name, share=min(max(long, 14), 45)) for name, long in zip(head, longest, strict=True))
        yield Table(columns, tuple(rows))
    elif node.type in ("fence", "code_block"):
        yield from (Paragraph(line) for line in node.content.splitlines() if line.strip())


def _on_paper(words: str) -> str:
    """Give blanks the room that a pen needs."""
    return words.replace(BLANK, "_" * ROOM)


def _words(node: SyntaxTreeNode) -> str:
    """Return the words of a node, without emphasis; line ends become blanks."""
    if node.type in ("text", "code_inline", "html_inline", "html_block"):
        return node.content
    if node.type in ("softbreak", "hardbreak"):
        return " "
    inside = "".join(_words(child) for child in node.children)
    if node.type == "link" and (to := str(node.attrs.get("href", ""))) and "://" in to and to not in inside:
        return f"{inside} ({to})"
    return inside + (" " if node.type == "paragraph" and node.next_sibling else "")
