"""The report on words that mean harm, wherever a person may write: they stay words, on the page and on the disk."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest
from playwright.sync_api import Browser

import browser
from reports import (
    FEW,
    FROZEN_PRACTICE,
    GOLDEN,
    HOSTILE,
    ON,
    OPEN_ALL,
    OVERFLOW,
    Made,
    hostile,
    make,
    table,
    text,
    vendor_page,
)
from texteval import catalog, kept, practice, report
from texteval.errors import UserError
from texteval.requirements import Requirements


def shape(page: Element) -> list[tuple[str, tuple[str, ...]]]:
    return [(e.tag, tuple(sorted(e.keys()))) for e in page.iter()]


@pytest.fixture(scope="module")
def harmless(rules: Requirements, tmp_path_factory: pytest.TempPathFactory) -> Made:
    market, name = hostile("plain words", tmp_path_factory.mktemp("plain"))
    return make(market, rules, name, ON)


@pytest.mark.parametrize("words", HOSTILE.values(), ids=list(HOSTILE))
def test_hostile_words_stay_words(words: str, harmless: Made, rules: Requirements, tmp_path: Path) -> None:
    market, name = hostile(words, tmp_path)
    made = make(market, rules, name, ON)
    assert shape(made.page) == shape(harmless.page)
    shown = " ".join(words.split())
    (heading,) = made.page.iter("h1")
    assert text(heading) == f"Which texting tool for: {shown}"
    (title,) = made.page.iter("title")
    assert text(title) == f"Which texting tool for: {shown}"
    assert text(next(vendor_page(made.page, "penny").iter("summary"))) == shown
    (source,) = (row for row in table(made.page, "sources") if row[0] == "mine")
    assert source[1:] == [shown, "2026-06-20", "vendor's reply to the practice (yours)"]
    alt = re.sub("[\u2068\u2069]", "", " ".join(str(image.get("alt")) for image in made.page.iter("img")))
    assert f"{words} {words} $" in alt


@pytest.mark.parametrize("words", ['<script>alert("👩‍⚕️")</script>', "x" * 2000, "../../../x"])
def test_a_hostile_name_of_a_practice_makes_no_file_elsewhere(words: str, rules: Requirements, tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b" / "report"
    folder.mkdir(parents=True)
    before = set(tmp_path.rglob("*"))
    loaded = practice.load(FROZEN_PRACTICE)
    try:
        built = report.build(catalog.load(GOLDEN / "catalogue.yaml"), rules, words, *loaded[1:], ON, draws=FEW)
        written = set(report.write(built, folder, ["html", "json"]))
    except UserError as error:
        assert "cannot be written" in str(error)
        written = set()
    assert {path.parent for path in written} <= {folder}
    assert {path for path in set(tmp_path.rglob("*")) - before if path.name != kept.LIST} == written


PARTS = {
    "porchlight": "options",
    "penny": "matrix",
    "ledger": "size",
    "hush": "volume",
    "wire": "vendors",
    "murmur": "sources",
    "chatty": "s-hush-pages",
}


def test_a_vendor_may_be_called_as_a_part_of_the_page_is(rules: Requirements, tmp_path: Path) -> None:
    whole = (GOLDEN / "catalogue.yaml").read_text(encoding="utf-8")
    for vendor_id, part in PARTS.items():
        whole = whole.replace(f"\n  {vendor_id}:\n", f"\n  {part}:\n")
    path = tmp_path / "catalogue.yaml"
    path.write_text(whole, encoding="utf-8")
    page = make(catalog.load(path), rules, FROZEN_PRACTICE, ON).page
    ids = [found for element in page.iter() if (found := element.get("id"))]
    assert [one for one in ids if ids.count(one) > 1] == []


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    with browser.started() as found:
        yield found


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("name", ["markup", "2000 characters"])
def test_hostile_words_do_nothing_and_break_nothing_in_a_browser(
    chrome: Browser, rules: Requirements, tmp_path: Path, name: str
) -> None:
    market, chosen = hostile(HOSTILE[name], tmp_path)
    (path,) = report.write(report.build(market, rules, *practice.load(chosen), ON, draws=FEW), tmp_path, ["html"])
    with browser.opened(chrome, path, 375) as (page, faults):
        page.evaluate(OPEN_ALL)
        assert page.evaluate("document.images.length") >= 3
        assert faults == []
        assert page.evaluate(OVERFLOW) <= 0


PLACES = """
(() => {
  const walk = document.createTreeWalker(document.querySelector(".answer"), NodeFilter.SHOW_TEXT), left = [];
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const at = node.data.indexOf("$21.80");
    for (let i = at; at >= 0 && i < at + 6; i++) {
      const range = new Range();
      range.setStart(node, i);
      range.setEnd(node, i + 1);
      left.push(range.getBoundingClientRect().left);
    }
  }
  return left;
})()
"""
"""Where each character of the first option's amount stands on the screen."""


def test_a_name_that_turns_the_direction_of_writing_turns_no_amount(
    chrome: Browser, rules: Requirements, tmp_path: Path
) -> None:
    path = tmp_path / "catalogue.yaml"
    whole = (GOLDEN / "catalogue.yaml").read_text(encoding="utf-8")
    path.write_text(whole.replace("name: Penny", "name: Pen\u202eny"), encoding="utf-8")
    try:
        market = catalog.load(path)
    except UserError as error:
        assert "character" in str(error)
        return
    built = report.build(market, rules, *practice.load(FROZEN_PRACTICE), ON, draws=FEW)
    (page_path,) = report.write(built, tmp_path, ["html"])
    with browser.opened(chrome, page_path) as (page, _):
        places = page.evaluate(PLACES)
    assert len(places) == 6
    assert places == sorted(places)
