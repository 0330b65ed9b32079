"""Total cost of ownership: each part by hand, and what switches it on and off."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.cells import cell_len

from conftest import TODAY
from texteval import catalog, decide, practice
from texteval.catalog import Catalog
from texteval.cli import main
from texteval.decide import Comparison
from texteval.errors import UserError
from texteval.frames import ownership_frame
from texteval.money import MICRO
from texteval.ownership import BEYOND, BILL, EFFECTS, OWNED, PARTS, Ownership, filed, ownership
from texteval.parameters import Parameters, load
from texteval.requirements import Requirements
from texteval.simulate import DRAWN, apart, simulate

DRAWS = 64

PAGE = {"publisher": "Vendor", "url": "https://vendor.example/prices", "grade": "vendor_page"}
SOURCES = {
    "page": {"title": "Prices", "seen": "2026-11-01", **PAGE},
    "old-page": {"title": "Prices", "seen": "2020-01-01", **PAGE},
    "hearsay": {"title": "Hearsay", "seen": "2026-11-01", "grade": "general_knowledge"},
}


def plan(*charges: dict[str, Any], purposes: Any = "all") -> dict[str, Any]:
    prices = {"from": "2026-01-01", "date_is": "stated", "source": "page", "charges": list(charges)}
    return {"name": "Plan", "channels": {"sms": purposes, "team_chat": ["team"]}, "prices": [prices]}


def flat(usd: float, **more: Any) -> dict[str, Any]:
    return {"name": "Number", "model": "flat", "usd": usd, **more}


def vendor(kind: str, fact: Any = None, **plans: Any) -> dict[str, Any]:
    facts = {"ehr_integration": fact} if fact else {}
    return {"name": kind, "kind": kind, "facts": facts, "plans": plans or {"basic": plan(flat(30))}}


def says(value: str, source: str = "page") -> dict[str, str]:
    return {"value": value, "source": source}


TEXTS = {"name": "Texts sent", "model": "per_unit", "meter": "message_out", "usd": 1}
LICENCE = flat(60, name="Licence", cadence="annual")
HIDDEN = {"model": "allowance", "meter": "message_out", "included": 130, "then": {"model": "unpublished"}}
CATALOGUE = {
    "sources": SOURCES,
    "vendors": {
        "record": vendor(
            "practice_management",
            flat=plan(flat(20), LICENCE, flat(15.5, name="Registration", cadence="once")),
            dear=plan(flat(30)),
            quote=plan({"model": "unpublished", "meter": "login"}),
            beyond=plan(HIDDEN),
        ),
        "meter": vendor(
            "business_phone",
            says("none"),
            texts=plan({**TEXTS, "meter": ["message_out", "message_in"]}),
            discounted=plan(
                flat(20), TEXTS, flat(5, name="Registration", cadence="once"), {"model": "percent", "percent": -10}
            ),
            floor=plan(flat(20), TEXTS, {"model": "minimum", "usd": 30}),
            half=plan(flat(20), TEXTS, {"model": "minimum", "usd": 10_000, "of": ["Texts sent"]}),
            notices=plan(flat(20), purposes=["practice_notice"]),
        ),
        "filer": vendor("healthcare_messaging", says("native")),
        "rumoured": vendor("healthcare_messaging", says("native", "hearsay")),
        "linked": vendor("healthcare_messaging", says("integrates")),
        "apart": vendor("healthcare_messaging", says("none", "hearsay")),
        "dated": vendor("healthcare_messaging", says("native", "old-page")),
        "silent": vendor("healthcare_messaging"),
        "fought": vendor("healthcare_messaging", [says("none"), says("native")]),
        "sealed": vendor("practice_management", says("none")),
        "plain": vendor("practice_management"),
        "known": vendor("practice_management", says("native", "hearsay")),
    },
}
"""A plan for each case."""

FIXED = {
    **dict.fromkeys(("session_growth", "season", "month_variation", "message_growth", "turnover", "vacancy"), 0),
    **{"session_level": 1, "working_weeks": 48, "cancellations": 0.2, "no_shows": 0.1, "reschedules": 0.12},
    **{"replies": 0.6, "text_length": 130, "price_rise": 0.1, "discount_rate": 0.05},
    **{"switch_hours_solo": 10, "switch_hours_practice": 140, "parallel_months": 1.5, "training_hours": 2},
    **{"wage": 20, "wage_costs": 1.5, "filing_minutes": 3, "session_fee": 150},
    **{"reminder_effect": 0.8, "reminder_effect_general": 0.75, "reminder_effect_clinics": 0.7},
    **{"reminder_effect_trial": 1.1},
}
"""An hour costs 20 × 1.5 = 30 dollars; filing a message 3 / 60 × 30 = 1.50."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    path = tmp_path_factory.mktemp("shop") / "catalogue.yaml"
    path.write_text(json.dumps(CATALOGUE), encoding="utf-8")
    return catalog.load(path)


