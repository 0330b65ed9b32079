"""The PDF: every word is in it, it is tagged, and its pages are laid out for reading."""

from __future__ import annotations

import io
import json
import re
import string
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pypdf
import pytest
import typst

from papers import COLUMNS, HOSTILE, LONG, PAPER, SVG, paper, png, squeezed, words
from programs import pdf_words
from texteval.errors import UserError
from texteval.report import pdf
from texteval.report.brand import Brand, Logo
from texteval.report.document import (
    Block,
    Bullets,
    Column,
    Document,
    Heading,
    Link,
    Paragraph,
    Section,
    Table,
)
from texteval.report.paper import em

PLAIN = Brand()
FIRM = Brand("Harbor & Co", ("hello@harbor.example",), Logo(png(), "image/png", png()), "#7a1f5c")


def read(made: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(made))


def pages(made: bytes) -> list[str]:
    return [squeezed(page.extract_text()) for page in read(made).pages]


def elements(node: Any) -> Iterator[Any]:
    """Go through the tags of a PDF, depth first."""
    node = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(node, list):
        for child in node:
            yield from elements(child)
    elif isinstance(node, dict) and node.get("/Type") != "/MCR":
        yield node
        if "/K" in node:
            yield from elements(node["/K"])


@pytest.fixture(scope="module")
def made() -> bytes:
    return pdf.render(PAPER, PLAIN)


# Words.


def test_every_word_and_every_amount_is_in_it(made: bytes) -> None:
    text = "".join(pages(made))
    assert [one for one in words(PAPER) if squeezed(one) not in text] == []


def test_a_verdict_has_its_sign_and_nothing_offered_a_dash(made: bytes) -> None:
    text = "".join(pages(made))
    for one in ("✓eligible", "✓withconfiguration", "?verifyfirst", "✗ineligible", "Epsilon–$10,000,000.01"):
        assert one in text


def test_an_entry_to_tick_off_has_a_box_and_each_numbered_list_begins_anew(made: bytes) -> None:
    text = "".join(pages(made))
    assert "☐Switchiton.☐Tryanexport." in text
    assert "1.Askthevendor.2.Signtheagreement." in text
    assert "1.Firstagain.2.Secondagain." in text


@pytest.fixture(scope="module")
def hostile() -> bytes:
    blocks: tuple[Block, ...] = (
        *(Paragraph(one) for one in HOSTILE.values()),
        *(Heading(one) for one in HOSTILE.values()),
        Bullets(tuple(HOSTILE.values())),
        Table(COLUMNS[:1], tuple((one,) for one in HOSTILE.values()), HOSTILE["typst"]),
    )
    sections = tuple(Section(one, one, blocks if name == "typst" else ()) for name, one in HOSTILE.items())
    document = Document(HOSTILE["typst"], HOSTILE["markup"], blocks[:8], sections, HOSTILE["braces"])
    return pdf.render(document, Brand(HOSTILE["formula"], cover=(HOSTILE["typst"],)), HOSTILE["markup"])


@pytest.mark.parametrize("name", [name for name in HOSTILE if name not in ("hebrew", "arabic")])
def test_words_that_mean_harm_come_out_as_they_are(hostile: bytes, name: str) -> None:
    text = "".join(pages(hostile))
    assert text.count(squeezed(HOSTILE[name])) >= 5


def test_the_title_may_hold_anything(hostile: bytes) -> None:
    assert read(hostile).metadata.title == HOSTILE["typst"]  # type: ignore[union-attr]
    assert read(hostile).metadata.author == HOSTILE["formula"]  # type: ignore[union-attr]


def test_names_that_run_right_to_left_are_in_it(hostile: bytes) -> None:
    text = "".join(pages(hostile))
    assert text.count("םולש") + text.count("שלום") >= 4


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("a北京b", "a□b"),
        ("a👨\u200d👩\u200d👧b", "a□b"),
        ("a\x00\x07\x1b\x7fb", "ab"),
        ("a\ud800b", "a□b"),
        ("evil \u202eabc", "evilabc"),
        ("\ufeffab\u200e", "ab"),
        ("one\ntwo\tthree", "onetwothree"),
    ],
)
def test_signs_that_no_font_has_become_one_box_and_unseen_ones_nothing(given: str, shown: str) -> None:
    text = pages(pdf.render(paper(Paragraph(f"({given})")), PLAIN))[1]
    assert f"({shown})" in text


