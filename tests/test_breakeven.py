"""The cheapest plan at every volume, and break-even over replies and segments."""

from __future__ import annotations

import io
import json
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from conftest import TODAY
from test_billing import catalog_of, flat, per_unit, price_lists
from test_cli import DATA, FROZEN, run
from test_figures import GOLDEN, ON, compared, titled
from texteval import catalog, decide, figures, frames, practice, show
from texteval.billing import price
from texteval.breakeven import (
    MOST_MESSAGES,
    Interval,
    Stretch,
    cheapest,
    crossings,
    monthly_cost,
    most_messages,
    remixed,
)
from texteval.catalog import Catalog
from texteval.decide import REPLIES, SEGMENTS, BreakEvenCurve, CheapestByVolume, Comparison
from texteval.errors import UserError
from texteval.practice import Message, Practice, received_per_year, sent_per_year
from texteval.requirements import Requirements

SMS = {"reminder": "sms", "reschedule": "sms", "confirmation": "sms"}


# The cheapest plan at every volume.


def test_three_plans_change_places_twice() -> None:
    """0.10 a message; 5 and 0.05 a message; 20 flat. 0.10 n = 5 + 0.05 n at 100, and 5 + 0.05 n = 20 at 300."""
    many = np.arange(401, dtype=np.int64)
    costs = {"each": 100_000 * many, "both": 5_000_000 + 50_000 * many, "flat": np.full(401, 20_000_000)}
    assert cheapest(costs) == [
        Interval("each", 0, 99),
        Interval("both", 100, 299, (Stretch("each", 100, 100),)),
        Interval("flat", 300, 400, (Stretch("both", 300, 300),)),
    ]


def stairs_of(market: Catalog) -> Catalog:
    """10 flat against steps of 5 up to 50 messages, 15 up to 100, 8 up to 150, and 12 beyond."""
    steps = [(50, 5), (100, 15), (150, 8), (None, 12)]
    tiers = [{"flat_usd": fee} | ({"up_to": bound} if bound else {}) for bound, fee in steps]
    stair = {"model": "tiers", "meter": "message_out", "mode": "stairstep", "tiers": tiers}
    return catalog_of(market, steps=[stair], fixed=[flat("10")])


def test_two_plans_change_places_three_times(market: Catalog) -> None:
    mini = stairs_of(market)
    one = practice.presets().practices["fifty-clients"]
    sms = dict.fromkeys(one.purposes, "sms")
    costs = {plan: monthly_cost(mini, f"v/{plan}", one, sms, TODAY, most=500) for plan in ("steps", "fixed")}
    found = cheapest(costs)
    assert found == [
        Interval("steps", 0, 50),
        Interval("fixed", 51, 100),
        Interval("steps", 101, 150),
        Interval("fixed", 151, 500),
    ]
    at = crossings("steps", costs["steps"], "fixed", costs["fixed"])
    assert [crossing.first_whole for crossing in at] == [51, 101, 151]


@pytest.mark.parametrize(
    ("costs", "expected"),
    [
        ({}, []),
        ({"a": [3]}, [("a", 0, 0, [])]),
        ({"a": [1, 2], "b": [1, 2]}, [("a", 0, 1, [("b", 0, 1)])]),  # equal throughout: the first one is named
        ({"a": [0, 1, 0], "b": [1, 1, 1]}, [("a", 0, 2, [("b", 1, 1)])]),  # touched, not crossed
        ({"a": [0, 1, 1, 2], "b": [1, 1, 1, 1]}, [("a", 0, 0, []), ("b", 1, 3, [("a", 1, 2)])]),
        ({"a": [0, 5, 0], "b": [2, 1, 2]}, [("a", 0, 0, []), ("b", 1, 1, []), ("a", 2, 2, [])]),
        ({"a": [0, 0, 9], "b": [9, 9, 9], "c": [8, 8, 8]}, [("a", 0, 1, []), ("c", 2, 2, [])]),  # b is nowhere
    ],
)
def test_intervals_by_hand(costs: dict[str, list[int]], expected: list[Any]) -> None:
    found = cheapest({plan: np.array(cost, np.int64) for plan, cost in costs.items()})
    assert found == [
        Interval(plan, first, last, tuple(Stretch(*run) for run in tied)) for plan, first, last, tied in expected
    ]


