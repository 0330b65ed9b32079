"""Documents for the tests of the formats: a small one with everything in it, and words that mean harm."""

from __future__ import annotations

import io

from matplotlib.figure import Figure as Canvas
from PIL import Image

from texteval.figures import Figure
from texteval.report.document import (
    Block,
    Bullets,
    Column,
    Document,
    Heading,
    Link,
    Paragraph,
    Picture,
    Section,
    Table,
    Words,
)

HOSTILE = {
    "typst": '#panic() #sys.inputs $x^2$ *b* _i_ `c` @ref <lab> // /* */ \\ ]#read("/etc/passwd")[',
    "formula": '=HYPERLINK("http://x.example","y")',
    "markup": "<script>alert(1)</script> & <w:p/> ]]>",
    "braces": "{{ 7*7 }} {% raw %} ${x}",
    "path": "../../x",
    "hebrew": "\u2068שלום\u2069 123",
    "arabic": "\u2068مركز الشفاء\u2069 9",
    "signs": "é ö ñ ç ☎ ½ → ≤ “q” – — …",
}
"""Words that come out as they are, in every format."""

LONG = "x" * 10_000


def figure(name: str = "one") -> Figure:
    """A small picture."""
    canvas = Canvas(figsize=(3, 2))
    canvas.subplots().plot([0, 1], [1, 0])
    return Figure(canvas, f"The finding of {name}", f'A line that falls; "{name}" & <more>', f"Source of {name}, 2026.")


COLUMNS = (Column("Tool", share=1.3), Column("Verdict", "verdict"), Column("A month", "number"), Column("Why", share=2))

ROWS: tuple[tuple[Words, ...], ...] = (
    (Link("Alpha Basic", "#v-alpha"), "eligible", "$1,234.56", Link("its page", "https://alpha.example/a?b=1&c=2")),
    ("Beta", "with configuration", "from $9.99*", "Two steps to set up."),
    (Link("Gamma", "#s-gamma"), "verify first", "unknown", Link("run", "javascript:alert(1)")),
    ("Delta", "ineligible", "$0.00", "No BAA."),
    ("Epsilon", "", "$10,000,000.01", "Not offered on this channel."),
)

PAPER = Document(
    "Which tool for: Dr. Müller & Co",
    "5 clinicians. Information, not legal advice.",
    (
        Paragraph("Alpha Basic is the cheapest: $1,234.56 a month.", "answer"),
        Heading("Next steps"),
        Bullets(("Ask the vendor.", "Sign the agreement."), numbered=True),
        Paragraph("Would cost less: none.", "soft"),
    ),
    (
        Section(
            "options",
            "All tools",
            (
                Paragraph("One row for each."),
                Table(COLUMNS, ROWS, "Five tools, best first.", "options-table", ("", "", "", "", "v-alpha")),
                Picture(figure()),
                Heading("What to do"),
                Bullets(("Switch it on.", "Try an export."), tick=True),
                Bullets(("First again.", "Second again."), numbered=True),
                Bullets(("A plain point.",)),
            ),
        ),
        Section("method", "Method", (Paragraph("Money is whole micro-dollars."), Picture(figure("two")))),
    ),
    "texteval 9.9, as of 2026-11-22, data 0123abcd",
)
"""A bit of everything."""


def words(document: Document) -> list[str]:
    """All words of a document, pictures' too, in no order."""
    found = [document.title, document.subtitle, document.stamp, *(section.title for section in document.sections)]
    for block in document.blocks():
        match block:
            case Paragraph(text) | Heading(text):
                found.append(text)
            case Bullets(items):
                found.extend(items)
            case Picture(drawn):
                found += [drawn.title, drawn.source]
            case Table():
                found += [block.caption, *(column.title for column in block.columns)]
                found += [cell.text if isinstance(cell, Link) else cell for row in block.rows for cell in row]
    return [text for text in found if text]


def paper(*blocks: Block, opening: tuple[Block, ...] = (Paragraph("An opening."),)) -> Document:
    """A document of one section."""
    return Document("A title", "A subtitle", opening, (Section("one", "One", blocks),), "A stamp")


def squeezed(text: str) -> str:
    """A text without what lays it out: spaces, places to break, and signs that close off a name."""
    return "".join(sign for sign in text if not sign.isspace() and sign not in "\u200b\u2068\u2069\u200e\u200f\ufeff")


def png(width: int = 40, height: int = 20, form: str = "PNG") -> bytes:
    """A small picture file."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), "#204060").save(out, form)
    return out.getvalue()


SVG = (
    '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 60 20">'
    '<defs><linearGradient id="g"><stop stop-color="#204060"/></linearGradient></defs>'
    '<rect width="60" height="20" fill="url(#g)"/></svg>'
)
"""A small drawing that refers to itself alone."""