def test_all_signs_that_are_let_through_can_be_set() -> None:
    signs = "".join(sorted(pdf._signs()))
    assert len(signs) > 5000
    assert pdf.render(paper(Paragraph(signs, "answer"), Heading(signs), Table(COLUMNS[:1], ((signs,),))), PLAIN)


@pytest.mark.parametrize("blocks", [(), (Bullets(()),), (Table(COLUMNS, ()),), (Paragraph(""),)])
def test_nothing_is_something_that_can_be_set(blocks: tuple[Block, ...]) -> None:
    assert pages(pdf.render(Document("", "", blocks, (), ""), PLAIN)) != []


# Tags, fonts, bytes.


def test_it_is_tagged_and_says_its_language_and_title(made: bytes) -> None:
    root: Any = read(made).trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] == True  # noqa: E712 - pypdf's own kind of truth
    assert root["/Lang"] == "en-US"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"] == True  # noqa: E712
    assert read(made).metadata.title == PAPER.title  # type: ignore[union-attr]
    assert b"pdfuaid:part" in root["/Metadata"].get_data()
    tags = [str(one.get("/S")) for one in elements(root["/StructTreeRoot"])]
    assert tags.count("/Table") == 1
    assert tags.count("/TH") == 4
    assert tags.count("/TR") == 6
    assert tags.count("/L") >= 4
    assert {"/H1", "/H2", "/P", "/Figure", "/Caption", "/Link"} <= set(tags)


def test_pictures_and_the_logo_have_their_words() -> None:
    root: Any = read(pdf.render(PAPER, FIRM)).trailer["/Root"]
    alts = [one["/Alt"] for one in elements(root["/StructTreeRoot"]) if "/Alt" in one and one["/S"] == "/Figure"]
    assert alts == ["Logo of Harbor & Co", *(f'A line that falls; "{name}" & <more>' for name in ("one", "two"))]


def test_every_font_is_in_the_file(made: bytes, hostile: bytes) -> None:
    for file in (made, hostile):
        fonts = [font.get_object() for page in read(file).pages for font in page["/Resources"]["/Font"].values()]
        assert fonts
        for font in fonts:
            descriptor = font["/DescendantFonts"][0].get_object()["/FontDescriptor"]
            assert "/FontFile2" in descriptor or "/FontFile3" in descriptor


def test_the_same_document_gives_the_same_bytes_and_another_others(made: bytes) -> None:
    assert pdf.render(PAPER, PLAIN) == made
    program = (
        f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "from papers import PAPER; from texteval.report import pdf; from texteval.report.brand import Brand\n"
        "sys.stdout.buffer.write(pdf.render(PAPER, Brand()))"
    )
    again = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert again.stdout == made
    assert pdf.render(PAPER, FIRM) != made
    assert b"/CreationDate" not in made


# Pages.


def test_each_page_has_stamp_firm_and_number(made: bytes) -> None:
    for file, firm in ((made, ""), (pdf.render(PAPER, FIRM), "Harbor&Co·")):
        found = pages(file)
        for number, text in enumerate(found, 1):
            assert f"{firm}texteval9.9,asof2026-11-22,data0123abcd{number}of{len(found)}" in text
        assert found[0].count(squeezed(PAPER.title)) == 1
        assert all(squeezed(PAPER.title) in text for text in found)


def test_a_brand_with_words_for_the_cover_has_a_cover() -> None:
    brand = Brand("Harbor & Co", ("555 0100",), Logo(SVG.encode(), "image/svg+xml", None), cover=("Cover words.",))
    cover, first, *_ = pages(pdf.render(PAPER, brand, "Dr. Who"))
    for one in ("Which tool for: Dr. Müller & Co", "Prepared for Dr. Who by Harbor & Co", "Cover words.", "555 0100"):
        assert squeezed(one) in cover
    assert "Nextsteps" in first
    assert "Nextsteps" not in cover


def largest(page: pypdf.PageObject, text: str) -> float:
    """Return the size of type in which a word stands on a page."""
    found: list[float] = []

    def visit(said: str, _: Any, matrix: Any, font: Any, size: float) -> None:
        if text in said:
            found.append(size * abs(matrix[3]))

    page.extract_text(visitor_text=visit)
    return max(found)


