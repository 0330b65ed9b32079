"""Many practices at once: the amounts of the single invoice, whatever the price list; refused, never wrapped."""

from __future__ import annotations

import importlib
import os
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import ROOT, TODAY
from test_billing import catalog_of, flat, lines_of, per_unit, usd
from test_charges import beyond, mix_rates, packages, per_units, prices, tier_rates
from texteval import billing
from texteval.billing import bound, costs, invoice, monthly, price
from texteval.charges import METERS as ALL_METERS
from texteval.charges import SEATS
from texteval.errors import UserError
from texteval.money import MAX_PRICE, MAX_QUANTITY

# Random price lists, over every charge model.

METERS = ("account", "clinician", "login", "message_out", "segment_out", "claim")
unpublished = st.just({"model": "unpublished"})
counts = st.integers(0, 45) | st.integers(0, 3000)
flats = st.fixed_dictionaries({"model": st.just("flat"), "usd": prices})
allowances = st.fixed_dictionaries(
    {"model": st.just("allowance"), "included": counts, "then": beyond | unpublished},
    optional={"per": st.sampled_from(["clinician", "login"])},
)
rates = st.one_of(flats, per_units, tier_rates(), packages, mix_rates(), allowances, unpublished)
in_advance = st.sampled_from([{"cadence": "annual"}, {"cadence": "once"}]) | st.integers(2, 60).map(
    lambda months: {"cadence": "every_n_months", "months": months}
)


def percents(least, most):
    hundredths = st.integers(least, most)
    return hundredths.map(lambda n: {"model": "percent", "percent": Decimal(n).scaleb(-2)})


def limits(model):
    return st.fixed_dictionaries({"model": st.just(model), "usd": prices})


steps = [percents(-10_000, -1), limits("maximum"), limits("minimum"), percents(0, 10_000)]
"""Group charges in the order of steps: one may name those of earlier steps among what it builds on."""


@st.composite
def charge_lists(draw):
    """Draw the charges of a price list, as they stand in a data file."""
    charges = []
    for i in range(draw(st.integers(1, 5))):
        meters = draw(st.lists(st.sampled_from(METERS), min_size=1, max_size=2, unique=True))
        paid = draw(st.just({}) | in_advance) if set(meters) <= set(SEATS) else {}
        charges.append({"name": f"Line {i}", "meter": meters, **draw(rates), **paid})
    names = [charge["name"] for charge in charges]
    # Lists without group charges go a way of their own through the engine: every other one.
    for i, step in enumerate(steps if draw(st.booleans()) else []):
        earlier = tuple(names)
        for j in range(draw(st.sampled_from([0, 0, 1, 2]))):
            of = draw(st.none() | st.lists(st.sampled_from(earlier), min_size=1, unique=True))
            charges.append({"name": f"Group {i} {j}", **draw(step), "of": of})
            names.append(f"Group {i} {j}")
    return draw(st.permutations(charges))


@st.composite
def usages(draw, months, seats_vary=True):
    """Draw counts of a few practices; a meter may be missing, and be the same in every month."""
    pool = draw(st.lists(counts, min_size=1, max_size=6))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    practices = draw(st.integers(1, 4))
    usage = {}
    for meter in METERS:
        shapes = [(practices,)] if meter in SEATS and not seats_vary else [(practices,), (months, practices)]
        shape = draw(st.sampled_from(shapes))
        usage[meter] = random.choice(np.array(pool, np.int64), shape)
    missing = draw(st.sets(st.sampled_from(METERS), max_size=4))
    return {meter: values for meter, values in usage.items() if meter not in missing}


def at(usage, months, i):
    """Take out one practice, as whole numbers: a mapping for each month."""
    return [
        {meter: int(values[i] if values.ndim == 1 else values[month, i]) for meter, values in usage.items()}
        for month in range(months)
    ]


def singly(lines, usage, months, i):
    """Price a practice month by month with Python's whole numbers: a list of line amounts for each month."""
    before, amounts = {}, []
    for month, now in enumerate(at(usage, months, i)):
        amounts.append(price(lines, now, month, before))
        before = {meter: before.get(meter, 0) + many for meter, many in now.items()}
    return amounts


