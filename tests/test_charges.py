"""Charges: amounts at every border, ints and arrays alike, due months, and what is refused."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pydantic
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from texteval.charges import METER_WORDS, METERS, Charge
from texteval.money import MAX_PRICE, MAX_QUANTITY

ADAPTER = pydantic.TypeAdapter(Charge)


def charge(model, **fields):
    """Read a charge as it stands in a data file."""
    return ADAPTER.validate_python({"model": model, **fields})


def usd(text):
    """Write dollars as micro-dollars, by decimal arithmetic."""
    return int(Decimal(text) * 1_000_000)


TIERS = [
    {"up_to": 100, "usd": Decimal("0.10")},
    {"up_to": 500, "usd": Decimal("0.08"), "flat_usd": 5},
    {"usd": Decimal("0.05")},
]
CARRIERS = [
    {"carrier": "Verizon", "percent": 35, "usd": Decimal("0.0045")},
    {"carrier": "T-Mobile", "percent": 33, "usd": Decimal("0.0045")},
    {"carrier": "AT&T", "percent": 30, "usd": Decimal("0.0035")},
    {"carrier": "US Cellular", "percent": 2, "usd": Decimal("0.0050")},
]
BANDS = [{"up_to": 1, "flat_usd": 45}, {"up_to": 5, "flat_usd": 95}, {"flat_usd": 145}]

FLAT = charge("flat", usd=49)
PER_UNIT = charge("per_unit", meter="message_out", usd=Decimal("0.0083"))
GRADUATED = charge("tiers", meter="message_out", mode="graduated", tiers=TIERS)
VOLUME = charge("tiers", meter="message_out", mode="volume", tiers=TIERS)
STAIRSTEP = charge("tiers", meter="clinician", mode="stairstep", tiers=BANDS)
PACKAGE = charge("package", meter="segment_out", size=200, usd=20)
PREPAID = charge("package", meter="segment_out", size=200, usd=20, rollover=True)
MIX = charge("mix", meter="segment_out", parts=CARRIERS)


def allowance(then, **fields):
    return charge("allowance", meter="segment_out", included=600, then=then, **fields)


ALLOWANCE = allowance({"model": "per_unit", "usd": Decimal("0.03")})
ALLOWANCE_GRADUATED = allowance({"model": "tiers", "mode": "graduated", "tiers": TIERS})
ALLOWANCE_VOLUME = allowance({"model": "tiers", "mode": "volume", "tiers": TIERS})
ALLOWANCE_STAIRSTEP = allowance({"model": "tiers", "mode": "stairstep", "tiers": BANDS})
ALLOWANCE_PACKAGE = allowance({"model": "package", "size": 200, "usd": 20})
ALLOWANCE_MIX = allowance({"model": "mix", "parts": CARRIERS})
DISCOUNT = charge("percent", percent=-10)
TAX = charge("percent", percent=Decimal("8.25"))
HALF_PERCENT = charge("percent", percent=Decimal("0.5"))
HALF_OFF = charge("percent", percent=-50)
HALF_ON = charge("percent", percent=50)
MINIMUM = charge("minimum", usd=105)
MAXIMUM = charge("maximum", usd=100)

# Every amount is worked out by hand.
AMOUNTS = [
    (FLAT, 0, "0"),
    (FLAT, 1, "49"),
    (FLAT, 7, "49"),
    (PER_UNIT, 0, "0"),
    (PER_UNIT, 1, "0.0083"),
    (PER_UNIT, 1_000_000, "8300"),
    (GRADUATED, 0, "0"),
    (GRADUATED, 1, "0.10"),
    (GRADUATED, 100, "10.00"),
    (GRADUATED, 101, "15.08"),  # 10 + 5 + 0.08
    (GRADUATED, 500, "47.00"),  # 10 + 5 + 400 x 0.08
    (GRADUATED, 501, "47.05"),
    (GRADUATED, 1000, "72.00"),  # 47 + 500 x 0.05
    (VOLUME, 0, "0"),
    (VOLUME, 1, "0.10"),
    (VOLUME, 100, "10.00"),
    (VOLUME, 101, "13.08"),  # 101 x 0.08 + 5
    (VOLUME, 500, "45.00"),  # 500 x 0.08 + 5
    (VOLUME, 501, "25.05"),  # 501 x 0.05
    (VOLUME, 1000, "50.00"),
    (STAIRSTEP, 0, "0"),
    (STAIRSTEP, 1, "45"),
    (STAIRSTEP, 2, "95"),
    (STAIRSTEP, 5, "95"),
    (STAIRSTEP, 6, "145"),
    (STAIRSTEP, 1000, "145"),
    (PACKAGE, 0, "0"),
    (PACKAGE, 1, "20"),
    (PACKAGE, 200, "20"),
    (PACKAGE, 201, "40"),
    (PACKAGE, 400, "40"),
    (PACKAGE, 401, "60"),
    (PREPAID, 0, "0"),
    (PREPAID, 200, "20"),
    (PREPAID, 201, "40"),
    (MIX, 0, "0"),
    (MIX, 1, "0.00421"),  # 0.001575 + 0.001485 + 0.00105 + 0.0001
    (MIX, 1000, "4.21"),
    (ALLOWANCE, 0, "0"),
    (ALLOWANCE, 1, "0"),
    (ALLOWANCE, 600, "0"),
    (ALLOWANCE, 601, "0.03"),
    (ALLOWANCE, 3000, "72.00"),
    (ALLOWANCE_GRADUATED, 600, "0"),
    (ALLOWANCE_GRADUATED, 601, "0.10"),
    (ALLOWANCE_GRADUATED, 700, "10.00"),
    (ALLOWANCE_GRADUATED, 701, "15.08"),
    (ALLOWANCE_GRADUATED, 1600, "72.00"),
    (ALLOWANCE_VOLUME, 600, "0"),
    (ALLOWANCE_VOLUME, 601, "0.10"),
    (ALLOWANCE_VOLUME, 701, "13.08"),
    (ALLOWANCE_VOLUME, 1101, "25.05"),
    (ALLOWANCE_STAIRSTEP, 600, "0"),
    (ALLOWANCE_STAIRSTEP, 601, "45"),
    (ALLOWANCE_STAIRSTEP, 602, "95"),
    (ALLOWANCE_STAIRSTEP, 606, "145"),
    (ALLOWANCE_PACKAGE, 600, "0"),
    (ALLOWANCE_PACKAGE, 601, "20"),
    (ALLOWANCE_PACKAGE, 800, "20"),
    (ALLOWANCE_PACKAGE, 801, "40"),
    (ALLOWANCE_MIX, 600, "0"),
    (ALLOWANCE_MIX, 1600, "4.21"),
    (DISCOUNT, 0, "0"),
    (DISCOUNT, usd("58.50"), "-5.85"),
    (DISCOUNT, 5, "-0.000001"),  # half a micro-dollar, rounded by its size
    (DISCOUNT, 4, "0"),
    (TAX, usd("10"), "0.825"),
    (TAX, usd("58.50"), "4.82625"),
    (HALF_PERCENT, 99, "0"),  # 0.495 micro-dollars
    (HALF_PERCENT, 100, "0.000001"),  # 0.5 micro-dollars
    (HALF_ON, 1, "0.000001"),
    (HALF_OFF, 1, "-0.000001"),
    (HALF_OFF, 3, "-0.000002"),
    (MINIMUM, 0, "105"),
    (MINIMUM, usd("104.99"), "0.01"),
    (MINIMUM, usd("105"), "0"),
    (MINIMUM, usd("105.01"), "0"),
    (MAXIMUM, 0, "0"),
    (MAXIMUM, usd("99.99"), "0"),
    (MAXIMUM, usd("100"), "0"),
    (MAXIMUM, usd("100.01"), "-0.01"),
    (MAXIMUM, usd("250"), "-150"),
]


def label(value):
    """Name a charge by its model, mode and inner rate."""
    if not isinstance(value, pydantic.BaseModel):
        return None
    inner = getattr(value, "then", None)
    words = [value.model, getattr(value, "mode", ""), inner.model if inner else "", getattr(inner, "mode", "")]
    return "-".join(filter(None, words))


@pytest.mark.parametrize(("line", "quantity", "expected"), AMOUNTS, ids=label)
def test_the_amount_at_every_border(line, quantity, expected):
    amount = line.amount(quantity)
    assert type(amount) is int
    assert amount == usd(expected)
    amounts = line.amount(np.array([quantity, quantity], np.int64))
    assert amounts.dtype == np.int64
    assert amounts.tolist() == [usd(expected)] * 2


@pytest.mark.parametrize(
    ("quantity", "seats", "expected"),
    [(0, 0, "0"), (1, 0, "0.05"), (300, 3, "0"), (301, 3, "0.05"), (300, 2, "5.00"), (1000, 1, "45.00")],
)
def test_an_allowance_for_each_seat_is_pooled(quantity, seats, expected):
    line = charge(
        "allowance",
        meter="message_out",
        included=100,
        per="login",
        then={"model": "per_unit", "usd": Decimal("0.05")},
    )
    assert line.amount(quantity, seats) == usd(expected)
    assert line.amount(np.array([quantity]), np.array([seats])).tolist() == [usd(expected)]


def test_a_price_that_nobody_publishes_is_unknown_and_never_zero():
    line = charge("unpublished", meter="message_out", low_usd=5, high_usd=15)
    assert line.amount(0) == 0
    assert line.amount(1) is None
    assert line.amount(np.array([0, 0])) == 0
    assert line.amount(np.array([0, 1])) is None


# Random charges, over the whole range of prices and quantities.
micros = st.integers(0, 2_000_000) | st.integers(0, MAX_PRICE)
prices = micros.map(lambda micro: Decimal(micro).scaleb(-6))
quantities = st.integers(0, 20) | st.integers(0, MAX_QUANTITY)
small_bounds = st.lists(st.integers(1, 40) | st.integers(1, MAX_QUANTITY), max_size=4, unique=True).map(sorted)


@st.composite
def tier_rates(draw, modes=("graduated", "volume", "stairstep")):
    mode = draw(st.sampled_from(modes))
    tiers = []
    for bound in [*draw(small_bounds), None]:
        tier = {"flat_usd": draw(prices)}
        if mode != "stairstep":
            tier["usd"] = draw(prices)
        if bound is not None:
            tier["up_to"] = bound
        tiers.append(tier)
    return {"model": "tiers", "mode": mode, "tiers": tiers}


@st.composite
def mix_rates(draw):
    cuts = sorted(draw(st.sets(st.integers(1, 99), max_size=4)))
    shares = [b - a for a, b in zip([0, *cuts], [*cuts, 100], strict=True)]
    parts = [{"carrier": f"Carrier {i}", "percent": share, "usd": draw(prices)} for i, share in enumerate(shares)]
    return {"model": "mix", "parts": parts}


per_units = st.fixed_dictionaries({"model": st.just("per_unit"), "usd": prices})
PACKAGE = {"model": st.just("package"), "size": st.integers(1, 30) | st.integers(1, MAX_QUANTITY), "usd": prices}
packages = st.fixed_dictionaries(PACKAGE | {"rollover": st.booleans()})
lapsing = st.fixed_dictionaries(PACKAGE | {"rollover": st.just(False)})
rates = st.one_of(per_units, tier_rates(), packages, mix_rates())
beyond = st.one_of(per_units, tier_rates(), lapsing, mix_rates())
allowances = st.fixed_dictionaries({"model": st.just("allowance"), "included": quantities, "then": beyond})
flats = st.fixed_dictionaries({"model": st.just("flat"), "usd": prices})
metered = st.one_of(flats, rates, allowances).map(lambda fields: charge(meter="number", **fields))
percents = st.integers(-10_000, 10_000).map(lambda n: charge("percent", percent=Decimal(n).scaleb(-2)))
limits = st.builds(charge, st.sampled_from(["minimum", "maximum"]), usd=prices)


def same_on_ints_and_arrays(line, counts):
    one_by_one = [line.amount(many) for many in counts]
    assert {type(amount) for amount in one_by_one} == {int}
    together = line.amount(np.array(counts, np.int64))
    assert together.dtype == np.int64
    assert together.tolist() == one_by_one


@given(metered, st.lists(quantities, min_size=1, max_size=12))
def test_metered_charges_are_the_same_for_ints_and_arrays(line, counts):
    same_on_ints_and_arrays(line, [0, 1, *counts])


@given(percents | limits, st.lists(st.integers(0, 10**14), min_size=1, max_size=12))
def test_group_charges_are_the_same_for_ints_and_arrays(line, subtotals):
    same_on_ints_and_arrays(line, subtotals)


@pytest.mark.parametrize("percent", [-10, 3, Decimal("8.25"), 100])
def test_a_percentage_of_the_largest_bill_is_the_same_for_ints_and_arrays(percent):
    same_on_ints_and_arrays(charge("percent", percent=percent), [MAX_PRICE * MAX_QUANTITY])


@given(tier_rates(modes=("graduated",)), quantities, quantities)
def test_graduated_tiers_never_cost_less_for_more(fields, a, b):
    line = charge(meter="number", **fields)
    assert line.amount(min(a, b)) <= line.amount(max(a, b))


@given(prices, quantities, st.sampled_from(["graduated", "volume"]))
def test_one_open_tier_is_a_unit_price(price, quantity, mode):
    one_tier = charge("tiers", meter="number", mode=mode, tiers=[{"usd": price}])
    assert one_tier.amount(quantity) == charge("per_unit", meter="number", usd=price).amount(quantity)


@given(tier_rates(modes=("graduated",)), st.integers(0, 300))
@example({"model": "tiers", "mode": "graduated", "tiers": [{"up_to": 2, "usd": 1}, {"usd": 3, "flat_usd": 7}]}, 3)
def test_graduated_tiers_are_the_sum_of_their_units(fields, quantity):
    """Count unit by unit: each has the price of its tier, and the first unit of a tier its flat price too."""
    total, at, opened = 0, 0, -1
    for unit in range(1, quantity + 1):
        while "up_to" in fields["tiers"][at] and unit > fields["tiers"][at]["up_to"]:
            at += 1
        tier = fields["tiers"][at]
        total += usd(tier.get("usd", 0)) + (usd(tier.get("flat_usd", 0)) if at != opened else 0)
        opened = at
    assert charge(meter="number", **fields).amount(quantity) == total


@given(mix_rates())
def test_the_average_of_a_mix_is_half_a_micro_dollar_off_at_most(fields):
    exact = sum(part["percent"] * usd(part["usd"]) for part in fields["parts"])
    assert abs(charge(meter="number", **fields).usd * 100 - exact) <= 50


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, set(range(26))),
        ({"cadence": "monthly"}, set(range(26))),
        ({"cadence": "annual"}, {0, 12, 24}),
        ({"cadence": "once"}, {0}),
        ({"cadence": "every_n_months", "months": 3}, {0, 3, 6, 9, 12, 15, 18, 21, 24}),
        ({"cadence": "every_n_months", "months": 24}, {0, 24}),
    ],
)
def test_the_months_in_which_a_charge_is_due(fields, expected):
    line = charge("flat", usd=10, **fields)
    assert {month for month in range(26) if line.due(month)} == expected


PERCENT_TOO_FINE = "is not a percentage: it is between -100 and 100, with at most two decimals"


def tiers(*rows, mode="graduated"):
    return {"model": "tiers", "meter": "message_out", "mode": mode, "tiers": list(rows)}


def mix(*shares):
    parts = [{"carrier": f"Carrier {i}", "percent": share, "usd": 1} for i, share in enumerate(shares)]
    return {"model": "mix", "meter": "segment_out", "parts": parts}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (
            tiers({"up_to": 50, "usd": 1}, {"up_to": 100, "usd": 1}),
            "the last tier ends at 100: leave 'up_to' out of the last tier, so that it is open",
        ),
        (
            tiers({"up_to": 500, "usd": 1}, {"up_to": 100, "usd": 1}, {"usd": 1}),
            "the tiers are not sorted ([500, 100]): each 'up_to' must be above the one before",
        ),
        (
            tiers({"up_to": 100, "usd": 1}, {"up_to": 100, "usd": 2}, {"usd": 1}),
            "the tiers are not sorted ([100, 100]): each 'up_to' must be above the one before",
        ),
        (
            tiers({"up_to": 100, "usd": 1}, {"usd": 2}, {"usd": 1}),
            "a tier before the last is open: give it 'up_to'",
        ),
        (
            tiers({"up_to": 5, "usd": 1}, {"flat_usd": 95}, mode="stairstep"),
            "a stairstep tier has a unit price: write its price as 'flat_usd'",
        ),
        (tiers(), "List should have at least 1 item"),
        (tiers({"up_to": 0, "usd": 1}, {"usd": 1}), "Input should be greater than 0"),
        (mix(60, 39), "the shares add up to 99 percent: they must add up to 100"),
        (mix(60, 41), "the shares add up to 101 percent: they must add up to 100"),
        (mix(100, 0), "Input should be greater than 0"),
        (mix(Decimal("33.3"), Decimal("66.7")), "Input should be a valid integer"),
        (
            {"model": "per_unit", "meter": "message_out", "usd": 1, "cadence": "annual"},
            "'message_out' cannot be paid in advance: use a seat such as account or clinician",
        ),
        (
            {"model": "flat", "meter": "segment_out", "usd": 1, "cadence": "once"},
            "'segment_out' cannot be paid in advance: use a seat such as account or clinician",
        ),
        (
            {"model": "per_unit", "meter": ["clinician", "message_out"], "usd": 1, "cadence": "annual"},
            "'message_out' cannot be paid in advance: use a seat such as account or clinician",
        ),
        (
            {"model": "flat", "usd": 1, "cadence": "every_n_months"},
            "'months' and the cadence do not fit: give 'months' with every_n_months, and only there",
        ),
        (
            {"model": "flat", "usd": 1, "months": 3},
            "'months' and the cadence do not fit: give 'months' with every_n_months, and only there",
        ),
        ({"model": "flat", "usd": 1, "cadence": "every_n_months", "months": 1}, "greater than or equal to 2"),
        ({"model": "percent", "percent": Decimal("-10.005")}, f"-10.005 {PERCENT_TOO_FINE}"),
        ({"model": "percent", "percent": Decimal("100.01")}, f"100.01 {PERCENT_TOO_FINE}"),
        ({"model": "percent", "percent": -101}, f"-101 {PERCENT_TOO_FINE}"),
        ({"model": "percent", "percent": 10.5}, "10.5 is not a percentage: write a plain number, such as -10"),
        ({"model": "percent", "percent": True}, "True is not a percentage: write a plain number, such as -10"),
        ({"model": "percent", "percent": "-10"}, "'-10' is not a percentage: write a plain number, such as -10"),
        ({"model": "package", "meter": "segment_out", "size": 0, "usd": 1}, "Input should be greater than 0"),
        (
            {"model": "allowance", "meter": "segment_out", "included": -1, "then": {"model": "per_unit", "usd": 1}},
            "Input should be greater than or equal to 0",
        ),
        (
            {"model": "allowance", "meter": "segment_out", "included": 1, "then": {"model": "flat", "usd": 1}},
            "Input tag 'flat'",
        ),
        (
            {"model": "allowance", "meter": "segment_out", "included": 1, "per": "session", "then": {}},
            "Input should be 'account'",
        ),
        ({"model": "per_unit", "meter": [], "usd": 1}, "should have at least 1 item"),
        ({"model": "per_unit", "meter": "texts", "usd": 1}, "Input should be 'account'"),
        ({"model": "per_unit", "usd": 1}, "Field required"),
        ({"model": "flat", "usd": 0.09}, "0.09 is not a price: write dollars as a plain number, such as 0.09"),
        ({"model": "flat", "usd": 1, "price": 1}, "Extra inputs are not permitted"),
        ({"model": "minimum", "usd": -1}, "-1 is not a price: a price is zero or more"),
        ({"model": "free"}, "Input tag 'free'"),
    ],
)
def test_a_faulty_charge_is_refused_with_its_reason(fields, message):
    with pytest.raises(pydantic.ValidationError) as caught:
        ADAPTER.validate_python(fields)
    assert message in str(caught.value)


def test_an_allowance_cannot_carry_over_what_goes_beyond_it():
    beyond = {"model": "package", "size": 100, "usd": 5}
    assert charge("allowance", meter="segment_out", included=10, then=beyond | {"rollover": False}).amount(11) == usd(5)
    with pytest.raises(pydantic.ValidationError, match="'rollover' inside an allowance's 'then' is not priced"):
        charge("allowance", meter="segment_out", included=10, then=beyond | {"rollover": True})


def test_every_meter_has_a_name_in_words():
    assert set(METER_WORDS) == set(METERS)
