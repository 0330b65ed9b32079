"""The calculator in the report: what the browser works out is what texteval says, to the cent and to the verdict."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page

import browser
import markets
from conftest import TODAY
from markets import each, flat, hidden, plan, vendor
from texteval import catalog, criteria, decide, exposure, parameters, practice, report
from texteval.catalog import Catalog, VendorFile, load_attributes
from texteval.decide import Comparison
from texteval.errors import UserError
from texteval.messages import count
from texteval.practice import Practice, received_per_year, sent_per_year
from texteval.report import Report, calculator
from texteval.report.calculator import Inputs, inputs_of, practice_for
from texteval.requirements import Requirements
from texteval.words import month_cost, year_cost

GOLDEN = Path(__file__).parent / "golden"
TEMPLATES = Path(calculator.__file__).parent / "templates"

COLOURS = (
    ":root { --ink: #1c1c1c; --soft: #595959; --line: #d9d9d9; --good: #00634a; --ask: #8f4200; --no: #595959; "
    "--band: #f4f6f8; --blue: #005a8f; } * { box-sizing: border-box; } "
    "body { font: 16px/1.5 sans-serif; margin: 0; padding: 0 1rem; color: var(--ink); overflow-wrap: anywhere; } "
    ".soft, caption { color: var(--soft); } .eligible { color: var(--good); } .verify-first { color: var(--ask); } "
    "table { width: 100%; } .scroll { overflow-x: auto; }"
)


def page_of(made: Report, folder: Path) -> Path:
    """Write a page with nothing but the calculator."""
    path = folder / "page.html"
    path.write_text(
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, '
        f'initial-scale=1"><title>Calculator</title><style>{COLOURS}</style></head><body><main><h1>A report</h1>'
        f'<section id="calculator"><h2>Calculator</h2>{calculator.fragment(made)}</section></main></body></html>',
        encoding="utf-8",
    )
    return path


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    with browser.started() as started:
        yield started


@contextmanager
def shown(chrome: Browser, made: Report, folder: Path, width: int = 1000) -> Iterator[Page]:
    """Show a calculator; nothing may go wrong in its page, from the first to the last."""
    with browser.opened(chrome, page_of(made, folder), width) as (page, faults):
        yield page
        assert faults == []


# An invented market with every charge model, and every way in which verdicts and channels hang on size.

TIERS = [{"up_to": 2, "usd": 10}, {"up_to": 10, "usd": "7.5", "flat_usd": 3}, {"usd": "0.000001", "flat_usd": 1}]
STAIRS = [{"up_to": 1, "flat_usd": 19}, {"up_to": 5, "flat_usd": "49.99"}, {"flat_usd": 99}]
TEXT_TIERS = [{"up_to": 100, "usd": "0.0301"}, {"up_to": 1000, "usd": "0.0207", "flat_usd": "0.005"}, {"usd": "0.01"}]
MIX = [{"carrier": "North", "percent": 33, "usd": "0.0031"}, {"carrier": "South", "percent": 67, "usd": "0.0047"}]
BOTH = ("sms", "secure_message", "team_chat")
METERS = (
    *("account", "clinician", "staff", "manager", "login", "number", "location", "active_client", "session", "claim"),
    *("message_out", "message_in", "segment_out", "segment_in", "secure_message", "broadcast"),
)


def tiers(mode: str, meter: Any, steps: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {"name": "Tiers", "model": "tiers", "mode": mode, "meter": meter, "tiers": steps, **more}


def package(meter: str, size: int, usd: Any, **more: Any) -> dict[str, Any]:
    return {"name": "Package", "model": "package", "meter": meter, "size": size, "usd": usd, **more}


def allowance(meter: Any, included: int, then: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": "Allowance", "model": "allowance", "meter": meter, "included": included, "then": then, **more}


def group(model: str, name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "model": model, **more}


UNIT = {"model": "per_unit", "usd": "0.0079"}
SEATS = each("login", "40", "Seats")
TEXTS = each("message_out", "0.0512", "Texts")
LISTS: dict[str, list[dict[str, Any]]] = {
    **{f"each-{meter.replace('_', '-')}": [each(meter, "1.234567")] for meter in METERS},
    "dear": [each(["message_out", "message_in"], 100_000)],
    "monthly": [flat("29.995")],
    "yearly": [flat(348, cadence="annual"), each("clinician", "0.01", cadence="annual")],
    "once": [flat("0.005", cadence="once"), SEATS],
    "quarterly": [flat(100, cadence="every_n_months", months=3), each("staff", 7, cadence="every_n_months", months=5)],
    "biennial": [flat(100, cadence="every_n_months", months=24)],
    "flat-of-claims": [flat(12, meter=["claim", "broadcast"])],
    "graduated": [tiers("graduated", "login", TIERS)],
    "volume": [tiers("volume", "login", TIERS)],
    "stairs": [tiers("stairstep", ["clinician", "staff"], STAIRS)],
    "text-graduated": [tiers("graduated", "segment_out", TEXT_TIERS)],
    "text-volume": [tiers("volume", ["segment_out", "segment_in"], TEXT_TIERS)],
    "text-stairs": [tiers("stairstep", "message_in", STAIRS)],
    "seat-tiers-yearly": [tiers("volume", "login", TIERS, cadence="annual")],
    "packages": [package("message_out", 100, "4.9")],
    "credits": [package("message_out", 500, 20, rollover=True)],
    "seat-packages": [package("login", 5, 99, cadence="annual")],
    "seat-credits": [package("login", 7, 9, rollover=True, cadence="every_n_months", months=4)],
    "included": [flat(30), allowance(["segment_out", "segment_in"], 500, UNIT)],
    "included-each": [allowance("message_out", 50, UNIT, per="clinician")],
    "included-tiers": [
        allowance("message_out", 20, {"model": "tiers", "mode": "graduated", "tiers": TEXT_TIERS}, per="login")
    ],
    "included-packages": [allowance("message_out", 99, {"model": "package", "size": 100, "usd": 5})],
    "included-mix": [allowance("segment_out", 7, {"model": "mix", "parts": MIX}, per="number")],
    "included-hidden": [flat(10), allowance("message_out", 300, {"model": "unpublished"})],
    "mix": [group("mix", "Carriers", meter="segment_out", parts=MIX)],
    "hidden": [hidden()],
    "from": [flat("9.99"), hidden("message_in")],
    "hidden-yearly": [flat(5), hidden("login") | {"cadence": "annual"}],
    "discount": [SEATS, TEXTS, group("percent", "Discount", percent=Decimal("-12.35"))],
    "discount-some": [SEATS, TEXTS, group("percent", "Discount", percent=Decimal("-33.33"), of=["Texts"])],
    "twice-all": [TEXTS, *(group("percent", name, percent=-100) for name in ("Half", "Again"))],
    "fee": [SEATS, TEXTS, group("percent", "Fee", percent=Decimal("7.77"))],
    "half-a-micro-dollar": [flat("0.000833"), group("percent", "Fee", percent=50)],  # 416.5: half up, $0.01 a year
    "floor": [TEXTS, group("minimum", "Floor", usd="19.999999")],
    "cap": [TEXTS, group("maximum", "Cap", usd="25.5")],
    "all-steps": [
        group("percent", "Fee", percent=Decimal("6.25")),
        group("minimum", "Floor", usd=130),
        SEATS,
        group("maximum", "Cap", usd=200, of=["Seats", "Texts", "Discount"]),
        TEXTS,
        group("percent", "Discount", percent=-10, of=["Seats"]),
    ],
    "group-of-yearly": [flat(120, "Year", cadence="annual"), group("minimum", "Floor", usd=150, of=["Year"])],
    "group-of-hidden": [SEATS, hidden("message_in", "Quote"), group("percent", "Off", percent=-50)],
    "capped-hidden": [SEATS, hidden("claim", "Quote"), group("maximum", "Cap", usd=10)],
    "floor-of-hidden": [hidden("message_in", "Quote"), SEATS, group("minimum", "Floor", usd=400, of=["Quote"])],
}

LIMITS: dict[str, dict[str, int]] = {
    "one": {"clinicians": 1},
    "five": {"logins": 5},
    "places": {"locations": 2, "clinicians": 30},
    "clients": {"active_clients": 60},
    "sessions": {"sessions_per_month": 130},
    "sessions-started": {"sessions_per_month": 238},  # 61 a week in 47 weeks are 238.9 a month
}


def yes(*channels: str) -> dict[str, Any]:
    return {"value": "yes", "source": "page", "channels": list(channels)}


def vendors() -> dict[str, Any]:
    """Describe the market: one vendor for the charges, the others each for one way to be judged."""
    priced = {
        name: plan(*charges, channels=BOTH if "secure" in name else ("sms", "team_chat"), name=name)
        for name, charges in LISTS.items()
    }
    narrow = {name: plan(SEATS, TEXTS, channels=BOTH, limits=limits) for name, limits in LIMITS.items()}
    by_channel = vendor(
        {
            "free": plan(SEATS, TEXTS, each("secure_message", "0.5", "In the app"), channels=BOTH),
            "small": plan(
                SEATS, TEXTS, each("secure_message", "0.5", "In the app"), channels=BOTH, limits={"logins": 4}
            ),
        },
        baa_covers=[yes("secure_message", "team_chat"), {"value": "no", "source": "page", "channels": ["sms"]}],
        access_control_roles=yes("sms", "team_chat"),
    )
    upgraded = {
        "core": plan(SEATS, channels=(), limits={"clinicians": 8}),
        "texting": plan(TEXTS, channels=BOTH, base="core", schedules=["fees"]),
        "unpriced": {"name": "Not yet sold", "channels": list(BOTH), "prices": []},
        "reminders-only": plan(TEXTS, channels={"sms": ["reminder"], "mms": "all"}),
        "pictures": plan(each("mms_out", "0.03"), each("mms_in", "0.01", "In"), channels=("mms",)),
    }
    return {
        "charges": vendor(priced),
        "limits": vendor(narrow),
        "by-channel": by_channel,
        "for-one": vendor({"a": plan(SEATS, channels=BOTH)}, access_control_roles=None),
        "not-for-teams": vendor(
            {"a": plan(SEATS, channels=BOTH)}, access_control_roles={"value": "no", "source": "page"}
        ),
        "roles-in-app": vendor(
            {"a": plan(TEXTS, each("secure_message", "0.1", "App"), channels=BOTH)},
            access_control_roles=yes("secure_message", "team_chat"),
        ),
        "rumoured": vendor({"a": plan(TEXTS, channels=BOTH)}, baa={"value": "yes", "source": "rumour"}, audit_log=None),
        "no-agreement": vendor({"a": plan(TEXTS, channels=BOTH)}, baa={"value": "no", "source": "page"}),
        "old": vendor(
            {
                "a": plan(flat(1, source="old-page"), channels=BOTH),
                "claims": plan(flat(1), each("claim", "0.1", source="old-page"), channels=BOTH),
                "floor": plan(TEXTS, group("minimum", "Floor", usd=30, source="old-page"), channels=BOTH),
            }
        ),
        "open-a": vendor({"a": plan(TEXTS, channels=BOTH)}, audit_log=None, unique_logins=None),
        "open-b": vendor({"a": plan(TEXTS, channels=BOTH)}, audit_log=None),
        "wire": vendor({"a": plan(TEXTS, channels=BOTH)}, kind="messaging_api"),
        "ehr": vendor(upgraded),
    }


FEES = {
    "fees": {
        "name": "Fees",
        "prices": [
            {
                "from": "2026-01-01",
                "date_is": "stated",
                "source": "page",
                "charges": [group("mix", "Carriers", meter="segment_out", parts=MIX)],
            }
        ],
    }
}

BUSY: dict[str, Any] = {
    "clinicians": 4,
    "staff": 3,
    "managers": 2,
    "sessions_per_week": 61,
    "weeks_per_year": 47,
    "active_clients": 85,
    "locations": 3,
    "numbers": 2,
    "claims_per_month": 77,
    "messages": [
        {"purpose": "reminder", "text": "Reminder: your appointment is on Tuesday, June 2 at 2:00 PM."},
        {"purpose": "confirmation", "direction": "in", "percent": 61, "text": "C"},
        {"purpose": "practice_notice", "per": "month", "count": 85, "text": "We are closed on Monday 😊. " * 5},
        {"purpose": "reschedule", "percent": 12, "text": "x" * 200},
        {"purpose": "reschedule", "percent": 11, "direction": "in", "text": "y" * 161},
        {"purpose": "team", "per": "week", "count": 33},
        {"purpose": "team", "per": "week", "count": 7, "direction": "in"},
        {"purpose": "document_link", "percent": 0},
        {"purpose": "admin_follow_up", "per": "year", "percent": 1},
    ],
}
SILENT = {"clinicians": 3, "sessions_per_week": 31, "messages": [*BUSY["messages"][:1], *BUSY["messages"][2:4]]}

PRACTICES: dict[str, tuple[dict[str, Any], int]] = {
    "busy": (BUSY, 10),
    "no replies": (SILENT, 5),
    "strict": (BUSY | {"reading": "strict"}, 0),
    "alone": ({"sessions_per_week": 3, "messages": [{"purpose": "reminder", "per": "year", "count": 5}]}, 5),
    "no sessions": ({"sessions_per_week": 0, "messages": [{"purpose": "reminder", "per": "week", "count": 9}]}, 5),
}
"""Practices, each with how many drawn inputs are tried on it besides those at the edges."""


@pytest.fixture(scope="module")
def invented() -> Catalog:
    data = {"sources": markets.SOURCES, "schedules": FEES, "vendors": vendors()}
    raw = json.loads(json.dumps(data, default=float), parse_float=Decimal)
    return Catalog(VendorFile.model_validate(raw), load_attributes()[0], "market", "0" * 12)


def reported(market: Catalog, rules: Requirements, one: Practice) -> Report:
    """Make what the calculator needs of a report, without the advice."""
    compared = decide.compare(market, rules, "one", one, "0" * 12, markets.ON)
    return Report(market, rules, parameters.load(), criteria.load(), exposure.load(), compared, None, "0" * 12)


@pytest.fixture(scope="module")
def real(market: Catalog, rules: Requirements) -> Report:
    """The report for a small group practice on texteval's own catalogue."""
    return report.build(market, rules, *practice.load("small-group"), TODAY)