def size_of(usage):
    return next(iter(usage.values())).shape[-1]


def at_no_price(charges):
    """Take the price list with those lines that nobody publishes free of charge."""
    rate = ("model", "included", "per", "then")
    return [
        {"model": "per_unit", "usd": 0} | {name: value for name, value in charge.items() if name not in rate}
        if charge.get("then", charge)["model"] == "unpublished"
        else charge
        for charge in charges
    ]


lengths = st.sampled_from([1, 2, 11, 12, 13, 24, 25, 60]) | st.integers(1, 60)


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_costs_are_the_sums_of_the_single_bills_to_the_last_micro_dollar(data):
    months = data.draw(lengths)
    charges = data.draw(charge_lists())
    # Some lines come from a schedule: a group charge builds on those of its own price list only.
    there = data.draw(st.sets(st.integers(0, len(charges) - 1), max_size=2))
    lines, free = (
        [replace(line, origin="schedule") if i in there else line for i, line in enumerate(lines_of(*some))]
        for some in (charges, at_no_price(charges))
    )
    usage = data.draw(usages(months))
    found = costs({"vendor/plan": lines}, usage, months)
    assert (found.plans, found.micro_usd.dtype, found.known.dtype) == (("vendor/plan",), np.int64, np.bool_)
    for i in range(size_of(usage)):
        amounts = [amount for month in singly(lines, usage, months, i) for amount in month]
        known = None not in amounts
        assert found.known[0, i] == known
        if not known:
            amounts = [amount for month in singly(free, usage, months, i) for amount in month]
        assert found.micro_usd[0, i] == sum(amounts)


def test_printed_costs_are_the_totals_of_the_invoices(market):
    @given(charge_lists(), usages(12, seats_vary=False))
    @settings(max_examples=150, deadline=None)
    def agree(charges, usage):
        mini = catalog_of(market, plan=charges)
        found = costs({"v/plan": mini.price_lines("v/plan", TODAY)}, usage, printed=True)
        for i in range(size_of(usage)):
            bill = invoice(mini, "v/plan", at(usage, 12, i), TODAY)
            assert found.known[0, i] == bill.known
            if bill.known:
                assert found.micro_usd[0, i] == bill.year

    agree()


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_each_line_of_many_months_is_as_priced_month_by_month(data):
    months = data.draw(lengths)
    lines = lines_of(*at_no_price(data.draw(charge_lists())))
    usage = data.draw(usages(months))
    amounts = monthly(lines, usage, months)
    shape = (months, size_of(usage))
    for i in range(size_of(usage)):
        one_by_one = list(zip(*singly(lines, usage, months, i), strict=True))
        for amount, expected in zip(amounts, one_by_one, strict=True):
            assert np.broadcast_to(amount, shape)[:, i].tolist() == list(expected)


def test_every_plan_of_the_market_costs_many_practices_what_it_costs_one(market):
    lists = {plan: market.price_lines(plan, TODAY) for plan in market.plan_ids(texting=False)}
    lists = {plan: lines for plan, lines in lists.items() if lines is not None}
    random = np.random.default_rng(5)
    usage = {meter: random.integers(0, 30, 3) for meter in SEATS}
    usage |= {meter: random.integers(0, 2000, (12, 3)) for meter in ALL_METERS if meter not in SEATS}
    usage = {meter: np.where(np.arange(3) == 2, 0, values) for meter, values in usage.items()} | {
        "account": np.ones(3, np.int64)
    }
    found = costs(lists, usage)
    assert len(lists) > 100
    assert 0 < found.known.sum() < found.known.size
    for row, lines in enumerate(lists.values()):
        for i in range(3):
            by_line = list(zip(*singly(lines, usage, 12, i), strict=True))
            assert found.known[row, i] == all(None not in months for months in by_line), found.plans[row]
            if found.known[row, i]:
                assert found.micro_usd[row, i] == sum(map(sum, by_line)), found.plans[row]


