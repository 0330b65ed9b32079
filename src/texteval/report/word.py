"""A document as a Word file, in real styles, so that a consultant can edit on; the same bytes each time."""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator
from typing import Any, cast

import docx
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_BREAK, WD_TAB_ALIGNMENT
from docx.image.image import Image
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Inches, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.text.paragraph import Paragraph as Written

from texteval.report.brand import Brand, prepared
from texteval.report.document import Block, Bullets, Column, Document, Heading, Paragraph, Picture, Table, Words
from texteval.report.paper import SHORT, TALL, column_widths, plain, row_lines, verdict
from texteval.words import TONES, isolated

FONT = "Arial"
"""A font that Windows and Mac have, and that others replace by one of the same widths."""

SOFT = "595959"
LINES = "C8C8C8"

WIDE, HIGH = 6.9, 7.4
"""Room on a US letter page for text and for a picture, in inches."""

DPI = 144
"""Dots of a picture to the inch."""

LONG = 25_000
"""Letters from which a paper has a table of contents, and its opening a page of its own."""

INSET = 7.0
"""What a cell's margins take of its width, in points."""

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The date of every part of the file, so that the same document gives the same bytes."""


def render(document: Document, brand: Brand, client: str | None = None) -> bytes:
    """Render a document as a Word file.

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
        A .docx on US letter paper: headings, lists, captions and tables in their styles, table heads repeated on each
        page, alt text on pictures.
    """
    return _Writer(document, brand, client).whole()


class _Writer:
    """A Word file while it is written."""

    def __init__(self, document: Document, brand: Brand, client: str | None) -> None:
        self._document, self._brand, self._client = document, brand, client
        self._docx = docx.Document()
        self._places: dict[str, str] = {}
        """The bookmark of each place that is in this document, by its id."""
        places = [section.id for section in document.sections]
        for block in document.blocks():
            places += [block.id, *block.row_ids] if isinstance(block, Table) else []
        for place in filter(None, places):
            self._places.setdefault(place, f"place_{len(self._places)}")
        self._set: set[str] = set()
        self._links: dict[str, str] = {}

    def whole(self) -> bytes:
        document = self._document
        self._styles()
        self._style_ids = {style.name: style.style_id for style in self._docx.styles}
        self._page()
        self._properties()
        self._front()
        self._blocks(document.opening, 1)
        if sum(map(len, _letters(document))) > LONG and document.sections:
            self._contents()
        for section in document.sections:
            heading = self._paragraph(section.title, "Heading 1")
            if section.apart:
                heading.paragraph_format.page_break_before = True
            self._mark(heading, section.id)
            self._blocks(section.blocks, 2)
        saved = io.BytesIO()
        self._docx.save(saved)
        return _stamped(saved.getvalue())

    # The look.

    def _styles(self) -> None:
        colour = RGBColor.from_string(self._brand.colour[1:].upper())
        soft = RGBColor.from_string(SOFT)
        styles = self._docx.styles

        def style(name: str, base: str = "") -> ParagraphStyle:
            made = base and name not in styles
            found = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH) if made else styles[name]
            if made:
                found.base_style = styles[base]
            return cast(ParagraphStyle, found)

        def set_font(one: ParagraphStyle, size: float, bold: bool | None = None, ink: RGBColor | None = None) -> None:
            one.font.size, one.font.bold, one.font.italic = Pt(size), bold, False
            if ink is not None:
                one.font.color.rgb = ink
            look = one.element.get_or_add_rPr()
            for spread in look.findall(qn("w:spacing")) + look.findall(qn("w:kern")):
                look.remove(spread)
            fonts = look.get_or_add_rFonts()
            for kind in list(fonts.attrib):
                del fonts.attrib[kind]  # those of the theme would win
            for kind in ("ascii", "hAnsi", "cs", "eastAsia"):
                fonts.set(qn(f"w:{kind}"), FONT)

        def set_space(one: ParagraphStyle, before: float, after: float) -> None:
            one.paragraph_format.space_before, one.paragraph_format.space_after = Pt(before), Pt(after)

        normal = style("Normal")
        set_font(normal, 10.5)
        set_space(normal, 0, 7)
        normal.paragraph_format.line_spacing = 1.12
        for name, size, before, after in (
            ("Title", 24.0, 0, 4),
            ("Heading 1", 17.0, 20, 6),
            ("Heading 2", 13.0, 13, 4),
        ):
            one = style(name)
            set_font(one, size, True, colour)
            set_space(one, before, after)
            one.paragraph_format.keep_with_next = True
            for border in one.element.pPr.findall(qn("w:pBdr")):
                one.element.pPr.remove(border)
        for name in ("List Bullet", "List Number"):
            set_space(style(name), 0, 3)
        for name, base, size, bold, ink in (
            ("Subtitle", "", 12, False, soft),
            ("Caption", "", 10.5, True, RGBColor(0, 0, 0)),
            ("Source", "Normal", 8.5, False, soft),
            ("Header", "", 8.5, False, soft),
            ("Footer", "", 8, False, soft),
            ("Answer", "Normal", 14, True, None),
            ("Remark", "Normal", 10.5, False, soft),
            ("TOC Heading", "", 17, True, colour),
            ("toc 1", "Normal", 10.5, False, None),
            ("Table Text", "Normal", 8.5, None, None),
            ("Table Text Small", "Normal", 7, None, None),
        ):
            set_font(style(name, base), size, bold, ink)
        style("Caption").paragraph_format.keep_with_next = True
        set_space(style("Caption"), 8, 4)
        set_space(style("toc 1"), 0, 2)
        for name in ("Table Text", "Table Text Small"):
            set_space(style(name), 1.5, 1.5)
            style(name).paragraph_format.line_spacing = 1
        tick = style("Tick List", "Normal")
        tick.paragraph_format.left_indent, tick.paragraph_format.first_line_indent = Pt(20), Pt(-20)
        tick.paragraph_format.tab_stops.add_tab_stop(Pt(20))
        set_space(tick, 0, 3)
        styles.element.append(parse_xml(TABLE_STYLE.format(ns=nsdecls("w"), lines=LINES, brand=self._brand.colour[1:])))

    def _page(self) -> None:
        section = self._docx.sections[0]
        section.page_width, section.page_height = Inches(8.5), Inches(11)
        section.left_margin = section.right_margin = Inches((8.5 - WIDE) / 2)
        section.top_margin, section.bottom_margin = Inches(0.9), Inches(0.9)
        section.different_first_page_header_footer = True
        title = _clean(self._document.title)
        _fill(section.header.paragraphs[0], title if len(title) <= 90 else title[:90] + "…")
        foot = " · ".join(filter(None, [isolated(self._brand.firm), self._document.stamp]))
        for footer in (section.footer, section.first_page_footer):
            line = footer.paragraphs[0]
            line.style = self._docx.styles["Footer"]
            for stop in line.style.paragraph_format.tab_stops:  # those of the template do not fit this page
                stop.alignment = WD_TAB_ALIGNMENT.CLEAR
            line.paragraph_format.tab_stops.add_tab_stop(Inches(WIDE), WD_TAB_ALIGNMENT.RIGHT)
            _fill(line, f"{foot}\t")
            line._p.extend([*_field(" PAGE ", "1"), *_runs(" of "), *_field(" NUMPAGES ", "1")])

    def _properties(self) -> None:
        properties = self._docx.core_properties
        properties.title = _clean(self._document.title)[:255]
        properties.author = properties.last_modified_by = _clean(self._brand.firm) or "texteval"
        properties.comments = ""
        properties.language = "en-US"
        element = properties._element
        for child in list(element):
            if child.tag in (qn("dcterms:created"), qn("dcterms:modified")):
                element.remove(child)  # none rather than a false one
        package = self._docx.part.package
        for key, relation in list(package.rels.items()):
            if relation.reltype.endswith("/thumbnail"):  # of the template
                package.rels.pop(key)

    # The parts.

    def _front(self) -> None:
        document, brand = self._document, self._brand
        if brand.logo is not None and brand.logo.png is not None:
            place = self._paragraph("", "Normal")
            self._image(place, brand.logo.png, f"Logo of {brand.firm}", 2.2, 0.7)
        if brand.firm:
            self._paragraph("\n".join([isolated(brand.firm), *map(isolated, brand.contact)]), "Remark")
        title = self._paragraph(document.title, "Title")
        self._paragraph(document.subtitle, "Subtitle")
        if brand.cover:
            title.paragraph_format.space_before = Pt(150)
            self._paragraph(prepared(brand, self._client), "Caption")
            for text in brand.cover:
                self._paragraph(text, "Normal")
            self._paragraph("", "Normal").add_run().add_break(WD_BREAK.PAGE)

    def _contents(self) -> None:
        """Write a table of contents that leads to each section; Word puts page numbers in when it is updated."""
        self._paragraph("Contents", "TOC Heading").paragraph_format.page_break_before = True
        entries = [self._paragraph("", "toc 1") for _ in self._document.sections]
        *begin, end = _field(' TOC \\o "1-1" \\h ', "")
        entries[0]._p.extend(begin)
        for entry, section in zip(entries, self._document.sections, strict=True):
            entry._p.append(_element("w:hyperlink", *_runs(section.title), anchor=self._places.get(section.id, "")))
        entries[-1]._p.append(end)

    def _blocks(self, blocks: Iterable[Block], level: int) -> None:
        for block in blocks:
            match block:
                case Paragraph(text, style):
                    self._paragraph(text, {"plain": "Normal", "answer": "Answer", "soft": "Remark"}[style])
                case Heading(text):
                    self._paragraph(text, f"Heading {level}")
                case Bullets():
                    self._bullets(block)
                case Picture(figure):
                    self._paragraph(figure.title, "Caption")
                    place = self._paragraph("", "Normal")
                    place.paragraph_format.keep_with_next = True
                    self._image(place, figure.png(), figure.alt, WIDE, HIGH)
                    self._paragraph(figure.source, "Source")
                case Table():
                    self._table(block)

    def _paragraph(self, text: str, style: str) -> Written:
        made = _element("w:p", _element("w:pPr", _element("w:pStyle", val=self._style_ids[style])), *_runs(text))
        self._docx.element.body.insert_element_before(made, "w:sectPr")
        return Written(made, self._docx._body)

    def _mark(self, paragraph: Written, place: str) -> None:
        """Set a place's bookmark at the beginning of a paragraph, once."""
        name = self._places.get(place)
        if name and name not in self._set:
            key = str(len(self._set))
            self._set.add(name)
            at = 1 if paragraph._p.pPr is not None else 0
            paragraph._p.insert(at, _element("w:bookmarkEnd", id=key))
            paragraph._p.insert(at, _element("w:bookmarkStart", id=key, name=name))

    def _bullets(self, block: Bullets) -> None:
        style = "Tick List" if block.tick else "List Number" if block.numbered else "List Bullet"
        number = self._new_number() if style == "List Number" and block.items else None
        for item in block.items:
            paragraph = self._paragraph(f"☐\t{item}" if block.tick else item, style)
            if number is not None:
                found = paragraph._p.get_or_add_pPr().get_or_add_numPr()
                found.get_or_add_ilvl().val = 0
                found.get_or_add_numId().val = number

    def _new_number(self) -> int:
        """Begin a list that counts from 1 again."""
        numbering = self._docx.part.numbering_part.element
        used = self._docx.styles["List Number"].element.pPr.numPr.numId.val
        number = numbering.add_num(numbering.num_having_numId(used).abstractNumId.val)
        number.add_lvlOverride(0).add_startOverride(1)
        return int(number.numId)

    def _image(self, place: Written, png: bytes, alt: str, wide: float, high: float) -> None:
        shape = place.add_run().add_picture(io.BytesIO(png))
        pixels = Image.from_blob(png)
        scale = min(wide, pixels.px_width / DPI, high * pixels.px_width / pixels.px_height) / (pixels.px_width)
        shape.width, shape.height = Inches(pixels.px_width * scale), Inches(pixels.px_height * scale)
        shape._inline.docPr.set("descr", _clean(alt))

    # Tables.

    def _table(self, table: Table) -> None:
        if table.caption:
            self._paragraph(table.caption, "Caption")
        style, size = ("Table Text", 8.5) if len(table.columns) <= 7 else ("Table Text Small", 7.0)
        points = column_widths(table, WIDE * 72, size, INSET)
        widths = [round(20 * width) for width in points]
        heights = [row_lines(row, points, size, INSET) for row in table.rows]
        together = sum(heights) + len(heights) < SHORT
        made = _element(
            "w:tbl",
            _element(
                "w:tblPr",
                _element("w:tblStyle", val="ReportTable"),
                _element("w:tblW", w="5000", type="pct"),
                _element("w:tblLayout", type="fixed"),
                _element("w:tblLook", val="00A0", firstRow="1", firstColumn="1", noHBand="1", noVBand="1"),
                *([_element("w:tblCaption", val=_clean(table.caption))] if table.caption else []),
            ),
            _element("w:tblGrid", *(_element("w:gridCol", w=str(width)) for width in widths)),
        )
        head = [(column, column.title) for column in table.columns]
        style = self._style_ids[style]
        made.append(self._row(head, widths, style, head=True, whole=True, joined=True))
        self._mark_row(made[-1], table.id)
        for number, row in enumerate(table.rows):
            cells = [
                (column, " ".join(verdict(cell)).strip() if column.kind == "verdict" else cell)
                for column, cell in zip(table.columns, row, strict=True)
            ]
            joined = together and number < len(table.rows) - 1
            made.append(self._row(cells, widths, style, head=False, whole=heights[number] < TALL, joined=joined))
            if table.row_ids:
                self._mark_row(made[-1], table.row_ids[number])
        self._docx.element.body.insert_element_before(made, "w:sectPr")
        self._paragraph("", "Table Text")  # keeps two tables apart

    def _mark_row(self, row: Any, place: str) -> None:
        self._mark(Written(row.find(f".//{qn('w:p')}"), self._docx._body), place)

    def _row(
        self,
        cells: Iterable[tuple[Column, Words]],
        widths: list[int],
        style: str,
        *,
        head: bool,
        whole: bool,
        joined: bool,
    ) -> Any:
        row = _element(
            "w:tr",
            _element(
                "w:trPr",
                *([_element("w:cantSplit")] if whole else []),
                *([_element("w:tblHeader")] if head else []),
            ),
        )
        for (column, cell), width in zip(cells, widths, strict=True):
            tone = TONES.get(plain(cell)[2:]) if column.kind == "verdict" and not head else None
            paragraph = _element(
                "w:p",
                _element(
                    "w:pPr",
                    _element("w:pStyle", val=style),
                    *([_element("w:keepNext")] if joined else []),
                    *([_element("w:jc", val="right")] if column.kind == "number" else []),
                ),
                *self._linked(cell, tone),
            )
            row.append(_element("w:tc", _element("w:tcPr", _element("w:tcW", w=str(width), type="dxa")), paragraph))
        return row

    def _linked(self, words: Words, tone: str | None = None) -> Iterator[Any]:
        if isinstance(words, str):
            yield from _runs(words, tone, bold=tone is not None)
            return
        runs = _runs(words.text, self._brand.colour, underlined=True)
        place = self._places.get(words.to[1:]) if words.to.startswith("#") else None
        if words.web:
            link = _element("w:hyperlink", *runs)
            if words.web not in self._links:
                self._links[words.web] = key = f"web{len(self._links)}"
                self._docx.part.rels.add_relationship(RELATIONSHIP_TYPE.HYPERLINK, words.web, key, True)
            link.set(qn("r:id"), self._links[words.web])
            yield link
        elif place:
            yield _element("w:hyperlink", *runs, anchor=place)
        else:
            yield from _runs(words.text)