@pytest.fixture(scope="module")
def frozen(rules: Requirements) -> Report:
    """The report on the frozen catalogue."""
    market = catalog.load(GOLDEN / "catalogue.yaml")
    return report.build(market, rules, *practice.load(str(GOLDEN / "practice.yaml")), markets.ON)


# What the browser works out.


def some_inputs(one: Practice, many: int, seed: int) -> list[Inputs]:
    """Draw numbers that a reader may put in, the report's own and those at the edges first."""
    draw, own = random.Random(seed), inputs_of(one)
    edges = [
        own,
        replace(own, replies=0),
        replace(own, messages=0),
        replace(own, clinicians=1, staff=0),
        replace(own, clinicians=1, staff=1, segments=2),
        Inputs(1, 0, 0, 0, 0),
        Inputs(1, 0, 1, 1, 1, 1),
        Inputs(9000, 900, 9000, 60_000, 100, 3),
    ]
    drawn = [
        Inputs(
            draw.choice([1, 1, 2, 3, own.clinicians, draw.randint(1, 60)]),
            draw.choice([0, 0, 1, own.staff, draw.randint(0, 20)]),
            draw.choice([0, 30, own.sessions, draw.randint(0, 3000)]),
            draw.choice([own.messages, own.messages + 1, draw.randint(0, 300), int(10 ** draw.uniform(0, 4.8))]),
            draw.choice([own.replies, 0, 33, 100, draw.randint(0, 250)]),
            draw.choice([None, None, 1, 2, 4]),
        )
        for _ in range(many)
    ]
    return edges + drawn