def fewest(least: list[set[str]]) -> int:
    """Count the fewest changes of plan, by trying every plan at every volume."""
    best = dict.fromkeys(least[0], 0)
    for here in least[1:]:
        best = {plan: min(changes + (plan != before) for before, changes in best.items()) for plan in here}
    return min(best.values())


@settings(max_examples=150, deadline=None)
@given(st.lists(price_lists(), min_size=1, max_size=4))
def test_the_intervals_are_those_of_trying_every_volume(lists: list[Any]) -> None:
    many = range(81)
    costs = {
        f"plan{i}": [sum(price(lines, {"account": 1, "message_out": n})) for n in many] for i, lines in enumerate(lists)
    }
    least = [{plan for plan, cost in costs.items() if cost[n] == min(c[n] for c in costs.values())} for n in many]
    found = cheapest({plan: np.array(cost, np.int64) for plan, cost in costs.items()})
    assert [n for one in found for n in range(one.first, one.last + 1)] == list(many)
    told = [
        {one.plan, *(run.plan for run in one.tied if run.first <= n <= run.last)}
        for one in found
        for n in range(one.first, one.last + 1)
    ]
    assert told == least
    assert len(found) - 1 == fewest(least)
    for before, after in pairwise(found):
        assert before.plan != after.plan
    for one in found:
        assert all(one.first <= run.first <= run.last <= one.last and run.plan != one.plan for run in one.tied)
    if len(costs) == 2:
        (a, cost_a), (b, cost_b) = costs.items()
        at = crossings(a, np.array(cost_a), b, np.array(cost_b))
        assert [one.first for one in found[1:]] == [crossing.first_whole for crossing in at]


@pytest.fixture(scope="module")
def frozen() -> Catalog:
    return catalog.load(GOLDEN / "catalogue.yaml")


@pytest.fixture(scope="module")
def result(frozen: Catalog, rules: Requirements) -> Comparison:
    """Three people with 187 texts a month on the frozen catalogue."""
    return decide.compare(frozen, rules, *practice.load(str(GOLDEN / "practice.yaml")), ON)


@pytest.fixture(scope="module")
def by_volume(frozen: Catalog, result: Comparison) -> CheapestByVolume:
    return decide.cheapest_by_volume(frozen, result)


def test_the_cheapest_usable_plan_by_volume(by_volume: CheapestByVolume) -> None:
    # Penny: 5 + 0.09 n. Murmur: 3 * 8 = 24, from (24 - 5) / 0.09 = 211.1 on. Porchlight, the only other proven one:
    # 3 * 24 = 72, from (72 - 5) / 0.09 = 744.4 on. Wire would be cheaper at 0.011 a segment, but is a building block.
    assert by_volume.usable == (Interval("penny/texts", 0, 211), Interval("murmur/plus", 212, 20_000))
    assert by_volume.proven == (Interval("penny/texts", 0, 744), Interval("porchlight/basic", 745, 20_000))
    assert by_volume.unpriced == ("hush/quote",)
    assert (by_volume.month, by_volume.most) == (187, 20_000)


@pytest.mark.parametrize("name", ["solo", "clinic"])
def test_no_usable_plan_of_the_market_is_cheaper_than_the_one_named(
    name: str, market: Catalog, rules: Requirements
) -> None:
    comparison = decide.compare(market, rules, *practice.load(name), TODAY)
    found = decide.cheapest_by_volume(market, comparison)
    for intervals, verdicts in (
        (found.usable, {"eligible", "with configuration", "verify first"}),
        (found.proven, {"eligible", "with configuration"}),
    ):
        costs = [
            monthly_cost(market, option.plan, comparison.practice, option.coverage.channels, TODAY)
            for option in comparison.options
            if option.verdict in verdicts and option.kind != "messaging_api" and option.invoice and option.invoice.known
        ]
        least = np.min([cost for cost in costs if cost is not None], axis=0)
        told = np.concatenate([found.costs[one.plan][one.first : one.last + 1] for one in intervals])
        assert told.tolist() == least.tolist()


