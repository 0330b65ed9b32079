"""The catalogue as it stood: what differs between two days is what a date in the files says, and nothing else.

What should differ is worked out here from the bare YAML text, in which every value is a word.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from conftest import TODAY
from texteval import assess, practice
from texteval.catalog import Catalog
from texteval.files import data_folder
from texteval.requirements import Requirements

WINTER = date(2026, 1, 15)
PAIRS = [
    (WINTER, TODAY),
    (date(2026, 5, 29), date(2026, 5, 30)),
    (date(2026, 3, 31), date(2026, 4, 1)),
    (TODAY - timedelta(days=1), TODAY),
    (date(2019, 1, 1), WINTER),
]


def bare(name: str) -> dict[str, Any]:
    text = (Path(data_folder()) / f"{name}.yaml").read_text(encoding="utf-8")
    data = yaml.load(text, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))
    assert isinstance(data, dict)
    return data


@pytest.fixture(scope="module")
def raw() -> dict[str, Any]:
    return bare("vendors")


def first(day: str) -> date:
    year, month, number = (*map(int, day.split("-")), 1, 1)[:3]
    return date(year, month, number)


def in_force(lists: list[dict[str, Any]], on: date) -> dict[str, Any] | None:
    begun = [prices for prices in lists if first(prices["from"]) <= on]
    return begun[-1] if begun else None


def ended(plan: dict[str, Any], on: date) -> bool:
    return "ended" in plan and first(plan["ended"]) <= on


def composed(raw: dict[str, Any], vendor: dict[str, Any], plan: dict[str, Any], on: date) -> list[str] | None:
    """Name the days of the price lists that make up a bill: base plan, plan, shared fees; None if one is missing."""
    own = in_force(plan.get("prices", []), on)
    if own is None or ended(plan, on):
        return None
    days = [own["from"]]
    if "base" in plan:
        under = composed(raw, vendor, vendor["plans"][plan["base"]], on)
        if under is None:
            return None
        days += under
    for schedule in own.get("schedules", []):
        shared = in_force(raw["schedules"][schedule]["prices"], on)
        if shared is None:
            return None
        days.append(shared["from"])
    return days


@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_price_lines_differ_exactly_where_a_price_list_begins_in_between(
    market: Catalog, raw: dict[str, Any], before: date, after: date
) -> None:
    changed, expected = set(), set()
    for vendor_id, vendor in raw["vendors"].items():
        for name, plan in vendor["plans"].items():
            plan_id = f"{vendor_id}/{name}"
            if market.price_lines(plan_id, before) != market.price_lines(plan_id, after):
                changed.add(plan_id)
            if composed(raw, vendor, plan, before) != composed(raw, vendor, plan, after):
                expected.add(plan_id)
            lines = market.price_lines(plan_id, after)
            days = composed(raw, vendor, plan, after)
            assert (lines is None) == (days is None)
            assert {line.since for line in lines or []} <= set(days or [])
    assert changed == expected


def test_between_winter_and_today_most_prices_began_and_some_were_there(market: Catalog, raw: dict[str, Any]) -> None:
    """So that the test above compares something: counted from the text."""
    plans = [(v, p) for v in raw["vendors"].values() for p in v["plans"].values()]
    there = sum(composed(raw, v, p, WINTER) is not None for v, p in plans)
    today = sum(composed(raw, v, p, TODAY) is not None for v, p in plans)
    assert 5 <= there < today
    assert today == sum(market.price_lines(plan, TODAY) is not None for plan in market.plan_ids(texting=False))


@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_facts_differ_only_where_a_source_is_dated_in_between_or_went_stale(
    market: Catalog, raw: dict[str, Any], before: date, after: date
) -> None:
    attributes = bare("attributes")
    keeps = {
        name: timedelta(days=int(attributes["shelf_life_days"][attribute["shelf"]]))
        for name, attribute in attributes["attributes"].items()
    }
    asked = moved = 0
    for vendor_id, vendor in raw["vendors"].items():
        for name, pieces in vendor.get("facts", {}).items():
            pieces = pieces if isinstance(pieces, list) else [pieces]
            seen = [first(raw["sources"][piece["source"]]["seen"]) for piece in pieces]
            dated = any(before < day <= after for day in seen)
            staled = any(before <= day + keeps[name] < after for day in seen)
            old, new = (market.fact(vendor_id, name, None, on) for on in (before, after))
            parts = ("value", "used", "stale", "disputed", "others")
            differs = any(getattr(old, part) != getattr(new, part) for part in parts)
            asked += 1
            moved += differs
            if dated:
                assert differs, f"{vendor_id}: {name}"
            elif not staled:
                assert not differs, f"{vendor_id}: {name}"
            if not any(day <= before for day in seen):
                assert old.value is None
    assert asked >= 800
    assert moved < asked


def test_no_fact_of_today_rests_on_a_later_source_and_a_stale_one_is_older_than_its_shelf_life(
    market: Catalog, raw: dict[str, Any]
) -> None:
    attributes = bare("attributes")
    for on in (WINTER, TODAY):
        for vendor_id in market.vendors:
            for name, attribute in attributes["attributes"].items():
                fact = market.fact(vendor_id, name, None, on)
                if fact.used is None:
                    continue
                age = (on - first(raw["sources"][fact.used.source]["seen"])).days
                assert age == fact.age_days
                assert age >= 0
                assert fact.stale is (age > int(attributes["shelf_life_days"][attribute["shelf"]]))


def test_a_requirement_is_not_asked_before_the_day_from_which_it_holds(market: Catalog, rules: Requirements) -> None:
    solo = practice.load("solo")[1]
    dated = {name: r for name, r in bare("requirements")["requirements"].items() if "since" in r}
    assert len(dated) >= 3

    def asked(name: str, on: date) -> bool:
        requirement = dated[name]
        channel = requirement.get("channels", ["sms"])[0]
        purpose = requirement.get("purposes", ["reminder"])[0]
        verdict = assess.judge(market, rules, "spruce-health/basic", channel, purpose, solo, on)
        return name in {finding.requirement for finding in verdict.findings}

    for name, requirement in dated.items():
        day = first(requirement["since"])
        assert not asked(name, day - timedelta(days=1))
        assert asked(name, day)
        assert asked(name, TODAY)