def as_said(found: Comparison) -> list[dict[str, Any]]:
    return [
        {
            "plan": option.plan,
            "verdict": option.verdict,
            "month": month_cost(option),
            "first": year_cost(option),
            "year": "null" if option.year is None else str(option.year),
            "atLeast": "null" if option.at_least is None else str(option.at_least),
        }
        for option in found.options
    ]


def asked(made: Report, inputs: Inputs) -> Comparison:
    changed = practice_for(made.practice, inputs)
    return decide.compare(made.catalog, made.requirements, "changed", changed, "0" * 12, made.on)


def assert_same(page: Page, made: Report, inputs: list[Inputs]) -> None:
    found = page.evaluate("all => all.map((one) => texteval.price(one))", [asdict(one) for one in inputs])
    for one, plans in zip(inputs, found, strict=True):
        assert plans == as_said(asked(made, one)), one


def test_the_browser_says_what_texteval_says_of_the_real_catalogue(
    chrome: Browser, real: Report, tmp_path: Path
) -> None:
    with shown(chrome, real, tmp_path) as page:
        assert page.evaluate("one => texteval.price(one)", asdict(inputs_of(real.practice))) == as_said(real.comparison)
        assert_same(page, real, some_inputs(real.practice, 24, seed=1))


@pytest.mark.parametrize("name", PRACTICES)
def test_the_browser_says_what_texteval_says_of_every_charge_model(
    name: str, chrome: Browser, invented: Catalog, rules: Requirements, tmp_path: Path
) -> None:
    fields, drawn = PRACTICES[name]
    made = reported(invented, rules, markets.practice(**fields))
    with shown(chrome, made, tmp_path) as page:
        assert_same(page, made, some_inputs(made.practice, drawn, seed=len(name)))