def test_a_market_without_a_usable_plan_has_no_interval(frozen: Catalog, rules: Requirements) -> None:
    team = practice.load(str(GOLDEN / "practice.yaml"))[1].model_copy(update={"messages": [Message(purpose="team")]})
    found = decide.cheapest_by_volume(frozen, decide.compare(frozen, rules, "team", team, "0" * 12, ON))
    assert (found.usable, found.proven) == ((), ())
    assert frames.cheapest_frame(found).empty


def test_the_frame_of_intervals(by_volume: CheapestByVolume) -> None:
    frame = frames.cheapest_frame(by_volume)
    assert frame.to_dict(orient="list") == {
        "among": ["usable", "usable", "proven", "proven"],
        "first_message_per_month": [0, 212, 0, 745],
        "last_message_per_month": [211, 20_000, 744, 20_000],
        "plan": ["penny/texts", "murmur/plus", "penny/texts", "porchlight/basic"],
        "at_first_usd": [5, 24, 5, 72],
        "at_last_usd": [23.99, 24, 71.96, 72],  # 5 + 211 * 0.09; 5 + 744 * 0.09
        "as_cheap": [""] * 4,
    }


# Replies and segments.


TEAM = Message(purpose="team", per="week", count=7)
OWN = Practice(
    name="One",
    clinicians=1,
    sessions_per_week=40,
    weeks_per_year=50,
    messages=[
        Message(purpose="reminder"),
        Message(purpose="reschedule", percent=12),
        Message(purpose="confirmation", direction="in", percent=60, text="C"),
        Message(purpose="reschedule", direction="in", percent=15, text="x" * 200),
        TEAM,
    ],
)
"""In a year 2,000 reminders and 240 offers sent; 1,200 answers of one segment and 300 of two received."""


@pytest.mark.parametrize("replies", REPLIES)
@pytest.mark.parametrize("segments", SEGMENTS)
def test_a_mix_has_the_replies_and_segments_asked_for(replies: Fraction, segments: int) -> None:
    changed = remixed(OWN, replies, segments)
    sent, received = sent_per_year(changed), received_per_year(changed)
    assert received == replies * sent
    usage = changed.usage_year({**SMS, "team": "team_chat"})
    assert usage["segment_out"] == segments * usage["message_out"] == segments * sent
    # Four of five answers are confirmations of one segment, one is of two.
    assert usage["segment_in"] * 5 == received * 6
    by_purpose = {message.purpose: changed.year(message) for message in changed.messages if message.direction == "out"}
    assert by_purpose["reminder"] * 240 == by_purpose["reschedule"] * 2_000
    assert by_purpose["team"] * 2_240 == 350 * sent  # 7 a week in 50 weeks
    assert (changed.seats(), changed.sessions_per_week) == (OWN.seats(), OWN.sessions_per_week)


def test_a_practice_without_replies_gets_them_for_what_it_sends() -> None:
    quiet = OWN.model_copy(update={"messages": OWN.messages[:2]})
    changed = remixed(quiet, Fraction(3, 5), 2)
    received = {message.purpose: changed.year(message) for message in changed.messages if message.direction == "in"}
    assert received["reminder"] * 240 == received["reschedule"] * 2_000
    assert sum(received.values()) * 5 == sent_per_year(changed) * 3
    assert changed.usage_year(SMS)["segment_in"] == sum(received.values())