TABLE_STYLE = """
<w:style {ns} w:type="table" w:customStyle="1" w:styleId="ReportTable">
  <w:name w:val="Report Table"/><w:basedOn w:val="TableNormal"/><w:qFormat/>
  <w:tblPr>
    <w:tblBorders>
      <w:bottom w:val="single" w:sz="4" w:space="0" w:color="{lines}"/>
      <w:insideH w:val="single" w:sz="4" w:space="0" w:color="{lines}"/>
    </w:tblBorders>
    <w:tblCellMar><w:left w:w="70" w:type="dxa"/><w:right w:w="70" w:type="dxa"/></w:tblCellMar>
  </w:tblPr>
  <w:tblStylePr w:type="firstRow">
    <w:rPr><w:b/></w:rPr>
    <w:tcPr>
      <w:tcBorders><w:bottom w:val="single" w:sz="8" w:space="0" w:color="{brand}"/></w:tcBorders>
      <w:vAlign w:val="bottom"/>
    </w:tcPr>
  </w:tblStylePr>
  <w:tblStylePr w:type="firstCol"><w:rPr><w:b/></w:rPr></w:tblStylePr>
</w:style>
"""


def _letters(document: Document) -> Iterator[str]:
    """Go through the words of a document's blocks."""
    for block in document.blocks():
        match block:
            case Paragraph(text) | Heading(text):
                yield text
            case Bullets(items):
                yield from items
            case Table():
                yield from (plain(cell) for row in block.rows for cell in row)