# By hand, where the array path takes another way than the single bill.

UNKNOWN_TEXTS = {"model": "unpublished", "meter": "message_out"}
UNUSED = [
    # The texts' price is unknown, yet none is sent. The floor is due with their line every month: 12 x 300.
    ([flat("100", cadence="annual"), UNKNOWN_TEXTS, {"model": "minimum", "usd": 300}], "3600"),
    # A fee that names only what is paid once a year is due with it alone: 100 + 10.
    (
        [
            flat("100", cadence="annual", name="Fee"),
            UNKNOWN_TEXTS,
            {"model": "percent", "percent": 10, "of": ["Fee"]},
        ],
        "110",
    ),
]


@pytest.mark.parametrize(("charges", "expected"), UNUSED)
def test_what_is_due_with_an_unpublished_line_that_is_not_used_is_due_all_the_same(market, charges, expected):
    mini = catalog_of(market, plan=charges)
    found = costs({"v/plan": mini.price_lines("v/plan", TODAY)}, {"account": np.ones(1, np.int64)})
    assert (found.micro_usd.tolist(), found.known.tolist()) == ([[usd(expected)]], [[True]])
    bill = invoice(mini, "v/plan", [{"account": 1}] * 12, TODAY)
    assert bill.known
    assert bill.year == usd(expected) == sum(line.year for line in bill.lines)


def test_the_published_part_of_an_invoice_has_the_discount_whatever_is_unpublished(market):
    # Half of 100 is sure; the texts beyond the allowance may cost anything.
    beyond = {"model": "allowance", "meter": "message_out", "included": 5, "then": {"model": "unpublished"}}
    for line in (UNKNOWN_TEXTS, beyond):
        mini = catalog_of(market, plan=[flat("100"), line, {"model": "percent", "percent": -50}])
        bill = invoice(mini, "v/plan", [{"account": 1, "message_out": 6}] * 12, TODAY)
        assert not bill.known
        assert bill.at_least == usd("600")


def test_a_practice_is_known_where_it_meets_no_unpublished_price():
    lines = lines_of(
        flat("10"),
        {
            "model": "allowance",
            "meter": "message_out",
            "included": 100,
            "per": "login",
            "then": {"model": "unpublished"},
        },
        {"model": "unpublished", "meter": "number", "cadence": "annual"},
    )
    usage = {
        "account": np.ones(5, np.int64),
        "login": np.array([1, 1, 2, 0, 1]),
        # The second sends more than is included in the last month alone.
        "message_out": np.array([[100] * 5] * 11 + [[100, 101, 101, 0, 0]]),
        # The fifth has a number, but not in the month in which it is paid for.
        "number": np.array([[0] * 5] + [[0, 0, 0, 0, 3]] * 11),
    }
    usage["message_out"][:, 3] = 0
    found = costs({"p": lines}, usage)
    assert found.known.tolist() == [[True, False, True, True, True]]
    assert found.micro_usd.tolist() == [[usd("120")] * 5]


def test_many_plans_are_rows_in_their_order_and_lines_of_the_same_name_are_not_mixed_up():
    dear, cheap = flat("9", name="Fee"), flat("5", name="Fee")
    lists = {"b": lines_of(dear), "a": lines_of(cheap), "c": lines_of(cheap, dear | {"name": "More"}), "none": []}
    found = costs(lists, {"account": np.array([1, 0])})
    assert found.plans == ("b", "a", "c", "none")
    assert found.micro_usd.tolist() == [[usd("108"), 0], [usd("60"), 0], [usd("168"), 0], [0, 0]]
    assert found.known.all()
    assert costs({}, {"account": np.array([1, 0])}).micro_usd.shape == (0, 2)


# How the work is cut up.

MIXED = lines_of(
    flat("49"),
    {"model": "package", "meter": "segment_out", "size": 7, "usd": 2, "rollover": True},
    {
        "model": "allowance",
        "meter": "message_out",
        "included": 11,
        "per": "login",
        "then": {"model": "tiers", "mode": "volume", "tiers": [{"up_to": 20, "usd": 3}, {"usd": 2, "flat_usd": 1}]},
    },
    {"model": "unpublished", "meter": "claim"},
    per_unit("login", "120", cadence="annual"),
    {"model": "percent", "percent": Decimal("8.25")},
)
LISTS = {"mixed": MIXED, "plain": MIXED[:3]}


