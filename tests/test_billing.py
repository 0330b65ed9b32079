"""Bills: the order of steps, due months, sums that agree, and every crossing of two plans."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise, permutations

import numpy as np
import pydantic
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import TODAY
from texteval.billing import invoice, is_due, price
from texteval.breakeven import Crossing, crossings, left_out, monthly_cost
from texteval.catalog import Catalog, Line, VendorFile, line_name
from texteval.charges import METERS, SEATS, Charge, Group, Unpublished
from texteval.models import first_day
from texteval.money import cents, show
from texteval.practice import Message, Practice, presets, spread_year

ADAPTER = pydantic.TypeAdapter(Charge)


def usd(text):
    """Write dollars as micro-dollars, by decimal arithmetic."""
    return int(Decimal(text) * 1_000_000)


def lines_of(*charges):
    """Make the lines of one price list from charges as they stand in a data file."""
    built = [ADAPTER.validate_python(fields) for fields in charges]
    return [Line(charge, line_name(charge), "a-source", "2026-01-01", "stated", "vendor/plan") for charge in built]


def catalog_of(market, **plans):
    """Make a catalogue of one vendor with the given plans, each a list of charges; None: no price list."""
    lists = {
        name: [{"from": "2026-01-01", "date_is": "stated", "source": "a-source", "charges": charges}]
        for name, charges in plans.items()
        if charges is not None
    }
    file = VendorFile.model_validate(
        {
            "sources": {"a-source": {"title": "A price list", "seen": "2026-01-01", "grade": "vendor_page"}},
            "vendors": {
                "v": {
                    "name": "V",
                    "kind": "business_phone",
                    "plans": {
                        name: {"name": name, "channels": ["sms"], "prices": lists.get(name, [])} for name in plans
                    },
                }
            },
        }
    )
    return Catalog(file, market.attributes, "vendors.yaml", "0" * 12)


def per_unit(meter, dollars, **fields):
    return {"model": "per_unit", "meter": meter, "usd": Decimal(dollars), **fields}


def flat(dollars, **fields):
    return {"model": "flat", "usd": Decimal(dollars), **fields}


SEATS_LINE = per_unit("login", "40", name="Seats")
TEXTS = per_unit("message_out", "0.05", name="Texts")
DISCOUNT = {"model": "percent", "name": "Discount", "percent": -10, "of": ["Seats"]}
CAP = {"model": "maximum", "name": "Cap", "usd": 100}
FLOOR = {"model": "minimum", "name": "Floor", "usd": 50}
FEE = {"model": "percent", "name": "Fee", "percent": 5}
FEE_ON_LINES = FEE | {"of": ["Seats", "Texts"]}

# By hand. 3 seats: 120 + 10 - 12 = 118, so the cap takes off 18. 1 seat: 40 - 4 = 36, so 14 are missing to the floor.
# A fee is taken on what is left after all, or on the lines that it names.
STEPS = [
    (3, 200, FEE, {"Discount": "-12", "Cap": "-18", "Floor": "0", "Fee": "5.00"}),  # 5 percent of 100
    (3, 200, FEE_ON_LINES, {"Discount": "-12", "Cap": "-18", "Floor": "0", "Fee": "6.50"}),  # of 120 + 10
    (1, 0, FEE, {"Discount": "-4", "Cap": "0", "Floor": "14", "Fee": "2.50"}),  # of 50
    (1, 0, FEE_ON_LINES, {"Discount": "-4", "Cap": "0", "Floor": "14", "Fee": "2.00"}),  # of 40
    (2, 100, FEE, {"Discount": "-8", "Cap": "0", "Floor": "0", "Fee": "3.85"}),  # of 80 + 5 - 8, within both limits
    (2, 100, FEE_ON_LINES, {"Discount": "-8", "Cap": "0", "Floor": "0", "Fee": "4.25"}),  # of 85
    (0, 0, FEE, {"Discount": "0", "Cap": "0", "Floor": "50", "Fee": "2.50"}),
]


@pytest.mark.parametrize(("logins", "texts", "fee", "expected"), STEPS)
def test_discounts_come_first_then_maximum_minimum_and_fees_wherever_they_stand(logins, texts, fee, expected):
    usage = {"login": logins, "message_out": texts}
    for groups in permutations([DISCOUNT, CAP, FLOOR, fee]):
        lines = lines_of(groups[0], SEATS_LINE, groups[1], TEXTS, *groups[2:])
        amounts = {line.name: amount for line, amount in zip(lines, price(lines, usage), strict=True)}
        assert amounts.pop("Seats") == logins * usd("40")
        assert amounts.pop("Texts") == texts * usd("0.05")
        assert amounts == {name: usd(amount) for name, amount in expected.items()}


def test_a_fee_on_a_discounted_line_is_taken_from_the_lower_price():
    # 5 percent of 40 - 4, where the fee names the discount among the lines that it applies to.
    lines = lines_of(SEATS_LINE, DISCOUNT, FEE | {"of": ["Seats", "Discount"]})
    assert price(lines, {"login": 1}) == [usd("40"), usd("-4"), usd("1.80")]


def test_a_minimum_that_names_a_maximum_is_held_after_it():
    # The cap takes 120 down to 40; 10 are then missing to the floor of 50.
    for groups in permutations([CAP | {"usd": 40}, FLOOR | {"of": ["Seats", "Cap"]}]):
        lines = lines_of(SEATS_LINE, *groups)
        amounts = {line.name: amount for line, amount in zip(lines, price(lines, {"login": 3}), strict=True)}
        assert amounts == {"Seats": usd("120"), "Cap": usd("-80"), "Floor": usd("10")}


def test_several_discounts_or_fees_do_not_build_on_each_other():
    second = {"name": "Second"}
    lines = lines_of(SEATS_LINE, DISCOUNT, DISCOUNT | second | {"of": None}, FEE, FEE | {"name": "Further fee"})
    # Each discount is 10 percent of 40; each fee is 5 percent of 32.
    assert price(lines, {"login": 1}) == [usd(text) for text in ("40", "-4", "-4", "1.60", "1.60")]


def test_a_fee_on_a_minimum_alone_is_due_with_it():
    lines = lines_of(SEATS_LINE, FLOOR, FEE | {"of": ["Floor"]})
    assert price(lines, {"login": 1}) == [usd("40"), usd("10"), usd("0.50")]


def test_a_group_line_builds_on_its_own_plan_only():
    own = lines_of(SEATS_LINE, FLOOR)
    other = [Line(ADAPTER.validate_python(TEXTS), "Texts", "a-source", "2026-01-01", "stated", "schedule")]
    assert price([*own, *other], {"login": 1, "message_out": 1000}) == [usd("40"), usd("10"), usd("50")]


def test_several_meters_of_a_line_are_added_up_and_missing_ones_count_zero():
    lines = lines_of(per_unit(["message_out", "message_in", "mms_out"], "0.01"))
    assert price(lines, {"message_out": 30, "message_in": 12}) == [usd("0.42")]
    assert price(lines, {}) == [0]


def test_an_allowance_for_each_seat_reads_the_seats():
    lines = lines_of(
        {
            "model": "allowance",
            "meter": ["segment_out", "segment_in"],
            "included": 100,
            "per": "login",
            "then": {"model": "per_unit", "usd": Decimal("0.03")},
        }
    )
    # 260 + 80 = 340 segments, 3 x 100 included.
    assert price(lines, {"login": 3, "segment_out": 260, "segment_in": 80}) == [usd("1.20")]


PREPAID = {"model": "package", "meter": "segment_out", "size": 200, "usd": 20}


def year_of(lines, months):
    """Sum the first line over months of segments."""
    total, before = 0, 0
    for month, many in enumerate(months):
        total += price(lines, {"segment_out": many}, month, {"segment_out": before})[0]
        before += many
    return total


@given(st.lists(st.integers(0, 900), min_size=12, max_size=12), st.integers(1, 500))
def test_packages_that_carry_over_are_bought_as_for_the_whole_year_at_once(months, size):
    keeps = lines_of(PREPAID | {"size": size, "rollover": True})
    lapses = lines_of(PREPAID | {"size": size})
    needed = -(-sum(months) // size)
    assert year_of(keeps, months) == needed * usd("20")
    assert year_of(lapses, months) == sum(-(-many // size) for many in months) * usd("20")
    assert year_of(lapses, months) >= year_of(keeps, months)


def test_packages_that_carry_over_are_bought_in_the_month_that_needs_them():
    lines = lines_of(PREPAID | {"rollover": True})
    # 150 of the first 200; 150 + 50 just fit; one more opens the second.
    bought = [
        price(lines, {"segment_out": many}, month, {"segment_out": before})[0]
        for month, (many, before) in enumerate([(150, 0), (50, 150), (1, 200), (0, 201)])
    ]
    assert bought == [usd("20"), 0, usd("20"), 0]


def test_an_invoice_carries_unused_units_over_the_whole_year(market):
    mini = catalog_of(market, keeps=[PREPAID | {"rollover": True}], lapses=[PREPAID])
    months = [{"segment_out": many} for many in (10, 20, 30, 40, 50, 60, 0, 250, 0, 1, 139, 1)]
    keeps, lapses = (invoice(mini, f"v/{plan}", months, TODAY) for plan in ("keeps", "lapses"))
    # Used in all: 10, 30, 60, 100, 150, 210, 210, 460, 460, 461, 600, 601.
    assert [amount // usd("20") for amount in keeps.lines[0].months] == [1, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 1]
    assert keeps.year == usd("80")
    assert lapses.year == usd("220")  # one in each of nine months, two for the 250


def test_an_unpublished_price_leaves_the_total_unknown_and_the_published_part_known(market):
    charges = [
        flat("30", name="Subscription"),
        {"model": "unpublished", "name": "Texts", "meter": "message_out", "low_usd": 5},
        {"model": "percent", "name": "Tax", "percent": 10},
        {"model": "percent", "name": "Subscription tax", "percent": 10, "of": ["Subscription"]},
    ]
    lines = lines_of(*charges)
    used = {"account": 1, "message_out": 1}
    assert price(lines, used) == [usd("30"), None, None, usd("3")]
    assert price(lines, {"account": 1}) == [usd("30"), 0, usd("3"), usd("3")]

    mini = catalog_of(market, plan=charges)
    bill = invoice(mini, "v/plan", [used] * 12, TODAY)
    assert not bill.known
    assert (bill.year, bill.month, bill.in_month(0)) == (None, None, None)
    assert bill.at_least == usd("396")  # 12 x (30 + 3)
    unused = invoice(mini, "v/plan", [{"account": 1}] * 12, TODAY)
    assert unused.known
    assert unused.year == usd("432")  # 12 x (30 + 3 + 3)


DUE = [
    # A floor of 300 a year under one seat at 100 a year tops up 200 once, not twelve times.
    ("annual", {"model": "minimum", "usd": 300, "of": ["Seats"]}, {0: "200", 12: "200"}),
    ("annual", {"model": "minimum", "usd": 300}, {0: "200", 12: "200"}),
    ("annual", {"model": "maximum", "usd": 80}, {0: "-20", 12: "-20"}),
    ("annual", {"model": "percent", "percent": -10}, {0: "-10", 12: "-10"}),
    ("once", {"model": "percent", "percent": 8}, {0: "8"}),
    ("once", {"model": "minimum", "usd": 150}, {0: "50"}),
    ("monthly", {"model": "minimum", "usd": 150}, dict.fromkeys(range(24), "50")),
]


@pytest.mark.parametrize(("cadence", "group", "expected"), DUE)
def test_a_group_line_is_due_only_when_its_lines_are(cadence, group, expected):
    lines = lines_of(per_unit("login", "100", name="Seats", cadence=cadence), {"name": "Group", **group})
    found = {month: amount for month in range(24) if (amount := price(lines, {"login": 1}, month)[1])}
    assert found == {month: usd(amount) for month, amount in expected.items()}


messages = st.builds(
    Message,
    purpose=st.sampled_from(["reminder", "confirmation", "reschedule", "practice_notice", "team"]),
    direction=st.sampled_from(["out", "in"]),
    per=st.sampled_from(["session", "week", "month", "year"]),
    count=st.integers(0, 30),
    percent=st.integers(0, 100),
    text=st.sampled_from(["Short", "Long " * 50, "¿Qué?"]),
)
practices = st.builds(
    Practice,
    name=st.just("A practice"),
    clinicians=st.integers(1, 60),
    staff=st.integers(0, 20),
    sessions_per_week=st.integers(0, 1500),
    weeks_per_year=st.integers(1, 52),
    claims_per_month=st.integers(0, 5000),
    messages=st.lists(messages, min_size=1, max_size=5),
)
channels = st.dictionaries(
    st.sampled_from(["reminder", "confirmation", "reschedule", "practice_notice", "team"]),
    st.sampled_from(["sms", "mms", "secure_message", "team_chat"]),
)


@given(practices, channels)
def test_the_months_of_a_practice_are_whole_and_add_up_to_its_year(practice, channel_of):
    year = practice.usage_year(channel_of)
    months = practice.usage(channel_of)
    assert len(months) == 12
    for meter in METERS:
        counts = [month.get(meter, 0) for month in months]
        assert {type(many) for many in counts} == {int}
        if meter in SEATS:
            assert len(set(counts)) == 1
        else:
            assert sum(counts) == year[meter]
            assert max(counts) - min(counts) <= 1


@given(st.integers(0, 10**7))
def test_a_year_is_spread_in_whole_units(total):
    months = [month["claim"] for month in spread_year({"claim": total})]
    assert sum(months) == total
    assert {total // 12, -(-total // 12)} >= set(months)


def test_the_printed_total_is_the_sum_of_the_printed_lines(market):
    # Three lines of 0.125 a year are printed as 0.13 each; rounding their sum of 0.375 would print 0.38.
    names = ["One", "Two", "Three"]
    mini = catalog_of(market, plan=[per_unit("claim", "0.125", name=name) for name in names])
    bill = invoice(mini, "v/plan", [{"claim": 1}] + [{"claim": 0}] * 11, TODAY)
    assert [show(line.year) for line in bill.lines] == ["$0.13"] * 3
    assert show(bill.year) == "$0.39"
    assert bill.part(fixed=False) == bill.year
    assert bill.part(fixed=True) == 0


@pytest.mark.parametrize("name", list(presets().practices))
def test_every_printed_total_of_the_market_is_the_sum_of_its_printed_lines(market, name):
    practice = presets().practices[name]
    usage = practice.usage(dict.fromkeys(practice.purposes, "sms"))
    known = 0
    for plan_id in market.plan_ids(texting=False):
        bill = invoice(market, plan_id, usage, TODAY)
        if bill is None:
            continue
        printed = [Decimal(show(line.year).replace("$", "").replace(",", "")) for line in bill.lines if line.year]
        assert Decimal(show(bill.at_least).replace("$", "").replace(",", "")) == sum(printed), plan_id
        assert bill.known == all(line.year is not None for line in bill.lines)
        if bill.known:
            known += 1
            assert bill.year == bill.at_least == bill.part(fixed=True) + bill.part(fixed=False)
            # The months are exact, so they differ from the printed year by half a cent a line at most.
            exact = sum(bill.in_month(month) for month in range(12))
            assert abs(exact - bill.year) <= 5_000 * len(bill.lines), plan_id
    assert known > 20


def test_an_invoice_leaves_out_lines_without_quantity_and_says_what_each_counts(market):
    mini = catalog_of(
        market,
        plan=[
            flat("49", name="Subscription"),
            per_unit("login", "120", name="Seats", cadence="annual"),
            per_unit("message_out", "0.09"),
            per_unit("claim", "0.35"),
            flat("19.50", name="Registration", cadence="once"),
            {"model": "minimum", "usd": 1},
        ],
    )
    months = [{"account": 1, "login": 3, **spread} for spread in spread_year({"message_out": 7800, "claim": 0})]
    bill = invoice(mini, "v/plan", months, TODAY)
    assert [(line.name, line.quantity_year, line.unit_usd, line.cadence, line.fixed) for line in bill.lines] == [
        ("Subscription", 1, usd("49"), "monthly", True),
        ("Seats", 3, usd("120"), "annual", True),
        ("Texts sent", 7800, usd("0.09"), "monthly", False),
        ("Registration", 1, usd("19.50"), "once", True),
    ]
    assert bill.in_month(0) == usd("487")  # 49 + 360 + 650 x 0.09 + 19.50
    assert bill.in_month(1) == usd("107.50")
    assert bill.year == usd("1669.50")  # 588 + 360 + 702 + 19.50
    assert bill.month == usd("139.125")
    assert bill.part(fixed=True) == usd("967.50")
    assert bill.part(fixed=False) == usd("702")


def test_a_package_has_no_unit_price_on_the_invoice(market):
    # 20 dollars are the price of 200 segments, not of one.
    bill = invoice(catalog_of(market, plan=[PREPAID]), "v/plan", [{"segment_out": 100}] * 12, TODAY)
    assert (bill.lines[0].quantity_year, bill.lines[0].unit_usd) == (1200, None)


def test_a_discount_on_texts_belongs_to_the_part_that_follows_the_volume(market):
    mini = catalog_of(market, plan=[TEXTS, {"model": "percent", "percent": -50, "of": ["Texts"]}, flat("10")])
    bill = invoice(mini, "v/plan", [{"account": 1, "message_out": 100}] * 12, TODAY)
    assert (bill.part(fixed=True), bill.part(fixed=False)) == (usd("120"), usd("30"))


def test_a_plan_without_a_price_list_on_the_day_has_no_invoice(market):
    mini = catalog_of(market, plan=[flat("10")], unpriced=None)
    assert invoice(mini, "v/unpriced", [{"account": 1}] * 12, TODAY) is None
    assert invoice(mini, "v/plan", [{"account": 1}] * 12, date(2025, 12, 31)) is None
    assert invoice(mini, "v/plan", [{"account": 1}] * 12, date(2026, 1, 1)).year == usd("120")


def test_the_guides_example_of_fifty_clients(market):
    """50 clients a week, three messages each, 0.09 a message: 650 messages and 58.50 a month, 702.00 a year."""
    practice = presets().practices["fifty-clients"]
    usage = practice.usage(dict.fromkeys(practice.purposes, "sms"))
    assert [month["message_out"] for month in usage] == [650] * 12
    bill = invoice(catalog_of(market, plan=[per_unit("message_out", "0.09")]), "v/plan", usage, TODAY)
    assert [show(bill.in_month(month)) for month in range(12)] == ["$58.50"] * 12
    assert show(bill.month) == "$58.50"
    assert show(bill.year) == "$702.00"


def test_the_guides_price_meets_a_flat_plan_at_sixty_one_and_a_half_messages_a_week(market):
    """0.09 a message against 24 a month: 24 / 0.09 = 800/3 messages a month, 800/3 x 12/52 = 800/13 a week."""
    mini = catalog_of(market, each=[per_unit("message_out", "0.09")], flat=[flat("24")])
    practice = presets().practices["fifty-clients"]
    sms = dict.fromkeys(practice.purposes, "sms")
    each, fixed = (monthly_cost(mini, f"v/{plan}", practice, sms, TODAY, most=1000) for plan in ("each", "flat"))
    assert each.tolist() == [90_000 * n for n in range(1001)]
    assert fixed.tolist() == [24_000_000] * 1001
    (found,) = crossings("v/each", each, "v/flat", fixed)
    assert found == Crossing(Fraction(800, 3), 267, "v/each", "v/flat")
    assert found.per_week() == Fraction(800, 13)
    assert f"{float(found.per_week()):.1f}" == "61.5"
    assert crossings("v/flat", fixed, "v/each", each) == [found]


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ([0, 1, 2, 3], [2, 2, 2, 2], [(Fraction(2), 2, "a", "b")]),  # equal at 2, then b is cheaper
        ([0, 1, 2], [2, 2, 2], []),  # they only meet
        ([0, 2, 0], [1, 1, 1], [(Fraction(1, 2), 1, "a", "b"), (Fraction(3, 2), 2, "b", "a")]),
        ([1, 1, 1], [1, 1, 1], []),
        ([1, 1, 2], [1, 1, 1], []),  # equal, then apart: nobody changes places
        ([0, 1, 1, 1, 2], [1, 1, 1, 1, 1], [(Fraction(1), 1, "a", "b")]),  # equal for a stretch
        ([0, 1, 0], [1, 1, 1], []),  # touched, not crossed
        ([5, 5, 5], [0, 4, 9], [(Fraction(6, 5), 2, "b", "a")]),
        ([5], [4], []),
    ],
)
def test_crossings_by_hand(a, b, expected):
    assert crossings("a", np.array(a), "b", np.array(b)) == [Crossing(*row) for row in expected]


@st.composite
def price_lists(draw):
    """Draw a fixed fee with one tiered line, all in whole cents so that ties happen."""
    cent = st.integers(0, 12).map(lambda n: Decimal(n) / 100)
    bounds = sorted(draw(st.sets(st.integers(1, 70), max_size=3)))
    mode = draw(st.sampled_from(["graduated", "volume", "stairstep"]))
    tiers = [
        {"flat_usd": draw(cent) * 10}
        | ({} if mode == "stairstep" else {"usd": draw(cent)})
        | ({} if bound is None else {"up_to": bound})
        for bound in [*bounds, None]
    ]
    return lines_of(
        flat(draw(st.integers(0, 4)), name="Fee"),
        {"model": "tiers", "meter": "message_out", "mode": mode, "tiers": tiers},
    )


@given(price_lists(), price_lists())
@settings(max_examples=150, deadline=None)
def test_all_crossings_are_found_as_by_trying_every_volume(list_a, list_b):
    many = range(81)
    costs = [[sum(price(lines, {"account": 1, "message_out": n})) for n in many] for lines in (list_a, list_b)]
    gaps = [a - b for a, b in zip(*costs, strict=True)]
    apart = [n for n in many if gaps[n]]
    expected = [n for n, after in pairwise(apart) if (gaps[n] < 0) != (gaps[after] < 0)]
    found = crossings("a", np.array(costs[0]), "b", np.array(costs[1]))
    assert [crossing.first_whole for crossing in found] == [n + 1 for n in expected]
    for crossing, n in zip(found, expected, strict=True):
        assert (crossing.cheaper_before, crossing.cheaper_after) == (("a", "b") if gaps[n] < 0 else ("b", "a"))
        # On the straight line between n and n + 1 the two cost the same at exactly this point.
        assert n < crossing.per_month <= n + 1
        assert gaps[n] + (crossing.per_month - n) * (gaps[n + 1] - gaps[n]) == 0
        better = -1 if crossing.cheaper_after == "a" else 1
        assert gaps[n] * better < 0 <= gaps[n + 1] * better


@pytest.mark.parametrize(
    ("charges", "expected"),
    [
        ([flat("24")], "24"),
        ([flat("24"), flat("19.50", name="Registration", cadence="once")], "24"),
        ([per_unit("login", "120", cadence="annual")], "10"),
        ([flat("30", cadence="every_n_months", months=3)], "10"),
        ([per_unit("login", "120", cadence="annual", name="S"), {"model": "minimum", "usd": 300, "of": ["S"]}], "25"),
        ([flat("20"), flat("50", name="Once", cadence="once"), {"model": "percent", "percent": -10}], "18"),
        # The discount covers both cadences: (120 / 12 + 10) x 0.9.
        ([flat("10"), flat("120", name="Y", cadence="annual"), {"model": "percent", "percent": -10}], "18"),
        # The yearly fee is discounted every year, the one-time fee only in the first month: 120 / 12 x 0.9.
        (
            [
                flat("120", cadence="annual"),
                flat("100", name="Once", cadence="once"),
                {"model": "percent", "percent": -10},
            ],
            "9",
        ),
    ],
)
def test_the_monthly_cost_spreads_yearly_charges_and_leaves_out_what_is_due_once(market, charges, expected):
    practice = Practice(name="One", clinicians=1, sessions_per_week=0, messages=[Message(purpose="reminder")])
    cost = monthly_cost(catalog_of(market, plan=charges), "v/plan", practice, {"reminder": "sms"}, TODAY, most=2)
    assert cost.tolist() == [usd(expected)] * 3


def test_prepaid_packages_cost_a_month_what_is_used_of_them(market):
    practice = presets().practices["fifty-clients"]
    mini = catalog_of(market, plan=[PREPAID | {"rollover": True}], lapsing=[PREPAID])
    sms = dict.fromkeys(practice.purposes, "sms")
    keeps, lapses = (monthly_cost(mini, f"v/{plan}", practice, sms, TODAY, most=401) for plan in ("plan", "lapsing"))
    assert keeps.tolist() == [n * usd("0.10") for n in range(402)]  # 20 for 200
    assert lapses[[0, 1, 200, 201, 400, 401]].tolist() == [usd(text) for text in ("0", "20", "20", "40", "40", "60")]


@pytest.mark.parametrize(
    ("meter", "published_only", "expected", "named"),
    [
        ("message_out", False, None, []),
        ("message_out", True, None, []),
        ("number", False, None, ["Unknown"]),
        ("number", True, ["24"] * 3, ["Unknown"]),
    ],
)
def test_the_monthly_cost_is_unknown_where_a_price_is(market, meter, published_only, expected, named):
    practice = presets().practices["solo"]
    mini = catalog_of(market, plan=[flat("24"), {"model": "unpublished", "meter": meter, "name": "Unknown"}])
    cost = monthly_cost(mini, "v/plan", practice, {"reminder": "sms"}, TODAY, most=2, published_only=published_only)
    assert (cost if expected is None else cost.tolist()) == (expected and [usd(text) for text in expected])
    assert left_out(mini, "v/plan", TODAY) == named


def test_a_plan_without_a_price_list_has_no_monthly_cost(market):
    mini = catalog_of(market, unpriced=None)
    assert monthly_cost(mini, "v/unpriced", presets().practices["solo"], {"reminder": "sms"}, TODAY) is None
    assert left_out(mini, "v/unpriced", TODAY) == []


@pytest.fixture(scope="module")
def price_lists_of_the_market(market):
    """Every plan of the catalogue on the first day of each of its price lists, and today."""
    found = {}
    for plan_id in market.plan_ids(texting=False):
        plan = market.plan(plan_id)
        for day in [*(first_day(prices.from_) for prices in plan.prices), TODAY]:
            lines = market.price_lines(plan_id, day)
            if lines is not None:
                found[plan_id, tuple((line.origin, line.since) for line in lines)] = lines
    return found


counts = st.integers(0, 12) | st.integers(0, 3000) | st.integers(0, 1_000_000)


@given(
    st.lists(st.fixed_dictionaries(dict.fromkeys(METERS, counts)), min_size=1, max_size=4),
    st.fixed_dictionaries(dict.fromkeys(METERS, counts)),
    st.sampled_from([0, 1, 5, 12]),
)
@settings(max_examples=15, deadline=None)
def test_every_plan_of_the_market_costs_the_same_priced_singly_or_in_a_table(
    price_lists_of_the_market, usages, before, month
):
    usages = [*usages, dict.fromkeys(METERS, 0), dict.fromkeys(METERS, 1)]
    table = {meter: np.array([usage[meter] for usage in usages], np.int64) for meter in METERS}
    earlier = {meter: np.full(len(usages), many, np.int64) for meter, many in before.items()}
    assert len({plan_id for plan_id, _ in price_lists_of_the_market}) > 100
    for (plan_id, _), lines in price_lists_of_the_market.items():
        singly = [price(lines, usage, month, before) for usage in usages]
        together = price(lines, table, month, earlier)
        for i, line in enumerate(lines):
            one_by_one = [amounts[i] for amounts in singly]
            assert {type(amount) for amount in one_by_one} <= {int, type(None)}
            if together[i] is None:
                assert None in one_by_one, (plan_id, line.name)
            else:
                assert np.broadcast_to(together[i], len(usages)).tolist() == one_by_one, (plan_id, line.name)


def test_every_line_of_the_market_costs_something_when_used_is_free_or_unknown(price_lists_of_the_market):
    """A line that is not free and never bills is a mistake in the price list."""
    for (plan_id, _), lines in price_lists_of_the_market.items():
        for i, line in enumerate(lines):
            assert is_due(lines, i, 0), (plan_id, line.name)
            # Far more than any allowance, with one seat of those that the allowance is counted by.
            usage = dict.fromkeys(METERS, 100_000) | {getattr(line.charge, "per", None): 1}
            amount = price(lines, usage)[i]
            if isinstance(line.charge, Unpublished):
                assert amount is None, (plan_id, line.name)
            elif not isinstance(line.charge, Group) and getattr(line.charge, "usd", None) != 0:
                assert amount is None or amount > 0, (plan_id, line.name)


def test_cents_of_a_line_are_those_of_its_exact_year(market):
    practice = presets().practices["solo"]
    usage = practice.usage(dict.fromkeys(practice.purposes, "sms"))
    bill = invoice(market, "twilio/pay-as-you-go", usage, TODAY)
    (sent,) = (line for line in bill.lines if line.name == "Texts sent")
    # 22 x 52 = 1,144 sessions: 1,144 reminders, 572 confirmations and 137 answers (137.28) of one segment at 0.0083.
    assert sent.quantity_year == 1_144 + 572 + 137
    assert sent.year == 1_853 * 8_300
    assert cents(sent.year) == 1_538  # 15.3799
