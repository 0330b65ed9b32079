"""Reports for tests: made on the frozen catalogue or another, read back strictly, and with words that mean harm."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, TreeBuilder

import yaml

from texteval import catalog, decide, practice, report
from texteval.catalog import Catalog
from texteval.decide import Option
from texteval.requirements import Requirements

GOLDEN = Path(__file__).parent / "golden"
ON = date(2026, 6, 30)
"""The day on which the frozen catalogue is asked."""

VOID = {"meta", "img", "br", "hr", "link", "input"}
MARKS = {"eligible": "✓", "with configuration": "✓", "verify first": "?", "ineligible": "✗"}


class _Reader(HTMLParser):
    """Read a page strictly: every tag closed in its turn, no attribute twice."""

    def __init__(self) -> None:
        super().__init__()
        self.tree, self.open = TreeBuilder(), list[str]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs), f"<{tag}> has an attribute twice"
        self.tree.start(tag, {name: value or "" for name, value in attrs})
        if tag in VOID:
            self.tree.end(tag)
        else:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> at line {self.getpos()[0]} closes another tag"
        self.tree.end(tag)

    def handle_data(self, data: str) -> None:
        if self.open:
            self.tree.data(data)


def parse(html: str) -> Element:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    assert reader.open == []
    return reader.tree.close()


def text(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def table(page: Element, heading: str) -> list[list[str]]:
    """Return the rows of the first table below a heading."""
    (main_part,) = page.iter("main")
    children = list(main_part)
    start = next(i for i, child in enumerate(children) if child.get("id") == heading)
    found = next(t for child in children[start:] for t in child.iter("table"))
    return rows(found)


def rows(found: Element) -> list[list[str]]:
    (body,) = found.iter("tbody")
    return [[text(cell) for cell in row] for row in body]


def anchor(vendor_id: str) -> str:
    """Return the place in the page at which a vendor stands."""
    return f"v-{vendor_id}"


def vendor_page(page: Element, vendor_id: str) -> Element:
    return next(d for d in page.iter("details") if d.get("id") == anchor(vendor_id))


def amount(micro: Fraction | int) -> str:
    """Print micro-dollars in dollars and cents, half a cent up; written anew, to be independent of the program."""
    cents = int(Fraction(micro) / 10_000 + Fraction(1, 2))
    return f"${cents // 100:,}.{cents % 100:02d}"


def costs(option: Option) -> list[str]:
    """Say what must stand in the columns 'A month' and 'First year', but for marks."""
    if option.year is not None:
        return [amount(Fraction(option.year, 12)), amount(option.year)]
    if option.at_least:
        return [f"from {amount(Fraction(option.at_least, 12))}", f"from {amount(option.at_least)}"]
    return ["unknown", "unknown"]


def marked_costs(made: Made, option: Option) -> list[str]:
    """Say the same with a star where a price was read longer ago than prices keep."""
    market, on = made.report.catalog, made.comparison.on
    keeps = market.attributes.shelf_life_days["price"]
    read = [market.sources[line.source].seen for line in option.invoice.lines] if option.invoice else []
    old = any((on - date.fromisoformat(f"{seen}-01-01"[:10])).days > keeps for seen in read)
    return [f"{cost}{'*' if old and cost != 'unknown' else ''}" for cost in costs(option)]


@dataclass(frozen=True, repr=False)
class Made:
    """A report with its page, and a comparison that was made apart."""

    report: report.Report
    html: str
    page: Element
    comparison: decide.Comparison


FEW = 256
"""Simulated futures where only words are looked at."""


def make(market: Catalog, rules: Requirements, name: str, on: date, draws: int = FEW) -> Made:
    chosen = practice.load(name)
    built = report.build(market, rules, *chosen, on, draws=draws)
    html = report.render(built)
    return Made(built, html, parse(html), decide.compare(market, rules, *chosen, on))


FROZEN_PRACTICE = str(GOLDEN / "practice.yaml")


def only(folder: Path, *vendors: str, change: Any = None) -> Catalog:
    """Load the frozen catalogue with only some of its vendors."""
    text_ = (GOLDEN / "catalogue.yaml").read_text(encoding="utf-8")
    head, _, body = text_.partition("\nvendors:\n")
    parts = re.split(r"(?m)^  (?=[a-z-]+:$)", body)[1:]
    kept = [part for part in parts if part.partition(":")[0] in vendors]
    assert len(kept) == len(vendors)
    path = folder / "some.yaml"
    whole = f"{head}\nvendors:\n" + "".join(f"  {part}" for part in kept)
    path.write_text(change(whole) if change else whole, encoding="utf-8")
    return catalog.load(path)


HOSTILE = {
    "markup": "<script>alert(1)</script> \"><img src=x onerror='alert(1)'> </style></title> &lt;b&gt; & &#39; --><!--",
    "template": '=HYPERLINK("x") {{ 7*7 }} {% raw %}{% if',
    "right to left": "שלום \u202eevil",
    "emoji": "👩‍⚕️ 😊",
    "2000 characters": "x" * 2000,
    "mathematics": "../../x $x_{$ b",
}


def hostile(words: str, folder: Path) -> tuple[Catalog, str]:
    """Write the words wherever a person may write in a catalogue, an overlay and a practice."""
    data = yaml.load((GOLDEN / "catalogue.yaml").read_text(encoding="utf-8"), yaml.BaseLoader)
    data["sources"]["penny-pages"] |= {"title": words, "publisher": words, "note": words}
    data["schedules"]["carrier-fees"]["name"] = words
    penny = data["vendors"]["penny"]
    penny["name"] = penny["plans"]["texts"]["name"] = words
    penny["also"] = [words]
    penny["facts"]["baa"] |= {"note": words, "step": words}
    penny["remarks"] = [{"text": words, "source": "penny-pages"}]
    penny["not_found"] = {"mfa": words}
    for prices in penny["plans"]["texts"]["prices"]:
        prices["note"] = prices["charges"][0]["name"] = words
    data["vendors"]["hush"]["name"] = words
    over = {
        "sources": {"mine": {"title": words, "seen": "2026-06-20", "grade": "vendor_reply"}},
        "vendors": {"murmur": {"name": words, "facts": {"mfa": {"value": "yes", "source": "mine", "note": words}}}},
    }
    one = yaml.load((GOLDEN / "practice.yaml").read_text(encoding="utf-8"), yaml.BaseLoader)
    one |= {"name": words, "note": words}
    one["messages"][0] |= {"note": words, "text": words}
    for name, content in (("catalogue", data), ("overlay", over), ("practice", one)):
        typed = re.sub(
            r"(?m)^(\s*(?:- )?(?:usd|percent|included|clinicians|staff|sessions_per_week|weeks_per_year): )'([\d.]+)'$",
            r"\1\2",
            yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=10_000),
        )
        (folder / f"{name}.yaml").write_text(typed, encoding="utf-8")
    return catalog.load(folder / "catalogue.yaml", folder / "overlay.yaml"), str(folder / "practice.yaml")


OPEN_ALL = "for (const d of document.querySelectorAll('details')) d.open = true"
OVERFLOW = "document.documentElement.scrollWidth - innerWidth"
