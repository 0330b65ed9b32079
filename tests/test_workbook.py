"""The workbook: LibreOffice reckons it anew, as delivered and after changes, and texteval says what must come out."""

from __future__ import annotations

import csv
import html
import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import TODAY
from markets import ON, SOURCES, build, each, flat, hidden, plan, vendor
from programs import office
from texteval import practice as practices
from texteval import report as reports
from texteval.billing import invoice
from texteval.catalog import Catalog, VendorFile, load_attributes
from texteval.practice import Message, Practice
from texteval.report.model import Report
from texteval.report.sheet import CELL, plain_text
from texteval.report.workbook import FAULT, TOO_SMALL, workbook
from texteval.requirements import Requirements

Cells = Mapping[str, Mapping[str, Any]]
"""New values, by sheet and cell."""


# A market with every model of a charge.

TEXTS = {"meter": "message_out"}
PARTS = {"meter": ["segment_out", "segment_in"]}


def tiers(mode: str, *steps: tuple[Any, ...], name: str = "Tiers", **more: Any) -> dict[str, Any]:
    """Describe tiers, each as its bound, its unit price and its flat price."""
    told = [
        {key: value for key, value in zip(("up_to", "usd", "flat_usd"), step, strict=False) if value is not None}
        for step in steps
    ]
    return {"name": name, "model": "tiers", "mode": mode, "tiers": told, **more}


def rate(described: dict[str, Any]) -> dict[str, Any]:
    """Leave out of a charge what a rate within an allowance has not."""
    return {key: value for key, value in described.items() if key not in ("name", "meter")}


def package(size: int, usd: str, name: str = "Packages", **more: Any) -> dict[str, Any]:
    return {"name": name, "model": "package", "size": size, "usd": usd, **more}


def beyond(included: int, then: dict[str, Any], name: str = "Beyond", **more: Any) -> dict[str, Any]:
    return {"name": name, "model": "allowance", "included": included, "then": then, **more}


def group(model: str, name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "model": model, **more}


UNIT = {"model": "per_unit", "usd": "0.0155"}
CARRIERS = [{"carrier": "North", "percent": 33, "usd": "0.0033"}, {"carrier": "South", "percent": 67, "usd": "0.0041"}]
MIX = {"model": "mix", "parts": CARRIERS}
STEPS = ((100, "0.05"), (130, "0.030001", "2.5"), (None, "0.0083", "1"))
SEATS = each("login", "24.995", "Seats")
GROUPS = (
    group("percent", "Discount", percent=-12.5, of=["Seats"]),
    group("maximum", "Cap", usd="140"),
    group("minimum", "Floor", usd="60.005"),
    group("percent", "Fee", percent=3.85),
)
EVERY: dict[str, dict[str, Any]] = {
    "flat": plan(
        flat("49.99"),
        flat(600, "Year", cadence="annual"),
        flat("15.555", "Start", cadence="once"),
        each("login", "7.5", "Quarter", cadence="every_n_months", months=3),
    ),
    "graduated": plan(tiers("graduated", *STEPS, **TEXTS), channels=["sms"]),
    "volume": plan(tiers("volume", *STEPS, **TEXTS), channels=["sms"]),
    "stairstep": plan(
        tiers("stairstep", (5, None, "10"), (40, None, "20.01"), (None, None, "35"), meter="active_client"),
        tiers("stairstep", (None, None, "3"), name="One", meter="claim"),
    ),
    "package": plan(package(50, "4.991", **PARTS), channels=["sms"]),
    "credits": plan(
        package(250, "9.99", rollover=True, **TEXTS),
        package(4, "9", "Seats", rollover=True, meter="login", cadence="annual"),
        channels=["sms"],
    ),
    "allowance": plan(
        beyond(40, UNIT, per="clinician", **TEXTS),
        beyond(90, rate(tiers("graduated", *STEPS)), "Tiers beyond", meter="segment_out"),
        beyond(7, rate(package(30, "2")), "Packages beyond", meter="segment_in"),
        beyond(0, MIX, "Carriers beyond", meter="message_in"),
        channels=["sms"],
    ),
    "mix": plan({"name": "Carriers", **MIX, **PARTS}, channels=["sms"]),
    "steps": plan(SEATS, each("message_out", "0.031111", "Texts"), *GROUPS, channels=["sms"]),
    "steps-hidden": plan(SEATS, hidden("message_in", "Received"), *GROUPS, channels=["sms"]),
    "hidden-later": plan(SEATS, beyond(30, {"model": "unpublished"}, per="login", **TEXTS), channels=["sms"]),
    "hidden": plan(hidden()),
    "under": plan(each("clinician", "30"), channels=[], limits={"clinicians": 10, "locations": 2}),
    "over": plan(
        each("message_out", "0.04", "Texts"), base="under", channels=["sms"], schedules=["fees"],
        limits={"logins": 14, "active_clients": 500, "sessions_per_month": 600},
    ),
    "meters": plan(
        *(each(meter, f"0.{i}1", f"Each {meter}") for i, meter in enumerate(
            ("session", "claim", "location", "number", "staff", "manager", "broadcast", "secure_message"), 1)),
        channels={"secure_message": "all", "team_chat": "all"},
    ),
    "two-ways": plan(
        each("secure_message", "0.013", "Secure"), each("segment_out", "0.0079", "Segments"),
        channels={"sms": ["reminder", "practice_notice"], "secure_message": ["confirmation"]},
    ),
}  # fmt: skip
FEES = {
    "name": "What carriers add",
    "prices": [
        {"from": "2026-01-01", "date_is": "stated", "source": "page",
         "charges": [{"name": "Carrier fee", **MIX, "meter": "segment_out"}]}
    ],
}  # fmt: skip
OWN = Practice.model_validate(
    {
        "name": "A practice",
        "clinicians": 4,
        "staff": 3,
        "managers": 1,
        "sessions_per_week": 31,
        "weeks_per_year": 47,
        "locations": 2,
        "numbers": 3,
        "claims_per_month": 11,
        "messages": [
            {"purpose": "reminder", "text": "a" * 161},
            {"purpose": "confirmation", "direction": "in", "percent": 55},
            {"purpose": "practice_notice", "per": "month", "count": 17},
            {"purpose": "reminder", "per": "week", "count": 3, "text": "x" * 307},
            {"purpose": "confirmation", "per": "year", "count": 29},
        ],
    }
)


