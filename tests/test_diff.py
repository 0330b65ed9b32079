"""What changed between two days, files or revisions, and what it does to people."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT, TODAY
from texteval import catalog, cli, diff
from texteval.catalog import Catalog
from texteval.diff import Change, Difference, View
from texteval.errors import UserError
from texteval.requirements import Requirements

# The rise of RingCentral's text rates on 30 May 2026: the one change of that day in the whole catalogue.

BEFORE, AFTER = date(2026, 5, 29), date(2026, 5, 30)


@pytest.fixture(scope="module")
def rise(market: Catalog, rules: Requirements) -> Difference:
    return diff.difference(View("2026-05-29", market, BEFORE), View("2026-05-30", market, AFTER), rules)


def test_on_30_may_2026_only_the_text_and_picture_rates_of_ringcentral_rose_by_40_percent(rise: Difference) -> None:
    found = {change.what: (change.old, change.new, change.percent, change.sign) for change in rise.prices}
    expected = {}
    for plan in ("core", "advanced", "ultra"):
        expected[f"ringcentral/{plan}: Texts sent and received"] = (8_500, 11_900, 40.0, "~")
        expected[f"ringcentral/{plan}: Pictures sent and received"] = (13_000, 18_200, 40.0, "~")
    assert found == expected
    assert rise.facts == []


# Counted by hand from the presets: sessions a week x 52, of which each is reminded (100 %), half confirmed by a text
# (50 %), 60 % answer, 12 % ask for another day and get an answer; all texts are of one segment. Halves round up.
#   solo           22 x 52 =  1,144: out 1,144 +    572 +   137 =  1,853; in    686 +   137 =    823
#   small-group    95 x 52 =  4,940: out 4,940 +  2,470 +   593 =  8,003; in  2,964 +   593 =  3,557
#   group         228 x 52 = 11,856: out 11,856 + 5,928 + 1,423 = 19,207; in  7,114 + 1,423 =  8,537
#   clinic      1,200 x 52 = 62,400: out 62,400 + 31,200 + 7,488 = 101,088; in 37,440 + 7,488 = 44,928
#   fifty-clients  50 x 52 =  2,600: three texts each, 7,800 out; nothing in
PRESETS = {
    "solo": (1, 1_853, 823),
    "small-group": (6, 8_003, 3_557),
    "group": (15, 19_207, 8_537),
    "clinic": (50, 101_088, 44_928),
    "fifty-clients": (1, 7_800, 0),
}


def core_by_hand(logins: int, sent: int, received: int, rate: str) -> Decimal:
    """Seats at 30 a month, and what goes beyond 25 texts for each login in a month; months hold whole texts."""
    beyond = 0
    for month in range(12):
        out = sent * (month + 1) // 12 - sent * month // 12
        back = received * (month + 1) // 12 - received * month // 12
        beyond += max(0, out + back - 25 * logins)
    texts = (beyond * Decimal(rate)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return logins * 30 * 12 + texts


@pytest.mark.parametrize("name", PRESETS)
def test_a_year_of_ringcentral_core_before_and_after_is_as_counted_by_hand(rise: Difference, name: str) -> None:
    (change,) = [c for c in rise.costs if c.what == f"{name}, ringcentral/core"]
    before, after = core_by_hand(*PRESETS[name], "0.0085"), core_by_hand(*PRESETS[name], "0.0119")
    assert (Decimal(change.old) / 10**6, Decimal(change.new) / 10**6) == (before, after)


def test_two_of_these_years_worked_out_on_paper() -> None:
    # solo: 2,676 texts, 300 of them included, 2,376 x 0.0085 = 20.196 and x 0.0119 = 28.2744
    assert core_by_hand(*PRESETS["solo"], "0.0085") == Decimal("380.20")
    assert core_by_hand(*PRESETS["solo"], "0.0119") == Decimal("388.27")
    # small-group: 11,560 texts, 1,800 included, 9,760 x 0.0119 = 116.144
    assert core_by_hand(*PRESETS["small-group"], "0.0119") == Decimal("2276.14")


def test_nobody_else_pays_more_and_no_verdict_moves(rise: Difference) -> None:
    assert {change.what.partition(", ")[2].partition("/")[0] for change in rise.costs} == {"ringcentral"}
    assert all(change.new > change.old for change in rise.costs)
    # The allotments of small-group (6 x 200) and group (15 x 200) on Ultra are never used up.
    spared = {f"{name}, ringcentral/ultra" for name in ("small-group", "group")}
    everyone = {f"{name}, ringcentral/{plan}" for name in PRESETS for plan in ("core", "advanced", "ultra")}
    assert {change.what for change in rise.costs} == everyone - spared
    assert rise.verdicts == []


def test_the_closing_sentence_names_the_largest_move(rise: Difference) -> None:
    most = core_by_hand(*PRESETS["clinic"], "0.0119") - core_by_hand(*PRESETS["clinic"], "0.0085")
    assert rise.sentence == (
        f"6 prices and 0 facts changed; the largest move is ${most} a year more (clinic, ringcentral/core); "
        "0 verdicts changed."
    )


def test_as_text_every_change_has_sign_before_after_and_percent(rise: Difference) -> None:
    text = diff.as_text(rise)
    assert text.startswith("2026-05-29 → 2026-05-30\n\nPrices\n\n")
    assert "  ~ ringcentral/core: Texts sent and received\n      $0.0085 → $0.0119  (+40 %)\n" in text
    assert "  ~ solo, ringcentral/core\n      $380.20 → $388.27  (+2.1 %)\n" in text
    assert text.endswith("\n\n" + rise.sentence)
    assert "Facts" not in text


def test_as_markdown_every_change_is_a_row_of_a_table(rise: Difference) -> None:
    lines = diff.as_text(rise, markdown=True).splitlines()
    changes = [*rise.prices, *rise.facts, *rise.costs, *rise.verdicts]
    rows = [line for line in lines if line.startswith(("| + ", "| − ", "| ~ "))]
    assert len(rows) == len(changes)
    assert all(row.count("|") == 6 for row in rows)
    assert "| ~ | ringcentral/core: Texts sent and received | $0.0085 | $0.0119 | +40 % |" in rows
    headings = [line for line in lines if line.startswith("#")]
    assert headings[:3] == ["## 2026-05-29 → 2026-05-30", "### Prices", "### Cost a year of the preset practices"]
    assert sum(line == "| --- | --- | --- | --- | --- |" for line in lines) == len(headings) - 1


def test_as_data_it_has_dollars_and_the_hashes_of_both_sides(rise: Difference, market: Catalog) -> None:
    data = json.loads(json.dumps(diff.as_json(rise)))
    assert list(data) == ["old", "new", "prices_usd", "facts", "costs_year_usd", "verdicts", "ranks", "sentence"]
    assert data["old"] == {"name": "2026-05-29", "as_of": "2026-05-29", "data_hash": market.hash}
    assert data["new"] == {"name": "2026-05-30", "as_of": "2026-05-30", "data_hash": market.hash}
    assert data["prices_usd"][0] == {
        "what": "ringcentral/core: Texts sent and received",
        "sign": "~",
        "old": 0.0085,
        "new": 0.0119,
        "percent": 40.0,
    }
    by_name = {row["what"]: row for row in data["costs_year_usd"]}
    assert (by_name["solo, ringcentral/core"]["old"], by_name["solo, ringcentral/core"]["new"]) == (380.2, 388.27)


@pytest.mark.parametrize("markdown", [False, True])
def test_a_place_is_no_amount_and_told_as_data_only(rise: Difference, markdown: bool) -> None:
    moved = Difference(rise.old, rise.new, ranks=[Change("solo, acme/basic", 3, 5)])
    (row,) = diff.as_json(moved)["ranks"]
    assert row == {"what": "solo, acme/basic", "sign": "~", "old": 3, "new": 5, "percent": None}
    assert "acme" not in diff.as_text(moved, markdown=markdown)


# Signs and sentences, of any change.


@pytest.mark.parametrize(
    ("old", "new", "sign", "percent"),
    [
        (None, 5, "+", None),
        (5, None, "−", None),
        (4, 5, "~", 25.0),
        (5, 4, "~", -20.0),
        (3, 4, "~", 33.3),
        (0, 4, "~", None),
        (4, 0, "~", -100.0),
        ("unpublished", 4, "~", None),
        ("no", "yes", "~", None),
    ],
)
def test_a_change_has_a_sign_and_for_amounts_a_percentage(old: Any, new: Any, sign: str, percent: Any) -> None:
    change = Change("x", old, new)
    assert (change.sign, change.percent) == (sign, percent)


# Small catalogues: files, revisions, words.

SOURCE = {"title": "Page", "url": "https://acme.example", "seen": "2026-01-01", "grade": "vendor_page"}


def small(seat: Any = 30, **more: Any) -> dict[str, Any]:
    """A catalogue of one vendor, as plain data; JSON is YAML too."""
    charges: list[Any] = [
        {"name": "Seats", "model": "per_unit", "meter": "login", "usd": seat},
        {"name": "Texts", "model": "tiers", "mode": "volume", "meter": "segment_out", "tiers": [{"usd": 0}]},
    ]
    facts = {"baa": {"value": "yes", "source": "page"}, "free_tier": {"value": "no", "source": "page"}}
    prices = [{"from": "2026-01-01", "date_is": "stated", "source": "page", "charges": charges}]
    plan = {"name": "Basic", "channels": ["sms"], "prices": prices}
    vendor = {"name": "Acme", "kind": "business_phone", "facts": facts, "plans": {"basic": plan}}
    return {"sources": {"page": SOURCE}, "vendors": {"acme": {**vendor, **more}}}


def written(path: Path, data: Any) -> Path:
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


def between(folder: Path, rules: Requirements, old: Any, new: Any) -> Difference:
    one, other = (catalog.load(written(folder / f"{name}.yaml", data)) for name, data in (("old", old), ("new", new)))
    return diff.difference(View("old", one, TODAY), View("new", other, TODAY), rules)


def test_nothing_changed_between_a_view_and_itself(tmp_path: Path, rules: Requirements) -> None:
    found = between(tmp_path, rules, small(), small())
    assert found.sentence == "Nothing changed."
    assert diff.as_text(found).splitlines()[1:] == ["", "Nothing changed."]
    data = diff.as_json(found)
    assert [data[key] for key in ("prices_usd", "facts", "costs_year_usd", "verdicts", "ranks")] == [[]] * 5


def test_between_two_files_a_price_a_fact_and_what_they_do_to_people(tmp_path: Path, rules: Requirements) -> None:
    new_facts = {"baa": {"value": "no", "source": "page"}, "mfa": {"value": "yes", "source": "page"}}
    found = between(tmp_path, rules, small(30), small(33, facts=new_facts))
    assert [(c.sign, c.what, c.old, c.new) for c in found.prices] == [
        ("~", "acme/basic: Seats", 30_000_000, 33_000_000)
    ]
    assert [(c.sign, c.what, c.old, c.new) for c in found.facts] == [
        ("~", "acme: baa", "yes", "no"),
        ("−", "acme: free_tier", "no", None),
        ("+", "acme: mfa", None, "yes"),
    ]
    # Seats x 12 months; the five presets have 1, 6, 15, 50 and 1 logins.
    assert [(c.what, c.old, c.new) for c in found.costs] == [
        (f"{name}, acme/basic", logins * 360 * 10**6, logins * 396 * 10**6) for name, (logins, _, _) in PRESETS.items()
    ]
    assert {(c.old, c.new) for c in found.verdicts} == {("verify first", "ineligible")}
    assert len(found.verdicts) == 5
    assert found.sentence == (
        "1 price and 2 facts changed; 1 fact newly recorded; the largest move is $1,800.00 a year more "
        "(clinic, acme/basic); 5 verdicts changed."
    )
    text = diff.as_text(found)
    assert "  ~ acme/basic: Seats\n      $30.00 → $33.00  (+10 %)" in text
    assert "  − acme: Free plan\n      no → –" in text
    assert "Newly recorded facts, unknown before\n\n  acme: 1 fact\n" in text


def test_a_price_that_falls_is_told_as_less(tmp_path: Path, rules: Requirements) -> None:
    found = between(tmp_path, rules, small(30), small(29.5))
    assert found.sentence == (
        "1 price and 0 facts changed; the largest move is $300.00 a year less (clinic, acme/basic); 0 verdicts changed."
    )


def test_a_vendor_that_is_new_and_one_that_is_gone(tmp_path: Path, rules: Requirements) -> None:
    one = small()
    other = {**one, "vendors": {"beta": one["vendors"]["acme"]}}
    found = between(tmp_path, rules, one, other)
    assert [(c.sign, c.what) for c in found.prices if "Seats" in c.what] == [
        ("−", "acme/basic: Seats"),
        ("+", "beta/basic: Seats"),
    ]
    assert {c.sign for c in found.facts} == {"+", "−"}
    assert "no preset practice pays more or less" in found.sentence


def priced(*charges: Any, schedules: Any = None) -> Any:
    data = small()
    data["vendors"]["acme"]["plans"]["basic"]["prices"][0]["charges"] = list(charges)
    return {**data, "schedules": schedules or {}}


TEXTS = {"name": "Texts", "meter": "segment_out"}
CHANGED = [
    (
        "the rate beyond an allowance",
        {**TEXTS, "model": "allowance", "included": 5, "then": {"model": "per_unit", "usd": 0.01}},
        {**TEXTS, "model": "allowance", "included": 5, "then": {"model": "per_unit", "usd": 0.02}},
        ["acme/basic: Texts"],
    ),
    (
        "the included quantity",
        {**TEXTS, "model": "allowance", "included": 5, "then": {"model": "per_unit", "usd": 0.01}},
        {**TEXTS, "model": "allowance", "included": 4, "then": {"model": "per_unit", "usd": 0.01}},
        ["acme/basic: Texts, included"],
    ),
    (
        "a tier's price",
        {**TEXTS, "model": "tiers", "mode": "volume", "tiers": [{"up_to": 9, "usd": 2}, {"usd": 1}]},
        {**TEXTS, "model": "tiers", "mode": "volume", "tiers": [{"up_to": 9, "usd": 3}, {"usd": 1}]},
        ["acme/basic: Texts, up to 9"],
    ),
    (
        "the open tier's price",
        {**TEXTS, "model": "tiers", "mode": "volume", "tiers": [{"up_to": 9, "usd": 2}, {"usd": 1}]},
        {**TEXTS, "model": "tiers", "mode": "volume", "tiers": [{"up_to": 9, "usd": 2}, {"usd": 0.5}]},
        ["acme/basic: Texts, beyond"],
    ),
    (
        "a tier's own fee beside its unit price",
        {**TEXTS, "model": "tiers", "mode": "graduated", "tiers": [{"usd": 1, "flat_usd": 5}]},
        {**TEXTS, "model": "tiers", "mode": "graduated", "tiers": [{"usd": 1, "flat_usd": 6}]},
        None,
    ),
    (
        "how tiers are reckoned",
        {**TEXTS, "model": "tiers", "mode": "volume", "tiers": [{"up_to": 9, "usd": 2}, {"usd": 1}]},
        {**TEXTS, "model": "tiers", "mode": "graduated", "tiers": [{"up_to": 9, "usd": 2}, {"usd": 1}]},
        None,
    ),
    (
        "a package's price",
        {**TEXTS, "model": "package", "size": 100, "usd": 5},
        {**TEXTS, "model": "package", "size": 100, "usd": 6},
        ["acme/basic: Texts"],
    ),
    (
        "a package's size",
        {**TEXTS, "model": "package", "size": 100, "usd": 5},
        {**TEXTS, "model": "package", "size": 50, "usd": 5},
        None,
    ),
    (
        "a price that is published at last",
        {**TEXTS, "model": "unpublished"},
        {**TEXTS, "model": "per_unit", "usd": 0.01},
        ["acme/basic: Texts"],
    ),
    (
        "what is counted",
        {**TEXTS, "model": "per_unit", "usd": 1},
        {**TEXTS, "meter": "login", "model": "per_unit", "usd": 1},
        None,
    ),
    (
        "how often it is due",
        {**TEXTS, "meter": "login", "model": "per_unit", "usd": 12},
        {**TEXTS, "meter": "login", "model": "per_unit", "usd": 12, "cadence": "annual"},
        None,
    ),
]

MIX = {**TEXTS, "model": "mix"}
CHANGED += [
    (
        "the carriers of a mix whose average stays",
        {**MIX, "parts": [{"carrier": "A", "percent": 50, "usd": 1}, {"carrier": "B", "percent": 50, "usd": 3}]},
        {**MIX, "parts": [{"carrier": "A", "percent": 50, "usd": 2}, {"carrier": "B", "percent": 50, "usd": 2}]},
        ["acme/basic: Texts, terms"],
    ),
    (
        "a fee for each that becomes one fee for all",
        {**TEXTS, "meter": "login", "model": "per_unit", "usd": 1},
        {**TEXTS, "meter": "login", "model": "flat", "usd": 1},
        ["acme/basic: Texts, terms"],
    ),
    (
        "tiers behind an allowance",
        {**TEXTS, "model": "allowance", "included": 5, "then": {"model": "tiers", "mode": "volume", "tiers": [{}]}},
        {**TEXTS, "model": "allowance", "included": 5, "then": {"model": "tiers", "mode": "graduated", "tiers": [{}]}},
        ["acme/basic: Texts, terms"],
    ),
    (
        "whether unused units carry over",
        {**TEXTS, "model": "package", "size": 100, "usd": 5},
        {**TEXTS, "model": "package", "size": 100, "usd": 5, "rollover": True},
        ["acme/basic: Texts, terms"],
    ),
]


@pytest.mark.parametrize(("old", "new", "what"), [row[1:] for row in CHANGED], ids=[row[0] for row in CHANGED])
def test_no_change_of_a_price_list_goes_unseen(
    tmp_path: Path, rules: Requirements, old: Any, new: Any, what: list[str] | None
) -> None:
    found = between(tmp_path, rules, priced(old), priced(new))
    assert found.prices, found.sentence
    assert what is None or [change.what for change in found.prices] == what


@pytest.mark.parametrize(("old", "new"), [row[1:3] for row in CHANGED], ids=[row[0] for row in CHANGED])
def test_no_change_of_a_shared_fee_goes_unseen(tmp_path: Path, rules: Requirements, old: Any, new: Any) -> None:
    def fees(charge: Any) -> Any:
        prices = [{"from": "2026-01-01", "date_is": "stated", "source": "page", "charges": [charge]}]
        return {**small(), "schedules": {"carriers": {"name": "Carriers", "prices": prices}}}

    changes = between(tmp_path, rules, fees(old), fees(new)).prices
    assert changes
    assert all(change.what.startswith("carriers: Texts") for change in changes)


def test_a_shared_fee_that_a_plan_takes_on_is_told(tmp_path: Path, rules: Requirements) -> None:
    prices = [{"from": "2026-01-01", "date_is": "stated", "source": "page", "charges": []}]
    one, other = (priced(schedules={"carriers": {"name": "Carriers", "prices": prices}}) for _ in range(2))
    other["vendors"]["acme"]["plans"]["basic"]["prices"][0]["schedules"] = ["carriers"]
    found = between(tmp_path, rules, one, other)
    assert [(c.sign, c.what, c.new) for c in found.prices] == [("+", "acme/basic: shared fees", "carriers")]


def test_a_line_that_is_new_is_told_once_and_without_its_terms(tmp_path: Path, rules: Requirements) -> None:
    seats = {"name": "Seats", "model": "package", "size": 5, "meter": "login", "usd": 10}
    found = between(tmp_path, rules, priced(), priced(seats))
    assert [(c.sign, c.what, c.new) for c in found.prices] == [("+", "acme/basic: Seats", 10_000_000)]


# Facts that differ by plan and channel.


def scoped(*pieces: Any, name: str = "baa", plans: int = 2) -> Any:
    """A vendor with plans ``a``, ``b``, ... of two channels, and one fact."""
    data = small()
    vendor = data["vendors"]["acme"]
    plan = {**vendor["plans"]["basic"], "channels": ["sms", "secure_message"]}
    vendor["plans"] = {letter: {**plan, "name": letter} for letter in "abc"[:plans]}
    vendor["facts"] = {name: [{"source": "page", **piece} for piece in pieces]}
    return data


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            [{"value": "yes", "plans": ["a", "b"]}],
            [{"value": "yes", "plans": "a"}, {"value": "no", "plans": "b"}],
            [("acme/b: baa", "yes", "no")],
        ),
        (
            [{"value": "yes", "plans": ["a", "b"]}],
            [{"value": "no", "plans": ["a", "b"]}],
            [("acme: baa", "yes", "no")],
        ),
        (
            [{"value": "yes", "channels": ["sms", "secure_message"]}],
            [{"value": "yes", "channels": "sms"}, {"value": "no", "channels": "secure_message"}],
            [("acme: baa, secure_message", "yes", "no")],
        ),
        (
            [{"value": "yes"}],
            [{"value": "yes", "plans": "a"}, {"value": "yes", "plans": "b", "channels": "sms"}],
            [("acme/b: baa, secure_message", "yes", None)],
        ),
        ([{"value": "yes"}], [{"value": "yes", "plans": ["a", "b"]}], []),  # the same, said more exactly
    ],
)
def test_a_fact_is_compared_on_every_plan_and_channel(
    tmp_path: Path, rules: Requirements, old: Any, new: Any, expected: Any
) -> None:
    found = between(tmp_path, rules, scoped(*old), scoped(*new))
    assert [(c.what, c.old, c.new) for c in found.facts] == expected


def test_a_plan_that_is_new_brings_its_facts(tmp_path: Path, rules: Requirements) -> None:
    found = between(tmp_path, rules, scoped({"value": "yes"}, plans=1), scoped({"value": "yes"}))
    assert [(c.what, c.old, c.new) for c in found.facts] == [("acme/b: baa", None, "yes")]


def test_a_channel_is_named_in_words_in_the_text(tmp_path: Path, rules: Requirements) -> None:
    found = between(
        tmp_path,
        rules,
        scoped({"value": "yes"}),
        scoped({"value": "yes", "channels": "sms"}, {"value": "on_request", "channels": "secure_message"}),
    )
    title = found.new.catalog.attributes.attributes["baa"].title
    assert f"  ~ acme: {title}, secure message\n      yes → on request\n" in diff.as_text(found)


def test_a_discount_is_told_in_percent(tmp_path: Path, rules: Requirements) -> None:
    seats = {"name": "Seats", "model": "per_unit", "meter": "login", "usd": 10}
    found = between(
        tmp_path,
        rules,
        priced(seats, {"name": "Discount", "model": "percent", "percent": -10}),
        priced(seats, {"name": "Discount", "model": "percent", "percent": -12.5}),
    )
    assert [(c.what, c.old, c.new) for c in found.prices] == [
        ("acme/basic: Discount", "-10 percent", "-12.5 percent"),
    ]


def test_a_shared_fee_that_rises_is_told_once_under_its_own_name(tmp_path: Path, rules: Requirements) -> None:
    def with_fee(usd: float) -> Any:
        charge = {"name": "Fee", "model": "per_unit", "meter": "login", "usd": usd}
        prices = [{"from": "2026-01-01", "date_is": "stated", "source": "page", "charges": [charge]}]
        return {**small(), "schedules": {"carriers": {"name": "Carriers", "prices": prices}}}

    found = between(tmp_path, rules, with_fee(1), with_fee(1.5))
    assert [(c.what, c.old, c.new, c.percent) for c in found.prices] == [("carriers: Fee", 1_000_000, 1_500_000, 50.0)]


def test_a_fact_that_goes_stale_is_told_so(tmp_path: Path, rules: Requirements) -> None:
    market = catalog.load(written(tmp_path / "small.yaml", small()))
    # Facts on the BAA keep 365 days: the page of 2026-01-01 is fresh up to 2027-01-01.
    fresh, stale = View("a", market, date(2027, 1, 1)), View("b", market, date(2027, 1, 2))
    found = diff.difference(fresh, stale, rules)
    assert [(c.what, c.old, c.new) for c in found.facts] == [("acme: baa", "yes", "yes, stale")]
    assert found.sentence.startswith("0 prices and 1 fact changed; ")


# How a side is named.


def test_a_file_is_taken_as_of_today_and_a_day_as_of_that_day(tmp_path: Path, market: Catalog) -> None:
    path = written(tmp_path / "small.yaml", small())
    of_file, of_day = diff.view(str(path), TODAY), diff.view("2026-05-29", TODAY)
    assert (of_file.name, of_file.on, of_file.catalog.path) == (str(path), TODAY, str(path))
    assert (of_day.name, of_day.on, of_day.catalog.hash) == ("2026-05-29", date(2026, 5, 29), market.hash)


def test_a_side_that_is_no_day_is_named_with_the_day_on_which_it_was_judged(tmp_path: Path) -> None:
    path = written(tmp_path / "small.yaml", small())
    later = date(2027, 6, 1)
    old, new = diff.view(str(path), later), diff.view(later.isoformat(), later)
    assert (old.on, new.on) == (later, later)
    title = diff.as_text(Difference(old, new)).splitlines()[0]
    assert title == f"{path} on 2027-06-01 → 2027-06-01"


def test_no_catalogue_is_read_before_it_is_known_which(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    read: list[Path | None] = []
    load = catalog.load

    def watched(path: Path | None = None, overlay: Path | None = None) -> Catalog:
        read.append(path)
        return load(path, overlay)

    monkeypatch.setattr(catalog, "load", watched)
    path = written(tmp_path / "small.yaml", small())
    diff.view(str(path), TODAY)
    assert read == [path]


def test_an_overlay_is_laid_over_the_side(tmp_path: Path) -> None:
    path = written(tmp_path / "small.yaml", small())
    over = written(tmp_path / "over.yaml", {"vendors": {"beta": small()["vendors"]["acme"]}})  # its sources: in `path`
    assert list(diff.view(str(path), TODAY, over).catalog.vendors) == ["acme", "beta"]


@pytest.mark.parametrize("word", ["yesterday", "2026-05-32", "29 May 2026", "no-such-branch~3"])
def test_an_unknown_word_is_refused_with_the_three_ways(word: str) -> None:
    with pytest.raises(UserError) as caught:
        diff.view(word, TODAY)
    assert str(caught.value) == (
        f"'{word}' is no day, no file and no git revision: write 2026-05-29, a YAML file, or a revision like HEAD~1"
    )


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(UserError, match=r"nothing\.yaml: there is no such file"):
        diff.view("nothing.yaml", TODAY)


def test_a_machine_without_git_gets_the_same_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match="'yesterday' is no day, no file and no git revision"):
        diff.view("yesterday", TODAY)


def test_a_revision_is_read_from_the_git_repository_of_the_data(tmp_path: Path) -> None:
    """texteval is copied into a fresh repository with a small catalogue and run there."""
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "data", tmp_path / "data", ignore=shutil.ignore_patterns("vendors.yaml", "schema"))
    data = tmp_path / "data" / "vendors.yaml"
    who = {f"GIT_{role}_{key}": "t@example.org" for role in ("AUTHOR", "COMMITTER") for key in ("NAME", "EMAIL")}
    quiet = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    environment = {**os.environ, **who, **quiet, "PYTHONPATH": str(tmp_path / "src")}

    def run(*command: str) -> str:
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, check=True, encoding="utf-8")
        return done.stdout

    run("git", "init", "-q")
    for seat in (30, 33):
        written(data, small(seat))
        run("git", "add", "data")
        run("git", "commit", "-q", "-m", f"Seats at {seat}")
    written(data, small(36))
    found = json.loads(run(sys.executable, "-m", "texteval", "diff", "HEAD~1", "HEAD", "--json"))
    assert [(row["what"], row["old"], row["new"]) for row in found["prices_usd"]] == [("acme/basic: Seats", 30.0, 33.0)]
    against_file = run(sys.executable, "-m", "texteval", "diff", "HEAD", "data/vendors.yaml")
    assert "$33.00 → $36.00  (+9.1 %)" in against_file


# The command line.


def run(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    with pytest.raises(SystemExit) as caught:
        cli.main(arguments)
    return int(caught.value.code or 0)


def test_the_command_prints_text_markdown_or_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = (str(written(tmp_path / f"{seat}.yaml", small(seat))) for seat in (30, 33))
    assert run(["diff", old, new], monkeypatch) == 0
    assert "  ~ acme/basic: Seats\n" in capsys.readouterr().out
    assert run(["diff", old, new, "--markdown"], monkeypatch) == 0
    assert "| ~ | acme/basic: Seats | $30.00 | $33.00 | +10 % |" in capsys.readouterr().out
    assert run(["diff", old, new, "--json"], monkeypatch) == 0
    assert json.loads(capsys.readouterr().out)["prices_usd"][0]["new"] == 33.0


def test_a_bar_in_a_name_does_not_break_the_markdown_table(tmp_path: Path, rules: Requirements) -> None:
    def named(usd: int) -> Any:
        return priced({"name": "Seats | yearly", "model": "per_unit", "meter": "login", "usd": usd})

    text = diff.as_text(between(tmp_path, rules, named(1), named(2)), markdown=True)
    (row,) = [line for line in text.splitlines() if "Seats" in line]
    assert row.replace("\\|", "").count("|") == 6


def test_the_command_ends_with_2_and_one_message_for_an_unknown_word(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["diff", "yesterday"], monkeypatch) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("texteval: 'yesterday' is no day, no file and no git revision")