def test_the_browser_says_what_texteval_says_of_the_frozen_catalogue(
    chrome: Browser, frozen: Report, tmp_path: Path
) -> None:
    with shown(chrome, frozen, tmp_path) as page:
        assert_same(page, frozen, some_inputs(frozen.practice, 40, seed=3))


def test_around_each_bound_of_the_price_lists(
    chrome: Browser, invented: Catalog, rules: Requirements, tmp_path: Path
) -> None:
    """One text more or less a month, at every tier, package and allowance; one person more or less, at every limit."""
    one = markets.practice(messages=[{"purpose": "reminder", "per": "month", "count": 77}], weeks_per_year=12)
    made, own = reported(invented, rules, one), inputs_of(one)  # twelve working weeks: a message a week is one a month
    at = [n + d for n in (0, 20, 50, 99, 100, 300, 500, 1000, 1099) for d in (-1, 0, 1) if n + d >= 0]
    inputs = [replace(own, messages=n) for n in at]
    inputs += [Inputs(n, staff, n, 100, 0) for n in (1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 30, 31) for staff in (0, 1)]
    inputs += [replace(own, sessions=n) for n in (59, 60, 61, 130, 131)]
    with shown(chrome, made, tmp_path) as page:
        assert_same(page, made, inputs)
        by_hand = page.evaluate("one => texteval.price(one)", asdict(replace(own, messages=101)))
    # 101 texts a month: two packages of $4.90 each month; $0.0207 for each text and $0.005 in the second tier.
    year = {row["plan"]: row["first"] for row in by_hand}
    assert year["charges/packages"] == "$117.60"
    assert year["charges/text-volume"] == "$25.15"  # 12 x (101 x 0.0207 + 0.005) = 25.1484
    assert year["charges/credits"] == "$60.00"  # 1,212 credits in packages of 500