@pytest.fixture(scope="module")
def fixed(tmp_path_factory: pytest.TempPathFactory) -> Parameters:
    """Parameters of which none varies."""
    return own(tmp_path_factory.mktemp("own"), FIXED)


def own(folder: Path, values: dict[str, Any]) -> Parameters:
    path = folder / "own.yaml"
    path.write_text(json.dumps({"parameters": values}), encoding="utf-8")
    return load(path)


SOLO: dict[str, Any] = {
    "name": "Solo",
    "clinicians": 1,
    "sessions_per_week": 25,
    "messages": [{"purpose": "reminder"}],
}


def asked(shop: Catalog, rules: Requirements, **changes: Any) -> Comparison:
    one = practice.Practice.model_validate(SOLO | changes)
    return decide.compare(shop, rules, "solo", one, "0" * 12, TODAY)


@pytest.fixture(scope="module")
def group(market: Catalog, rules: Requirements) -> Comparison:
    """A preset practice in texteval's own catalogue."""
    return decide.compare(market, rules, *practice.load("small-group"), TODAY)


@pytest.fixture(scope="module")
def solo(shop: Catalog, rules: Requirements) -> Comparison:
    return asked(shop, rules)


def micro(found: Ownership, name: str) -> Any:
    """Return what a part costs in each draw."""
    amount = found.part(name).amount
    assert amount is not None
    return amount.cost


def rounded(usd: float) -> int:
    return round(usd * MICRO)


# The bill.