def test_a_practice_that_sends_nothing_has_no_mix() -> None:
    silent = OWN.model_copy(update={"messages": [Message(purpose="reminder", count=0), OWN.messages[2]]})
    with pytest.raises(UserError, match=r"^One sends no messages, so it has no mix to go by: give it messages to send"):
        remixed(silent, Fraction(1), 1)


@settings(max_examples=30, deadline=None)
@given(
    st.integers(1, 60), st.integers(1, 100), st.integers(1, 100), st.integers(1, 100), st.integers(1, 100),
    st.integers(1, 3),
)  # fmt: skip
def test_a_practice_given_its_own_mix_costs_the_same_at_every_volume(
    market: Catalog, weekly: int, late: int, confirmed: int, moved: int, price: int, segments: int
) -> None:
    text = "x" * (153 * segments)
    messages = [
        Message(purpose="reminder", text=text),
        Message(purpose="reschedule", percent=late, text=text),
        Message(purpose="confirmation", direction="in", percent=confirmed),
        Message(purpose="reschedule", direction="in", percent=moved, text="x" * 161),
    ]
    own = Practice(name="One", clinicians=1, sessions_per_week=weekly, messages=messages)
    mini = catalog_of(
        market,
        plan=[
            per_unit("segment_out", f"0.0{price:03}"),
            per_unit("segment_in", "0.007"),
            {"model": "package", "meter": "message_in", "size": 50, "usd": 3, "name": "Answers"},
        ],
    )
    channels = {**SMS, "confirmation": "secure_message"} if weekly % 2 else SMS
    same = remixed(own, Fraction(received_per_year(own), sent_per_year(own)), segments)
    one, other = (monthly_cost(mini, "v/plan", each, channels, TODAY, most=700) for each in (own, same))
    assert one.tolist() == other.tolist()


@pytest.fixture(scope="module")
def priced_curve(market: Catalog, rules: Requirements) -> BreakEvenCurve:
    """0.008 a segment out and in against 24 flat, for the practice of 40 sessions a week."""
    mini = catalog_of(
        market, each=[per_unit("segment_out", "0.008"), per_unit("segment_in", "0.008")], flat=[flat("24")]
    )
    own = OWN.model_copy(update={"messages": [*OWN.messages[:3]]})  # replies of one segment
    return decide.break_even_curve(mini, rules, "v/each", "v/flat", own, TODAY)


def test_the_curve_is_that_of_the_closed_form(priced_curve: BreakEvenCurve) -> None:
    """A message costs 0.008 (s + r): the two are equal at 24 / (0.008 (s + r)) = 3,000 / (s + r) messages a month."""
    assert len(priced_curve.mixes) == len(REPLIES) * len(SEGMENTS) == 33
    assert [(mix.replies, mix.segments) for mix in priced_curve.mixes] == [(r, s) for s in SEGMENTS for r in REPLIES]
    for mix in priced_curve.mixes:
        (at,) = mix.at
        exact = 3_000 / (mix.segments + mix.replies)
        # Received messages are whole: of n sent, r n rounded down.
        whole = next(n for n in range(3_001) if n * mix.segments + int(n * mix.replies) >= 3_000)
        assert at.first_whole == whole
        assert abs(at.per_month - exact) < 1
        if mix.replies.denominator == 1:
            assert at.per_month == exact
        assert (at.cheaper_before, at.cheaper_after) == ("v/each", "v/flat")
    assert priced_curve.mixes[0].at[0].per_month == 3_000
    assert priced_curve.mixes[-1].at[0].per_month == 600
    assert priced_curve.replies == Fraction(1_200, 2_240)