def test_more_than_texteval_prices_is_refused_in_the_same_words(
    chrome: Browser, invented: Catalog, rules: Requirements, tmp_path: Path
) -> None:
    made = reported(invented, rules, markets.practice(**BUSY))
    inputs = replace(inputs_of(made.practice), messages=300_000)
    with pytest.raises(UserError) as refused:
        asked(made, inputs)
    with shown(chrome, made, tmp_path) as page:
        before = page.inner_text("#calculator-rows")
        page.fill("#calculator-messages", "300000")
        assert str(refused.value).removeprefix("P: ") in page.inner_text("#calculator-fault")
        assert page.inner_text("#calculator-rows") == before


WORDINGS = [
    *("", "C", "a" * 160, "a" * 161, "a" * 306, "a" * 307, "é" * 70, "ç" * 70, "ç" * 71, "ç" * 134, "ç" * 135),
    *("€" * 80, "€" * 81, "a" * 152 + "€€" + "a" * 20, "See you at 2 😊", "😊" * 35, "😊" * 36, "a" * 66 + "😊" * 4),
    *("line\nline", "tab\t", "“quoted”", "{}[]~|^\\\f", "שלום", "👩‍⚕️" * 20),
]


def test_segments_are_counted_as_texteval_counts_them(chrome: Browser, frozen: Report, tmp_path: Path) -> None:
    draw = random.Random(5)
    drawn = [
        "".join(draw.choices("aZ é€[^ç😊\n", (20, 9, 5, 2, 3, 1, 1, 0.02, 0.02, 1), k=n)) for n in range(0, 500, 7)
    ]
    texts = WORDINGS + drawn
    expected = [[found.encoding, found.units, found.segments] for found in map(count, texts)]
    assert {row[0] for row in expected[len(WORDINGS) :]} == {"GSM-7", "UCS-2"}
    with shown(chrome, frozen, tmp_path) as page:
        assert page.evaluate("texts => texts.map((one) => texteval.segments(one))", texts) == expected


# Which practice the numbers stand for.


def test_the_reports_own_numbers_are_the_practice_itself(real: Report, frozen: Report) -> None:
    for made in (real, frozen):
        own = practice_for(made.practice, inputs_of(made.practice))
        for option in made.comparison.options:
            assert own.usage(option.coverage.channels) == made.practice.usage(option.coverage.channels)
        assert own.size() == made.practice.size()
        assert own.purposes == made.practice.purposes


def test_other_numbers_worked_out_by_hand(frozen: Report) -> None:
    # Frozen: 2 clinicians, 1 staff, 40 sessions; in 50 weeks 2,000 reminders, 240 offers, 1,200 replies.
    assert inputs_of(frozen.practice) == Inputs(2, 1, 40, 45, 54)  # 2,240 / 50 = 44.8; 1,200 / 2,240 = 53.6 in 100
    doubled = practice_for(frozen.practice, Inputs(4, 2, 80, 90, 50, 3))
    # 4,500 sent: reminders 4,500 x 2,000 / 2,240 = 4,017.86; 2,250 received.
    assert [doubled.year(message) for message in doubled.messages] == [4018, 2250, 482]
    assert [message.segments.segments for message in doubled.messages] == [3, 1, 3]
    assert (doubled.locations, doubled.numbers, doubled.logins) == (1, 1, 6)
    kept = practice_for(frozen.practice, Inputs(1, 0, 40, 90, 54))
    assert received_per_year(kept) == 2411  # the report's own ratio: 4,500 x 1,200 / 2,240 = 2,410.7, not 54 in 100
    assert (kept.locations, kept.numbers) == (1, 1)


def test_what_goes_with_the_size_of_a_practice() -> None:
    one = markets.practice(**BUSY)
    grown = practice_for(one, Inputs(6, 9, 122, 90, 40))
    assert (grown.locations, grown.numbers, grown.managers) == (3, 2, 6)  # places and numbers stay; 2 x 9 / 3
    assert (grown.active_clients, grown.claims_per_month) == (170, 154)  # twice the sessions
    alone = practice_for(one, Inputs(1, 0, 0, 90, 40))
    assert (alone.locations, alone.numbers, alone.managers, alone.active_clients) == (3, 2, 0, 0)