def every(rules: Requirements, practice: Practice = OWN) -> Report:
    """Report on the market with every model."""
    raw = {"sources": SOURCES, "schedules": {"fees": FEES}, "vendors": {"v": vendor(EVERY, name="Every")}}
    file = VendorFile.model_validate(json.loads(json.dumps(raw), parse_float=Decimal))
    catalog = Catalog(file, load_attributes()[0], "market", "0" * 12)
    return reports.build(catalog, rules, "own", practice, "0" * 12, ON)


# Changes, made in the workbook and in what texteval reads, by two ways that know nothing of each other.


@dataclass(frozen=True)
class Change:
    """What a person changes: fields of the practice, fields of its messages by their place, and all prices."""

    practice: dict[str, Any] = field(default_factory=dict)
    messages: dict[int, dict[str, Any]] = field(default_factory=dict)
    prices: bool = False

    def applied(self, practice: Practice) -> Practice:
        messages = [
            Message.model_validate({**message.model_dump(), **self.messages.get(i, {})})
            for i, message in enumerate(practice.messages)
        ]
        return practice.model_copy(update={**self.practice, "messages": messages})

    def cells(self, book: bytes) -> dict[str, dict[str, Any]]:
        """Find the yellow cells, by the words beside them."""
        read = openpyxl.load_workbook(io.BytesIO(book), read_only=True)
        sheet: Any = read["Practice"]
        rows = list(sheet.iter_rows(values_only=True))
        labels = {str(row[0]): i for i, row in enumerate(rows, 1)}
        first = labels["Purpose"] + 1
        found: dict[str, Any] = {f"B{labels[LABELS[name]]}": value for name, value in self.practice.items()}
        for i, fields in self.messages.items():
            for name, value in fields.items():
                column, value = ("F", -(-len(value) // 153)) if name == "text" else (COLUMNS[name], value)
                found[f"{column}{first + i}"] = value
        return {"Practice": found, "Prices": dict(self._prices(read)) if self.prices else {}}

    @staticmethod
    def _prices(read: Any) -> Iterator[tuple[str, float]]:
        rows = list(read["Prices"].iter_rows())
        top = next(i for i, row in enumerate(rows) if row[0].value == "Tool or fee")
        places = {cell.value: i for i, cell in enumerate(rows[top])}
        steps = {"Included": 7, "Package, or up to": 3, "Price, US$": 0.012345, "Price of the tier, US$": 0.05}
        for row in rows[top + 1 :]:
            for title, step in steps.items():
                cell = row[places[title]]
                if isinstance(cell.value, int | float):
                    yield cell.coordinate, round(cell.value + step, 6)
            percent = row[places["Percent"]]
            if isinstance(percent.value, int | float) and "group" in row[places["How it is charged"]].value:
                yield percent.coordinate, percent.value + 1.25


LABELS = {
    "clinicians": "Clinicians", "staff": "Other staff", "managers": "Managers", "sessions_per_week": "Sessions a week",
    "weeks_per_year": "Working weeks a year", "active_clients": "Active clients", "locations": "Locations",
    "numbers": "Phone numbers", "claims_per_month": "Claims a month",
}  # fmt: skip
COLUMNS = {"direction": "B", "per": "C", "count": "D", "percent": "E"}


def dearer(charge: Any) -> Any:
    """Change every number of a charge by the steps of :class:`Change`."""
    if charge.model == "allowance":
        return charge.model_copy(update={"included": charge.included + 7, "then": dearer(charge.then)})
    if charge.model == "tiers":
        unit = 0 if charge.mode == "stairstep" else 12_345
        changed = [
            tier.model_copy(
                update={
                    "up_to": tier.up_to and tier.up_to + 3,
                    "usd": tier.usd + unit,
                    "flat_usd": tier.flat_usd + 50_000,
                }
            )
            for tier in charge.tiers
        ]
        return charge.model_copy(update={"tiers": changed})
    if charge.model == "mix":
        return charge.model_copy(
            update={"parts": [part.model_copy(update={"usd": part.usd + 12_345}) for part in charge.parts]}
        )
    if charge.model == "percent":
        return charge.model_copy(update={"percent": charge.percent + 125})
    if charge.model == "unpublished":
        return charge
    update = {"usd": charge.usd + 12_345} | ({"size": charge.size + 3} if charge.model == "package" else {})
    return charge.model_copy(update=update)


def all_dearer(catalog: Catalog) -> Catalog:
    def lists(owner: Any) -> Any:
        changed = [
            prices.model_copy(update={"charges": [dearer(charge) for charge in prices.charges]})
            for prices in owner.prices
        ]
        return owner.model_copy(update={"prices": changed})

    vendors = {
        name: one.model_copy(update={"plans": {key: lists(value) for key, value in one.plans.items()}})
        for name, one in catalog.vendors.items()
    }
    schedules = {name: lists(one) for name, one in catalog.file.schedules.items()}
    file = catalog.file.model_copy(update={"vendors": vendors, "schedules": schedules})
    return Catalog(file, catalog.attributes, catalog.path, catalog.hash)


def expected(report: Report, change: Change) -> dict[str, tuple[str, str]]:
    """Let texteval price every plan anew, by the channels of the report: a month and a year, as a person reads them."""
    catalog = all_dearer(report.catalog) if change.prices else report.catalog
    practice = change.applied(report.practice)
    found = {}
    for option in report.comparison.options:
        bill = invoice(catalog, option.plan, practice.usage(option.coverage.channels), report.on)
        assert bill is not None
        total = bill.year if bill.known else bill.at_least
        assert total is not None
        words = [str((Decimal(part) / 10**6).quantize(Decimal("0.01"), ROUND_HALF_UP)) for part in (total // 12, total)]
        if not bill.known:
            words = [f"from ${Decimal(word):,}" if total else "unknown" for word in words]
        found[option.plan] = (words[0], words[1])
    return found


# Writing into a workbook, and reading what LibreOffice makes of it.


@cache
def members(book: bytes) -> dict[str, str]:
    """Read the sheets of a workbook as XML, by name."""
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        names = re.findall(r'<sheet name="([^"]+)"', archive.read("xl/workbook.xml").decode())
        return {name: archive.read(f"xl/worksheets/sheet{i}.xml").decode() for i, name in enumerate(names, 1)}


def edited(book: bytes, cells: Cells) -> bytes:
    """Type values into cells, as a person would; None empties one."""
    changed = {}
    for i, (name, xml) in enumerate(members(book).items(), 1):
        for cell, value in cells.get(name, {}).items():
            pattern = re.compile(rf'<c r="{cell}"( s="\d+")?[^>]*?(?:/>|>.*?</c>)')
            style = pattern.search(xml)
            assert style is not None, (name, cell)
            if value is None:
                new = f'<c r="{cell}"{style[1]}/>'
            elif isinstance(value, str):
                new = f'<c r="{cell}"{style[1]} t="inlineStr"><is><t>{html.escape(value)}</t></is></c>'
            else:
                new = f'<c r="{cell}"{style[1]}><v>{value!r}</v></c>'
            xml = xml[: style.start()] + new + xml[style.end() :]
        changed[f"xl/worksheets/sheet{i}.xml"] = xml
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as archive, zipfile.ZipFile(out, "w") as target:
        for name in archive.namelist():
            target.writestr(name, changed.get(name, archive.read(name)))
    return out.getvalue()


def formulas(book: bytes) -> Iterator[tuple[str, str, str, str]]:
    """Go through all formulas: sheet, cell, formula, and the value that the file gives for it."""
    for name, xml in members(book).items():
        for cell, formula, value in re.findall(r'<c r="([A-Z]+\d+)"[^>]*><f>(.*?)</f><v>(.*?)</v>', xml):
            yield name, cell, html.unescape(formula), html.unescape(value)


ALWAYS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""
"""A profile of LibreOffice that reckons each workbook anew, whatever values it brings."""

CSV = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,-1"

Table = list[list[str]]


def reckoned(books: Mapping[str, bytes], folder: Path) -> dict[str, dict[str, Table]]:
    """Let LibreOffice reckon workbooks anew, all in one call; return each of their sheets."""
    profile = folder / "profile"
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(ALWAYS, encoding="utf-8")
    paths = []
    for name, book in books.items():
        paths.append(folder / f"{name}.xlsx")
        paths[-1].write_bytes(book)
    office(folder, "--norestore", "--convert-to", CSV, "--outdir", str(folder / "out"), *map(str, paths))
    found = {}
    for name, book in books.items():
        found[name] = {}
        for sheet in members(book):
            with (folder / "out" / f"{name}-{sheet}.csv").open(encoding="utf-8", newline="") as file:
                found[name][sheet] = list(csv.reader(file))
    return found


def at(table: Table, cell: str) -> str:
    """Return a cell of a sheet; empty beyond its end."""
    column, row = openpyxl.utils.cell.coordinate_from_string(cell)
    place = openpyxl.utils.column_index_from_string(column) - 1
    return table[row - 1][place] if row <= len(table) and place < len(table[row - 1]) else ""


def costs(sheets: Mapping[str, Table], *titles: str) -> dict[str, tuple[str, ...]]:
    """Read columns of the sheet of costs, by plan; a number to the cent."""
    table = sheets["Costs"]
    top = next(i for i, row in enumerate(table) if row[0] == "#")
    head = table[top]
    places = [head.index(title) for title in titles or ("US$ a month", "US$ in the first year")]
    return {row[head.index("Plan")]: tuple(_to_cent(row[place]) for place in places) for row in table[top + 1 :]}


def _to_cent(text: str) -> str:
    return f"{Decimal(text):.2f}" if re.fullmatch(r"-?\d+(\.\d+)?", text) else text


FEW = {"clinicians": 1, "staff": 0, "managers": 0}
CHANGES: dict[str, tuple[str, Change]] = {
    "small-group": ("small-group", Change()),
    "solo": ("solo", Change()),
    "clinic": ("clinic", Change()),
    "every": ("every", Change()),
    "nothing": ("small-group", Change({**FEW, "sessions_per_week": 0})),
    "other": (
        "small-group",
        Change(
            {"clinicians": 7, "staff": 4, "managers": 2, "sessions_per_week": 137, "weeks_per_year": 49,
             "active_clients": 301, "locations": 3, "numbers": 2, "claims_per_month": 213},
            {0: {"percent": 93, "text": "a" * 400}, 1: {"count": 3, "per": "week"}, 2: {"direction": "out"},
             3: {"per": "month", "count": 77, "percent": 1}, 4: {"per": "year", "count": 1}},
            prices=True,
        ),
    ),
    "every-nothing": ("every", Change({**FEW, "sessions_per_week": 0, "claims_per_month": 0},
                                      {i: {"count": 0} for i in range(5)})),
    "every-one": ("every", Change({**FEW, "sessions_per_week": 1, "weeks_per_year": 1, "claims_per_month": 1,
                                   "locations": 1, "numbers": 1}, {2: {"count": 1}, 3: {"count": 0}, 4: {"count": 1}})),
    # 1,206 texts a year are 100 and 101 in turn, 1,566 are 130 and 131: the last of a tier, and the first of the next.
    **{
        f"every-{many}": (
            "every",
            Change(
                {"sessions_per_week": 0, "active_clients": clients},
                {2: {"count": 0}, 3: {"count": 0}, 4: {"count": many}},
            ),
        )
        for many, clients in ((1_206, 5), (1_566, 41))
    },
    "every-large": ("every", Change({"clinicians": 400, "staff": 250, "sessions_per_week": 30_001,
                                     "weeks_per_year": 52, "active_clients": 40, "claims_per_month": 99_999},
                                    {0: {"text": "a" * 1000}})),
    "every-dearer": ("every", Change(prices=True)),
    "every-other": ("every", Change({"sessions_per_week": 53, "weeks_per_year": 43, "active_clients": 6, "staff": 9},
                                    {1: {"percent": 99}, 2: {"direction": "in"}}, prices=True)),
}  # fmt: skip
"""What is changed in which workbook."""

FAULTS: dict[tuple[str, str, int], Any] = {
    ("Practice", "Clinicians", 0): "four",
    ("Practice", "Other staff", 0): -1,
    ("Practice", "Managers", 0): 2,  # of none
    ("Practice", "Sessions a week", 0): 1_000_000,  # more in a month than can be priced
    ("Practice", "Working weeks a year", 0): 53,
    ("Practice", "Active clients", 0): 30.5,
    ("Practice", "Locations", 0): None,
    ("Practice", "Phone numbers", 0): 0,
    ("Practice", "reminder", 0): "team",  # not judged
    ("Practice", "confirmation", 4): 101,
    ("Practice", "practice notice", 2): "day",
    ("Prices", "Seats", 7): None,
    ("Prices", "Texts", 7): -0.01,
    ("Prices", "Year", 7): "free",
    ("Prices", "Cap", 7): 100_001,
    ("Prices", "Discount", 9): 1,
    ("Prices", "Carriers", 9): 34,
    ("Prices", "Packages", 6): 2.5,
    ("Prices", "Tiers", 6): 130,  # as high as the next
}
"""Yellow cells that are spoilt: the sheet, the words beside the first such cell, its column, and what is put there."""


def places(book: bytes, sheet: str, key: int, words: str) -> list[int]:
    """List the rows of a sheet that have these words in a column."""
    read: Any = openpyxl.load_workbook(io.BytesIO(book), read_only=True)
    return [i for i, row in enumerate(read[sheet].iter_rows(values_only=True), 1) if row[key] == words]


def first_message(book: bytes) -> int:
    return places(book, "Practice", 0, "Purpose")[0] + 1


def staff_cell(book: bytes) -> str:
    return f"B{places(book, 'Practice', 0, 'Other staff')[0]}"


def faulty(book: bytes, faults: Mapping[tuple[str, str, int], Any]) -> bytes:
    """Spoil yellow cells."""
    cells: dict[str, dict[str, Any]] = {}
    for (sheet, words, column), value in faults.items():
        row = places(book, sheet, 1 if sheet == "Prices" else 0, words)[0]
        column = 1 if sheet == "Practice" and column == 0 and row < first_message(book) else column
        cells.setdefault(sheet, {})[f"{'ABCDEFGHIJK'[column]}{row}"] = value
    return edited(book, cells)


HOSTILE = (
    '=HYPERLINK("https://a.example","x")', "+cmd|' /C calc'!A0", "-1+1", "@SUM(A1:A9)", "=1+1", "{=1}", "\t=1",
    "<script>alert(1)</script>", "{{ 7*7 }}", "https://a.example", "mailto:a@b.example", "internal:Costs!A1",
    "../../x", "\u202eevil", "مرحبا", "😀" * 20, "bell\x07 and null\x00 end", "_x0041_", "a\r\nb", "#N/A", "1e5",
    "&[Date]",
)  # fmt: skip


@pytest.fixture(scope="module")
def asked(market: Catalog, rules: Requirements) -> dict[str, Report]:
    """The reports whose workbooks are tried."""
    presets = {
        name: reports.build(market, rules, *practices.load(name), TODAY) for name in ("small-group", "solo", "clinic")
    }
    return {**presets, "every": every(rules)}


@pytest.fixture(scope="module")
def books(asked: dict[str, Report]) -> dict[str, bytes]:
    return {name: workbook(report) for name, report in asked.items()}


@pytest.fixture(scope="module")
def hostile(rules: Requirements) -> Report:
    """A market and a practice in which every word is out to do harm."""
    words = iter(HOSTILE * 3)
    lines = [flat(1, bad) for bad in HOSTILE]
    one = vendor({"p": plan(*lines, name="=1+1", note="@SUM(A1)")}, name=HOSTILE[0])
    one["facts"]["mfa"] = {"value": "yes", "source": "page", "note": "=2+2", "step": "+cmd"}
    one["remarks"] = [{"text": "=3+3", "source": "page"}]
    others = {f"v{i}": vendor({"p": plan(flat(1))}, name=bad) for i, bad in enumerate(HOSTILE)}
    messages = [{"purpose": "reminder", "text": next(words), "note": next(words)} for _ in HOSTILE]
    practice = Practice.model_validate({"name": "P", "clinicians": 1, "sessions_per_week": 9, "messages": messages})
    built = build({"v": one, **others})
    long = built.catalog.vendors["v0"].model_copy(update={"name": "=" + "long " * 8_000})
    file = built.catalog.file.model_copy(update={"vendors": {**built.catalog.vendors, "v0": long}})
    catalog = Catalog(file, built.catalog.attributes, built.catalog.path, built.catalog.hash)
    practice = practice.model_copy(update={"name": "=cmd " + "x" * 10_000})
    return reports.build(catalog, rules, "own", practice, "0" * 12, ON)


@pytest.fixture(scope="module")
def again(
    asked: dict[str, Report], books: dict[str, bytes], hostile: Report, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, dict[str, Table]]:
    """All workbooks, as LibreOffice reckons them."""
    tried = {name: edited(books[base], change.cells(books[base])) for name, (base, change) in CHANGES.items()}
    tried["faults"] = faulty(books["every"], FAULTS)
    tried["fault"] = faulty(books["every"], {("Practice", "Locations", 0): None})
    tried["hostile"] = workbook(hostile)
    dear = {f"H{row}": 100_000 for row in places(books["every"], "Prices", 1, "Seats")}
    tried["huge"] = edited(books["every"], {"Practice": {staff_cell(books["every"]): 2_096}, "Prices": dear})
    return reckoned(tried, tmp_path_factory.mktemp("workbook"))


@pytest.mark.parametrize("name", CHANGES)
def test_every_total_is_that_of_texteval_to_the_cent(name, asked, again):
    base, change = CHANGES[name]
    wanted = expected(asked[base], change)
    assert costs(again[name]) == wanted
    assert len(wanted) > 10
    if change == Change():
        assert {plan: option for plan, (option,) in costs(again[name], "First year, as delivered (fixed)").items()} == {
            plan: year for plan, (_, year) in wanted.items()
        }


@pytest.mark.parametrize("name", ["small-group", "solo", "clinic", "every", "hostile"])
def test_every_formula_brings_the_value_that_libreoffice_finds(name, asked, books, hostile, again):
    book = workbook(hostile) if name == "hostile" else books[name]
    many = 0
    for sheet, cell, formula, value in formulas(book):
        found, many = at(again[name][sheet], cell), many + 1
        if value and re.fullmatch(r"-?[\d.]+(e[+-]?\d+)?", value):
            assert float(found) == pytest.approx(float(value), rel=1e-12, abs=1e-9), (sheet, cell, formula)
        else:
            assert found == value, (sheet, cell, formula)
    assert many > 300


def test_the_market_has_every_model_and_every_plan_is_live(asked, books):
    used = {charge["model"] for one in EVERY.values() for charge in one["prices"][0]["charges"]}
    assert used == {
        "flat",
        "per_unit",
        "tiers",
        "package",
        "allowance",
        "mix",
        "unpublished",
        "percent",
        "minimum",
        "maximum",
    }
    for name in books:
        live = {cell for sheet, cell, _, _ in formulas(books[name]) if sheet == "Costs"}
        read: Any = openpyxl.load_workbook(io.BytesIO(books[name]), read_only=True)
        rows = [row[0] for row in read["Costs"].iter_rows(values_only=True)]
        first = rows.index("#") + 2
        assert rows[first - 1 :] == list(range(1, len(asked[name].comparison.options) + 1))
        assert {f"{column}{i}" for i in range(first, len(rows) + 1) for column in "DE"} <= live


def test_what_texteval_would_refuse_gives_no_total_and_is_named(again):
    for name, many in (("fault", 1), ("faults", len(FAULTS))):
        sheets = again[name]
        assert {total for pair in costs(sheets).values() for total in pair} == {FAULT}
        assert any(f"no, {many} to put right" in cell for row in sheets["Answer"] for cell in row)
    said = [cell for sheet in ("Practice", "Prices") for row in again["faults"][sheet] for cell in row]
    assert "this purpose was not judged" in said
    assert "a whole number from 0 to 1,000,000, no more than staff" in said
    assert any(cell.startswith("a month has more than 1,000,000") for cell in said)


def test_a_total_beyond_exact_reckoning_is_not_given(again):
    # 2,100 people with a login at 100,000 a month are 2,520 million a year.
    found = costs(again["huge"])
    assert found["v/hidden-later"] == ("over $100,000,000.00", "over $100,000,000.00")
    assert found["v/mix"] == costs(again["every"])["v/mix"]


def test_a_plan_says_when_it_is_too_small_for_the_changed_practice(again):
    def said(name: str) -> str:
        return costs(again[name], "Size (live)")["v/over"][0]

    # At most 10 clinicians of the plan below, 14 logins, 500 clients, 600 sessions a month.
    assert said("every") == said("every-one") == "fits"
    assert said("every-large") == TOO_SMALL
    assert said("every-other") == "fits"
    assert costs(again["every-large"], "Size (live)")["v/flat"] == ("no limit known",)


def test_the_answer_sheet_names_the_cheapest_that_is_proven_now(again):
    def cheapest(name: str) -> list[str]:
        return next(row for row in again[name]["Answer"] if row[0].startswith("Cheapest finished tool"))[1:]

    for name in ("small-group", "other", "every", "every-dearer", "every-large"):
        table = costs(
            again[name],
            "Tool",
            "Verdict (fixed)",
            "US$ a month",
            "US$ in the first year",
            "Size (live)",
            "Kind of tool",
        )
        usable = [
            row
            for row in table.values()
            if row[1][2:] in ("eligible", "with configuration")
            and re.fullmatch(r"[\d.]+", row[3])
            and row[4] != TOO_SMALL
            and row[5] != "messaging api"
        ]
        tool, month, year = cheapest(name)
        best = min(usable, key=lambda row: Decimal(row[3]))
        assert (tool, _to_cent(month), _to_cent(year)) == (best[0], best[2], best[3])


def test_the_same_report_gives_the_same_bytes(asked, books):
    assert workbook(replace(asked["every"])) == books["every"]


def test_what_is_text_in_the_data_is_text_in_the_workbook(hostile, again):
    book = workbook(hostile)
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        for name in archive.namelist():
            text = archive.read(name).decode()
            ElementTree.fromstring(text)
            assert 'Target="http' not in text.replace('Target="http://schemas', "")
            assert 'TargetMode="External"' not in text
    allowed = {
        *(
            "IF",
            "AND",
            "OR",
            "ISNUMBER",
            "ISBLANK",
            "ISTEXT",
            "N",
            "INT",
            "ROUND",
            "ROUNDUP",
            "MIN",
            "MAX",
            "MOD",
            "ABS",
        ),
        *("SUM", "COUNT", "COUNTIF", "SUMPRODUCT", "SUMIFS", "INDEX", "MATCH", "TEXT", "LEN"),
    }
    for _, _, formula, _ in formulas(book):
        assert set(re.findall(r"([A-Z]+)\(", formula)) <= allowed
        assert not any(word in formula for word in ("cmd", "HYPERLINK", "SUM(A1", "evil", "script", "7*7"))
    everything = {cell for table in again["hostile"].values() for row in table for cell in row}
    for bad in HOSTILE:
        plain = plain_text(bad).strip()
        assert plain in everything or plain in {cell.strip() for cell in everything}, bad
    assert any(cell.startswith("=long") for cell in everything)
    assert again["hostile"]["Practice"][0][0].endswith("x" * 10_000)


@given(st.text(alphabet=st.characters(), max_size=50), st.integers(0, 3))
def test_any_text_fits_into_a_cell(text, times):
    plain = plain_text(text * 10 ** (times + 1))
    assert len(plain.encode("utf-16-le")) <= 2 * CELL
    ElementTree.fromstring(f"<t>{html.escape(plain)}</t>")
    assert plain_text(plain) == plain


def test_a_cell_holds_what_fits_and_an_ellipsis_for_the_rest():
    assert plain_text("a" * CELL) == "a" * CELL
    assert plain_text("a" * (CELL + 1)).endswith("a…")
    assert plain_text("😀" * 20_000)[-1] == "…"


def test_the_sheets_are_set_up_for_a_reader(asked, books):
    book: Any = openpyxl.load_workbook(io.BytesIO(books["every"]))
    assert book.sheetnames == ["Answer", "Practice", "Costs", "Prices", "Usage", "Bill", "Verdicts", "Why not", "Facts",
                               "Sources", "Assumptions"]  # fmt: skip
    assert set(LABELS) <= set(book.defined_names)
    assert book.properties.title == "Texting tools for A practice"
    assert book.properties.created.date() == ON
    for sheet in book.worksheets:
        assert sheet.sheet_properties.pageSetUpPr.fitToPage and sheet.page_setup.fitToHeight == 0
        assert asked["every"].hash[:40] in str(sheet.oddFooter.left.text)
    for name in ("Costs", "Prices", "Bill", "Verdicts", "Why not", "Facts", "Sources", "Assumptions"):
        assert book[name].freeze_panes and book[name].auto_filter.ref and book[name].print_title_rows
    rules = {
        str(cells): rule for rule in book["Practice"].data_validations.dataValidation for cells in rule.sqref.ranges
    }
    clinicians = book.defined_names["clinicians"].attr_text.split("!")[1].replace("$", "")
    assert (rules[clinicians].type, rules[clinicians].formula1, rules[clinicians].formula2) == ("whole", "1", "1000000")
    yellow = {
        cell.coordinate for row in book["Practice"].iter_rows() for cell in row if cell.fill.fgColor.rgb == "FFFFF2CC"
    }
    assert yellow <= set(rules) and len(yellow) == 9 + 6 * len(OWN.messages)


def test_an_unpublished_price_is_never_a_zero(again):
    assert costs(again["every"])["v/hidden"] == ("unknown", "unknown")
    assert costs(again["every"])["v/steps-hidden"][1].startswith("from $")
    # Without a text received, the line that nobody publishes is not met: the bill is known.
    assert re.fullmatch(r"[\d.]+", costs(again["every-nothing"])["v/steps-hidden"][1])


def test_a_practice_that_sends_nothing_has_a_workbook(rules):
    silent = OWN.model_copy(update={"messages": [OWN.messages[0].model_copy(update={"count": 0})]})
    report = every(rules, silent)
    read: Any = openpyxl.load_workbook(io.BytesIO(workbook(report)))
    assert read["Costs"].max_row > 15
    stamp = f"as of {report.on}, data {report.hash}"
    assert stamp in read["Answer"]["A2"].value
    assert stamp in read["Answer"].oddFooter.left.text


def test_what_is_used_today_stands_beside_the_answer(rules):
    today = OWN.model_copy(update={"now": practices.Now(plan="v/flat")})
    read: Any = openpyxl.load_workbook(io.BytesIO(workbook(every(rules, today))))
    rows = [[cell.value for cell in row] for row in read["Answer"].iter_rows(min_row=6, max_row=10)]
    assert ["What is used today, bought anew", "Every Plan"] in [row[:2] for row in rows]