@pytest.mark.parametrize("many", [1, 12, 30])
def test_the_opening_stands_on_one_page_as_large_as_fits(many: int) -> None:
    line = "A sentence of the owner's page that is as long as such sentences are, more or less, and says something."
    opening = (Heading("Start"), *(Paragraph(f"{line} Number{number}.") for number in range(many)), Heading("Finish"))
    found = read(pdf.render(paper(Paragraph("Later."), opening=opening), PLAIN))
    first, second = (squeezed(page.extract_text()) for page in found.pages[:2])
    assert "Start" in first
    assert "Finish" in first
    assert "Later." in second
    if many == 30:
        assert largest(found.pages[0], "Number0") < 12


def test_an_opening_that_cannot_fit_goes_on_without_loss() -> None:
    opening = tuple(Paragraph(f"Number{number}. " + "A sentence more. " * 20) for number in range(40))
    found = pages(pdf.render(paper(Paragraph("Later."), opening=opening), PLAIN))
    assert all(f"Number{number}." in "".join(found) for number in range(40))
    assert len(found) > 3


@pytest.mark.parametrize(("many", "there"), [(3, False), (4, True)])
def test_many_sections_have_a_table_of_contents(many: int, there: bool) -> None:
    sections = tuple(Section(f"s{i}", f"Part {i}", (Paragraph("Words."),)) for i in range(many))
    text = pages(pdf.render(Document("T", "S", (Paragraph("O"),), sections, "X"), PLAIN))[1]
    assert ("Contents" in text) is there
    assert text.count("Part1") == 1 + there


ROWS = 60


@pytest.fixture(scope="module")
def long_table() -> list[str]:
    rows = tuple(
        (
            f"from{i:03}",
            "verify first",
            f"${i},000.00",
            "Some reason or other that takes a line or two. " * 8 + f"to{i:03}",
        )
        for i in range(ROWS)
    )
    return pages(pdf.render(paper(Table(COLUMNS, rows, "Many rows.")), PLAIN))


def test_a_tables_head_is_repeated_on_each_page(long_table: list[str]) -> None:
    assert len(long_table) > 4
    assert ["ToolVerdictAmonthWhy" in text for text in long_table[1:]] == [True] * (len(long_table) - 1)


def test_no_short_row_is_broken_and_none_is_lost(long_table: list[str]) -> None:
    for i in range(ROWS):
        assert [f"from{i:03}" in text for text in long_table] == [f"to{i:03}" in text for text in long_table]
        assert sum(f"from{i:03}" in text for text in long_table) == 1
        assert f"${i},000.00" in "".join(long_table)


def test_a_small_table_is_not_broken_and_a_heading_is_never_left_alone() -> None:
    table = Table(COLUMNS[:1], tuple((f"row{i}",) for i in range(6)), "Caption here.")
    for many in range(22, 34):
        fill = tuple(Paragraph(f"Filler{i}.") for i in range(many))
        found = pages(pdf.render(paper(*fill, Heading("Left alone"), table), PLAIN))
        at = [
            {n for n, text in enumerate(found) if one in text} for one in ("Leftalone", "Captionhere.", "row0", "row5")
        ]
        assert at == [at[0]] * 4


# Links.


def links(made: bytes) -> list[str]:
    found = []
    for page in read(made).pages:
        for note in page.get("/Annots", []):
            action = note.get_object().get("/A") or {}
            found.append(str(action.get("/URI", "inside")))
    return found


def test_links_lead_out_to_the_web_or_to_a_place_that_is_there(made: bytes) -> None:
    assert sorted(links(made)) == ["https://alpha.example/a?b=1&c=2", "inside"]


@pytest.mark.parametrize(
    "to", ["javascript:alert(1)", "file:///etc/passwd", "#nowhere", "", "http://a b", 'https://x"onclick', "HTTPS", "#"]
)
def test_what_leads_nowhere_is_words_alone(to: str) -> None:
    made = pdf.render(paper(Table(COLUMNS[:1], ((Link("words", to),),))), PLAIN)
    assert links(made) == []
    assert "words" in pages(made)[1]