def test_subscription_rises_each_year_and_is_discounted_by_the_month(
    shop: Catalog, rules: Requirements, solo: Comparison, fixed: Parameters
) -> None:
    (found,) = ownership(shop, rules, solo, fixed, ["record/flat"], draws=DRAWS)
    a_year = 12 * 20 + 60
    assert set(micro(found, "subscription")) == {rounded(a_year * (1 + 1.1 + 1.21))}  # 993 dollars
    assert set(micro(found, "usage")) == {0}
    assert set(micro(found, "setup")) == {15_500_000}
    assert set(found.total.cost) == {rounded(993 + 15.5)}
    worth = 15.5
    for month in range(36):
        due = 20 + (60 if month % 12 == 0 else 0)
        worth += due * 1.1 ** (month // 12) / 1.05 ** (month / 12)
    assert np.abs(found.total.present_value - worth * MICRO).max() <= 2
    assert found.total.paid.error == 0


@pytest.mark.parametrize(("years", "usd"), [(1, 300), (2, 630), (5, 300 * 6.1051)])
def test_years_are_counted(
    shop: Catalog, rules: Requirements, solo: Comparison, fixed: Parameters, years: int, usd: float
) -> None:
    (found,) = ownership(shop, rules, solo, fixed, ["record/flat"], years=years, draws=DRAWS)
    assert np.abs(micro(found, "subscription") - rounded(usd)).max() <= 1
    assert set(micro(found, "setup")) == {15_500_000}


def test_a_discount_is_shared_and_a_floor_counts_with_the_subscription_as_far_as_it_is_due_without_messages(
    shop: Catalog, rules: Requirements, solo: Comparison, fixed: Parameters
) -> None:
    plans = ["meter/texts", "meter/discounted", "meter/floor", "meter/half"]
    texts, less, floor, half = ownership(shop, rules, solo, fixed, plans, years=1, draws=DRAWS)
    sent = micro(texts, "usage")  # a dollar for each of about 100 texts a month
    assert sent.std() > 0
    assert set(micro(texts, "subscription")) == {0}
    assert set(micro(less, "subscription")) == {12 * 18_000_000}
    assert (micro(less, "usage") == sent * 9 // 10).all()
    assert set(micro(less, "setup")) == {4_500_000}
    assert set(micro(floor, "subscription")) == {12 * 30_000_000}
    assert (micro(floor, "usage") == sent - 12 * 10_000_000).all()  # the number's 20 dollars fill the floor first
    assert set(micro(half, "subscription")) == {12 * 20_000_000}
    assert set(micro(half, "usage")) == {12 * 10_000_000_000}


def test_the_parts_add_up_to_the_bill_in_every_draw(market: Catalog, rules: Requirements, group: Comparison) -> None:
    priced = [option for option in group.options if option.year is not None]
    plans = [option.plan for option in priced]
    assert len(plans) > 40
    parameters = load()
    bills = simulate(
        {plan: market.price_lines(plan, TODAY) or [] for plan in plans},
        {option.plan: option.coverage.channels for option in priced},
        group.practice,
        parameters,
        TODAY.month,
        months=24,
        draws=DRAWS,
    )
    every = ownership(market, rules, group, parameters, list(bills.plans), years=2, draws=DRAWS)
    assert [found.option.plan for found in every] == list(bills.plans)
    for row, found in enumerate(every):
        parts = [found.part(name).amount for name in BILL]
        assert sum(part.cost for part in parts if part).tolist() == bills.cost[row].tolist()
        assert sum(part.present_value for part in parts if part).tolist() == bills.present_value[row].tolist()
        assert (found.total.cost == bills.cost[row]).all()
        assert all((part.cost >= 0).all() for part in parts if part)


# What comes on top.


def test_moving_costs_a_solo_practice_other_hours_than_one_with_several_people(
    shop: Catalog, rules: Requirements, solo: Comparison, fixed: Parameters
) -> None:
    group = asked(shop, rules, clinicians=2, staff=1)
    for comparison, usd in ((solo, 10 * 30), (group, 140 * 30)):
        found, app = ownership(shop, rules, comparison, fixed, ["record/flat", "filer/basic"], parts=PARTS, draws=DRAWS)
        assert set(micro(found, "migration")) == {usd * MICRO}
        amount = found.part("migration").amount
        assert amount is not None
        assert (amount.present_value == amount.cost).all()
        assert f"About {usd / 30:g} hours of work" in found.part("migration").note
        assert set(micro(app, "migration")) == {0}
        assert "no practice software" in app.part("migration").note


def test_training_counts_every_login(shop: Catalog, rules: Requirements, fixed: Parameters) -> None:
    group = asked(shop, rules, clinicians=2, staff=1)
    (found,) = ownership(shop, rules, group, fixed, ["filer/basic"], draws=DRAWS)
    assert set(micro(found, "training")) == {2 * 3 * 30 * MICRO}
    assert not found.part("training").on


def test_within_its_vendor_a_practice_moves_learns_and_pays_twice_nothing(
    shop: Catalog, rules: Requirements, solo: Comparison, fixed: Parameters
) -> None:
    plans = ["record/flat", "record/dear"]
    stays, changes = ownership(shop, rules, solo, fixed, plans, parts=PARTS, now="record/flat", draws=DRAWS)
    for found in (stays, changes):
        for name in ("migration", "training", "parallel"):
            assert set(micro(found, name)) == {0}
            assert "with this vendor already" in found.part(name).note
    assert set(micro(stays, "setup")) == {0}
    assert "Paid already" in stays.part("setup").note
    assert set(stays.total.cost) == {rounded(993)}


def test_both_are_paid_for_some_months_of_the_present_bill(
    shop: Catalog, rules: Requirements, solo: Comparison, fixed: Parameters
) -> None:
    (found,) = ownership(shop, rules, solo, fixed, ["filer/basic"], now="record/flat", draws=DRAWS)
    assert set(micro(found, "parallel")) == {rounded(1.5 * (20 + 60 / 12))}  # the registration is paid once only
    (found,) = ownership(shop, rules, solo, fixed, ["filer/basic"], parts=PARTS, draws=DRAWS)
    assert set(micro(found, "parallel")) == {0}
    assert "--now is missing" in found.part("parallel").note


def test_a_present_bill_that_nobody_publishes_is_unknown_and_never_zero(
    shop: Catalog, rules: Requirements, solo: Comparison, fixed: Parameters
) -> None:
    (found,) = ownership(shop, rules, solo, fixed, ["filer/basic"], now="record/quote", draws=DRAWS)
    assert found.part("parallel").amount is None
    assert set(found.total.cost) == {rounded(30 * 12 * 3.31)}
    row = ownership_frame([found]).set_index("part").loc["parallel"]
    assert row[["mean_usd", "p95_usd", "present_value_usd"]].isna().all()
    with pytest.raises(UserError, match=r"record/quote charges is not published in full, so 'parallel' cannot be told"):
        ownership(shop, rules, solo, fixed, ["filer/basic"], parts=["parallel"], now="record/quote", draws=DRAWS)
    (stays,) = ownership(shop, rules, solo, fixed, ["record/flat"], parts=PARTS, now="record/quote", draws=DRAWS)
    assert set(micro(stays, "parallel")) == {0}


FILED = [
    ("meter/texts", "by hand", "no link"),
    ("filer/basic", "by itself", "vendor's own page"),
    ("rumoured/basic", "unknown", "as if by hand"),
    ("linked/basic", "unknown", "links to some records"),
    ("apart/basic", "by hand", "no link"),
    ("dated/basic", "unknown", "as if by hand"),
    ("silent/basic", "unknown", "as if by hand"),
    ("fought/basic", "unknown", "as if by hand"),
    ("sealed/basic", "by hand", "no link"),
    ("plain/basic", "by itself", "practice software"),
    ("known/basic", "by itself", "practice software"),
]


@pytest.mark.parametrize(("plan", "how", "why"), FILED, ids=[plan for plan, _, _ in FILED])
def test_facts_and_kind_say_whether_messages_are_filed_by_themselves(
    shop: Catalog, plan: str, how: str, why: str
) -> None:
    found, reason = filed(shop, plan, TODAY)
    assert found == how
    assert why in reason


def test_filing_costs_minutes_for_each_message_in_and_out_but_not_among_the_team(
    shop: Catalog, rules: Requirements, fixed: Parameters, tmp_path: Path
) -> None:
    messages = [
        {"purpose": "team", "per": "week", "count": 40},
        {"purpose": "reminder"},
        {"purpose": "confirmation", "direction": "in", "percent": 50},
        {"purpose": "billing_question", "direction": "in", "per": "month", "count": 9},
    ]
    comparison = asked(shop, rules, messages=messages)
    still = own(tmp_path, FIXED | {"price_rise": 0})
    plans = ["meter/texts", "silent/basic", "filer/basic"]
    texts, unknown, itself = ownership(shop, rules, comparison, still, plans, parts=PARTS, draws=DRAWS)
    sent = micro(texts, "usage")  # a dollar for each text with clients, and for none among the team
    # 3 years × (25 × 48 sessions × 1.5 + 12 × 9)
    assert abs(sent.mean() / MICRO - 3 * (1200 * 1.5 + 108)) < 60
    assert (micro(texts, "filing") == sent * 3 // 2).all()
    amount, usage = texts.part("filing").amount, texts.part("usage").amount
    assert amount is not None
    assert usage is not None
    assert np.abs(amount.present_value - 1.5 * usage.present_value).max() <= 2
    assert not texts.part("filing").unsure
    assert (micro(unknown, "filing") == micro(texts, "filing")).all()
    assert unknown.part("filing").unsure
    assert set(micro(itself, "filing")) == {0}
    (dearer,) = ownership(shop, rules, comparison, fixed, ["meter/texts"], draws=DRAWS)
    assert (micro(dearer, "filing") == micro(texts, "filing")).all()  # bills rise, wages do not
    assert (micro(dearer, "usage") > sent).all()


def test_new_reminders_save_sessions_by_four_readings(
    shop: Catalog, rules: Requirements, solo: Comparison, tmp_path: Path
) -> None:
    still = own(tmp_path, FIXED | {"price_rise": 0})
    how: dict[str, Any] = {"parts": PARTS, "new_reminders": True, "draws": DRAWS}
    (found,) = ownership(shop, rules, solo, still, ["meter/texts"], **how)
    sessions = micro(found, "usage")  # one reminder, and one dollar, for each session booked
    # A fifth is cancelled, a tenth of the rest missed, each 150 dollars: 12 dollars a session, a part of them saved.
    for reading, share in zip(found.reminders, (-0.2, -0.25, -0.3, 0.1), strict=True):
        assert reading.amount is not None
        assert np.abs(reading.amount.cost - sessions * 12 * share).max() <= 1
    assert [part.name for part in found.reminders] == list(EFFECTS)
    assert (micro(found, "no-shows") == found.reminders[0].amount.cost).all()  # type: ignore[union-attr]
    assert found.contrary is not None
    assert np.abs(found.contrary.cost - (found.total.cost + sessions * 12 * 0.3)).max() <= 1
    off = ownership(shop, rules, solo, still, ["meter/texts"], new_reminders=True, draws=DRAWS)[0]
    assert len(off.reminders) == 4
    assert off.contrary is None


def test_reminders_save_nothing_where_they_are_not_new_or_not_sent(
    shop: Catalog, rules: Requirements, solo: Comparison, fixed: Parameters
) -> None:
    (found,) = ownership(shop, rules, solo, fixed, ["meter/texts"], parts=PARTS, draws=DRAWS)
    assert set(micro(found, "no-shows")) == {0}
    assert found.reminders == ()
    assert "--new-reminders is missing" in found.part("no-shows").note
    (mute,) = ownership(shop, rules, solo, fixed, ["meter/notices"], parts=PARTS, new_reminders=True, draws=DRAWS)
    assert mute.option.verdict == "ineligible"
    assert set(micro(mute, "no-shows")) == {0}
    assert set(micro(mute, "filing")) == {0}
    assert "sends no reminders" in mute.part("no-shows").note


# Switches, evidence, draws.


@pytest.mark.parametrize("name", BEYOND)
def test_switching_a_part_on_adds_it_and_changes_nothing_else(
    market: Catalog, rules: Requirements, group: Comparison, name: str
) -> None:
    how: dict[str, Any] = {"now": "simplepractice/plus", "new_reminders": True, "draws": DRAWS, "years": 2}
    plans = ["cliniko/standard", "spruce-health/basic"]
    for off, on in zip(
        ownership(market, rules, group, load(), plans, **how),
        ownership(market, rules, group, load(), plans, parts=[*BILL, name], **how),
        strict=True,
    ):
        for part in PARTS:
            assert (micro(off, part) == micro(on, part)).all()
            assert on.part(part).on is (part in (*BILL, name))
            assert off.part(part).on is (part in BILL)
        assert (on.total.cost == off.total.cost + micro(on, name)).all()
        assert (micro(on, name) != 0).any() or {
            ("cliniko/standard", "filing"),  # practice software files by itself
            ("spruce-health/basic", "migration"),  # no practice software
        } >= {(on.option.plan, name)}


def test_a_part_of_the_bill_can_be_left_out(
    shop: Catalog, rules: Requirements, solo: Comparison, fixed: Parameters
) -> None:
    (found,) = ownership(shop, rules, solo, fixed, ["record/flat"], parts=["setup"], draws=DRAWS)
    assert set(found.total.cost) == {15_500_000}
    assert [part.name for part in found.on] == ["setup"]


def test_each_part_names_its_weakest_evidence(
    market: Catalog, rules: Requirements, group: Comparison, tmp_path: Path
) -> None:
    how: dict[str, Any] = {"now": "cliniko/standard", "new_reminders": True, "draws": 16}
    (found,) = ownership(market, rules, group, load(), ["simplepractice/plus"], **how)
    assert {part.name: part.evidence for part in found.parts} == {
        "subscription": "published_price",
        "usage": "published_price",
        "setup": None,
        "migration": "rule_of_thumb",
        "training": "assumption",
        "parallel": "rule_of_thumb",
        "filing": None,
        "no-shows": "assumption",
    }
    assert found.part("training").why == "Off unless asked for: assumption."
    assert found.part("subscription").why == "On: what the vendor charges is published."
    hours = own(tmp_path, {"training_hours": 2})
    (found,) = ownership(market, rules, group, hours, ["simplepractice/plus"], **how)
    assert found.part("training").evidence == "rule_of_thumb"  # the wage's surcharge
    hours = own(tmp_path, {"training_hours": 2, "wage": 20, "wage_costs": 1.2})
    (found,) = ownership(market, rules, group, hours, ["simplepractice/plus"], **how)
    assert found.part("training").evidence == "own"


def test_the_same_seed_gives_the_same_numbers_and_another_seed_others(
    market: Catalog, rules: Requirements, group: Comparison
) -> None:
    how: dict[str, Any] = {"parts": PARTS, "new_reminders": True, "draws": DRAWS, "years": 1}
    a, b, c = (ownership(market, rules, group, load(), ["cliniko/standard"], seed=seed, **how)[0] for seed in (1, 1, 2))
    assert (a.total.cost == b.total.cost).all()
    assert (a.total.cost != c.total.cost).any()
    more = ownership(market, rules, group, load(), ["cliniko/standard", "spruce-health/basic"], seed=1, **how)[0]
    assert (a.total.cost == more.total.cost).all()


def test_what_is_drawn_for_ownership_is_independent_of_what_is_drawn_for_the_bill(market: Catalog) -> None:
    parameters = load()
    one = practice.load("solo")[1]
    bills = simulate({"none": []}, {"none": {}}, one, parameters, 1, months=1, draws=4096)
    values = apart(parameters, OWNED, bills.draws, 1)
    ours = np.array([values[name] for name in OWNED])
    theirs = np.array([bills.values[name] for name in DRAWN if parameters[name].varies])
    assert ours.shape == (len(OWNED), 4096)
    for place in (slice(None), *(slice(start, start + 256) for start in range(0, 4096, 256))):
        here = np.corrcoef(ours[:, place], theirs[:, place])[: len(ours), len(ours) :]
        assert np.abs(here).max() < 5 / np.sqrt(ours[:, place].shape[1])
    wage = parameters["wage"]
    mean = (wage.low + 4 * wage.likely + wage.high) / 6  # of the PERT distribution
    assert abs(values["wage"].mean() - mean) < 0.002
    assert len(np.unique(values["wage"])) > 4000


def test_the_error_is_that_of_the_replicates(market: Catalog, rules: Requirements, group: Comparison) -> None:
    how: dict[str, Any] = {"parts": PARTS, "years": 1, "draws": 1024}
    totals = [
        ownership(market, rules, group, load(), ["spruce-health/basic"], seed=seed, **how)[0].total.paid
        for seed in range(8)
    ]
    spread = np.std([total.mean for total in totals], ddof=1)
    told = np.mean([total.error for total in totals])
    assert 0.35 < spread / told < 2.0  # the ends of a chi distribution with seven degrees of freedom
    assert all(total.low < total.mean < total.high for total in totals)


# Refusals.


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"plan_ids": ["record/flut"]}, r"there is no plan 'record/flut' .*did you mean 'record/flat'\?"),
        ({"plan_ids": ["record/quote"]}, r"what record/quote charges is not published in full.*bill record/quote'"),
        ({"plan_ids": ["record/beyond"]}, r"what record/beyond charges beyond an allowance is not published.*see"),
        ({"years": 0}, r"0 years cannot be simulated: take 1 to 5"),
        ({"years": 6}, r"6 years cannot be simulated: take 1 to 5"),
        ({"parts": ["filling"]}, r"there is no part 'filling': did you mean 'filing'\?"),
        ({"now": "record/flut"}, r"there is no plan 'record/flut': practice_management has record/flat"),
        ({"now": "recrd/flat"}, r"there is no plan 'recrd/flat': did you mean 'record/flat'\?"),
        ({"draws": 0}, r"0 draws cannot be simulated"),
        ({"seed": -1}, r"-1 is no seed"),
    ],
    ids=str,
)
def test_what_cannot_be_told_is_refused_with_what_would_be_right(
    shop: Catalog, rules: Requirements, solo: Comparison, fixed: Parameters, change: dict[str, Any], message: str
) -> None:
    how: dict[str, Any] = {"plan_ids": ["record/flat"], "draws": 16, **change}
    with pytest.raises(UserError, match=message):
        ownership(shop, rules, solo, fixed, **how)


