"""All formats of a report say the same, to the cent, and stay harmless whatever stands in the data."""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml
from docx import Document as WordFile

from conftest import TODAY
from papers import squeezed
from programs import pdf_words
from reports import FEW, FROZEN_PRACTICE, GOLDEN, HOSTILE, ON, hostile, only, parse, table
from test_report import PICTURES
from test_workbook import costs, reckoned
from texteval import catalog, decide, practice, report
from texteval.catalog import Catalog
from texteval.cli import main
from texteval.decide import Comparison
from texteval.kept import LIST
from texteval.requirements import Requirements


@pytest.fixture(scope="module")
def written(market: Catalog, rules: Requirements, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Every format of the report for a small group practice."""
    built = report.build(market, rules, *practice.load("small-group"), TODAY, draws=FEW)
    return {path.suffix[1:]: path for path in report.write(built, tmp_path_factory.mktemp("report"))}


@pytest.fixture(scope="module")
def compared(market: Catalog, rules: Requirements) -> Comparison:
    """The same comparison, made apart."""
    return decide.compare(market, rules, *practice.load("small-group"), TODAY)


def cents(amount: str) -> int:
    """Read ``$1,747.50`` as cents."""
    whole, part = re.fullmatch(r"\$([\d,]+)\.(\d\d)", amount).groups()  # type: ignore[union-attr]
    return int(whole.replace(",", "")) * 100 + int(part)


def expected(compared: Comparison) -> dict[str, int]:
    """Return the first year of every vendor's best plan whose price is known, in cents, half a cent up."""
    return {o.title: (o.year + 5_000) // 10_000 for o in compared.best_of_each if o.year is not None}


def in_html(path: Path) -> dict[str, int]:
    rows = table(parse(path.read_text(encoding="utf-8")), "options")
    return {row[0]: cents(row[3].rstrip("*")) for row in rows if row[3].startswith("$")}


def test_a_report_has_five_formats(written: dict[str, Path]) -> None:
    assert list(written) == list(report.FORMATS)
    assert {path.stem for path in written.values()} == {f"texteval-small-group-{TODAY}"}


def test_the_totals_in_html_and_json_are_those_of_the_comparison(
    written: dict[str, Path], compared: Comparison
) -> None:
    assert in_html(written["html"]) == expected(compared)
    data = json.loads(written["json"].read_text(encoding="utf-8"))
    by_title = {plan["title"]: plan["year_usd"] for plan in data["compare"]["plans"] if plan["year_usd"] is not None}
    assert {title: round(by_title[title] * 100) for title in expected(compared)} == expected(compared)
    assert len(expected(compared)) > 10


def test_the_totals_in_the_workbook_recalculated_by_libreoffice_are_the_same(
    written: dict[str, Path], compared: Comparison, tmp_path: Path
) -> None:
    sheets = reckoned({"report": written["xlsx"].read_bytes()}, tmp_path)["report"]
    found = costs(sheets, "US$ in the first year")
    known = {option.plan: option.year for option in compared.options if option.year is not None}
    assert {plan: found[plan] for plan in known} == {plan: (f"{year / 1e6:.2f}",) for plan, year in known.items()}


def test_the_totals_in_pdf_and_word_are_the_same(written: dict[str, Path], compared: Comparison) -> None:
    pdf = squeezed(pdf_words(written["pdf"], "-raw"))
    word = WordFile(io.BytesIO(written["docx"].read_bytes()))
    cells = [squeezed(" ".join(cell.text for cell in row.cells)) for t in word.tables for row in t.rows]
    for option in compared.best_of_each:
        if option.year is None:
            continue
        star = "*" if option.old_price else ""
        month, year = option.year // 12, option.year
        costs = "".join(
            f"${(n + 5_000) // 10_000 // 100:,}.{(n + 5_000) // 10_000 % 100:02d}{star}" for n in (month, year)
        )
        assert any(squeezed(option.title) in cell and costs in cell for cell in cells), option.title
        assert costs in pdf, option.title


def test_every_sentence_of_the_document_stands_in_html_pdf_and_word(
    market: Catalog, rules: Requirements, tmp_path: Path
) -> None:
    built = report.build(catalog.load(GOLDEN / "catalogue.yaml"), rules, *practice.load(FROZEN_PRACTICE), ON, draws=FEW)
    paths = {path.suffix[1:]: path for path in report.write(built, tmp_path)}
    html = squeezed(re.sub(r"<[^>]*>", "", _unescaped(paths["html"].read_text(encoding="utf-8"))))
    pdf = squeezed(pdf_words(paths["pdf"], "-raw"))
    with zipfile.ZipFile(paths["docx"]) as packed:
        word = squeezed(re.sub(r"<[^>]*>", "", _unescaped(packed.read("word/document.xml").decode())))
    missing = []
    for block in report.document(built).blocks():
        texts = [getattr(block, "text", "")] if not hasattr(block, "items") else list(block.items)
        for text in filter(None, texts):
            missing += [(form, text) for form, whole in (("html", html), ("pdf", pdf), ("docx", word))
                        if squeezed(text) not in whole]  # fmt: skip
    assert [one for one in missing if one[0] != "pdf"] == []
    # Where a paragraph goes over a page, the page's foot stands between its halves.
    assert len(missing) <= 5, missing


def _unescaped(page: str) -> str:
    import html

    return html.unescape(re.sub(r"<(script|style).*?</\1>", "", page, flags=re.DOTALL))


def test_all_formats_bear_the_same_stamp(written: dict[str, Path]) -> None:
    stamp = json.loads(written["json"].read_text(encoding="utf-8"))["data_hash"]
    assert re.fullmatch(r"([0-9a-f]{12}-){5}[0-9a-f]{12}", stamp)
    assert stamp in written["html"].read_text(encoding="utf-8")
    assert squeezed(stamp) in squeezed(pdf_words(written["pdf"], "-l", "1"))
    for form in ("xlsx", "docx"):
        with zipfile.ZipFile(written[form]) as packed:
            assert any(stamp in packed.read(name).decode("utf-8", "replace") for name in packed.namelist()), form


def test_a_second_run_writes_the_same_bytes(
    written: dict[str, Path], market: Catalog, rules: Requirements, tmp_path: Path
) -> None:
    built = report.build(market, rules, *practice.load("small-group"), TODAY, draws=FEW)
    again = {path.suffix[1:]: path for path in report.write(built, tmp_path)}
    assert {form: again[form].read_bytes() == written[form].read_bytes() for form in written} == dict.fromkeys(
        report.FORMATS, True
    )


@pytest.mark.parametrize("name", ["markup", "template"])
def test_hostile_words_are_harmless_in_every_format(name: str, rules: Requirements, tmp_path: Path) -> None:
    words = HOSTILE[name]
    market, chosen = hostile(words, tmp_path)
    built = report.build(market, rules, *practice.load(chosen), ON, draws=FEW)
    paths = {path.suffix[1:]: path for path in report.write(built, tmp_path / "out", client=words)}
    assert sorted(paths) == sorted(report.FORMATS)
    assert {path.parent for path in paths.values()} == {tmp_path / "out"}
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(
        [LIST, *(p.name for p in paths.values())]
    )
    sheet_words: list[Any] = []
    book = openpyxl.load_workbook(paths["xlsx"])
    for sheet in book:
        for row in sheet.iter_rows():
            sheet_words += [cell for cell in row if isinstance(cell.value, str) and words.split()[0] in cell.value]
    assert sheet_words
    assert {cell.data_type for cell in sheet_words} == {"s"}
    assert [cell for cell in sheet_words if cell.hyperlink and not cell.hyperlink.target.startswith("http")] == []
    data = json.loads(paths["json"].read_text(encoding="utf-8"))
    assert data["practice"]["name"] == words
    text = pdf_words(paths["pdf"])
    if name == "template":
        assert "{{ 7*7 }}" in text
    shown = WordFile(io.BytesIO(paths["docx"].read_bytes()))
    assert any(words.split()[0] in paragraph.text for paragraph in shown.paragraphs)


def test_a_practice_without_any_usable_plan_gets_every_format(rules: Requirements, tmp_path: Path) -> None:
    whole = yaml.load((GOLDEN / "catalogue.yaml").read_text(encoding="utf-8"), yaml.BaseLoader)
    assert "chatty" in whole["vendors"]

    built = report.build(only(tmp_path, "chatty"), rules, *practice.load(FROZEN_PRACTICE), ON, draws=FEW)
    paths = {path.suffix[1:]: path for path in report.write(built, tmp_path / "out")}
    assert list(paths) == list(report.FORMATS)
    said = "None of the 1 plans can be used by this practice."
    assert said in paths["html"].read_text(encoding="utf-8")
    assert squeezed(said) in squeezed(pdf_words(paths["pdf"], "-l", "1"))
    assert json.loads(paths["json"].read_text(encoding="utf-8"))["answer"] == said
    assert any(said in paragraph.text for paragraph in WordFile(io.BytesIO(paths["docx"].read_bytes())).paragraphs)


def test_a_format_that_there_is_not_is_told_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["report", "--format", "html,pfd"])
    assert stopped.value.code == 2
    assert "there is no format 'pfd': did you mean 'pdf'?" in capsys.readouterr().err


def test_the_pictures_of_a_report_are_all_there(market: Catalog, rules: Requirements) -> None:
    built = report.build(market, rules, *practice.load("small-group"), TODAY, draws=FEW)
    assert [name for name in PICTURES if getattr(built, name) is None] == []
