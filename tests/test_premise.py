"""What a practice takes for granted about the tool that it has: what cannot be so, on what that rests, the ways out."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from conftest import TODAY
from markets import ON, Market, build, each, flat, hidden, plan, practice, vendor
from texteval import advise, premise
from texteval.catalog import Catalog
from texteval.errors import UserError
from texteval.premise import Premise
from texteval.requirements import Requirements


def checked(catalog: Catalog, rules: Requirements, on: date = TODAY, **fields: Any) -> dict[str, Premise]:
    """Check a practice; return what is wrong, by id."""
    found = premise.check(catalog, rules, practice(**fields), on)
    assert len({one.id for one in found}) == len(found)
    return {one.id: one for one in found}


def now(plan_id: str, **more: Any) -> dict[str, Any]:
    return {"plan": plan_id, **more}


# The size.


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"clinicians": 5, "staff": 2}, "at most 1 clinician, and you have 5; at most 1 login, and you have 7."),
        ({"clinicians": 1, "staff": 1}, "at most 1 login, and you have 2."),
        ({"clinicians": 2}, "at most 1 clinician, and you have 2; at most 1 login, and you have 2."),
    ],
)
def test_a_plan_for_one_cannot_be_what_a_team_pays_for(
    market: Catalog, rules: Requirements, fields: dict[str, int], why: str
) -> None:
    found = checked(market, rules, now=now("simplepractice/essential"), **fields)
    assert list(found) == ["size"]
    assert found["size"].title == "SimplePractice Essential cannot hold your practice."
    assert found["size"].why == f"It takes {why}"
    assert found["size"].ways_out == ("simplepractice/plus",)


def test_a_plan_for_one_holds_one(market: Catalog, rules: Requirements) -> None:
    assert checked(market, rules, now=now("simplepractice/essential")) == {}


@pytest.mark.parametrize(("logins", "wrong"), [(2, []), (3, []), (4, ["size"])])
def test_the_largest_practice_of_a_plan_still_fits(rules: Requirements, logins: int, wrong: list[str]) -> None:
    market = build({"a": vendor({"one": plan(flat(10), limits={"logins": 3}), "two": plan(flat(20))})})
    found = checked(market.catalog, rules, ON, clinicians=logins, now=now("a/one"))
    assert list(found) == wrong
    assert all(one.ways_out == ("a/two",) for one in found.values())


def test_the_limit_of_a_base_plan_holds_for_what_is_added_to_it(rules: Requirements) -> None:
    plans = {"base": plan(flat(10), limits={"clinicians": 1}), "more": plan(flat(5), base="base")}
    market = build({"a": vendor(plans)})
    found = checked(market.catalog, rules, ON, clinicians=2, now=now("a/more"))
    assert (list(found), found["size"].ways_out) == (["size"], ())


def test_no_way_out_is_too_small_or_ended_or_silent_or_without_an_agreement(rules: Requirements) -> None:
    plans = {
        "one": plan(flat(10), limits={"logins": 1}),
        "small": plan(flat(12), limits={"logins": 2}),
        "gone": plan(flat(15), ended="2026-01-01"),
        "goes": plan(flat(15), ended="2026-07-01"),
        "silent": plan(flat(18), channels=[]),
        "bare": plan(flat(18)),
        "large": plan(flat(20)),
    }
    baa = [{"value": "no", "source": "page", "plans": ["bare"]}, {"value": "yes", "source": "review"}]
    market = build({"a": vendor(plans, baa=baa), "b": vendor({"large": plan(flat(1))})})
    found = checked(market.catalog, rules, ON, clinicians=3, now=now("a/one"))
    assert found["size"].ways_out == ("a/goes", "a/large")


# The account.


@pytest.mark.parametrize(("account", "word"), [("trial", "A trial"), ("free", "A free account")])
def test_a_trial_or_a_free_account_is_no_account_for_client_messages(
    market: Catalog, rules: Requirements, account: str, word: str
) -> None:
    found = checked(market, rules, now=now("simplepractice/starter", account=account))
    assert list(found) == ["account"]
    assert found["account"].title == f"{word} of SimplePractice Starter is no account for client messages."
    assert found["account"].ways_out == ("simplepractice/starter", "simplepractice/essential", "simplepractice/plus")


def test_a_free_plan_is_judged_as_what_it_is(market: Catalog, rules: Requirements) -> None:
    assert checked(market, rules, now=now("carepatron/free", account="free")) == {}
    assert list(checked(market, rules, now=now("carepatron/free", account="trial"))) == ["account"]


@pytest.mark.parametrize("charges", [[hidden()], [flat(10)], [flat(0), each("login", 1, "Seats")], []])
def test_only_a_plan_that_is_known_to_cost_nothing_is_a_free_plan(rules: Requirements, charges: list[Any]) -> None:
    market = build({"a": vendor({"one": plan(*charges)})})
    if not charges:
        market.raw["vendors"]["a"]["plans"]["one"]["prices"] = []
        market = Market(market.raw, market.with_vendor("a", market.raw["vendors"]["a"]))
    assert "account" in checked(market.catalog, rules, ON, now=now("a/one", account="free"))


def test_a_paid_account_is_none_of_these(market: Catalog, rules: Requirements) -> None:
    assert checked(market, rules, now=now("simplepractice/starter", account="paid")) == {}


# Personal accounts and consumer apps.


@pytest.mark.parametrize("account", ["paid", "trial", "free", "personal"])
def test_a_consumer_app_is_personal_however_it_is_called(market: Catalog, rules: Requirements, account: str) -> None:
    found = checked(market, rules, now=now("whatsapp/app", account=account))
    assert list(found) == ["personal"]
    assert found["personal"].title == "WhatsApp Messenger Free app is a consumer app."
    assert found["personal"].ways_out == ()
    assert found["personal"].ask.startswith("Which clients write to you there")


def test_a_personal_google_voice_may_be_the_one_of_workspace(market: Catalog, rules: Requirements) -> None:
    found = checked(market, rules, now=now("google-voice-personal/personal"))
    assert list(found) == ["personal"]
    assert {way.partition("/")[0] for way in found["personal"].ways_out} == {"google-workspace-voice"}
    assert len(found["personal"].ways_out) >= 3
    assert found["personal"].ask.startswith("Is the account a private one")


def test_a_personal_account_of_a_business_tool_has_its_own_plans_as_ways_out(
    market: Catalog, rules: Requirements
) -> None:
    found = checked(market, rules, now=now("quo/business", account="personal"))
    assert list(found) == ["personal"]
    assert found["personal"].title == "A personal account is not the business plan."
    assert "quo/business" in found["personal"].ways_out
    assert "quo/starter" not in found["personal"].ways_out  # no agreement is signed for it


# The agreement.


def test_an_agreement_on_another_plan_only(market: Catalog, rules: Requirements) -> None:
    found = checked(market, rules, now=now("hushmail/small-business-yearly"))
    assert list(found) == ["agreement"]
    assert found["agreement"].title == "Hushmail Small Business, yearly comes without a business associate agreement."
    assert len(found["agreement"].ways_out) == 3
    for way in found["agreement"].ways_out:
        assert market.fact(way, "baa", None, TODAY).value in ("yes", "on_request")
        assert way.startswith("hushmail/")


def test_where_no_plan_of_the_vendor_has_an_agreement_there_is_no_such_premise(rules: Requirements) -> None:
    no = {"value": "no", "source": "page"}
    market = build({"a": vendor({"one": plan(flat(1)), "two": plan(flat(2))}, baa=no)})
    assert checked(market.catalog, rules, ON, now=now("a/one")) == {}


def test_an_agreement_that_nobody_knows_of_is_no_way_out(rules: Requirements) -> None:
    baa = [{"value": "no", "source": "page", "plans": ["one"]}]
    market = build({"a": vendor({"one": plan(flat(1)), "two": plan(flat(2))}, baa=baa)})
    assert checked(market.catalog, rules, ON, now=now("a/one")) == {}


def test_many_ways_to_an_agreement_are_not_all_named(rules: Requirements) -> None:
    baa = [{"value": "no", "source": "page", "plans": ["one"]}, {"value": "yes", "source": "review"}]
    plans = {name: plan(flat(1), name=name.title()) for name in ("one", "two", "three", "four", "five")}
    market = build({"a": vendor(plans, baa=baa)})
    found = checked(market.catalog, rules, ON, now=now("a/one"))["agreement"]
    assert found.why == "The vendor signs one on another plan: Two or Three or Four, among others."
    assert len(found.ways_out) == 4


# The price.


def test_a_plan_that_is_no_longer_sold(market: Catalog, rules: Requirements) -> None:
    found = checked(market, rules, now=now("ensora-mental-health/legacy"))
    assert list(found) == ["price"]
    assert found["price"].title.endswith("has not been sold since 2024-12-04.")
    assert found["price"].ways_out == tuple(
        f"ensora-mental-health/{name}" for name in ("essentials", "advanced", "premier")
    )


def test_it_was_still_sold_the_day_before(rules: Requirements) -> None:
    market = build({"a": vendor({"one": plan(flat(10), ended="2026-06-30")})})
    assert checked(market.catalog, rules, ON - timedelta(days=1), now=now("a/one")) == {}
    assert list(checked(market.catalog, rules, ON, now=now("a/one"))) == ["price"]


@pytest.mark.parametrize(("charge", "wrong"), [(hidden(), ["price"]), (hidden("message_out"), []), (flat(10), [])])
def test_a_subscription_that_nobody_publishes(rules: Requirements, charge: dict[str, Any], wrong: list[str]) -> None:
    """A price of messages that nobody publishes leaves what it costs to keep the plan known."""
    market = build({"a": vendor({"one": plan(charge)})})
    assert list(checked(market.catalog, rules, ON, now=now("a/one"))) == wrong


# The law.


def test_a_cash_only_practice_is_told_what_to_test_and_what_holds_all_the_same(
    market: Catalog, rules: Requirements
) -> None:
    found = checked(market, rules, cash_only=True, state="TX", professions=["psychologist"])
    assert list(found) == ["cash_only"]
    says = found["cash_only"].why
    assert "These hold all the same: Texas: medical records privacy act (HB 300);" in says
    assert "APA: Ethics Code, Standard 4.01" in says
    assert found["cash_only"].ways_out == ()
    alone = checked(market, rules, cash_only=True)["cash_only"].why
    assert "hold all the same" not in alone
    assert "one standard transaction electronically" in alone


def test_several_things_may_be_wrong_at_once(market: Catalog, rules: Requirements) -> None:
    found = checked(market, rules, clinicians=3, cash_only=True, now=now("simplepractice/starter", account="personal"))
    assert list(found) == ["size", "personal", "cash_only"]


def test_who_uses_nothing_takes_nothing_for_granted(market: Catalog, rules: Requirements) -> None:
    assert checked(market, rules) == {}


# What cannot be looked up.


@pytest.mark.parametrize(
    ("plan_id", "hint"),
    [
        ("simplepractice/esential", "did you mean 'simplepractice/essential'?"),
        ("simplpractise/plus", "did you mean 'simplepractice/plus'?"),
        ("nobody/nothing-like-it", "known are "),
    ],
)
def test_a_plan_that_is_not_in_the_catalogue_is_refused_with_the_nearest(
    market: Catalog, rules: Requirements, plan_id: str, hint: str
) -> None:
    with pytest.raises(UserError) as caught:
        checked(market, rules, now=now(plan_id))
    assert str(caught.value).startswith(f"P, now.plan: there is no plan '{plan_id}': {hint}")


def test_a_plan_that_sends_no_messages_can_be_what_is_paid_for(market: Catalog, rules: Requirements) -> None:
    assert checked(market, rules, now=now("simplepractice/ai-note-taker")) == {}


# What follows from a premise.


@pytest.mark.parametrize(
    ("fields", "kept"),
    [
        ({"clinicians": 2, "now": now("simplepractice/essential")}, False),
        ({"now": now("simplepractice/starter", account="trial")}, False),
        ({"now": now("whatsapp/app")}, False),
        ({"now": now("quo/business", account="personal")}, False),
        ({"now": now("ensora-mental-health/legacy")}, True),
        ({"now": now("simplepractice/starter")}, True),
        ({"now": now("hushmail/small-business-yearly")}, True),
    ],
)
def test_what_a_wrong_premise_rules_out_is_kept_in_no_option(
    market: Catalog, rules: Requirements, fields: dict[str, Any], kept: bool
) -> None:
    found = advise.advise(market, rules, "p", practice(**fields), "0" * 12, TODAY)
    ways = {candidate.way for answer in found.answers for candidate in answer.candidates}
    assert (ways != {"buy"}) == kept
    if not kept:
        assert all(candidate.more is None for answer in found.answers for candidate in answer.candidates)


def test_every_way_out_is_answered_as_if_it_were_paid_for(market: Catalog, rules: Requirements) -> None:
    own = practice(clinicians=5, staff=2, now=now("simplepractice/essential", account="trial"))
    found = advise.advise(market, rules, "p", own, "0" * 12, TODAY)
    assert [one.id for one in found.premises] == ["size", "account"]
    answers = advise.ways_out(market, rules, found)
    assert list(answers) == ["simplepractice/plus"]
    answer = answers["simplepractice/plus"]
    assert answer.candidate("simplepractice/plus").way == "stay"
    assert {c.way for c in answer.candidates} == {"stay", "switch", "add"}
    assert answer.kept is not None
    assert answer.kept.plan == "simplepractice/plus"