def _element(tag: str, *children: Any, **attributes: str) -> Any:
    made = OxmlElement(tag)
    for name, value in attributes.items():
        made.set(qn(f"w:{name}"), value)
    made.extend(children)
    return made


def _field(instruction: str, result: str) -> Iterator[Any]:
    """Make a field's runs: its beginning, what it asks for, its result, its end."""
    asked = _element("w:instrText")
    asked.set(qn("xml:space"), "preserve")
    asked.text = instruction
    yield _element("w:r", _element("w:fldChar", fldCharType="begin"))
    yield _element("w:r", asked)
    yield _element("w:r", _element("w:fldChar", fldCharType="separate"))
    yield from _runs(result)
    yield _element("w:r", _element("w:fldChar", fldCharType="end"))


def _fill(paragraph: Written, text: str) -> Written:
    paragraph._p.extend(_runs(text))
    return paragraph


ILLEGAL = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML cannot hold."""

TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Signs that turn the direction of writing; Word has a property of its own for that."""


def _clean(text: str) -> str:
    return TURNING.sub("", ILLEGAL.sub("", text))


def _runs(text: str, colour: str | None = None, *, bold: bool = False, underlined: bool = False) -> Iterator[Any]:
    """Make the runs of a text: a new one for each name that is closed off, right to left where it is."""
    for part in re.split("\u2068(.*?)\u2069", text, flags=re.S):
        part = _clean(part)
        if not part:
            continue
        looks = [
            *([_element("w:b")] if bold else []),
            *([_element("w:color", val=colour[1:])] if colour else []),
            *([_element("w:u", val="single")] if underlined else []),
            *([_element("w:rtl")] if _right_to_left(part) else []),
        ]
        run = _element("w:r", *([_element("w:rPr", *looks)] if looks else []))
        for piece in re.split("([\t\n])", part):
            if piece in ("\t", "\n"):
                run.append(_element("w:tab" if piece == "\t" else "w:br"))
            elif piece:
                held = _element("w:t")
                held.text = piece
                held.set(qn("xml:space"), "preserve")
                run.append(held)
        yield run


def _right_to_left(text: str) -> bool:
    strong = (unicodedata.bidirectional(sign) for sign in text)
    return next((kind for kind in strong if kind in ("L", "R", "AL")), "L") != "L"


def _stamped(raw: bytes) -> bytes:
    """Pack the file anew, with one date and in one order."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type, entry.create_system, entry.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
            new.writestr(entry, old.read(name))
    return out.getvalue()