def test_a_place_that_is_there_twice_is_the_first() -> None:
    table = Table(COLUMNS[:1], ((Link("go", "#a"),), ("x",)), id="a", row_ids=("a", "a"))
    document = Document("T", "S", (table,), (Section("a", "One", (table,)), Section("a", "Two", ())), "X")
    assert len(links(pdf.render(document, PLAIN))) == 2


@pytest.mark.parametrize("filled", range(31, 37))
def test_a_long_table_begins_with_some_rows_or_on_the_next_page(filled: int) -> None:
    rows = tuple((f"row{i:03}", "eligible", "$1.00", "a reason") for i in range(60))
    blocks = (*(Paragraph(f"Line {i}.") for i in range(filled)), Table(COLUMNS, rows, "The caption."))
    started = [page for page in pages(pdf.render(paper(*blocks), PLAIN)) if "row000" in page]
    assert [("Thecaption." in page, "row002" in page) for page in started] == [(True, True)]


# Nothing over the edge.


def beyond(made: bytes, folder: Path) -> list[str]:
    """Return the words that stand beyond the margins of their page."""
    path = folder / "a.pdf"
    path.write_bytes(made)
    boxes = pdf_words(path, "-bbox")
    found = re.findall(r'<word xMin="([-\d.]+)" yMin="[-\d.]+" xMax="([-\d.]+)" yMax="([-\d.]+)">(.*?)</word>', boxes)
    assert found
    return [word for left, right, low, word in found if float(left) < 53 or float(right) > 559.5 or float(low) > 792]


def test_a_word_that_is_broken_is_copied_and_found_whole(tmp_path: Path) -> None:
    name, stamp = "TherapyAppointment", "ff60463d795a-9f859058c584-b7f4d1c80c95-7492ad7db48e-cd1a82f6866f"
    made = pdf.render(replace(paper(Table(COLUMNS, ((name, "eligible", "$1.00", name * 3),) * 3)), stamp=stamp), PLAIN)
    assert beyond(made, tmp_path) == []
    text = pdf_words(tmp_path / "a.pdf", "-raw")
    assert not set("\u200b\ue000\u00ad") & set(text)
    lines = text.splitlines()
    assert any(name in line for line in lines)
    assert stamp in text.replace("\n", "")


@pytest.mark.parametrize(
    "long",
    [LONG[:1000], "W" * 500, "https://example.com/" + "a/b-c?d=e&" * 40, "configuration-of-something-" * 20, "ä" * 300],
    ids=["x", "W", "address", "hyphens", "umlauts"],
)
def test_a_word_without_end_is_broken_at_the_margin(long: str, tmp_path: Path) -> None:
    narrow = tuple(Column(long[:40]) for _ in range(12))
    document = Document(
        long[:200],
        long[:200],
        (Paragraph(long, "answer"), Bullets((long,))),
        (
            Section("a", long[:200], (Heading(long[:200]), Paragraph(long, "soft"), Bullets((long,), tick=True))),
            Section("b", "B", (Table(narrow, (tuple(long[:60] for _ in narrow),)), Table(COLUMNS[:2], ((long, ""),)))),
        ),
        long[:80],
    )
    made = pdf.render(document, Brand(long[:120], cover=(long[:300],)))
    assert beyond(made, tmp_path) == []
    assert squeezed(long[:60]) in "".join(pages(made))


def test_ten_thousand_letters_lose_none() -> None:
    made = pdf.render(paper(Table(COLUMNS, ((LONG, "eligible", "$1.00", LONG),))), PLAIN)
    assert "".join(pages(made)).count("x") == 20_000


def test_no_letter_is_wider_than_it_is_taken_to_be() -> None:
    program = b"""
        #set text(font: "Libertinus Serif", number-width: "tabular")
        #context [#metadata(json(bytes(sys.inputs.signs)).map(one =>
          measure(text(size: 100pt, weight: "bold", one)).width / 100pt))<widths>]
    """
    signs = list(string.ascii_letters + string.digits + string.punctuation)
    found = typst.query(program, "<widths>", field="value", one=True, sys_inputs={"signs": json.dumps(signs)})
    assert [one for one, width in zip(signs, json.loads(found), strict=True) if em(one) < width] == []


def test_where_there_is_no_typst_it_is_said_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)  # as on Windows on ARM
    with pytest.raises(UserError, match=r"the PDF cannot be made: typst.*print the HTML report"):
        pdf.render(PAPER, PLAIN)