def test_replies_of_a_practice_without_any_go_by_what_it_sends() -> None:
    one = markets.practice(**SILENT)
    answered = practice_for(one, replace(inputs_of(one), replies=50))
    sent = sent_per_year(one)
    assert received_per_year(answered) == (sent + 1) // 2
    assert [m.purpose for m in answered.messages if m.direction == "in"] == [
        "reminder",
        "practice_notice",
        "reschedule",
    ]
    assert received_per_year(practice_for(one, inputs_of(one))) == 0


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from([BUSY, SILENT, PRACTICES["alone"][0]]),
    st.builds(
        Inputs,
        clinicians=st.integers(1, 10_000),
        staff=st.integers(0, 10_000),
        sessions=st.integers(0, 100_000),
        messages=st.integers(0, 100_000),
        replies=st.integers(0, 300),
        segments=st.none() | st.integers(1, 9),
    ),
)
def test_whatever_is_put_in_the_messages_add_up_and_the_needs_stay(fields: dict[str, Any], inputs: Inputs) -> None:
    one = markets.practice(**fields)
    own, changed = inputs_of(one), practice_for(one, inputs)
    sent = sent_per_year(changed)
    if inputs.messages != own.messages:
        assert sent == inputs.messages * one.weeks_per_year
    if inputs.replies != own.replies:
        assert received_per_year(changed) == (sent * inputs.replies + 50) // 100
    assert set(changed.purposes) == set(one.purposes)
    assert changed.managers <= changed.staff
    assert Practice.model_validate(changed.model_dump(exclude={"messages"}) | {"messages": fields["messages"]})


# What a reader sees and does.


def rows(page: Page) -> list[list[str]]:
    """Read the table of tools, with what is folded away: name, verdict, a month, the first year."""
    read = "rows => rows.map((row) => [...row.cells].map((cell) => cell.innerText.split('\\n')[0]))"
    found: list[list[str]] = page.eval_on_selector_all("#calculator-usable tbody tr", f"rows => ({read})(rows)")
    return found


def expected_rows(found: Comparison) -> list[list[str]]:
    marks = {"eligible": "✓", "with configuration": "✓", "verify first": "?"}
    return [
        [o.title, f"{marks[o.verdict]} {o.verdict}", month_cost(o), year_cost(o)]
        for o in found.best_of_each
        if o.shortlisted
    ]


def test_at_first_it_shows_the_reports_own_table(chrome: Browser, real: Report, tmp_path: Path) -> None:
    with shown(chrome, real, tmp_path) as page:
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        assert rows(page) == expected_rows(real.comparison)
        best = real.comparison.best_of_each
        out = [option.title for option in best if not option.shortlisted]
        listed = page.eval_on_selector_all("#calculator-out-list li bdi", "all => all.map((one) => one.textContent)")
        assert listed == out
        assert page.inner_text("#calculator-out-count").startswith(f"{len(out)} vendors")
        first = best[0]
        said = page.inner_text("#calculator-summary")
        assert f"{len(real.comparison.proven and [o for o in best if o.proven])} tools are proven, first" in said
        assert f"{first.title}\u2069, {month_cost(first)} a month ({year_cost(first)} in the first year)" in said


def test_the_reasons_of_what_cannot_be_used(
    chrome: Browser, invented: Catalog, rules: Requirements, tmp_path: Path
) -> None:
    one = markets.practice(clinicians=9, sessions_per_week=200, messages=[{"purpose": "reminder"}], locations=3)
    made = reported(markets.build({
        "no": vendor({"a": plan(SEATS, limits={"logins": 1})}, baa={"value": "no", "source": "page"}),
        "small": vendor({"a": plan(SEATS, limits={"clinicians": 1, "locations": 2})}),
        "sessions": vendor({"a": plan(SEATS, limits={"sessions_per_month": 1})}),
    }).catalog, rules, one)  # fmt: skip
    with shown(chrome, made, tmp_path) as page:
        assert "no tool may be used. 3 vendors have no plan" in page.inner_text("#calculator-summary")
        assert page.is_hidden("#calculator-curves")
        assert page.is_hidden("#calculator-usable")
        page.click("#calculator-out-count")
        said = page.inner_text("#calculator-out-list").splitlines()
    reason = {option.plan: option.coverage.reason for option in made.comparison.options}
    assert sorted(said) == sorted([
        "A vendor Plan: It takes at most 1 clinician and 2 locations.",
        "A vendor Plan: It takes at most 1 session per month.",
        f"A vendor Plan: {reason['no/a']}",
    ])  # fmt: skip