def test_longer_replies_count_with_their_segments(market: Catalog, rules: Requirements) -> None:
    """Replies of 161 characters are two segments: 12 / (0.01 (1 + 2 r)) = 1,200 / (1 + 2 r), 400 at r = 1."""
    mini = catalog_of(market, each=[per_unit("segment_out", "0.01"), per_unit("segment_in", "0.01")], flat=[flat("12")])
    messages = [Message(purpose="reminder"), Message(purpose="reminder", direction="in", text="x" * 161)]
    own = OWN.model_copy(update={"messages": messages})
    curve = decide.break_even_curve(mini, rules, "v/each", "v/flat", own, TODAY)
    found = {(mix.replies, mix.segments): mix.at[0].per_month for mix in curve.mixes}
    assert found[Fraction(0), 1] == 1_200
    assert found[Fraction(1), 1] == 400
    assert found[Fraction(2), 3] == Fraction(1_200, 7)


def test_mixes_without_a_crossing_say_which_plan_is_nowhere_dearer(market: Catalog, rules: Requirements) -> None:
    mini = catalog_of(
        market, low=[flat("10")], high=[flat("20")], same=[flat("10")], answers=[per_unit("message_in", "0.01")]
    )
    lower = [mix.lower for mix in decide.break_even_curve(mini, rules, "v/high", "v/low", OWN, TODAY).mixes]
    assert lower == ["v/low"] * 33
    assert {mix.lower for mix in decide.break_even_curve(mini, rules, "v/low", "v/same", OWN, TODAY).mixes} == {None}
    # Without a reply the answers cost nothing; with 0.2 for each message 10 dollars are reached at 5,000 messages.
    mixes = decide.break_even_curve(mini, rules, "v/answers", "v/low", OWN, TODAY).mixes
    assert [mix.lower for mix in mixes if not mix.at] == ["v/answers"] * 3
    assert {at.first_whole for mix in mixes if mix.replies == Fraction(1, 5) for at in mix.at} == {5_000}


def test_a_volume_is_looked_for_up_to_twice_the_practices_own() -> None:
    assert most_messages(OWN) == MOST_MESSAGES == 20_000
    # 9,000 * 50 sessions, each with 1.12 messages: 504,000 a year, 42,000 a month.
    assert most_messages(OWN.model_copy(update={"sessions_per_week": 9_000})) == 84_000


def test_a_curve_of_a_plan_with_an_unknown_price_for_messages_is_refused(market: Catalog, rules: Requirements) -> None:
    unknown = {"model": "unpublished", "meter": "message_in", "name": "Answers"}
    mini = catalog_of(market, fixed=[flat("10")], hidden=[flat("5"), unknown])
    with pytest.raises(UserError, match="v/hidden: what it charges for messages is unknown on 2026-11-22"):
        decide.break_even_curve(mini, rules, "v/fixed", "v/hidden", OWN, TODAY)


def test_the_frame_of_a_curve_is_tidy(market: Catalog, rules: Requirements, priced_curve: BreakEvenCurve) -> None:
    frame = frames.break_even_curve_frame(priced_curve)
    assert list(frame.columns) == [
        "replies_per_message",
        "segments_per_message",
        "messages_per_month",
        "first_whole_message",
        "cheaper_before",
        "cheaper_after",
    ]
    assert len(frame) == 33
    row = frame[(frame.replies_per_message == 2) & (frame.segments_per_message == 3)].iloc[0]
    assert row.tolist() == [2.0, 3, 600.0, 600, "v/each", "v/flat"]
    mini = catalog_of(market, low=[flat("10")], high=[flat("20")])
    none = frames.break_even_curve_frame(decide.break_even_curve(mini, rules, "v/high", "v/low", OWN, TODAY))
    assert none.messages_per_month.isna().all()
    assert none.first_whole_message.isna().all()
    assert str(none.first_whole_message.dtype) == "Int64"
    assert set(none.cheaper_before) == set(none.cheaper_after) == {"v/low"}
    assert len(none) == 33


# The picture.


def drawn(frozen: Catalog, rules: Requirements, result: Comparison, a: str, b: str) -> figures.Figure:
    curve = decide.break_even_curve(frozen, rules, a, b, result.practice, ON)
    return figures.break_even_curve(result, curve, titled(frozen, [a, b]))