def test_amounts_that_do_not_fit_are_refused(shop: Catalog, rules: Requirements, tmp_path: Path) -> None:
    large = asked(shop, rules, clinicians=1_000, staff=900_000)
    vast = own(tmp_path, FIXED | {"wage": 10_000, "training_hours": 10_000, "wage_costs": 10})
    with pytest.raises(UserError, match="may not fit into 64 bits"):
        ownership(shop, rules, large, vast, ["filer/basic"], draws=16)


# The command, its data and the table.


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as stopped:
        main(["tco", *words, "--as-of", TODAY.isoformat()])
    out, err = capsys.readouterr()
    assert isinstance(stopped.value.code, int)
    return stopped.value.code, out, err


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """No colours and no width of the tester's terminal."""
    for name in ("FORCE_COLOR", "CLICOLOR_FORCE", "TTY_COMPATIBLE", "COLUMNS", "LINES"):
        monkeypatch.delenv(name, raising=False)


def test_the_command_shows_parts_total_and_the_next_step(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "cliniko/standard", "--draws", "64", "--with", "training")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert max(cell_len(line.rstrip()) for line in lines) <= 80
    for title in PARTS.values():
        (row,) = [line.split() for line in lines if f"  {title}  " in line]
        assert row[0] == ("on" if title in ("Subscription", "Usage", "Set-up", "Training") else "off")
    assert any(line.split()[0] == "Total" and "$" in line for line in lines if line.strip())
    assert "Not in the total: moving over, paying for both, filing messages, missed sessions." in " ".join(out.split())
    assert lines[-1].removesuffix(f" --as-of {TODAY}") == "Next: texteval tco cliniko/standard --years 3 --with all"
    assert "randomised trial" not in out


