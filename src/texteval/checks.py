"""What looks wrong in a catalogue though it can be read, and how much of it rests on good evidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from texteval.catalog import Catalog, PriceList, current, line_name
from texteval.charges import Charge, Group, MixRate, PerUnitRate, TiersRate
from texteval.errors import Problem
from texteval.evidence import GRADES, Fact
from texteval.files import Lines
from texteval.models import first_day
from texteval.money import MICRO, show
from texteval.requirements import Requirements

JUMP = 10
"""A price this many times the last one, or a fraction of it, looks like a slip."""

DEAREST_TEXT = 1 * MICRO
"""A text for more than this, in micro-dollars, looks like a price for something else."""

_Warning = tuple[str, list[Any], str, str]
"""Kind, place, what is wrong, what would be right."""


def warnings(catalog: Catalog, on: date, text: str) -> list[tuple[str, Problem]]:
    """Find what looks wrong in a catalogue.

    Parameters
    ----------
    catalog : Catalog
        The catalogue.
    on : datetime.date
        The day on which ages are reckoned.
    text : str
        The text of its file, for line numbers.

    Returns
    -------
    list of (str, Problem)
        Kind and place of each warning, in the order of the file. Kinds: ``price jump``, ``falling tier``,
        ``unit``, ``BAA``, ``old price``, ``dead plan``, ``duplicate source``.
    """
    lines = Lines(text)
    found = [
        (kind, Problem(catalog.path, lines.of(where), lines.name(where), wrong, right))
        for kind, where, wrong, right in _all(catalog, on)
    ]
    return sorted(found, key=lambda item: item[1])


def _all(catalog: Catalog, on: date) -> Iterator[_Warning]:
    seen: dict[tuple[str, str, str], str] = {}
    for source_id, source in catalog.sources.items():
        key = (source.url or source.title, source.seen, source.grade)
        if source.url and key in seen and catalog.sources[seen[key]].title == source.title:
            yield "duplicate source", ["sources", source_id], f"the same page as '{seen[key]}'", "keep one of the two"
        seen.setdefault(key, source_id)
    for schedule_id, schedule in catalog.file.schedules.items():
        here = ["schedules", schedule_id]
        yield from _prices(here, schedule.prices)
        yield from _age(catalog, here, schedule.prices, on)
    for vendor_id, vendor in catalog.vendors.items():
        for plan_id, plan in vendor.plans.items():
            here = ["vendors", vendor_id, "plans", plan_id]
            yield from _prices(here, plan.prices)
            if plan.ended and first_day(plan.ended) <= on:
                yield "dead plan", here, f"no longer sold since {plan.ended}", "keep it for the history, or remove it"
            elif not plan.prices:
                yield "dead plan", here, "has no price list", "add one; 'unpublished' if nobody publishes a price"
            else:
                yield from _age(catalog, here, plan.prices, on)
            if plan.channels:
                yield from _baa(catalog, vendor_id, plan_id, on)


def _rate(charge: Charge) -> Any:
    """Return what prices a charge: behind an allowance, the rate beyond it."""
    return getattr(charge, "then", charge)


def _units(charge: Charge) -> dict[int | None, int]:
    """Return the prices of a charge by the bound of their tier; None is the open tier, and a charge without tiers."""
    rate = _rate(charge)
    if isinstance(rate, TiersRate):
        return {tier.up_to: tier.usd or tier.flat_usd for tier in rate.tiers}
    usd = getattr(rate, "usd", None)
    return {} if usd is None else {None: usd}


def _prices(where: list[Any], prices: list[PriceList]) -> Iterator[_Warning]:
    for i, (before, after) in enumerate(pairwise(prices)):
        old = {line_name(charge): _units(charge) for charge in before.charges}
        for j, charge in enumerate(after.charges):
            earlier = old.get(line_name(charge), {})
            for bound, now in _units(charge).items():
                was = earlier.get(bound)
                if was and now and (now >= JUMP * was or was >= JUMP * now):
                    place = [*where, "prices", i + 1, "charges", j]
                    wrong = f"{show(now, unit=True)} after {show(was, unit=True)}"
                    yield "price jump", place, wrong, "compare both with their sources; check the decimal point"
                    break
    for i, price_list in enumerate(prices):
        for j, charge in enumerate(price_list.charges):
            place = [*where, "prices", i, "charges", j]
            rate = _rate(charge)
            if isinstance(rate, TiersRate):
                for tier in rate.tiers[:-1]:
                    if tier.up_to and rate.amount(tier.up_to + 1) < rate.amount(tier.up_to):
                        wrong = f"{tier.up_to + 1} cost less than {tier.up_to}"
                        tiers = [*place, "tiers"] if rate is charge else [*place, "then", "tiers"]
                        yield "falling tier", tiers, wrong, "check the tiers' prices and their mode"
                        break
            if isinstance(rate, PerUnitRate | MixRate) and rate.usd > DEAREST_TEXT and not isinstance(charge, Group):
                texts = [m for m in charge.meter if m.startswith(("segment", "message"))]
                if texts:
                    wrong = f"{show(rate.usd, unit=True)} for one text"
                    yield "unit", place, wrong, "check the meter; is this a price for a seat or a month?"


def _age(catalog: Catalog, where: list[Any], prices: list[PriceList], on: date) -> Iterator[_Warning]:
    """Look at the price list that holds on the day: at the sources of all that has a price."""
    now = current(prices, on)
    sources = [c.source or now.source for c in now.charges if _rate(c).model != "unpublished"] if now else []
    if now is None or not sources:
        return
    oldest = min(sources, key=lambda source_id: catalog.sources[source_id].seen)
    if catalog.is_old_price(oldest, on):
        wrong = f"rests on '{oldest}' of {catalog.sources[oldest].seen}"
        yield "old price", [*where, "prices", prices.index(now)], wrong, "read the price again"


def _baa(catalog: Catalog, vendor_id: str, plan_id: str, on: date) -> Iterator[_Warning]:
    fact = catalog.fact(f"{vendor_id}/{plan_id}", "baa", None, on)
    if fact.value in ("yes", "on_request"):
        for piece in (*fact.disputed, *fact.others):
            if piece.value == "no" and not piece.plans:
                where = ["vendors", vendor_id, "facts", "baa"]
                wrong = f"'{fact.value}' on {plan_id}, while {piece.source} says that the vendor offers none"
                yield "BAA", where, wrong, "ask the vendor, and say which plans each source speaks of"
                return


@dataclass(frozen=True)
class Known:
    """How much is known of a vendor.

    Parameters
    ----------
    vendor : str
        The vendor's id.
    classes : dict
        For each class of shelf life, how many attributes are known, stale, disputed, unknown; where plans or channels
        differ, the attribute is disputed if it is so on any, else stale if on any, and unknown only if on all.
    bearing, well : int
        Attributes that verdicts rest on and that have evidence; of these, those resting on the two best grades.
    """

    vendor: str
    classes: dict[str, Counter[str]]
    bearing: int
    well: int


def coverage(catalog: Catalog, requirements: Requirements, on: date) -> list[Known]:
    """Count, for each vendor and class, what is known, stale, disputed and unknown.

    Parameters
    ----------
    catalog, requirements : Catalog, Requirements
        Facts and rules; verdict-bearing are the attributes that a gate reads.
    on : datetime.date
        The day of the question.

    Returns
    -------
    list of Known
        One for each vendor, in the order of the file.
    """
    gates = {r.attribute for r in requirements.all.values() if r.gate != "never" and r.attribute}
    rows = []
    for vendor_id in catalog.vendors:
        classes: dict[str, Counter[str]] = {}
        bearing = well = 0
        for name, attribute in catalog.attributes.attributes.items():
            fact = catalog.fact(vendor_id, name, None, on)
            state = min(map(_state, _facts(catalog, vendor_id, name, on)), key=_WORST_FIRST.index, default="unknown")
            classes.setdefault(attribute.shelf, Counter())[state] += 1
            if name in gates and fact.grade:
                bearing += 1
                well += GRADES.index(fact.grade) <= 1
        rows.append(Known(vendor_id, classes, bearing, well))
    return rows


_WORST_FIRST = ("disputed", "stale", "known", "unknown")


def _state(fact: Fact) -> str:
    return "unknown" if fact.value is None else "disputed" if fact.disputed else "stale" if fact.stale else "known"


def _facts(catalog: Catalog, vendor_id: str, name: str, on: date) -> Iterator[Fact]:
    """Go through a fact on every plan and channel."""
    vendor = catalog.vendors[vendor_id]
    named = [channel for piece in vendor.facts.get(name, []) for channel in piece.channels or []]
    for plan_id, plan in vendor.plans.items():
        for channel in dict.fromkeys([*plan.channels, *named]) or (None,):
            yield catalog.fact(f"{vendor_id}/{plan_id}", name, channel, on)