def labels(figure: figures.Figure) -> set[str]:
    return {text.get_text() for text in figure.canvas.axes[0].texts}


def test_the_figure_has_a_line_for_each_length_of_text(
    frozen: Catalog, rules: Requirements, result: Comparison
) -> None:
    # Wire costs 0.008 and on average 0.003 a segment, once 15, which does not count: Murmur's 24 are reached at
    # 24 / 0.011 = 2,181.8 messages of one segment, 1,090.9 of two, 727.3 of three.
    figure = drawn(frozen, rules, result, "wire/metered", "murmur/plus")
    (axes,) = figure.canvas.axes
    lines = [line for line in axes.lines if len(line.get_xdata()) == len(REPLIES)]
    assert sorted(float(line.get_ydata()[0]) for line in lines) == pytest.approx([727.2727, 1090.909, 2181.818])
    for line in lines:
        assert list(line.get_xdata()) == pytest.approx([k / 5 for k in range(11)])
        assert len(set(line.get_ydata())) == 1  # replies are free
    assert {"1 segment", "2 segments", "3 segments", "this practice: 187"} <= labels(figure)
    assert len({(line.get_color(), line.get_linestyle()) for line in lines}) == 3
    assert axes.get_ylabel() == "Messages sent a month"
    assert axes.get_xlabel().startswith("Replies for each message sent\n(below a line Wire Metered is cheaper")
    changes = "Wire Metered and Murmur Plus change places at 728 to 2,182 messages a month"
    assert figure.title == f"{changes}, by replies and length of text"
    for words in (
        "0 to 2 replies",
        "1 segment: 2,182 at no reply, 2,182 at 2",
        "3 segments: 727 at no reply, 727 at 2",
        "This practice: 0.54 replies, 187 messages a month",  # 1,200 / 2,240
    ):
        assert words in figure.alt
    assert result.hash in figure.source
    assert figure.svg() == drawn(frozen, rules, result, "wire/metered", "murmur/plus").svg()
    assert figure.alone("svg") == figure.alone("svg")
    assert figure.png().startswith(b"\x89PNG")


def test_lines_that_coincide_are_labelled_once(frozen: Catalog, rules: Requirements, result: Comparison) -> None:
    figure = drawn(frozen, rules, result, "penny/texts", "porchlight/basic")  # 0.09 a message, however long
    assert "1 or 2 or 3 segments" in labels(figure)
    assert figure.title == "Penny Texts and Porchlight Basic change places at 745 messages a month, whatever the mix"


def test_a_curve_without_a_crossing_is_told_in_words(frozen: Catalog, rules: Requirements, result: Comparison) -> None:
    figure = drawn(frozen, rules, result, "porchlight/basic", "murmur/plus")
    assert figure.title == "Murmur Plus is nowhere dearer"
    assert "Murmur Plus is nowhere dearer." in labels(figure)
    assert "nowhere at no reply" in figure.alt


# The command.


def test_the_cheapest_plan_by_volume_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "breakeven", *FROZEN)
    assert (code, err) == (0, "")
    assert "You send 187 a month." in out
    assert "At your 187: penny/texts, $21.83. From 212 on: murmur/plus." in out  # 5 + 187 * 0.09
    lines = [line.split() for line in out.splitlines()]
    assert ["0", "to", "211", "penny/texts", "$5.00", "$23.99"] in lines
    assert ["745", "to", "20,000", "porchlight/basic", "$72.00", "$72.00"] in lines
    assert lines.count(["(you", "are", "here)"]) == 2
    assert [line for line in out.splitlines() if cell_len(line) > 80 and not line.startswith("Next: ")] == []


def test_the_cheapest_plan_by_volume_as_data(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "breakeven", "--json", *FROZEN)
    found = json.loads(out)
    assert code == 0
    assert found["usable"][1] == {
        "first_messages_per_month": 212,
        "last_messages_per_month": 20_000,
        "plan": "murmur/plus",
        "verdict": "verify first",
        "month_usd_at_first": 24.0,
        "month_usd_at_last": 24.0,
        "you_are_here": False,
        "as_cheap": [],
    }
    assert [row["you_are_here"] for row in found["proven"]] == [True, False]
    assert (found["your_messages_per_month"], found["unknown_price"]) == (187, ["hush/quote"])