def test_by_keyboard_alone(chrome: Browser, real: Report, tmp_path: Path) -> None:
    with shown(chrome, real, tmp_path) as page:
        for name, typed in (
            ("clinicians", "1"),
            ("staff", "0"),
            ("sessions", "30"),
            ("messages", "60"),
            ("replies", "10"),
        ):
            page.keyboard.press("Tab")
            assert page.evaluate("document.activeElement.name") == name
            page.keyboard.press("Control+A")
            page.keyboard.type(typed)
        page.keyboard.press("Tab")
        page.keyboard.type("See you Tuesday at 2 PM 😊 " + "x" * 60)
        assert page.inner_text("#calculator-segments").startswith("Billed as 2 segments: 87 units in UCS-2, because of")
        changed = asked(real, Inputs(1, 0, 30, 60, 10, 2))
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        assert rows(page) == expected_rows(changed)
        assert page.inner_text("#calculator-summary").startswith("1 clinician, 0 other staff, 60 messages sent a week:")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")  # back to the report's numbers
        page.wait_for_function("document.getElementById('calculator-segments').textContent.startsWith('Empty')")
        assert rows(page) == expected_rows(real.comparison)
        page.keyboard.press("Shift+Tab")
        for _ in range(5):
            page.keyboard.press("Shift+Tab")
        page.keyboard.press("ArrowUp")
        assert page.input_value("#calculator-clinicians") == "6"


def test_sessions_follow_clinicians_and_messages_follow_sessions_until_touched(
    chrome: Browser, real: Report, tmp_path: Path
) -> None:
    def fields() -> list[str]:
        return [page.input_value(f"#calculator-{name}") for name in ("clinicians", "sessions", "messages")]

    with shown(chrome, real, tmp_path) as page:
        assert fields() == ["5", "95", "154"]
        page.fill("#calculator-clinicians", "10")
        assert fields() == ["10", "190", "308"]  # 8,003 messages a year / 95 x 190 / 52 = 307.8
        page.fill("#calculator-clinicians", "5")
        assert fields() == ["5", "95", "154"]
        page.fill("#calculator-sessions", "100")
        assert fields() == ["5", "100", "162"]
        page.fill("#calculator-clinicians", "50")
        assert fields() == ["50", "100", "162"]
        page.fill("#calculator-messages", "7")
        page.fill("#calculator-sessions", "200")
        assert fields() == ["50", "200", "7"]


@pytest.mark.parametrize(
    ("name", "typed", "sentence"),
    [
        ("clinicians", "", "Clinicians: write a whole number from 1 to 1,000,000."),
        ("clinicians", "0", "Clinicians: write a whole number from 1 to 1,000,000."),
        ("staff", "1.5", "Other staff: write a whole number from 0 to 1,000,000."),
        ("sessions", "-3", "Sessions a week: write a whole number from 0 to 1,000,000."),
        ("messages", "1e3", "Messages sent a week: write a whole number from 0 to 1,000,000."),
        ("replies", "99999999999999999999", "Replies for 100 sent: write a whole number from 0 to 1,000,000."),
    ],
)
def test_what_is_no_count_is_told_and_the_last_result_stays(
    name: str, typed: str, sentence: str, chrome: Browser, frozen: Report, tmp_path: Path
) -> None:
    with shown(chrome, frozen, tmp_path) as page:
        before = page.inner_text("main")
        page.focus(f"#calculator-{name}")
        page.keyboard.press("Control+A")
        page.keyboard.press("Delete")
        page.keyboard.type(typed)
        said = page.inner_text("#calculator-fault")
        assert said == f"{sentence} The results below are still those of before."
        assert page.get_attribute(f"#calculator-{name}", "aria-invalid") == "true"
        page.fill(f"#calculator-{name}", str(getattr(inputs_of(frozen.practice), name)))
        assert page.inner_text("#calculator-fault") == ""
        assert page.get_attribute(f"#calculator-{name}", "aria-invalid") == "false"
        assert page.inner_text("main") == before


