"""Every price figure of the catalogue stands in price_figures.csv too, so that a change of one is made twice, by hand.

The table is for reviewers: one figure a row, beside the page where it was read. Whoever changes or adds a price enters
it there as well; a tier has a row of its own, with its bound in ``line``.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from texteval.catalog import Catalog, PriceList, line_name
from texteval.evidence import GRADES
from texteval.models import first_day

TABLE = Path(__file__).parent / "price_figures.csv"
COLUMNS = ["plan", "from", "line", "usd", "source", "title", "url", "date"]


def rows_of_table() -> list[dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def figures(rate: Any, name: str) -> Iterator[tuple[str, int | None]]:
    """Go through the figures of a charge: what they are called in the table, and micro-dollars."""
    if rate.model == "allowance":
        per = f" for each {rate.per}" if rate.per else ""
        yield from figures(rate.then, f"{name}, beyond {rate.included}{per}")
    elif rate.model == "tiers":
        for tier in rate.tiers:
            bound = f"{name}, {rate.mode}, " + (f"up to {tier.up_to}" if tier.up_to else "beyond")
            if tier.usd or not tier.flat_usd:
                yield bound, tier.usd
            if tier.flat_usd:
                yield f"{bound}, in all", tier.flat_usd
    elif rate.model == "mix":
        for part in rate.parts:
            yield f"{name}, {part.carrier} {part.percent} percent", part.usd
    elif rate.model == "unpublished":
        for end in ("low", "high"):
            if getattr(rate, f"{end}_usd") is not None:
                yield f"{name}, {end} estimate", getattr(rate, f"{end}_usd")
    elif rate.model == "percent":
        yield f"{name}, {Decimal(rate.percent) / 100:f} percent", None
    else:
        more = {"package": f", {getattr(rate, 'size', '')} units", "minimum": ", minimum", "maximum": ", maximum"}
        yield name + more.get(rate.model, ""), rate.usd


def price_lists(market: Catalog) -> Iterator[tuple[str, PriceList]]:
    for schedule_id, schedule in market.file.schedules.items():
        yield from ((schedule_id, prices) for prices in schedule.prices)
    for plan_id in market.plan_ids(texting=False):
        yield from ((plan_id, prices) for prices in market.plan(plan_id).prices)


Figure = tuple[str, str, str, Decimal | None, str, str, str, str]


def rows_of_catalogue(market: Catalog) -> Iterator[Figure]:
    for owner, prices in price_lists(market):
        for charge in prices.charges:
            source_id = charge.source or prices.source
            source = market.sources[source_id]
            for line, micro in figures(charge, line_name(charge)):
                usd = None if micro is None else Decimal(micro).scaleb(-6)
                yield owner, prices.from_, line, usd, source_id, source.title, source.url or "", source.seen


def test_the_table_and_the_catalogue_hold_the_same_figures_with_the_same_sources(market: Catalog) -> None:
    table: Counter[Figure] = Counter(
        (r["plan"], r["from"], r["line"], Decimal(r["usd"]) if r["usd"] else None, *list(r.values())[4:])  # type: ignore[misc]
        for r in rows_of_table()
    )
    catalogue = Counter(rows_of_catalogue(market))
    assert catalogue.total() >= 250
    assert sorted(map(str, (catalogue - table).elements())) == [], "in the catalogue, not in the table"
    assert sorted(map(str, (table - catalogue).elements())) == [], "in the table, not in the catalogue"


def test_the_table_is_sorted_and_no_line_stands_twice() -> None:
    rows = rows_of_table()
    keys = [(row["plan"], row["from"], row["line"]) for row in rows]
    assert list(rows[0]) == COLUMNS
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys)


def test_every_figure_of_the_table_can_be_traced(market: Catalog) -> None:
    """A source with a title, a day and a grade; and an address, or a note on where it was seen."""
    traced = 0
    for row in rows_of_table():
        source = market.sources[row["source"]]
        assert row["title"] and first_day(row["date"]) and source.grade in GRADES
        assert row["url"].startswith("http") or source.note
        traced += 1
    assert traced == len(rows_of_table()) >= 250


def test_every_fact_and_remark_of_the_catalogue_can_be_traced(market: Catalog) -> None:
    pieces: list[Any] = []
    for vendor in market.vendors.values():
        pieces += [piece for found in vendor.facts.values() for piece in found] + vendor.remarks
    for _, prices in price_lists(market):
        pieces += prices.disputes
    good = [p for p in pieces if (s := market.sources[p.source]).title and first_day(s.seen) and s.grade in GRADES]
    assert len(good) == len(pieces) >= 1100
