"""What else holds for a practice: when it holds, what it does to the verdicts, and what its files may say."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import test_assess
from conftest import TODAY
from test_assess import GOOD, ON, SOLO, piece, practice_messages, shop
from texteval import practice, requirements
from texteval.assess import Coverage, cover, judge
from texteval.catalog import Catalog, Purpose
from texteval.circumstances import Circumstance
from texteval.errors import DataError, UserError
from texteval.evidence import CHANNELS
from texteval.files import data_folder
from texteval.models import first_day
from texteval.practice import Practice, Profession
from texteval.requirements import Requirements
from texteval.states import STATES

CLIENT_PURPOSES = [purpose for purpose in get_args(Purpose) if purpose != "team"]


def who(*purposes: str, **fields: Any) -> Practice:
    """Make a practice of one that sends reminders, or what is named."""
    messages = practice_messages(*purposes) if purposes else SOLO.messages
    return Practice.model_validate({**SOLO.model_dump(exclude={"messages"}), **fields, "messages": messages})


def covered(market: Catalog, rules: Requirements, one: Practice, on: date = ON) -> Coverage:
    return cover(market, rules, "acme/basic", one, on)


def opened(found: Coverage) -> set[str]:
    return {point.requirement for point in found.open_points}


def texts_of(one: Circumstance) -> list[str]:
    return [*one.steps, *one.warnings]


@pytest.fixture(scope="module")
def every(rules: Requirements) -> dict[str, Circumstance]:
    return rules.circumstances.circumstances


# When each holds.

BY_STATE = {
    "CA": {"ca-cmia", "ca-breach-notice", "ca-record-retention", "ca-licensed-clinics"},
    "TX": {"tx-medical-privacy", "tx-data-location", "tx-marketing-texts"},
    "NY": {"ny-breach-notice", "ny-clinic-records"},
    "FL": {"fl-data-location", "fl-record-ownership", "fl-breach-notice"},
    "IL": {"il-mental-health-confidentiality", "il-ai"},
    "WA": {"wa-health-data"},
    "NV": {"nv-health-data", "nv-encryption"},
    "MA": {"ma-personal-information"},
    "CT": {"ct-health-data"},
    "NH": {"nh-health-privacy"},
    "AZ": {"az-record-retention"},
}

BY_FIELD: list[tuple[dict[str, Any], set[str]]] = [
    ({}, set()),
    ({"professions": ["psychologist"]}, {"apa-telepsychology", "apa-ethics-code", "record-retention"}),
    ({"professions": ["social_worker"]}, {"nasw-code", "nasw-technology", "record-retention"}),
    ({"professions": ["counselor"]}, {"aca-code", "record-retention"}),
    ({"professions": ["marriage_family_therapist"]}, {"aamft-code", "record-retention"}),
    ({"professions": ["certified_counselor"]}, {"nbcc-policy", "record-retention"}),
    ({"professions": ["psychiatrist"]}, {"ama-code-of-ethics", "record-retention"}),
    ({"professions": ["counselor", "certified_counselor"]}, {"aca-code", "nbcc-policy", "record-retention"}),
    ({"minors": True}, {"clients-under-age", "parents-and-records"}),
    ({"part2": True}, {"part-2-agreement", "part-2-consent"}),
    ({"cash_only": True}, {"cash-only"}),
    ({"modalities": ["dbt"]}, {"dbt-coaching"}),
    ({"modalities": ["psychodynamic"]}, {"psychodynamic-contact"}),
    ({"modalities": ["dbt", "psychodynamic"]}, {"dbt-coaching", "psychodynamic-contact"}),
    ({"employer": "none"}, set()),
    ({"employer": "allows"}, {"employer-allows"}),
    ({"employer": "forbids"}, {"employer-forbids"}),
    ({"employer": "unknown"}, {"employer-unknown"}),
    ({"reading": "standard"}, set()),
    ({"reading": "strict"}, {"reading-strict", "reading-strict-requests"}),
    ({"reading": "request"}, {"reading-request"}),
    ({"proposed_rule": True}, {"proposed-rule-status", "proposed-rule-safeguards", "proposed-rule-clocks"}),
]


@pytest.mark.parametrize("state", STATES)
def test_the_law_of_a_state_holds_there_and_nowhere_else(rules: Requirements, state: str) -> None:
    assert set(rules.holding(who(state=state), TODAY)) == BY_STATE.get(state, set())


@pytest.mark.parametrize(("fields", "names"), BY_FIELD, ids=lambda value: " ".join(sorted(value)) or "none")
def test_each_field_of_a_practice_brings_what_belongs_to_it(
    rules: Requirements, fields: dict[str, Any], names: set[str]
) -> None:
    assert set(rules.holding(who(**fields), TODAY)) == names


def test_every_circumstance_is_brought_by_a_field_above(every: dict[str, Circumstance]) -> None:
    named = set().union(*BY_STATE.values(), *(names for _, names in BY_FIELD))
    assert set(every) == named | {"several-states"}


@given(st.lists(st.sampled_from([*BY_STATE, "OR", "PR"]), min_size=1, max_size=4, unique=True), st.booleans())
def test_of_several_states_all_laws_hold_and_a_word_on_that(rules: Requirements, states: list[str], home: bool) -> None:
    first, *rest = states
    one = who(state=first, client_states=rest) if home else who(client_states=states)
    wanted = set().union(*(BY_STATE.get(state, set()) for state in states))
    assert set(rules.holding(one, TODAY)) == (wanted | {"several-states"} if len(states) > 1 else wanted)


def test_clients_in_ones_own_state_are_not_several_states(rules: Requirements) -> None:
    assert set(rules.holding(who(state="WA", client_states=["WA"]), TODAY)) == BY_STATE["WA"]


FIRST_DAYS = {
    "ca-breach-notice": ({"state": "CA"}, date(2026, 1, 1)),
    "ca-licensed-clinics": ({"state": "CA"}, date(2015, 1, 1)),
    "tx-data-location": ({"state": "TX"}, date(2026, 1, 1)),
    "tx-marketing-texts": ({"state": "TX"}, date(2025, 9, 1)),
    "ny-breach-notice": ({"state": "NY"}, date(2024, 12, 21)),
    "fl-data-location": ({"state": "FL"}, date(2023, 7, 1)),
    "il-ai": ({"state": "IL"}, date(2025, 8, 1)),
    "wa-health-data": ({"state": "WA"}, date(2024, 6, 30)),
    "nv-health-data": ({"state": "NV"}, date(2024, 3, 31)),
    "nv-encryption": ({"state": "NV"}, date(2010, 1, 1)),
    "nh-health-privacy": ({"state": "NH"}, date(2010, 1, 1)),
    "nasw-code": ({"professions": ["social_worker"]}, date(2018, 1, 1)),
}


@pytest.mark.parametrize("name", FIRST_DAYS)
def test_what_has_a_first_day_holds_from_that_day_on(rules: Requirements, name: str) -> None:
    fields, first = FIRST_DAYS[name]
    assert name in rules.holding(who(**fields), first)
    assert name not in rules.holding(who(**fields), first - timedelta(days=1))


def test_nothing_else_has_a_first_day(every: dict[str, Circumstance]) -> None:
    assert {name for name, one in every.items() if one.since is not None} == set(FIRST_DAYS)


# What each does to a verdict. The plan meets every gate of the rule for all; where its messages are stored, two-step
# sign-in and the like are unknown.

ALONE = (
    "fields",
    [
        {"state": "CA"},
        {"state": "NY", "client_states": ["IL", "WA", "NV", "MA", "CT", "NH", "AZ"]},
        *({"professions": [profession]} for profession in get_args(Profession)),
        {"minors": True},
        {"cash_only": True},
        {"modalities": ["dbt", "psychodynamic"]},
        {"employer": "allows"},
        {"employer": "unknown"},
    ],
)


@pytest.mark.parametrize(*ALONE)
def test_most_circumstances_ask_for_steps_and_change_no_verdict(
    tmp_path: Path, rules: Requirements, fields: dict[str, Any]
) -> None:
    one = who(*CLIENT_PURPOSES, **fields)
    holding = rules.holding(one, ON)
    assert holding
    assert any(texts_of(circumstance) for circumstance in holding.values())
    plain = covered(shop(tmp_path), rules, who(*CLIENT_PURPOSES))
    assert plain.verdict == "eligible"
    assert covered(shop(tmp_path), rules, one) == plain


@pytest.mark.parametrize(
    ("value", "verdict"),
    [
        (None, "verify first"),
        (piece("yes"), "eligible"),
        (piece("yes", "hearsay"), "verify first"),
        (piece("partial"), "verify first"),  # in part, or in Canada
        (piece("no"), "verify first"),
    ],
    ids=["unknown", "yes", "yes, second-hand", "partly", "elsewhere"],
)
@pytest.mark.parametrize("fields", [{"state": "TX"}, {"state": "FL"}, {"state": "OR", "client_states": ["TX"]}])
def test_in_texas_and_florida_it_decides_where_messages_are_stored(
    tmp_path: Path, rules: Requirements, fields: dict[str, Any], value: dict[str, Any] | None, verdict: str
) -> None:
    market = shop(tmp_path, {"data_in_us": value})
    found = covered(market, rules, who(**fields))
    assert found.verdict == verdict
    assert opened(found) == (set() if verdict == "eligible" else {"data_location"})
    for elsewhere in ({}, {"state": "OR"}, {"state": "CA", "client_states": ["NY"]}):
        assert covered(market, rules, who(**elsewhere)).verdict == "eligible"


@pytest.mark.parametrize(
    ("state", "day", "verdict"),
    [
        ("TX", date(2025, 12, 31), "eligible"),
        ("TX", date(2026, 1, 1), "verify first"),
        ("FL", date(2025, 12, 31), "verify first"),  # its law is older than the requirement's first day
        ("OR", date(2026, 1, 1), "eligible"),
    ],
)
def test_the_place_of_storage_decides_from_the_first_day_of_each_states_law(
    tmp_path: Path, rules: Requirements, monkeypatch: pytest.MonkeyPatch, state: str, day: date, verdict: str
) -> None:
    monkeypatch.setitem(test_assess.SOURCES, "page", ("vendor_page", "2025-12-01"))
    assert covered(shop(tmp_path), rules, who(state=state), day).verdict == verdict


def test_a_texan_practice_is_told_the_open_point_with_its_question(tmp_path: Path, rules: Requirements) -> None:
    found = covered(shop(tmp_path), rules, who(state="TX"))
    assert found.reason == "Stored in the United States: unknown."
    assert [point.question for point in found.open_points] == ["Where are messages of our account stored?"]


# How the rule is read.


def test_by_the_strict_reading_reminders_move_from_sms_to_secure_messages(tmp_path: Path, rules: Requirements) -> None:
    market = shop(tmp_path)
    assert covered(market, rules, who()).channels == {"reminder": "sms"}
    strict = covered(market, rules, who(reading="strict"))
    assert (strict.verdict, strict.channels) == ("eligible", {"reminder": "secure_message"})
    year = who(reading="strict").usage_year(strict.channels)
    assert (year["secure_message"], year["segment_out"]) == (20 * 52, 0)


@pytest.mark.parametrize("purpose", CLIENT_PURPOSES)
@pytest.mark.parametrize("channel", ["sms", "mms"])
def test_by_the_strict_reading_no_message_to_a_client_is_a_plain_text(
    tmp_path: Path, rules: Requirements, purpose: str, channel: str
) -> None:
    found = covered(shop(tmp_path, channels=[channel]), rules, who(purpose, reading="strict"))
    assert found.verdict == "ineligible"
    assert found.reason == "By the strict reading, messages to clients stay in the app or portal."


@pytest.mark.parametrize("fields", [{"reading": "strict"}, {"employer": "forbids"}])
def test_what_rules_out_texts_to_clients_leaves_the_team_chat(
    tmp_path: Path, rules: Requirements, fields: dict[str, Any]
) -> None:
    market = shop(tmp_path, channels=["sms", "team_chat"])
    found = covered(market, rules, who("team", **fields))
    assert (found.verdict, found.channels) == ("eligible", {"team": "team_chat"})


READINGS = ["strict", "standard", "request"]


@pytest.mark.parametrize(
    ("value", "verdicts"),
    [
        (piece("yes"), ["ineligible", "eligible", "eligible"]),
        (None, ["ineligible", "verify first", "eligible"]),
        (piece("partial"), ["ineligible", "verify first", "eligible"]),
        (piece("no"), ["ineligible", "ineligible", "eligible"]),
    ],
    ids=["yes", "unknown", "partial", "no"],
)
def test_only_where_clients_prefer_plain_texts_does_an_sms_go_without_encryption_in_transit(
    tmp_path: Path, rules: Requirements, value: dict[str, Any] | None, verdicts: list[str]
) -> None:
    market = shop(tmp_path, {"encryption_in_transit": value}, channels=["sms"])
    assert [covered(market, rules, who(reading=reading)).verdict for reading in READINGS] == verdicts


@pytest.mark.parametrize("attribute", [name for name in GOOD if name != "access_control_roles"])
def test_a_clients_preference_lifts_nothing_else(tmp_path: Path, rules: Requirements, attribute: str) -> None:
    market = shop(tmp_path, {attribute: None}, channels=["sms"])
    lifted = attribute == "encryption_in_transit"
    assert covered(market, rules, who(reading="request")).verdict == ("eligible" if lifted else "verify first")


def test_a_clients_preference_needs_the_agreement_all_the_same(tmp_path: Path, rules: Requirements) -> None:
    found = covered(shop(tmp_path, {"baa": piece("no")}, channels=["sms"]), rules, who(reading="request"))
    assert (found.verdict, found.reason) == ("ineligible", "BAA: not offered on this plan.")


def test_a_clients_preference_lifts_nothing_in_the_app(tmp_path: Path, rules: Requirements) -> None:
    market = shop(tmp_path, {"encryption_in_transit": None}, channels=["secure_message"])
    found = covered(market, rules, who(reading="request"))
    assert (found.verdict, opened(found)) == ("verify first", {"encryption_in_transit"})
    usual, lifted = (found.verdicts["reminder"].findings for found in (covered(market, rules, who()), found))
    assert set(lifted) == set(usual)
    assert len(lifted) == len(usual)


def test_what_a_preference_lifts_is_still_told(tmp_path: Path, rules: Requirements) -> None:
    market = shop(tmp_path, {"encryption_in_transit": piece("no")}, channels=["sms"])
    found = covered(market, rules, who(reading="request"))
    assert any(caution.startswith("Encryption in transit") for caution in found.cautions)


@pytest.mark.parametrize("reading", READINGS)
@pytest.mark.parametrize("profession", ["counselor", "certified_counselor"])
def test_coaching_by_sms_is_forbidden_under_every_reading(
    tmp_path: Path, rules: Requirements, reading: str, profession: str
) -> None:
    one = who("coaching", reading=reading, professions=[profession])
    assert covered(shop(tmp_path, channels=["sms"]), rules, one).verdict == "ineligible"
    assert covered(shop(tmp_path), rules, one).channels == {"coaching": "secure_message"}


def test_the_code_of_certified_counselors_adds_no_gate_to_reminders(tmp_path: Path, rules: Requirements) -> None:
    """Its encryption is for what is therapeutic; a reminder is not."""
    market = shop(tmp_path, {"encryption_in_transit": None}, channels=["sms"])
    assert covered(market, rules, who(reading="request", professions=["certified_counselor"])).verdict == "eligible"


# Employer, Part 2, and the proposed rule.


@pytest.mark.parametrize("change", [{}, {"baa": piece("no")}, {"encryption_at_rest": None}])
def test_where_the_employer_forbids_it_nothing_is_usable_and_that_is_the_reason(
    tmp_path: Path, rules: Requirements, change: dict[str, Any]
) -> None:
    market = shop(tmp_path, change, channels=["sms", "mms", "secure_message"])
    for purpose in CLIENT_PURPOSES:
        found = covered(market, rules, who(purpose, employer="forbids"))
        assert found.verdict == "ineligible"
        assert found.reason == "The employer or site forbids texting with clients."


@pytest.mark.parametrize(
    ("value", "verdict"), [(None, "verify first"), (piece("yes"), "eligible"), (piece("no"), "ineligible")]
)
def test_part_2_asks_for_a_vendor_that_accepts_its_terms(
    tmp_path: Path, rules: Requirements, value: dict[str, Any] | None, verdict: str
) -> None:
    market = shop(tmp_path, {"part2_terms": value})
    assert covered(market, rules, who(part2=True)).verdict == verdict
    assert covered(market, rules, who()).verdict == "eligible"


PROPOSED = {"mfa", "automatic_logoff", "device_loss", "contingency_backup"}
PROPOSED_FACTS = {"mfa": "mfa", "auto_logoff": "automatic_logoff", "remote_wipe_or_session_revoke": "device_loss"} | {
    "backups": "contingency_backup"
}


def test_the_proposed_rule_gates_what_is_addressable_today_and_what_it_adds(
    rules: Requirements, every: dict[str, Circumstance]
) -> None:
    addressable = {name for name, rule in rules.all.items() if rule.today == "addressable" and not rule.forbids}
    assert set(every["proposed-rule-safeguards"].gates) == addressable | {"mfa", "contingency_backup"}


def test_the_proposed_rule_leaves_its_safeguards_open_where_nothing_is_known(
    tmp_path: Path, rules: Requirements
) -> None:
    found = covered(shop(tmp_path), rules, who(proposed_rule=True))
    assert (found.verdict, opened(found)) == ("verify first", PROPOSED)
    assert covered(shop(tmp_path), rules, who()).verdict == "eligible"


@pytest.mark.parametrize(("attribute", "requirement"), PROPOSED_FACTS.items())
def test_under_the_proposed_rule_a_plan_without_a_safeguard_is_out(
    tmp_path: Path, rules: Requirements, attribute: str, requirement: str
) -> None:
    facts = {name: piece("yes") for name in PROPOSED_FACTS}
    good = covered(shop(tmp_path, facts), rules, who(proposed_rule=True))
    assert good.verdict == "with configuration"  # two-step sign-in must be switched on
    market = shop(tmp_path, facts | {attribute: piece("no")})
    bad = covered(market, rules, who(proposed_rule=True))
    assert (bad.verdict, [failure.requirement for failure in bad.failures]) == ("ineligible", [requirement])
    assert covered(market, rules, who()).verdict == "eligible"


# Two at once.


@pytest.mark.parametrize("turned", [False, True])
def test_what_the_proposed_rule_gates_no_preference_lifts(tmp_path: Path, rules: Requirements, turned: bool) -> None:
    file = rules.circumstances
    order = dict(reversed(file.circumstances.items())) if turned else file.circumstances
    set_out = Requirements(rules.file, rules.hash, file.model_copy(update={"circumstances": order}))
    facts = {name: piece("yes") for name in PROPOSED_FACTS} | {"encryption_in_transit": None}
    market = shop(tmp_path, facts, channels=["sms"])
    found = covered(market, set_out, who(proposed_rule=True, reading="request"))
    assert (found.verdict, opened(found)) == ("verify first", {"encryption_in_transit"})


def test_texas_and_the_strict_reading_hold_together(tmp_path: Path, rules: Requirements) -> None:
    found = covered(shop(tmp_path), rules, who(state="TX", reading="strict"))
    assert (found.verdict, found.channels) == ("verify first", {"reminder": "secure_message"})
    assert opened(found) == {"data_location"}
    sms = covered(shop(tmp_path, channels=["sms"]), rules, who(state="TX", reading="strict"))
    assert (sms.verdict, {failure.requirement for failure in sms.failures}) == ("ineligible", {"reading-strict"})


def test_a_clients_preference_does_not_overrule_the_employer(tmp_path: Path, rules: Requirements) -> None:
    found = covered(shop(tmp_path), rules, who(employer="forbids", reading="request"))
    assert (found.verdict, {failure.requirement for failure in found.failures}) == ("ineligible", {"employer-forbids"})


def test_the_rule_for_all_is_not_changed_by_what_one_practice_faces(tmp_path: Path, rules: Requirements) -> None:
    before = {name: rule.model_copy() for name, rule in rules.all.items()}
    covered(shop(tmp_path), rules, who(state="TX", part2=True, proposed_rule=True, reading="request"))
    assert rules.all == before


def any_practice(*readings: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "state": st.sampled_from([None, "OR", *BY_STATE]),
            "client_states": st.lists(st.sampled_from(["OR", *BY_STATE]), max_size=2, unique=True),
            "professions": st.lists(st.sampled_from(get_args(Profession)), max_size=2, unique=True),
            "minors": st.booleans(),
            "part2": st.booleans(),
            "modalities": st.lists(st.sampled_from(["dbt", "psychodynamic"]), max_size=2, unique=True),
            "employer": st.sampled_from(["none", "allows", "forbids", "unknown"]),
            "cash_only": st.booleans(),
            "proposed_rule": st.booleans(),
            "reading": st.sampled_from(readings),
        }
    )


@pytest.fixture(scope="module")
def shops(tmp_path_factory: pytest.TempPathFactory) -> list[Catalog]:
    changes: list[dict[str, Any]] = [
        {},
        {"encryption_in_transit": None},
        {"baa": piece("on_request")},
        {name: piece("yes") for name in [*PROPOSED_FACTS, "data_in_us", "part2_terms"]},
    ]
    return [shop(tmp_path_factory.mktemp("shop"), change) for change in changes]


@settings(max_examples=150)
@given(fields=any_practice("strict", "standard"), purpose=st.sampled_from(CLIENT_PURPOSES))
def test_no_circumstance_but_a_clients_preference_makes_a_verdict_better(
    rules: Requirements, shops: list[Catalog], fields: dict[str, Any], purpose: str
) -> None:
    for market in shops:
        for channel in CHANNELS[:3]:
            plain, more = (
                judge(market, rules, "acme/basic", channel, purpose, one, ON)
                for one in (who(purpose), who(purpose, **fields))
            )
            assert more.rank >= plain.rank


@settings(max_examples=60)
@given(fields=any_practice(*READINGS))
def test_no_circumstance_lets_clinical_content_out_of_the_app(
    rules: Requirements, shops: list[Catalog], fields: dict[str, Any]
) -> None:
    for market in shops:
        for channel in ("sms", "mms"):
            one = who("coaching", **fields)
            assert judge(market, rules, "acme/basic", channel, "coaching", one, ON).verdict == "ineligible"


# The real catalogue.


@pytest.fixture(scope="module")
def usual(market: Catalog, rules: Requirements) -> Callable[..., dict[str, Coverage]]:
    def of(**fields: Any) -> dict[str, Coverage]:
        _, group, _ = practice.load("small-group")
        one = Practice.model_validate({**group.model_dump(), **fields})
        return {plan: cover(market, rules, plan, one, TODAY) for plan in market.plan_ids()}

    return of


def test_in_the_real_catalogue_texas_opens_a_point_and_changes_nothing_else(
    usual: Callable[..., dict[str, Coverage]],
) -> None:
    plain, texas = usual(), usual(state="TX")
    assert usual(state="OR") == plain
    changed = [plan for plan in plain if plain[plan].verdict != texas[plan].verdict]
    assert changed
    for plan in plain:
        assert opened(texas[plan]) - opened(plain[plan]) <= {"data_location"}
    for plan in changed:
        assert plain[plan].verdict in ("eligible", "with configuration")
        assert (texas[plan].verdict, opened(texas[plan])) == ("verify first", {"data_location"})


def test_in_the_real_catalogue_the_strict_reading_sends_no_plain_text(
    usual: Callable[..., dict[str, Coverage]],
) -> None:
    strict = usual(reading="strict")
    usable = [found for found in strict.values() if found.verdict != "ineligible"]
    assert usable
    assert {channel for found in usable for channel in found.channels.values()} <= {"secure_message", "team_chat"}


def test_in_the_real_catalogue_an_employer_who_forbids_leaves_nothing(
    usual: Callable[..., dict[str, Coverage]],
) -> None:
    for plan, found in usual(employer="forbids").items():
        assert found.verdict == "ineligible", plan
        if any(purpose != "team" for purpose in found.verdicts):
            assert found.reason == "The employer or site forbids texting with clients.", plan


# What the entries say.


def test_every_circumstance_says_or_does_something(every: dict[str, Circumstance]) -> None:
    assert [name for name, one in every.items() if not texts_of(one)] == []


def test_titles_are_short_once_each_and_no_sentence_is_without_its_stop(every: dict[str, Circumstance]) -> None:
    titles = [one.title for one in every.values()]
    assert len(set(titles)) == len(titles)
    assert [title for title in titles if title.endswith(".") or len(title) > 80] == []
    assert [text for one in every.values() for text in texts_of(one) if not text.endswith(".")] == []


def test_sentences_are_short_enough_to_be_read_aloud(every: dict[str, Circumstance]) -> None:
    sentences = [s for one in every.values() for text in texts_of(one) for s in re.split(r"(?<=[.:;]) ", text)]
    assert [sentence for sentence in sentences if len(sentence.split()) > 26] == []


def test_what_is_only_proposed_or_vetoed_binds_nobody(every: dict[str, Circumstance]) -> None:
    for one in every.values():
        what_if = one.kind == "what if"
        assert what_if == (one.when.proposed_rule is True) == ("proposed" in one.citation)
        if what_if:
            assert any("proposed only" in warning for warning in one.warnings)
            assert all(step.startswith("It would ") for step in one.steps)
        whole = one.model_dump_json()
        assert not any(bill in whole for bill in ("S929", "A2141", "A10357"))


def test_only_what_a_clause_supports_is_a_gate_a_lift_or_a_ban(every: dict[str, Circumstance]) -> None:
    hard = {
        name: (one.gates, one.lifts, one.bans is not None)
        for name, one in every.items()
        if one.gates or one.lifts or one.bans
    }
    proposed = hard.pop("proposed-rule-safeguards")
    assert proposed[1:] == ([], False)
    assert hard == {
        "tx-data-location": (["data_location"], [], False),
        "fl-data-location": (["data_location"], [], False),
        "part-2-agreement": (["part2"], [], False),
        "employer-forbids": ([], [], True),
        "reading-strict": ([], [], True),
        "reading-request": ([], ["encryption_in_transit"], False),
    }


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("ca-breach-notice", ["30 calendar days", "more than 500", "15 days"]),
        ("ca-record-retention", ["seven years after therapy ends", "seven years after the 18th birthday"]),
        ("ca-licensed-clinics", ["15 business days"]),
        ("tx-medical-privacy", ["day 90", "15 business days"]),
        ("tx-data-location", ["$250,000", "or its territories"]),
        ("tx-marketing-texts", ["$200", "$10,000", "two years"]),
        ("ny-breach-notice", ["30 days", "March 2025"]),
        ("fl-data-location", ["Canada"]),
        ("fl-breach-notice", ["30 days", "10 days"]),
        ("il-mental-health-confidentiality", ["Even a bare reminder that reveals the practice"]),
        ("il-ai", ["$10,000"]),
        ("wa-health-data", ["$25,000"]),
        ("az-record-retention", ["six years after the last service", "three years past the 18th birthday"]),
        ("record-retention", ["5 to 10 years"]),
        ("part-2-consent", ["2026-02-16"]),
        ("parents-and-records", ["2023", "$15,000"]),
        ("dbt-coaching", ["2.55", "51 adults", "four of the 35", "56 percent"]),
        ("proposed-rule-status", ["2026-06-18"]),
        ("proposed-rule-safeguards", ["every 6 months", "every 12 months"]),
        ("proposed-rule-clocks", ["1 hour", "24 hours", "48 hours", "72 hours", "180 days", "240"]),
    ],
)
def test_the_figures_of_the_law_are_told(every: dict[str, Circumstance], name: str, parts: list[str]) -> None:
    said = " ".join(texts_of(every[name]))
    assert [part for part in parts if part not in said] == []


def test_a_source_is_dated_and_told_alike_in_both_files(rules: Requirements) -> None:
    sources = rules.circumstances.sources
    assert {name for name, source in sources.items() if first_day(source.seen) > TODAY} == set()
    assert {name for name, source in sources.items() if not source.url} == set()
    shared = set(sources) & set(rules.file.sources)
    assert shared
    assert {name for name in shared if sources[name] != rules.file.sources[name]} == set()


# Faulty files.

CIRCUMSTANCES = "circumstances.yaml"


@pytest.fixture(scope="module")
def text() -> str:
    return (data_folder() / CIRCUMSTANCES).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "    gates: [part2]",
            "    gates: [part3]",
            "circumstances.part-2-agreement.gates: there is no requirement 'part3': did you mean 'part2'?",
        ),
        (
            "    lifts: [encryption_in_transit]",
            "    lifts: [encryption_in_transt]",
            "circumstances.reading-request.lifts: there is no requirement 'encryption_in_transt': "
            "did you mean 'encryption_in_transit'?",
        ),
        (
            "    source: phalanx-cash",
            "    source: phalanx",
            "circumstances.cash-only.source: there is no source 'phalanx': did you mean 'phalanx-cash'?",
        ),
        (
            "    when: {cash_only: true}",
            "    when: {}",
            "circumstances.cash-only.when: it says nothing: name what must hold, such as 'states: TX'",
        ),
        (
            "    when: {cash_only: true}",
            "    when: {cash_only: false}",
            "circumstances.cash-only.when.cash_only: only what is so can be asked for: write true, or leave it out",
        ),
        (
            "    when: {states: MA}",
            "    when: {states: []}",
            "circumstances.ma-personal-information.when.states: [] does not fit here: write at least one",
        ),
        (
            "    when: {states: MA}",
            "    when: {states: Massachusetts}",
            "circumstances.ma-personal-information.when.states: 'Massachusetts' is not a code: write MA",
        ),
        (
            "    when: {states: MA}",
            "    when: {states: [CT, ma]}",
            "circumstances.ma-personal-information.when.states[2]: 'ma' is not a code: write MA, in capitals",
        ),
        (
            "    when: {professions: counselor}",
            "    when: {professions: counsellor}",
            "circumstances.aca-code.when.professions: 'counsellor' is not known: did you mean 'counselor'?",
        ),
        (
            "      channels: [sms, mms]",
            "      channels: [sms, fax]",
            "circumstances.reading-strict.bans.channels[2]: 'fax' is not known: "
            "known are mms, secure_message, sms, team_chat",
        ),
        (
            "  cash-only:",
            "  minors:",
            "circumstances.minors: a requirement bears the name 'minors' already: give it another",
        ),
    ],
    ids=lambda value: value.strip() if value.startswith(" ") else "",
)
def test_a_faulty_circumstance_is_refused_at_its_line(
    tmp_path: Path, text: str, old: str, new: str, message: str
) -> None:
    lines = text.split("\n")
    assert lines.count(old) == 1
    line = lines.index(old) + 1
    path = tmp_path / CIRCUMSTANCES
    path.write_text("\n".join([*lines[: line - 1], new, *lines[line:]]), encoding="utf-8")
    with pytest.raises(DataError) as caught:
        requirements.load(beside=path)
    told = re.fullmatch(r"(.*):(\d+): (.*)", str(caught.value))
    assert told is not None
    assert (told[1], int(told[2]), told[3]) == (str(path), line, message)


def test_all_faults_are_told_at_once(tmp_path: Path, text: str) -> None:
    path = tmp_path / CIRCUMSTANCES
    faulty = text.replace("gates: [part2]", "gates: [part3]").replace("source: phalanx-cash", "source: phalanx")
    path.write_text(faulty, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        requirements.load(beside=path)
    assert len(caught.value.problems) == 2


def test_another_set_of_circumstances_has_another_hash(tmp_path: Path, text: str, rules: Requirements) -> None:
    path = tmp_path / CIRCUMSTANCES
    path.write_text(text, encoding="utf-8")
    assert requirements.load(beside=path).hash == rules.hash
    path.write_text(text.replace("since: 2023-07-01", "since: 2023-07-02"), encoding="utf-8")
    other = requirements.load(beside=path)
    assert other.hash != rules.hash
    assert "fl-data-location" not in other.holding(who(state="FL"), date(2023, 7, 1))


MINE = "name: Mine\nclinicians: 1\nsessions_per_week: 20\nmessages:\n  - {purpose: reminder}\n"


@pytest.mark.parametrize(
    ("field", "message"),
    [
        ("state: Texas", "state: 'Texas' is not a code: write TX"),
        ("state: new york", "state: 'new york' is not a code: write NY"),
        ("state: tx", "state: 'tx' is not a code: write TX, in capitals"),
        (
            "state: Texsa",
            "state: there is no state 'Texsa': did you mean 'Texas'?; write its two-letter code, such as TX",
        ),
        ("client_states: [CA, Nevada]", "client_states[2]: 'Nevada' is not a code: write NV"),
        (
            "professions: [psycologist]",
            "professions[1]: 'psycologist' is not known: did you mean 'psychologist'?",
        ),
        (
            "professions: [social worker]",
            "professions[1]: 'social worker' is not known: did you mean 'social_worker'?",
        ),
        ("employer: maybe", "employer: 'maybe' is not known: known are allows, forbids, none, unknown"),
        ("employer: forbid", "employer: 'forbid' is not known: did you mean 'forbids'?"),
        ("reading: loose", "reading: 'loose' is not known: known are request, standard, strict"),
        ("modalities: [DBT]", "modalities[1]: 'DBT' is not known: did you mean 'dbt'?"),
        ("minors: yes", "minors: 'yes' does not fit here: write true or false"),
        ("cash_only: 1", "cash_only: 1 does not fit here: write true or false"),
    ],
)
def test_a_faulty_word_in_a_practice_file_is_told_with_its_cure(tmp_path: Path, field: str, message: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(f"{MINE}{field}\n", encoding="utf-8")
    with pytest.raises(UserError) as caught:
        practice.load(str(path))
    assert str(caught.value) == f"{path}:6: {message}"


def test_a_practice_file_with_all_of_it_is_read(tmp_path: Path, rules: Requirements) -> None:
    path = tmp_path / "mine.yaml"
    more = (
        "state: TX\nclient_states: [OK, LA]\nprofessions: [social_worker]\nminors: true\npart2: true\n"
        "modalities: [dbt]\nemployer: none\ncash_only: true\nreading: strict\nproposed_rule: true\n"
    )
    path.write_text(MINE + more, encoding="utf-8")
    _, one, _ = practice.load(str(path))
    assert set(rules.holding(one, TODAY)) == BY_STATE["TX"] | {
        *("several-states", "nasw-code", "nasw-technology", "record-retention", "cash-only", "dbt-coaching"),
        *("clients-under-age", "parents-and-records", "part-2-agreement", "part-2-consent"),
        *("reading-strict", "reading-strict-requests"),
        *("proposed-rule-status", "proposed-rule-safeguards", "proposed-rule-clocks"),
    }
