"""The Word file: every word is in it, in real styles, and other programs open it without loss."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import docx
import pypdf
import pytest
from docx.document import Document as Opened
from docx.oxml.ns import qn

from papers import COLUMNS, HOSTILE, LONG, PAPER, SVG, paper, png, squeezed, words
from programs import office
from texteval.report import word
from texteval.report.brand import Brand, Logo
from texteval.report.document import Block, Bullets, Document, Heading, Link, Paragraph, Section, Table

PLAIN = Brand()
FIRM = Brand("Harbor & Co", ("hello@harbor.example",), Logo(png(), "image/png", png()), "#7a1f5c")


def opened(made: bytes) -> Opened:
    return docx.Document(io.BytesIO(made))


def said(file: Opened) -> list[str]:
    """All paragraphs, those of cells too, in their order."""
    return ["".join(_words(one)) for one in file.element.body.iter(qn("w:p"))]


def _words(paragraph: Any) -> list[str]:
    signs = {qn("w:br"): "\n", qn("w:tab"): "\t"}
    return [signs.get(one.tag, one.text or "") for one in paragraph.iter(qn("w:t"), qn("w:br"), qn("w:tab"))]


def styled(file: Opened, name: str) -> list[str]:
    return ["".join(_words(one._p)) for one in file.paragraphs if one.style is not None and one.style.name == name]


@pytest.fixture(scope="module")
def made() -> bytes:
    return word.render(PAPER, FIRM, "Dr. Who")


@pytest.fixture(scope="module")
def file(made: bytes) -> Opened:
    return opened(made)


# Words and styles.


def test_every_word_and_every_amount_is_in_it(file: Opened) -> None:
    there = [*said(file), file.sections[0].footer.paragraphs[0].text]
    text = squeezed("".join(there))
    assert [one for one in words(PAPER) if squeezed(one) not in text] == []


def test_each_part_has_its_style(file: Opened) -> None:
    assert styled(file, "Title") == [PAPER.title]
    assert styled(file, "Subtitle") == [PAPER.subtitle]
    assert styled(file, "Answer") == ["Alpha Basic is the cheapest: $1,234.56 a month."]
    assert styled(file, "Heading 1") == ["Next steps", "All tools", "Method"]
    assert styled(file, "Heading 2") == ["What to do"]
    assert styled(file, "List Bullet") == ["A plain point."]
    assert styled(file, "List Number") == ["Ask the vendor.", "Sign the agreement.", "First again.", "Second again."]
    assert styled(file, "Tick List") == ["☐\tSwitch it on.", "☐\tTry an export."]
    assert styled(file, "Caption") == ["Five tools, best first.", "The finding of one", "The finding of two"]
    assert styled(file, "Source") == ["Source of one, 2026.", "Source of two, 2026."]


def test_headings_have_the_brands_colour_and_stay_with_what_follows(file: Opened) -> None:
    for name in ("Title", "Heading 1", "Heading 2"):
        style: Any = file.styles[name]
        assert str(style.font.color.rgb) == "7A1F5C"
        assert style.paragraph_format.keep_with_next
    assert file.styles["Caption"].paragraph_format.keep_with_next  # type: ignore[attr-defined]


def test_each_numbered_list_begins_at_one(file: Opened) -> None:
    numbers = [
        one._p.pPr.numPr.numId.val  # type: ignore[union-attr]
        for one in file.paragraphs
        if one.style is not None and one.style.name == "List Number"
    ]
    assert numbers[0] == numbers[1] != numbers[2] == numbers[3]
    numbering = file.part.numbering_part.element
    for number in (numbers[0], numbers[2]):
        found = numbering.num_having_numId(number)
        assert found.findall(f".//{qn('w:startOverride')}")[0].get(qn("w:val")) == "1"


def test_a_table_has_its_head_on_each_page_and_whole_rows(file: Opened) -> None:
    table = file.tables[0]
    assert table.style is not None
    assert table.style.name == "Report Table"
    heads = [bool(row._tr.findall(f".//{qn('w:tblHeader')}")) for row in table.rows]
    assert heads == [True, False, False, False, False, False]
    assert all(row._tr.findall(f".//{qn('w:cantSplit')}") for row in table.rows)
    cells = [[cell.text for cell in row.cells] for row in table.rows]
    assert cells == [
        ["Tool", "Verdict", "A month", "Why"],
        ["Alpha Basic", "✓ eligible", "$1,234.56", "its page"],
        ["Beta", "✓ with configuration", "from $9.99*", "Two steps to set up."],
        ["Gamma", "? verify first", "unknown", "run"],
        ["Delta", "✗ ineligible", "$0.00", "No BAA."],
        ["Epsilon", "–", "$10,000,000.01", "Not offered on this channel."],
    ]


def test_numbers_stand_at_the_right_and_columns_have_their_shares(file: Opened) -> None:
    table = file.tables[0]
    sides = [cell.paragraphs[0]._p.findall(f".//{qn('w:jc')}") for cell in table.rows[2].cells]
    assert [bool(side) for side in sides] == [False, False, True, False]
    assert sides[2][0].get(qn("w:val")) == "right"
    widths = [int(one.get(qn("w:w"))) for one in table._tbl.tblGrid]
    assert [round(width / widths[1], 2) for width in widths] == [1.3, 1, 1, 2]
    assert sum(widths) == pytest.approx(6.9 * 1440, abs=4)


def test_a_row_of_many_lines_may_be_broken_and_a_small_table_is_kept_together() -> None:
    table = Table(COLUMNS, (("a", "eligible", "$1", "word " * 1000), ("b", "eligible", "$1", "c")))
    large, small = opened(word.render(paper(table, Table(COLUMNS, table.rows[1:] * 3)), PLAIN)).tables
    assert [bool(row._tr.findall(f".//{qn('w:cantSplit')}")) for row in large.rows] == [True, False, True]
    joined = [bool(row._tr.findall(f".//{qn('w:keepNext')}")) for row in small.rows]
    assert joined == [True, True, True, False]


def test_pictures_and_the_logo_have_their_words_and_fit(file: Opened) -> None:
    shapes = file.inline_shapes
    alts = [shape._inline.docPr.get("descr") for shape in shapes]
    assert alts == ["Logo of Harbor & Co", *(f'A line that falls; "{name}" & <more>' for name in ("one", "two"))]
    assert all(shape.width.inches <= 6.9 and shape.height.inches <= 7.4 for shape in shapes)


def test_a_tall_picture_is_scaled_to_the_page() -> None:
    brand = Brand("A", logo=Logo(png(300, 3000), "image/png", png(300, 3000)))
    (shape,) = opened(word.render(paper(), brand)).inline_shapes
    assert shape.height.inches == pytest.approx(0.7, abs=0.001)
    assert shape.width.inches == pytest.approx(0.07, abs=0.001)


# What every page has; the file's own facts.


def test_the_foot_has_firm_stamp_and_page(file: Opened) -> None:
    section = file.sections[0]
    assert (section.page_width.inches, section.page_height.inches) == (8.5, 11)  # type: ignore[union-attr]
    for footer in (section.footer, section.first_page_footer):
        line = footer.paragraphs[0]
        assert line.text.startswith(f"Harbor & Co · {PAPER.stamp}\t")
        asked = [one.text for one in line._p.iter(qn("w:instrText"))]
        assert asked == [" PAGE ", " NUMPAGES "]
    assert section.header.paragraphs[0].text == PAPER.title
    assert section.first_page_header.paragraphs[0].text == ""


def test_the_file_says_what_and_whose_it_is_and_no_false_day(made: bytes, file: Opened) -> None:
    properties = file.core_properties
    assert (properties.title, properties.author, properties.language) == (PAPER.title, "Harbor & Co", "en-US")
    with zipfile.ZipFile(io.BytesIO(made)) as held:
        core = held.read("docProps/core.xml").decode()
        assert {entry.date_time for entry in held.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert not any("thumbnail" in name for name in held.namelist())
    assert "python-docx" not in core
    assert "dcterms:created" not in core
    assert 'w:val="en-US"' in file.styles.element.xml


def test_the_same_document_gives_the_same_bytes_and_another_others(made: bytes) -> None:
    assert word.render(PAPER, FIRM, "Dr. Who") == made
    assert word.render(PAPER, PLAIN) != made


@pytest.mark.parametrize(("more", "there"), [(0, False), (1, True)])
def test_a_long_paper_has_a_table_of_contents(more: int, there: bool) -> None:
    sections = (
        Section("a", "Part 1", (Paragraph("x" * (word.LONG - 10)), Bullets(("1234", "5")))),
        Section("b", "Part 2", (Table(COLUMNS[:1], (("1234",),)), Heading("y" * more))),
    )
    found = opened(word.render(Document("T", "S", (Paragraph("O"),), sections, "X"), PLAIN))
    assert (styled(found, "TOC Heading") == ["Contents"]) is there
    assert styled(found, "toc 1") == (["Part 1", "Part 2"] if there else [])
    fields = [one.get(qn("w:fldCharType")) for one in found.element.body.iter(qn("w:fldChar"))]
    assert fields == (["begin", "separate", "end"] if there else [])


def test_a_brand_with_words_for_the_cover_has_a_cover() -> None:
    brand = Brand("Harbor & Co", ("555 0100",), Logo(SVG.encode(), "image/svg+xml", None), cover=("Cover words.",))
    found = opened(word.render(PAPER, brand, "Dr. Who"))
    texts = said(found)
    for one in ("Harbor & Co\n555 0100", "Prepared for Dr. Who by Harbor & Co", "Cover words."):
        assert one in texts[: texts.index("Alpha Basic is the cheapest: $1,234.56 a month.")]
    assert len(found.inline_shapes) == 2  # the logo cannot be shown; the pictures are
    breaks = [one.get(qn("w:type")) for one in found.element.body.iter(qn("w:br"))]
    assert breaks.count("page") == 1


# Links.


def targets(found: Opened) -> list[str]:
    links = found.element.body.iter(qn("w:hyperlink"))
    rels = found.part.rels
    return [
        link.get(qn("w:anchor")) or rels[link.get(qn("r:id"))].target_ref  # type: ignore[index]
        for link in links
    ]


def test_links_lead_out_to_the_web_or_to_a_place_that_is_there(file: Opened) -> None:
    inside, outside = targets(file)
    assert outside == "https://alpha.example/a?b=1&c=2"
    marks = [one.get(qn("w:name")) for one in file.element.body.iter(qn("w:bookmarkStart"))]
    assert inside in marks
    assert len(set(marks)) == len(marks)
    row = file.tables[0].rows[5]._tr
    assert inside in [one.get(qn("w:name")) for one in row.iter(qn("w:bookmarkStart"))]


@pytest.mark.parametrize(
    "to",
    ["javascript:alert(1)", "file:///etc/passwd", "#nowhere", "", "http://a b", 'https://x"onclick', "https://[", "#"],
)
def test_what_leads_nowhere_is_words_alone(to: str) -> None:
    found = opened(word.render(paper(Table(COLUMNS[:1], ((Link("words", to),),))), PLAIN))
    assert targets(found) == []
    assert "words" in said(found)


# Words that mean harm.


def hostile() -> Document:
    blocks: tuple[Block, ...] = (
        *(Paragraph(one) for one in HOSTILE.values()),
        *(Heading(one) for one in HOSTILE.values()),
        Bullets(tuple(HOSTILE.values())),
        Bullets(tuple(HOSTILE.values()), numbered=True),
        Table(COLUMNS[:1], tuple((one,) for one in HOSTILE.values()), HOSTILE["typst"]),
        Paragraph(LONG),
    )
    sections = (Section(HOSTILE["markup"], HOSTILE["typst"], blocks), Section("", HOSTILE["braces"], ()))
    return Document(HOSTILE["typst"], HOSTILE["markup"], blocks[:2], sections, HOSTILE["braces"])


@pytest.fixture(scope="module")
def harmless() -> bytes:
    return word.render(hostile(), Brand(HOSTILE["formula"], (HOSTILE["markup"],), cover=(HOSTILE["typst"],)), "{{ x }}")


@pytest.mark.parametrize("name", HOSTILE)
def test_words_that_mean_harm_come_out_as_they_are(harmless: bytes, name: str) -> None:
    texts = said(opened(harmless))
    assert texts.count(HOSTILE[name].replace("\u2068", "").replace("\u2069", "")) >= 5
    assert LONG in texts


def test_what_xml_cannot_hold_is_left_out_and_lines_stay() -> None:
    given = "a\x00b\x07\x1bc\ud800d\ufffee \u202eevil one\ntwo\tthree"
    assert "abcde evil one\ntwo\tthree" in said(opened(word.render(paper(Paragraph(given)), PLAIN)))


def test_a_name_that_runs_right_to_left_is_marked_so_and_no_other() -> None:
    found = opened(word.render(paper(Paragraph("It is \u2068שלום\u2069: $9 a month.")), PLAIN))
    runs = [(run.text, bool(run._r.findall(f".//{qn('w:rtl')}"))) for one in found.paragraphs for run in one.runs]
    assert ("שלום", True) in runs
    assert [text for text, turned in runs if turned] == ["שלום"]
    assert ("It is ", False) in runs
    assert (": $9 a month.", False) in runs


@pytest.mark.parametrize("blocks", [(), (Bullets(()),), (Bullets((), numbered=True),), (Table(COLUMNS, ()),)])
def test_nothing_is_something_that_can_be_written(blocks: tuple[Block, ...]) -> None:
    assert opened(word.render(Document("", "", blocks, (), ""), PLAIN))


# In another program.


@pytest.fixture(scope="module")
def converted(made: bytes, harmless: bytes, tmp_path_factory: pytest.TempPathFactory) -> list[list[str]]:
    folder = tmp_path_factory.mktemp("word")
    rows = tuple((f"from{i:03}", "verify first", "$1.00", "Words of a reason. " * 8 + f"to{i:03}") for i in range(60))
    table = word.render(paper(Table(COLUMNS, rows)), PLAIN)
    for name, held in (("made", made), ("harmless", harmless), ("table", table)):
        (folder / f"{name}.docx").write_bytes(held)
    files = sorted(folder.glob("*.docx"))
    office(folder, "--convert-to", "pdf", "--outdir", str(folder), *map(str, files))
    return [
        [squeezed(page.extract_text()) for page in pypdf.PdfReader(folder / f"{name}.pdf").pages]
        for name in ("made", "harmless", "table")
    ]


def test_it_is_converted_without_loss(converted: list[list[str]]) -> None:
    text = "".join(converted[0])
    assert [one for one in words(PAPER) if squeezed(one) not in text] == []
    text = "".join(converted[1])
    for name in ("typst", "formula", "markup", "braces", "path"):
        assert text.count(squeezed(HOSTILE[name])) >= 4
    assert re.sub("[^x]", "", text).count("x") >= len(LONG)


def test_a_tables_head_is_repeated_and_no_row_broken(converted: list[list[str]]) -> None:
    pages = converted[2]
    with_rows = [text for text in pages if "from0" in text]
    assert len(with_rows) > 2
    assert all("ToolVerdictAmonthWhy" in text for text in with_rows)
    for i in range(60):
        assert [f"from{i:03}" in text for text in pages] == [f"to{i:03}" in text for text in pages]


def test_neither_the_blocks_nor_the_word_file_need_the_drawing_library() -> None:
    """Read each module alone, as a paper without pictures needs it."""
    program = (
        "import importlib, sys, types\n"
        "package = types.ModuleType('texteval.report')\n"
        "package.__path__ = [sys.argv[1]]\n"
        "sys.modules['texteval.report'] = package\n"
        "import texteval.report.word\n"
        "print(sorted(name for name in ('matplotlib', 'pandas', 'typst') if name in sys.modules))"
    )
    folder = str(Path(word.__file__).parent)
    told = subprocess.run([sys.executable, "-c", program, folder], capture_output=True, check=True, encoding="utf-8")
    assert told.stdout.strip() == "[]"