def some_usage(practices, months):
    random = np.random.default_rng(3)
    usage = {meter: random.integers(0, 9, practices) for meter in ("account", "login")}
    usage |= {meter: random.integers(0, 200, (months, practices)) for meter in ("segment_out", "message_out")}
    return usage | {"claim": random.integers(0, 40, (months, practices)) // 39}


def same(one, other):
    return np.array_equal(one.micro_usd, other.micro_usd) and np.array_equal(one.known, other.known)


@pytest.mark.parametrize("chunk", [1, 7, 12, 24, 100, 1199, 1200, 1201, 10**9])
@pytest.mark.parametrize("printed", [False, True])
def test_the_size_of_a_chunk_does_not_change_a_result(monkeypatch, chunk, printed):
    usage = some_usage(100, 12)
    whole = costs(LISTS, usage, printed=printed)
    assert 0 < whole.known.sum() < whole.known.size
    monkeypatch.setattr(billing, "CHUNK", chunk)
    assert same(costs(LISTS, usage, printed=printed), whole)


@pytest.mark.parametrize("cores", [None, 1, 2, 5, 64])
def test_the_number_of_cores_does_not_change_a_result(monkeypatch, cores):
    usage = some_usage(100, 12)
    whole = costs(LISTS, usage)
    monkeypatch.setattr(billing, "CHUNK", 36)
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    assert same(costs(LISTS, usage), whole)


def test_a_practice_costs_the_same_alone_and_beside_others():
    usage = some_usage(40, 24)
    whole = costs(LISTS, usage, 24)
    for i in (0, 1, 17, 39):
        alone = costs(LISTS, {meter: values[..., i : i + 1] for meter, values in usage.items()}, 24)
        assert np.array_equal(alone.micro_usd[:, 0], whole.micro_usd[:, i])
        assert np.array_equal(alone.known[:, 0], whole.known[:, i])
    order = np.random.default_rng(4).permutation(40)
    mixed = costs(LISTS, {meter: values[..., order] for meter, values in usage.items()}, 24)
    assert np.array_equal(mixed.micro_usd, whole.micro_usd[:, order])


def test_a_plan_costs_the_same_alone_and_beside_others():
    usage = some_usage(40, 24)
    whole = costs(LISTS, usage, 24)
    for row, (plan, lines) in enumerate(LISTS.items()):
        assert np.array_equal(costs({plan: lines}, usage, 24).micro_usd[0], whole.micro_usd[row])


def test_the_layout_and_the_kind_of_whole_number_do_not_change_a_result():
    usage = some_usage(40, 12)
    whole = costs(LISTS, usage)
    assert same(costs(LISTS, {meter: np.asfortranarray(values) for meter, values in usage.items()}), whole)
    assert same(costs(LISTS, {meter: values.tolist() for meter, values in usage.items()}), whole)
    for kind in (np.uint8, np.int16, np.uint64):
        assert same(costs(LISTS, {meter: values.astype(kind) for meter, values in usage.items()}), whole)
    each = {meter: np.broadcast_to(values, (12, 40)) for meter, values in usage.items()}
    assert same(costs(LISTS, each), whole)


# What may not fit into 64 bits.


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_no_sum_within_a_bill_exceeds_the_bound(data):
    months = data.draw(lengths)
    lines = lines_of(*at_no_price(data.draw(charge_lists())))
    most = data.draw(st.fixed_dictionaries(dict.fromkeys(METERS, counts | st.integers(0, MAX_QUANTITY))))
    limit = bound(lines, most, months)
    assert type(limit) is int
    # Not more is always dearer: fewer seats bring a smaller allowance, fewer units a dearer tier.
    part = data.draw(st.fixed_dictionaries(dict.fromkeys(METERS, st.sampled_from([0, 1, 2]))))
    for usage in (most, {meter: many * part[meter] // 2 for meter, many in most.items()}):
        size, before = 0, {}
        for month in range(months):
            size += sum(abs(amount) for amount in price(lines, usage, month, before))
            before = {meter: many * (month + 1) for meter, many in usage.items()}
            assert size <= limit


MOST = {"message_out": np.array([MAX_QUANTITY, MAX_QUANTITY - 1, 1]), "claim": np.array([MAX_QUANTITY, 5, 0])}
DEAREST = per_unit("message_out", MAX_PRICE // 1_000_000)


def second(micro):
    """Make a line whose price is the most that still fits beside the dearest one for 60 months, and something more."""
    beside = (2**63 - 1 - MAX_PRICE * MAX_QUANTITY * 60) // (MAX_QUANTITY * 60)
    return per_unit("claim", Decimal(beside + micro).scaleb(-6))


def test_amounts_just_below_64_bits_are_exact():
    lines = lines_of(DEAREST, second(0))
    assert 2**63 - MAX_QUANTITY * 60 <= bound(lines, {"message_out": MAX_QUANTITY, "claim": MAX_QUANTITY}, 60) < 2**63
    expected = [
        60 * (MAX_PRICE * int(texts) + lines[1].charge.usd * int(claims))
        for texts, claims in zip(MOST["message_out"], MOST["claim"], strict=True)
    ]
    assert max(expected) > 9.22e18
    assert costs({"p": lines}, MOST, 60).micro_usd.tolist() == [expected]


REFUSED = "^p: the amounts may not fit into 64 bits: price fewer months or smaller counts$"


def test_amounts_above_64_bits_are_refused():
    with pytest.raises(UserError, match=REFUSED):
        costs({"p": lines_of(DEAREST, second(1))}, MOST, 60)
    with pytest.raises(UserError, match=REFUSED):
        costs({"p": lines_of(DEAREST, DEAREST | {"name": "Again"})}, MOST, 60)
    with pytest.raises(UserError, match=REFUSED):
        costs({"p": lines_of(DEAREST, {"model": "percent", "percent": 100})}, MOST, 60)
    # Of a plan that fits and one that does not, the latter is named.
    with pytest.raises(UserError, match=REFUSED):
        costs({"fits": lines_of(DEAREST), "p": lines_of(DEAREST, second(1))}, MOST, 60)
    few = {"message_out": np.array([1]), "claim": np.array([1])}
    assert costs({"p": lines_of(DEAREST, second(1))}, few, 60).micro_usd[0, 0] > 0


def test_printed_amounts_are_refused_where_rounding_would_not_fit():
    lines = lines_of(DEAREST)
    assert costs({"p": lines}, MOST, 60).micro_usd[0, 0] == MAX_PRICE * MAX_QUANTITY * 60 > 2**62
    with pytest.raises(UserError, match=REFUSED):
        costs({"p": lines}, MOST, 60, printed=True)
    lines, usage = lines_of(per_unit("message_out", "76861.433640")), {"message_out": np.array([MAX_QUANTITY])}
    exact = 76_861_433_640 * MAX_QUANTITY * 60  # 27,387,904 micro-dollars below 2**62; a whole number of cents
    assert 2**62 - 60 * MAX_QUANTITY < exact < 2**62
    assert costs({"p": lines}, usage, 60, printed=True).micro_usd.tolist() == [[exact]]


# What is refused.

TEXTS = lines_of(per_unit("message_out", "0.01"))
GOOD = np.array([1, 2, 3])
WHOLE = "counts are whole numbers (int64)"
SHAPE = "give (12, practices) or (practices,)"
ALIKE = "practices: give every meter one count for each practice"
EMPTY = "there is no practice to price: the counts are empty"
WRONG_COUNTS = [
    (np.array([1, -1, 3]), "has counts from -1 to 3: a month has 0 to 1,000,000"),
    (np.array([3, -1], np.int8), "has counts from -1 to 3: a month has 0 to 1,000,000"),
    ([-(2**63), 0], "has counts from -9,223,372,036,854,775,808 to 0: a month has 0 to 1,000,000"),
    (np.full((12, 3), -1), "has counts from -1 to -1: a month has 0 to 1,000,000"),
    ([1, 1_000_001], "has counts from 1 to 1,000,001: a month has 0 to 1,000,000"),
    (
        np.array([2**64 - 1, 0], np.uint64),
        "has counts from 0 to 18,446,744,073,709,551,615: a month has 0 to 1,000,000",
    ),
    ([2**70], f"is counted in object: {WHOLE}"),
    ([None, 1], f"is counted in object: {WHOLE}"),
    (np.array([1.0, np.nan]), f"is counted in float64: {WHOLE}"),
    ([1, 2.5], f"is counted in float64: {WHOLE}"),
    (np.array([1.0, 2.0]), f"is counted in float64: {WHOLE}"),
    (np.array([True, False]), f"is counted in bool: {WHOLE}"),
    (["1", "2"], f"is counted in <U1: {WHOLE}"),
    (5, f"has the shape (): {SHAPE}"),
    (np.ones((11, 3), int), f"has the shape (11, 3): {SHAPE}"),
    (np.ones((3, 12), int), f"has the shape (3, 12): {SHAPE}"),
    (np.ones((12, 3, 1), int), f"has the shape (12, 3, 1): {SHAPE}"),
    ([[1, 2], [3]], f"has rows of different lengths: {SHAPE}"),
]
WRONG = [
    *(({"message_out": counts}, f"'message_out' {message}") for counts, message in WRONG_COUNTS),
    ({"mesage_out": GOOD}, "there is no meter 'mesage_out': did you mean 'message_out'?"),
    ({"message_out": GOOD, "login": [1, 2]}, f"the counts are of [2, 3] {ALIKE}"),
    ({"message_out": GOOD, "login": [1]}, f"the counts are of [1, 3] {ALIKE}"),
    ({"message_out": np.empty((12, 0), int)}, EMPTY),
    ({"message_out": np.empty(0, int)}, EMPTY),
    ({}, EMPTY),
]


@pytest.mark.parametrize(("usage", "message"), WRONG, ids=[message[:70] for _, message in WRONG])
def test_wrong_counts_are_refused_in_plain_words(usage, message):
    with pytest.raises(UserError) as refused:
        costs({"p": TEXTS}, usage)
    assert str(refused.value) == message


@pytest.mark.parametrize("wrong", [-1, 1_000_001])
def test_one_wrong_count_among_many_is_found_wherever_it_stands(monkeypatch, wrong):
    monkeypatch.setattr(billing, "CHUNK", 24)
    for month, i in [(0, 0), (11, 0), (5, 499), (11, 999)]:
        counts = np.full((12, 1000), 7)
        counts[month, i] = wrong
        with pytest.raises(UserError, match=f"'message_out' has counts from {min(7, wrong)} to {max(7, wrong):,}: "):
            costs({"p": TEXTS}, {"account": np.ones(1000, int), "message_out": counts})


@pytest.mark.parametrize("months", [0, -1])
def test_no_months_cannot_be_priced(months):
    with pytest.raises(UserError, match=rf"^{months} months cannot be priced: give 1 or more$"):
        costs({"p": TEXTS}, {"message_out": GOOD}, months)


# The peers of the benchmark.


@pytest.fixture
def benchmark(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    return importlib.import_module("engine"), importlib.import_module("peers")


def test_every_peer_of_the_benchmark_finds_the_same_amounts(benchmark, market):
    engine, peers = benchmark
    lists = engine.price_lists(market)
    assert len(lists) == 20
    contenders = peers.contenders(lists, engine.usage(2000))
    assert {peer.name for peer in contenders} == {"texteval", "polars", "DuckDB", "pandas", "numpy", "Python loop"}
    assert engine.different(contenders) == []
    # A micro-dollar of one practice under one plan is seen.
    first = contenders[0].run().micro_usd
    first[7, 3] += 1
    assert not any(peer.equal(peer.run(), first) for peer in contenders)