def test_the_chart_its_words_and_its_table_say_the_same(chrome: Browser, real: Report, tmp_path: Path) -> None:
    with shown(chrome, real, tmp_path) as page:
        for inputs in (inputs_of(real.practice), replace(inputs_of(real.practice), messages=10)):
            page.fill("#calculator-messages", str(inputs.messages))
            found = {o.title: o for o in asked(real, inputs).best_of_each if o.shortlisted}
            priced = [o for o in found.values() if o.year is not None and not o.building_block]
            cheapest = sorted(priced, key=lambda o: o.year or 0)[:4]
            table = page.eval_on_selector_all(
                "#calculator-volumes tr", "all => all.map((row) => [...row.cells].map((cell) => cell.innerText.trim()))"
            )
            named = {row[0][2:]: row[1:] for row in table[1:]}
            assert [o.title for o in cheapest] == list(named)[:4]
            assert any(found[title].proven for title in named)
            assert {title: cells[2] for title, cells in named.items()} == {t: month_cost(found[t]) for t in named}
            double = asked(real, replace(inputs, messages=2 * inputs.messages))
            if inputs.messages == 10:  # twice as much is a whole number of messages a week
                assert {title: cells[3] for title, cells in named.items()} == {
                    o.title: month_cost(o) for o in double.options if o.title in named
                }
            drawing = page.locator("#calculator-chart svg")
            assert drawing.get_attribute("role") == "img"
            by = str(drawing.get_attribute("aria-labelledby")).split()
            words = [str(page.text_content(f"#{one}")) for one in by]
            assert words[0] == "Cost a month by messages sent a month"
            assert all(f"{title}\u2069: {month_cost(found[title])}" in words[1] for title in named)
            assert f"At the {table[0][3]} messages a month" in words[1]
            dashes = page.eval_on_selector_all(
                "#calculator-chart path", "all => all.map((one) => one.getAttribute('stroke-dasharray'))"
            )
            assert len(set(dashes)) == len(dashes) == len(named)


@pytest.mark.parametrize("width", [1000, 375])
def test_it_fits_and_can_be_used_by_everybody(width: int, chrome: Browser, real: Report, tmp_path: Path) -> None:
    with shown(chrome, real, tmp_path, width) as page:
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert browser.barriers(page) == []
        labels = page.eval_on_selector_all(
            "#calculator-form input, #calculator-form textarea", "all => all.map((one) => one.labels.length)"
        )
        assert labels == [1] * 6
        assert page.get_attribute("#calculator-summary", "aria-live") == "polite"
        page.emulate_media(media="print")
        assert page.is_hidden("#calculator-form")
        assert page.is_visible("#calculator-summary")


HOSTILE = [
    "</script><script>alert(1)</script><!--",
    "\"><img src=x onerror='alert(1)'> & &lt;b&gt; {{ 7*7 }} {% raw %}",
    "שלום \u202eevil \u2028\u2029 👩‍⚕️",
    "../../x $& ${alert(1)} =HYPERLINK(1)",
    "x" * 2000,
]


@pytest.mark.parametrize("words", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_names_stay_names(words: str, chrome: Browser, rules: Requirements, tmp_path: Path) -> None:
    def shape(name: str, folder: Path) -> tuple[list[str], list[str]]:
        folder.mkdir()
        shop = vendor({"a": plan(SEATS, name=name)}, name=name)
        barred = vendor({"a": plan(SEATS, name=name)}, name=name, baa={"value": "no", "source": "page"})
        one = markets.practice(name=name, messages=[{"purpose": "reminder", "text": name}])
        made = reported(markets.build({"shop": shop, "barred": barred}).catalog, rules, one)
        with shown(chrome, made, folder, 375) as page:
            page.click("#calculator-out-count")
            tags = page.eval_on_selector_all("*", "all => all.map((one) => one.tagName)")
            assert page.evaluate("document.documentElement.scrollWidth") <= 375
            return tags, page.eval_on_selector_all(
                "#calculator-calculator bdi", "all => all.map((one) => one.textContent)"
            )

    plain, _ = shape("plain words", tmp_path / "plain")
    tags, names = shape(words, tmp_path / "hostile")
    assert tags == plain
    assert set(names) == {f"{words.strip()} {words.strip()}"}


# The piece of HTML.


def test_it_is_small_whole_and_the_same_each_time(real: Report) -> None:
    html = str(calculator.fragment(real))
    assert html == str(calculator.fragment(real))
    assert len(html.encode()) < 300_000
    assert re.findall(r'\b(?:src|href|action)\s*=\s*"|url\(|@import|\{\{|\{%', html) == []
    (held,) = re.findall(r'<script type="application/json" id="calculator-data">(.*?)</script>', html, re.S)
    assert re.search("[<>&\u2028\u2029]", held) is None
    assert json.loads(held) == json.loads(json.dumps(calculator.data(real)))
    script = (TEMPLATES / "calculator.js").read_text(encoding="utf-8")
    assert (
        re.findall(r"\beval\b|new Function|innerHTML|outerHTML|document\.write|insertAdjacent|fetch|import", script)
        == []
    )
    assert "</" not in script.lower().replace("</ ", "")


def test_a_practice_that_sends_nothing_is_told_so(frozen: Report, rules: Requirements) -> None:
    one = markets.practice(sessions_per_week=0)
    html = str(calculator.fragment(reported(frozen.catalog, rules, one)))
    assert html == "<p>This practice sends no messages, so there is no mix of messages to reckon with.</p>"