def test_a_curve_is_told_as_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "breakeven", "wire/metered", "murmur/plus", "--curve", *FROZEN)
    assert (code, err) == (0, "")
    assert "A is wire/metered, B is murmur/plus." in out
    lines = [line.split() for line in out.splitlines()]
    for reply in range(0, 21, 2):
        row = [f"{reply / 10:.1f}", "B", "from", "2,182", "B", "from", "1,091", "B", "from", "728"]
        assert lines.count(row) == 1
    assert "gets 0.54 replies" in out
    assert [line for line in out.splitlines() if cell_len(line) > 80] == []
    _, out, _ = run(capsys, "breakeven", "porchlight/basic", "murmur/plus", "--curve", *FROZEN)
    assert "0.0  always B   always B    always B" in out


def test_several_changes_in_a_mix_are_counted(market: Catalog, rules: Requirements) -> None:
    mini = stairs_of(market)
    curve = decide.break_even_curve(mini, rules, "v/steps", "v/fixed", OWN, TODAY)
    console = Console(width=80, record=True, file=io.StringIO())
    show.break_even_curve(console, mini, OWN, curve, decide.stamp(TODAY, "0" * 12))
    told = console.export_text()
    assert told.count("B from 51 (+2)") == 33
    assert "'(+2)': the order changes twice more further up" in told
    assert len(show.break_even_curve_json(curve)) == len(frames.break_even_curve_frame(curve)) == 99
    lines = figures.break_even_curve(compared(), curve, {"v/steps": "Steps", "v/fixed": "Fixed"}).canvas.axes[0].lines
    heights = sorted(float(line.get_ydata()[0]) for line in lines if len(line.get_xdata()) == len(REPLIES))
    # From 50 to 51 messages the steps rise from 5 to 15 and cross 10 halfway; 100.7 = 100 + 5 / 7; 150.5.
    assert heights == pytest.approx([50.5, 100 + 5 / 7, 150.5])


def test_a_curve_as_data(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "breakeven", "wire/metered", "murmur/plus", "--curve", "--json", *FROZEN)
    found = json.loads(out)
    assert len(found["curve"]) == 33
    assert found["curve"][0] == {
        "replies_per_message": 0.0,
        "segments_per_message": 1,
        "messages_per_month": 2181.8,
        "first_whole_messages_per_month": 2182,
        "cheaper_below": "wire/metered",
        "cheaper_above": "murmur/plus",
    }
    assert (found["a"], found["crossings"][0]["cheaper_above"]) == ("wire/metered", "murmur/plus")
    _, out, _ = run(capsys, "breakeven", "porchlight/basic", "murmur/plus", "--curve", "--json", *FROZEN)
    row = json.loads(out)["curve"][0]
    assert (row["messages_per_month"], row["first_whole_messages_per_month"]) == (None, None)
    assert (row["cheaper_below"], row["cheaper_above"]) == ("murmur/plus", "murmur/plus")


@pytest.mark.parametrize("words", [["penny/texts"], ["--curve"], ["penny/texts", "--curve"]])
def test_one_plan_alone_is_refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "breakeven", *words, *DATA)
    assert (code, out) == (2, "")
    assert err == "texteval: give two plans, such as 'cliniko/standard spruce-health/basic'\n"


def test_no_usable_plan_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Any) -> None:
    path = tmp_path / "team.yaml"
    path.write_text("{name: T, clinicians: 1, sessions_per_week: 1, messages: [{purpose: team}]}", encoding="utf-8")
    code, out, _ = run(capsys, "breakeven", "--practice", str(path), *DATA)
    assert code == 0
    assert out.count("No plan with a known price.") == 2