def test_the_next_step_asks_for_no_part_that_is_unknown(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "cliniko/standard", "--draws", "16", "--now", "valant/quote", "--years", "1")
    assert code == 0
    assert re.search(r"off +Paying for both +unknown +rule of thumb", out)
    asked = "--years 1 --now valant/quote --with migration,training,filing,no-shows"
    assert f"Next: texteval tco cliniko/standard {asked}" in out


def test_an_ineligible_plan_is_priced_and_called_so(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "signal/free-app", "--draws", "16", "--with", "all", "--new-reminders")
    assert code == 0
    assert ": ineligible." in out
    assert "It may not be used by this practice; it is priced all the same." in out
    assert "By the one randomised trial in psychotherapy reminders save" in out
    assert "Next: texteval bill signal/free-app" in out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["valant/quote"], "see 'texteval bill valant/quote'"),
        (["cliniko/standard", "--with", "training,noshows"], "there is no part 'noshows': did you mean 'no-shows'?"),
        (["cliniko/standard", "--with", "all,moving"], "there is no part 'moving'"),
        (["cliniko/standard", "--with", "all", "--now", "valant/quote"], "leave it out, or give your own price"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_the_command_refuses_in_one_sentence(
    capsys: pytest.CaptureFixture[str], words: list[str], message: str
) -> None:
    code, out, err = run(capsys, *words)
    assert (code, out) == (2, "")
    assert message in err
    assert err.startswith("texteval: ")
    assert err.count("\n") == 1


def test_the_data_and_the_table_hold_the_same_amounts(
    market: Catalog, rules: Requirements, group: Comparison, capsys: pytest.CaptureFixture[str]
) -> None:
    how: dict[str, Any] = {"years": 2, "draws": 64, "seed": 5, "new_reminders": True, "now": "simplepractice/plus"}
    plans = ["cliniko/standard", "spruce-health/basic"]
    found = ownership(market, rules, group, load(), plans, parts=[*BILL, "no-shows"], **how)
    words = "--years 2 --draws 64 --seed 5 --new-reminders --now simplepractice/plus --with no-shows --json"
    code, out, _ = run(capsys, *plans, *words.split())
    assert code == 0
    told = json.loads(out)
    assert told["data_hash"] == f"{group.hash}-{load().hash}" == found[0].hash
    assert (told["years"], told["draws"], told["seed"], told["discount_rate"]) == (2, 64, 5, 0.05)
    frame = ownership_frame(found).set_index(["plan", "part"])
    assert len(frame) == 2 * (len(PARTS) + 1)
    for plan in told["plans"]:
        rows = {"total": plan["total"], **{part["part"]: part for part in plan["parts"]}}
        for name, row in rows.items():
            for column in ("mean_usd", "p05_usd", "p95_usd_per_year", "present_value_usd", "present_value_error_usd"):
                assert row[column] == frame.loc[(plan["plan"], name), column]
        on = sum(part["mean_usd"] for part in plan["parts"] if part["on"])
        assert abs(on - plan["total"]["mean_usd"]) < 0.05
        assert abs(plan["total"]["mean_usd"] - 2 * plan["total"]["mean_usd_per_year"]) < 0.02
        assert len(plan["reminder_effects"]) == 4
        shift = plan["reminder_effects"][-1]["mean_usd"] - plan["reminder_effects"][0]["mean_usd"]
        assert abs(plan["total_by_contrary_trial"]["mean_usd"] - plan["total"]["mean_usd"] - shift) < 0.05


def test_a_price_of_the_users_own_is_called_so(shop: Catalog, rules: Requirements, fixed: Parameters) -> None:
    lines = shop.price_lines("record/dear", TODAY)
    assert lines is not None
    mine = replace(shop, own_prices=frozenset({("record/dear", line.since, line.name) for line in lines}), _bills={})
    comparison = asked(mine, rules)
    (found,) = ownership(mine, rules, comparison, fixed, ["record/dear"], draws=16)
    assert found.part("subscription").evidence == "own"


def test_the_command_takes_what_is_paid_today_from_the_practice_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text(
        "name: Mine\nclinicians: 5\nstaff: 1\nsessions_per_week: 95\nmessages: [{purpose: reminder}]\n"
        "now: {plan: simplepractice/plus, reminders: true}\n",
        encoding="utf-8",
    )
    words = ["tco", "simplepractice/plus", "--with", "all", "--years", "1", "--draws", "64", "--practice", str(mine)]
    with pytest.raises(SystemExit) as stopped:
        main([*words, "--json"])
    assert stopped.value.code == 0
    found = json.loads(capsys.readouterr().out)
    assert found["now"] == "simplepractice/plus"
    parts = {part["part"]: part for part in found["plans"][0]["parts"]}
    assert parts["migration"]["mean_usd"] == parts["training"]["mean_usd"] == parts["parallel"]["mean_usd"] == 0
    with pytest.raises(SystemExit) as stopped:
        main([*words, "--new-reminders"])
    assert stopped.value.code == 2
    assert "so none are new: leave out --new-reminders" in " ".join(capsys.readouterr().err.split())
