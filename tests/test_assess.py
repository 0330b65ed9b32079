"""The ladder of verdicts on a small catalogue, and what holds of every tool in the real one."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from conftest import TODAY
from texteval import catalog, practice
from texteval.assess import VERDICTS, Coverage, Verdict, cover, judge
from texteval.catalog import Catalog
from texteval.practice import Practice
from texteval.requirements import Requirements

ON = date(2026, 6, 30)

SOURCES = {
    "page": ("vendor_page", "2026-06-01"),
    "older-page": ("vendor_page", "2026-05-01"),
    "stale-page": ("vendor_page", "2020-01-01"),
    "reply": ("vendor_reply", "2026-06-01"),
    "review": ("review", "2026-06-01"),
    "hearsay": ("second_hand", "2026-06-01"),
    "knowledge": ("general_knowledge", "2026-06-01"),
}

GOOD = {
    "baa": "yes",
    "baa_covers": "yes",
    "encryption_in_transit": "yes",
    "encryption_at_rest": "yes",
    "unique_logins": "yes",
    "access_control_roles": "yes",
    "audit_log": "yes",
}

SOLO = Practice.model_validate(
    {"name": "Solo", "clinicians": 1, "sessions_per_week": 20, "messages": [{"purpose": "reminder"}]}
)
TEAM = SOLO.model_copy(update={"name": "Team", "staff": 1})


def piece(value: Any, source: str = "page", **more: Any) -> dict[str, Any]:
    return {"value": value, "source": source, **more}


def shop(folder: Path, change: dict[str, Any] | None = None, *, kind: str = "business_phone", **plan: Any) -> Catalog:
    """Write and load a catalogue of one vendor that meets every gate, but for the changes; JSON is YAML too."""
    facts = {name: piece(value) for name, value in GOOD.items()} | (change or {})
    facts = {name: pieces for name, pieces in facts.items() if pieces is not None}
    charge = {"name": "Plan", "model": "flat", "usd": 10}
    prices = [{"from": "2026-01-01", "date_is": "stated", "source": "page", "charges": [charge]}]
    vendor = {
        "name": "Acme",
        "kind": kind,
        "facts": facts,
        "plans": {"basic": {"name": "Basic", "channels": ["sms", "secure_message"], "prices": prices, **plan}},
    }
    sources = {
        name: {"title": name, "url": "https://acme.example", "grade": grade, "seen": seen}
        for name, (grade, seen) in SOURCES.items()
    }
    path = folder / "shop.yaml"
    path.write_text(json.dumps({"sources": sources, "vendors": {"acme": vendor}}), encoding="utf-8")
    return catalog.load(path)


def verdict(
    market: Catalog, rules: Requirements, *, channel: str = "sms", purpose: str = "reminder", who: Practice = TEAM
) -> Verdict:
    return judge(market, rules, "acme/basic", channel, purpose, who, ON)


LADDER: list[tuple[str, dict[str, Any], str, str]] = [
    ("all gates met", {}, "eligible", "All gates are met."),
    ("all met by replies", {"baa": piece("yes", "reply")}, "eligible", "All gates are met."),
    ("a gate met by a review", {"audit_log": piece("yes", "review")}, "eligible", "All gates are met."),
    (
        "BAA on request",
        {"baa": piece("on_request")},
        "with configuration",
        "Ask for the business associate agreement, sign it, and keep a copy before the first message.",
    ),
    (
        "a step of its own",
        {"audit_log": piece("yes", step="Switch the log on.")},
        "with configuration",
        "Switch the log on.",
    ),
    ("BAA unknown", {"baa": None}, "verify first", "BAA: unknown."),
    ("log unknown", {"audit_log": None}, "verify first", "Audit log: unknown."),
    (
        "log stale",
        {"audit_log": piece("yes", "stale-page")},
        "verify first",
        "Audit log: yes, but the source is of 2020-01-01: too old.",
    ),
    (
        "log disputed",
        {"audit_log": [piece("yes"), piece("no", "older-page")]},
        "verify first",
        "Audit log: yes, but an equally good source says no.",
    ),
    (
        "log disputed by a weaker source only",
        {"audit_log": [piece("yes"), piece("no", "review")]},
        "eligible",
        "All gates are met.",
    ),
    (
        "log second-hand",
        {"audit_log": piece("yes", "hearsay")},
        "verify first",
        "Audit log: yes, but only second-hand.",
    ),
    ("BAA from a review", {"baa": piece("yes", "review")}, "verify first", "BAA: yes, but only from a review."),
    (
        "log partial",
        {"audit_log": piece("partial")},
        "verify first",
        "Audit log: partial (only sign-ins or changes of settings); ask whether that is enough.",
    ),
    ("no BAA", {"baa": piece("no")}, "ineligible", "BAA: not offered on this plan."),
    ("no BAA, second-hand", {"baa": piece("no", "hearsay")}, "ineligible", "BAA: not offered on this plan."),
    (
        "no BAA, general knowledge",
        {"baa": piece("no", "knowledge")},
        "verify first",
        "BAA: no, but only from general knowledge.",
    ),
    (
        "channel not in the BAA",
        {"baa_covers": piece("no")},
        "ineligible",
        "This channel in the BAA: named as not covered.",
    ),
    ("no own logins", {"unique_logins": piece("no")}, "ineligible", "Own logins: one shared account."),
    (
        "a failure outweighs an open point and a step",
        {"baa": piece("on_request"), "audit_log": None, "encryption_at_rest": piece("no")},
        "ineligible",
        "Encryption at rest: not encrypted.",
    ),
    (
        "an open point outweighs a step",
        {"baa": piece("on_request"), "audit_log": None},
        "verify first",
        "Audit log: unknown.",
    ),
    (
        "a heavy point is told first",
        {"audit_log": None, "baa_covers": None},
        "verify first",
        "This channel in the BAA: unknown.",
    ),
]


@pytest.mark.parametrize(("change", "expected", "reason"), [row[1:] for row in LADDER], ids=[row[0] for row in LADDER])
def test_the_ladder_of_verdicts(
    tmp_path: Path, rules: Requirements, change: dict[str, Any], expected: str, reason: str
) -> None:
    found = verdict(shop(tmp_path, change), rules)
    assert (found.verdict, found.reason) == (expected, reason)
    assert found.rank == VERDICTS.index(expected)


@pytest.mark.parametrize("value", ["yes", "partial", "no", None])
def test_end_to_end_encryption_changes_no_verdict(tmp_path: Path, rules: Requirements, value: str | None) -> None:
    change = {"end_to_end_encryption": None if value is None else piece(value)}
    assert verdict(shop(tmp_path, change), rules).verdict == "eligible"


@pytest.mark.parametrize("attribute", ["mfa", "message_retention_export", "opt_out_handling", "data_in_us"])
def test_what_is_no_gate_does_not_decide(tmp_path: Path, rules: Requirements, attribute: str) -> None:
    found = verdict(shop(tmp_path, {attribute: piece("no")}), rules)
    assert found.verdict == "eligible"
    assert {f.outcome for f in found.findings if f.fact and f.fact.attribute == attribute} <= {"fail", "verify"}


@pytest.mark.parametrize(
    ("who", "roles", "expected"),
    [
        (SOLO, None, "eligible"),
        (SOLO, piece("no"), "eligible"),
        (TEAM, None, "verify first"),
        (TEAM, piece("no"), "ineligible"),
        (TEAM, piece("yes"), "eligible"),
    ],
    ids=["solo unknown", "solo none", "team unknown", "team none", "team yes"],
)
def test_roles_decide_only_for_a_team(
    tmp_path: Path, rules: Requirements, who: Practice, roles: dict[str, Any] | None, expected: str
) -> None:
    assert verdict(shop(tmp_path, {"access_control_roles": roles}), rules, who=who).verdict == expected


@pytest.mark.parametrize(
    ("channel", "purpose", "expected"),
    [
        ("sms", "coaching", "ineligible"),
        ("mms", "coaching", "ineligible"),
        ("secure_message", "coaching", "eligible"),
        ("sms", "reminder", "eligible"),
        ("sms", "billing_question", "eligible"),
    ],
)
def test_clinical_coaching_is_never_sent_by_sms(
    tmp_path: Path, rules: Requirements, channel: str, purpose: str, expected: str
) -> None:
    found = verdict(shop(tmp_path), rules, channel=channel, purpose=purpose)
    assert found.verdict == expected
    if expected == "ineligible":
        assert found.reason == "Clinical content stays in the app or portal."


def test_the_channel_for_coaching_is_the_app_and_for_reminders_sms(tmp_path: Path, rules: Requirements) -> None:
    who = TEAM.model_copy(update={"messages": practice_messages("reminder", "coaching", "team")})
    found = cover(shop(tmp_path), rules, "acme/basic", who, ON)
    assert found.channels == {"reminder": "sms", "coaching": "secure_message"}
    assert found.uncovered == ("team",)
    assert (found.verdict, found.reason) == ("ineligible", "No channel for team.")


def test_a_tool_with_sms_alone_cannot_coach_and_says_why(tmp_path: Path, rules: Requirements) -> None:
    who = TEAM.model_copy(update={"messages": practice_messages("coaching")})
    found = cover(shop(tmp_path, channels=["sms"]), rules, "acme/basic", who, ON)
    assert (found.verdict, found.reason) == ("ineligible", "Clinical content stays in the app or portal.")


def practice_messages(*purposes: str) -> list[practice.Message]:
    return [practice.Message.model_validate({"purpose": purpose}) for purpose in purposes]


def test_a_channel_counts_only_for_the_purposes_it_serves(tmp_path: Path, rules: Requirements) -> None:
    market = shop(tmp_path, channels={"sms": ["reminder"], "secure_message": "all"})
    who = TEAM.model_copy(update={"messages": practice_messages("reminder", "admin_follow_up")})
    assert cover(market, rules, "acme/basic", who, ON).channels == {
        "reminder": "sms",
        "admin_follow_up": "secure_message",
    }


def test_the_better_verdict_chooses_the_channel_and_then_the_practices_preference(
    tmp_path: Path, rules: Requirements
) -> None:
    only_app = {"baa_covers": [piece("yes", channels="secure_message"), piece("no", channels="sms")]}
    assert cover(shop(tmp_path, only_app), rules, "acme/basic", TEAM, ON).channels == {"reminder": "secure_message"}
    fond = TEAM.model_copy(update={"prefer": ["secure_message", "sms"]})
    assert cover(shop(tmp_path), rules, "acme/basic", TEAM, ON).channels == {"reminder": "sms"}
    assert cover(shop(tmp_path), rules, "acme/basic", fond, ON).channels == {"reminder": "secure_message"}


def test_a_fact_counts_only_for_the_plan_it_names(tmp_path: Path, rules: Requirements) -> None:
    change = {"baa": [piece("no", plans="basic"), piece("yes", plans="pro")]}
    charge = {"name": "Plan", "model": "flat", "usd": 10}
    prices = [{"from": "2026-01-01", "date_is": "stated", "source": "page", "charges": [charge]}]
    path = tmp_path / "shop.yaml"
    with pytest.raises(Exception, match="there is no plan 'pro'"):
        shop(tmp_path, change)
    data = json.loads(path.read_text(encoding="utf-8"))
    data["vendors"]["acme"]["plans"]["pro"] = {"name": "Pro", "channels": ["sms"], "prices": prices}
    path.write_text(json.dumps(data), encoding="utf-8")
    market = catalog.load(path)
    verdicts = {p: judge(market, rules, f"acme/{p}", "sms", "reminder", TEAM, ON).verdict for p in ("basic", "pro")}
    assert verdicts == {"basic": "ineligible", "pro": "eligible"}


# Size.

BIG = Practice.model_validate(
    {
        "name": "Big",
        "clinicians": 4,
        "staff": 2,
        "locations": 2,
        "sessions_per_week": 60,
        "weeks_per_year": 50,
        "active_clients": 90,
        "messages": [{"purpose": "reminder"}],
    }
)


@pytest.mark.parametrize(
    ("limit", "fits", "too_small", "told"),
    [
        ("clinicians", 4, 3, "3 clinicians (the practice has 4)"),
        ("logins", 6, 5, "5 logins (the practice has 6)"),
        ("locations", 2, 1, "1 location (the practice has 2)"),
        ("active_clients", 90, 89, "89 active clients (the practice has 90)"),
        ("sessions_per_month", 250, 249, "249 sessions per month (the practice has 250)"),  # 60 * 50 / 12
    ],
)
def test_a_plan_takes_a_practice_up_to_its_limit(
    tmp_path: Path, rules: Requirements, limit: str, fits: int, too_small: int, told: str
) -> None:
    assert verdict(shop(tmp_path, limits={limit: fits}), rules, who=BIG).verdict == "eligible"
    found = verdict(shop(tmp_path, limits={limit: too_small}), rules, who=BIG)
    assert (found.verdict, found.reason) == ("ineligible", f"The plan allows at most {told}.")


# What a verdict carries.


def test_the_weakest_gate_is_the_one_of_the_lowest_grade_and_then_the_oldest(
    tmp_path: Path, rules: Requirements
) -> None:
    change = {"audit_log": piece("yes", "review"), "encryption_at_rest": piece("yes", "older-page")}
    weakest = verdict(shop(tmp_path, change), rules).weakest
    assert weakest is not None
    assert weakest.requirement == "audit_controls"
    del change["audit_log"]
    weakest = verdict(shop(tmp_path, change), rules).weakest
    assert weakest is not None
    assert weakest.requirement == "encryption_at_rest"
    change = {"mfa": piece("yes", "knowledge")}  # no gate, so it does not count
    weakest = verdict(shop(tmp_path, change), rules).weakest
    assert weakest is not None
    assert weakest.fact is not None
    assert weakest.fact.grade == "vendor_page"


def test_steps_are_told_once_and_open_points_carry_their_question(tmp_path: Path, rules: Requirements) -> None:
    change = {"baa": piece("on_request"), "audit_log": None, "mfa": piece("yes")}
    who = TEAM.model_copy(update={"messages": practice_messages("reminder", "confirmation")})
    found = cover(shop(tmp_path, change), rules, "acme/basic", who, ON)
    assert len(found.steps) == len(set(found.steps))
    assert found.steps[0].startswith("Ask for the business associate agreement")
    assert any(step.startswith("Switch two-step sign-in on") for step in found.steps)
    (point,) = found.open_points
    assert point.question == "Does the audit log show who opened, sent or deleted a message, and how long is it kept?"


def test_a_building_block_is_never_simply_eligible(tmp_path: Path, rules: Requirements) -> None:
    found = verdict(shop(tmp_path, kind="messaging_api"), rules)
    assert found.verdict == "with configuration"
    assert found.reason.startswith("Have software written or bought that uses this interface")


def test_the_limits_of_sms_stand_beside_every_verdict_on_it(tmp_path: Path, rules: Requirements) -> None:
    assert (
        "The carriers' leg of an SMS is not encrypted, whatever the vendor does."
        in verdict(shop(tmp_path), rules).limits
    )


def test_evidence_of_a_later_day_does_not_count(tmp_path: Path, rules: Requirements) -> None:
    market = shop(tmp_path)
    on = date(2026, 5, 31)  # a day before the page was seen
    assert judge(market, rules, "acme/basic", "sms", "reminder", TEAM, on).verdict == "verify first"


def test_without_messages_a_plan_covers_nothing() -> None:
    assert Coverage("acme/basic", {}, ()).verdict == "ineligible"


# The real catalogue.

PRESETS = ["solo", "small-group", "group", "clinic", "fifty-clients"]


@pytest.mark.parametrize("preset", PRESETS)
def test_no_consumer_app_can_be_used_and_the_reason_is_the_baa(
    market: Catalog, rules: Requirements, preset: str
) -> None:
    _, who, _ = practice.load(preset)
    apps = [p for p in market.plan_ids() if market.vendors[p.partition("/")[0]].kind == "consumer_app"]
    assert len(apps) >= 9
    for plan_id in apps:
        found = cover(market, rules, plan_id, who, TODAY)
        assert found.verdict == "ineligible", plan_id
        gates = {f.requirement for v in found.verdicts.values() for f in v.failures}
        assert "baa_available" in gates or "baa_covers_channel" in gates, plan_id
        assert "BAA" in found.reason or found.uncovered, plan_id


def test_in_the_real_catalogue_no_plan_may_coach_by_sms(market: Catalog, rules: Requirements) -> None:
    who = TEAM.model_copy(update={"messages": practice_messages("coaching")})
    for plan_id in market.plan_ids():
        found = cover(market, rules, plan_id, who, TODAY)
        assert found.verdict == "ineligible" or found.channels == {"coaching": "secure_message"}, plan_id


def test_what_can_be_used_now_rests_on_good_fresh_undisputed_evidence(market: Catalog, rules: Requirements) -> None:
    _, who, _ = practice.load("small-group")
    checked = 0
    for plan_id in market.plan_ids():
        found = cover(market, rules, plan_id, who, TODAY)
        if found.verdict not in ("eligible", "with configuration"):
            continue
        for one in found.verdicts.values():
            for finding in one.findings:
                if finding.gate and finding.fact:
                    rule = rules.all[finding.requirement]
                    assert finding.fact.grade is not None
                    assert rule.accepts_grade(finding.fact.grade)
                    assert not finding.fact.stale
                    assert not finding.fact.disputed
                    checked += 1
    assert checked > 0
