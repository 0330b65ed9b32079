"""Scores, ranks and how surely: published cases, exact small cases, other libraries, and what must always hold."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from texteval import score
from texteval.errors import UserError
from texteval.score import Criterion, Direction

COST, BENEFIT = Direction.COST, Direction.BENEFIT


def cost(name: str, worst: float, best: float) -> Criterion:
    return Criterion(name, name.title(), COST, worst, best, "USD a month")


def benefit(name: str, worst: float, best: float) -> Criterion:
    return Criterion(name, name.title(), BENEFIT, worst, best, "points")


def named(count: int) -> list[str]:
    return [f"option {row}" for row in range(count)]


def refused(message: str, call: Any, *words: Any) -> None:
    """The call must be refused with exactly this message."""
    with pytest.raises(UserError) as caught:
        call(*words)
    assert str(caught.value) == message


PRICE, HELP = cost("price", 200, 0), benefit("help", 1, 5)
TWO = [PRICE, HELP]


# Published cases.


def test_dezert_2020_spotis_is_the_weighted_sum_on_declared_ranges() -> None:
    """J. Dezert et al., "The SPOTIS rank reversal free method", FUSION 2020: cars; their distance is 1 - our score."""
    cars = [
        [15000, 4.3, 99, 42, 737],
        [15290, 5.0, 116, 42, 892],
        [15350, 5.0, 114, 45, 952],
        [15490, 5.3, 123, 45, 1120],
    ]
    criteria = [
        cost("price", 16000, 14000),
        cost("consumption", 8, 3),
        cost("emission", 140, 80),
        benefit("power", 35, 60),
        benefit("boot", 650, 1300),
    ]
    given = {"price": 0.2941, "consumption": 0.2353, "emission": 0.2353, "power": 0.0588, "boot": 0.1765}
    found = score.score(score.normalise(cars, criteria, named(4)), score.weights(given, criteria))
    assert 1 - found == pytest.approx([0.4779, 0.5781, 0.5558, 0.5801], abs=1e-4)
    assert score.ranks(found).tolist() == [1, 3, 2, 4]


def test_rizan_2020_simple_additive_weighting() -> None:
    """O. Rizan et al., "SAW method in supporting the admission of new students", CITSM 2020: 0 to the largest value."""
    pupils = [
        [0.75, 0.5, 0.75, 0, 0, 0, 1],
        [0.75, 1, 0.75, 0, 0, 0, 0.75],
        [0.75, 0.75, 0.75, 0, 0.5, 0.25, 1],
        [0.5, 0.5, 0.75, 1, 0.5, 0, 0.75],
    ]
    criteria = [benefit(f"c{i}", 0, best) for i, best in enumerate([0.75, 1, 0.75, 1, 0.5, 0.25, 1])]
    given = dict(zip([one.name for one in criteria], [0.1, 0.1, 0.1, 0.15, 0.2, 0.25, 0.1], strict=True))
    found = score.score(score.normalise(pupils, criteria, named(4)), score.weights(given, criteria))
    assert found == pytest.approx([0.35, 0.375, 0.825, 0.642], abs=5e-4)


def test_kracka_2010_weighted_sum_of_heating_losses() -> None:
    """M. Kracka et al., Engineering Economics 21, 352 (2010): costs inverted, columns and weights divided by sums."""
    walls = np.array(
        [
            [33.95, 23.78, 11.45, 39.97, 29.44, 167.10, 3.852],
            [38.9, 4.17, 6.32, 0.01, 4.29, 132.52, 25.184],
            [37.59, 9.36, 8.23, 4.35, 10.22, 136.71, 10.845],
            [30.44, 37.59, 13.91, 74.08, 45.10, 198.34, 2.186],
            [36.21, 14.79, 9.17, 17.77, 17.06, 148.3, 6.610],
            [37.8, 8.55, 7.97, 2.35, 9.25, 134.83, 11.935],
        ]
    )
    walls[:, [0, 1, 2, 3, 5]] = 1 / walls[:, [0, 1, 2, 3, 5]]
    found = score.score(walls / walls.sum(axis=0), np.full(7, 1 / 7))
    published = [0.12040426, 0.3458235, 0.13838192, 0.12841246, 0.12346084, 0.14351701]
    assert found == pytest.approx(published, abs=1e-7)
    assert score.ranks(found).tolist() == [6, 1, 3, 4, 5, 2]


def test_chakraborty_2015_weighted_sum_of_machines() -> None:
    """S. Chakraborty et al., Econ. Comp. Econ. Cyb. Studies 49, 5 (2015), example 2 with lambda = 1."""
    machines = np.array(
        [
            [581818, 54.49, 3, 5500],
            [595454, 49.73, 3, 4500],
            [586060, 51.24, 3, 5000],
            [522727, 45.71, 3, 5800],
            [561818, 52.66, 3, 5200],
            [543030, 74.46, 4, 5600],
            [522727, 75.42, 4, 5800],
            [486970, 62.62, 4, 5600],
            [509394, 65.87, 4, 6400],
            [513333, 70.67, 4, 6000],
        ]
    )
    ratios = np.column_stack([machines[:, :3].min(axis=0) / machines[:, :3], machines[:, 3] / machines[:, 3].max()])
    found = score.score(ratios, [0.467, 0.160, 0.095, 0.278])
    published = [0.8590, 0.8194, 0.8430, 0.9420, 0.8645, 0.8315, 0.8552, 0.8983, 0.9067, 0.8784]
    assert found == pytest.approx(published, abs=1e-4)
    assert score.ranks(found).tolist() == [6, 10, 8, 1, 5, 9, 7, 3, 2, 4]


def test_hwang_yoon_1981_topsis_of_fighter_aircraft() -> None:
    """C.-L. Hwang and K. Yoon, Multiple Attribute Decision Making, 1981: speed, range, load, cost, and two ratings."""
    aircraft = [
        [2.0, 1500, 20000, 5.5, 5, 9],
        [2.5, 2700, 18000, 6.5, 3, 5],
        [1.8, 2000, 21000, 4.5, 7, 7],
        [2.2, 1800, 20000, 5.0, 5, 5],
    ]
    directions = [BENEFIT, BENEFIT, BENEFIT, COST, BENEFIT, BENEFIT]
    found = score.topsis(aircraft, [0.2, 0.1, 0.1, 0.1, 0.2, 0.3], directions)
    assert found == pytest.approx([0.643, 0.268, 0.613, 0.312], abs=1e-3)
    assert score.ranks(found).tolist() == [1, 4, 2, 3]


def test_tzeng_huang_2011_topsis() -> None:
    """G.-H. Tzeng and J.-J. Huang, Multiple Attribute Decision Making, 2011."""
    found = score.topsis([[5, 8, 4], [7, 6, 8], [8, 8, 6], [7, 4, 6]], [0.3, 0.4, 0.3], [BENEFIT] * 3)
    assert found == pytest.approx([0.5037, 0.6581, 0.7482, 0.3340], abs=1e-4)
    assert score.ranks(found).tolist() == [3, 2, 1, 4]


def test_ersoy_2021_topsis_with_costs() -> None:
    """Y. Ersoy, "Equipment selection for an e-commerce company", LogForum 17 (2021); two of six criteria are costs."""
    computers = [
        [256, 8, 41, 1.6, 1.77, 7347.16],
        [256, 8, 32, 1.0, 1.8, 6919.99],
        [256, 8, 53, 1.6, 1.9, 8400],
        [256, 8, 41, 1.0, 1.75, 6808.9],
        [512, 8, 35, 1.6, 1.7, 8479.99],
        [256, 4, 35, 1.6, 1.7, 7499.99],
    ]
    found = score.topsis(computers, [0.405, 0.221, 0.134, 0.199, 0.007, 0.034], [BENEFIT] * 4 + [COST] * 2)
    assert found == pytest.approx([0.308, 0.254, 0.327, 0.263, 0.857, 0.192], abs=1.5e-3)
    assert score.ranks(found).tolist() == [3, 5, 2, 4, 1, 6]


def test_van_valkenhoef_smaa_pairwise_wins() -> None:
    """By this case the R package smaa (G. van Valkenhoef) tests itself: one of ten draws is the other way round."""
    values = np.array([[0, 1]] + [[1, 0]] * 9)
    assert score.acceptability(score.ranks(values)).wins.tolist() == [[0.5, 0.9], [0.1, 0.5]]


def test_triantaphyllou_sanchez_1997_formula_for_one_weight() -> None:
    """E. Triantaphyllou and A. Sánchez, Decision Sciences 28, 151 (1997).

    Options i and j tie where w_k goes down by delta = (P_j - P_i) / (a_jk - a_ik), for as long as that leaves it zero
    or more; then all weights are made to sum to 1 again.
    """
    values = np.array(
        [
            [0.3088, 0.2897, 0.3867, 0.1922],
            [0.2163, 0.3458, 0.1755, 0.6288],
            [0.4509, 0.2473, 0.1194, 0.0575],
            [0.0240, 0.1172, 0.3184, 0.1215],
        ]
    )
    weights = np.array([0.3277, 0.3058, 0.2876, 0.0790])
    weights /= weights.sum()
    total = values @ weights
    assert score.ranks(total).tolist() == [1, 2, 3, 4]
    found = score.stays_first(values, weights, 0)
    for k, (low, high) in enumerate(found):
        lows, highs = [0.0], [1.0]
        for rival in (1, 2, 3):
            delta = (total[rival] - total[0]) / (values[rival, k] - values[0, k])
            if delta <= weights[k]:
                tie = (weights[k] - delta) / (1 - delta)
                (lows if delta > 0 else highs).append(tie)
        assert (low, high) == pytest.approx((max(lows), min(highs)), abs=1e-12)
    # For the last: delta = (0.2768 - 0.3162) / (0.6288 - 0.1922) = -0.0902, and (0.0790 + 0.0902) / 1.0902 = 0.1552.
    assert found[3] == pytest.approx([0, 0.1552], abs=1e-4)


# Other libraries, on random tables.


def random_case(seed: int) -> tuple[Any, Any, Any]:
    """A table of values, weights, and which columns are costs, with no column constant."""
    rng = np.random.default_rng(seed)
    options, criteria = rng.integers(2, 13), rng.integers(2, 9)
    return rng.uniform(1, 100, (options, criteria)), rng.dirichlet(np.ones(criteria)), rng.random(criteria) < 0.5


def own_range(values: Any, costs: Any) -> list[Criterion]:
    """Criteria whose declared range is that of the values, as libraries take it."""
    ends = zip(values.min(axis=0), values.max(axis=0), costs, strict=True)
    return [
        cost(f"c{i}", most, least) if less else benefit(f"c{i}", least, most)
        for i, (least, most, less) in enumerate(ends)
    ]


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.filterwarnings("ignore:Alternatives with indices:UserWarning")
def test_pymcdm_agrees(seed: int) -> None:
    from pymcdm.methods import TOPSIS, WSM
    from pymcdm.normalizations import minmax_normalization, vector_normalization

    values, weights, costs = random_case(seed)
    kinds = np.where(costs, -1, 1)
    ours = score.score(score.normalise(values, own_range(values, costs), named(len(values))), weights)
    assert ours == pytest.approx(WSM(minmax_normalization)(values, weights, kinds), abs=1e-12)
    # For a cost pymcdm takes 1 - x / length, which moves the column but leaves all distances as they are.
    theirs = TOPSIS(vector_normalization)(values, weights, kinds)
    assert score.topsis(values, weights, [COST if less else BENEFIT for less in costs]) == pytest.approx(
        theirs, abs=1e-12
    )


@pytest.mark.parametrize("seed", range(40, 60))
@pytest.mark.filterwarnings("ignore")
def test_scikit_criteria_agrees(seed: int) -> None:
    import skcriteria
    from skcriteria.agg.simple import WeightedSumModel
    from skcriteria.agg.topsis import TOPSIS
    from skcriteria.preprocessing.scalers import CenitDistanceMatrixScaler, VectorScaler

    values, weights, costs = random_case(seed)
    table = skcriteria.mkdm(values, [min if less else max for less in costs], weights=weights)
    ours = score.score(score.normalise(values, own_range(values, costs), named(len(values))), weights)
    scaled = skcriteria.mkdm(
        CenitDistanceMatrixScaler().transform(table).matrix.to_numpy(), [max] * len(costs), weights=weights
    )
    theirs = WeightedSumModel().evaluate(scaled)
    assert ours == pytest.approx(theirs.e_.score, abs=1e-12)
    assert score.ranks(ours).tolist() == theirs.rank_.tolist()
    ours = score.topsis(values, weights, [COST if less else BENEFIT for less in costs])
    theirs = TOPSIS().evaluate(VectorScaler(target="matrix").transform(table))
    assert ours == pytest.approx(theirs.e_.similarity, abs=1e-12)
    assert score.ranks(ours).tolist() == theirs.rank_.tolist()


# Criteria, values and weights.


def test_normalise_by_hand() -> None:
    found = score.normalise([[0, 5], [200, 1], [50, 2], [-10, 7], [1000, 0]], TWO, named(5))
    assert found.tolist() == [[1, 1], [0, 0], [0.75, 0.25], [1, 1], [0, 0]]


def test_a_dollar_weighs_the_same_wherever_it_is_and_whoever_else_is_there() -> None:
    alone = score.normalise([[49], [50]], [PRICE], named(2))
    among = score.normalise([[49], [50], [0], [199], [200], [5000]], [PRICE], named(6))
    assert (among[:2] == alone).all()
    assert alone[0, 0] - alone[1, 0] == pytest.approx(1 / 200, abs=1e-15)
    assert among[3, 0] - among[4, 0] == pytest.approx(1 / 200, abs=1e-15)


def test_ranges_of_any_size_do_not_overflow() -> None:
    criteria = [benefit("tiny", 0, 5e-324), cost("wide", 1e18, -1e18)]
    assert score.normalise([[5e-324, -1.7e308], [0, 1.7e308]], criteria, named(2)).tolist() == [[1, 1], [0, 0]]


@pytest.mark.parametrize(
    ("direction", "worst", "best", "message"),
    [
        ("costs", 9, 1, "criterion price: 'costs' is no direction: did you mean 'cost'?"),
        (None, 9, 1, "criterion price: 'None' is no direction: known are benefit, cost"),
        (COST, float("nan"), 1, "criterion price: worst is nan: give a plain number"),
        (COST, 9, float("-inf"), "criterion price: best is -inf: give a plain number"),
        (COST, 9, 10**400, f"criterion price: best is {10**400}: give a plain number"),
        (COST, "9", 1, "criterion price: worst is 9: give a plain number"),
        (COST, None, 1, "criterion price: worst is None: give a plain number"),
        (COST, True, 0, "criterion price: worst is True: give a plain number"),
        (COST, 5, 5.0, "criterion price: worst and best are both 5.0: give two values that differ"),
        (COST, 1, 9, "criterion price: worst is 1 and best is 9: the best of a cost is the lower"),
        (BENEFIT, 9, 1, "criterion price: worst is 9 and best is 1: the best of a benefit is the higher"),
    ],
)
def test_a_criterion_that_makes_no_sense_is_refused(direction: Any, worst: Any, best: Any, message: str) -> None:
    refused(message, Criterion, "price", "Price", direction, worst, best, "USD")


def test_a_criterion_may_come_from_a_data_file() -> None:
    read = Criterion("price", "Price", Direction("cost"), Decimal("0.30"), Decimal("0.10"), "USD")  # type: ignore[arg-type]
    assert score.normalise([[0.2]], [read], ["a"]).tolist() == [[pytest.approx(0.5)]]


def test_values_that_are_no_numbers_are_refused_all_at_once() -> None:
    table = [[float("nan"), 5], [10, 3], [float("inf"), float("-inf")]]
    message = "\n".join(
        f"{option}: {what}: give a plain number, or leave the option out"
        for option, what in [("a", "price is nan"), ("c", "price is inf"), ("c", "help is -inf")]
    )
    refused(message, score.normalise, table, TWO, ["a", "b", "c"])
    refused(
        "b: help is nan: give a plain number, or leave the option out", score.normalise, [[1, 2], [3, None]], TWO, "ab"
    )


@pytest.mark.parametrize("table", [[[1, 2, 3]], [[1, 2], [3, 4]], [1, 2], [], 5, [[[1, 2]]]])
def test_a_table_of_the_wrong_shape_is_refused(table: Any) -> None:
    shape = np.shape(table)
    wanted = "give a row for each of 1 options and a column for each criterion of 2"
    refused(f"the values have the shape {shape}: {wanted}", score.normalise, table, TWO, ["a"])


@pytest.mark.parametrize("table", [[[1], [2, 3]], [["cheap", 1], [2, 3]]])
def test_what_is_no_table_is_refused(table: Any) -> None:
    message = "the values are no table of numbers: give a row for each option, all of one length"
    refused(message, score.normalise, table, TWO, ["a", "b"])


def test_weights_are_made_to_sum_to_one_and_left_out_ones_count_zero() -> None:
    assert score.weights({"price": 3, "help": 1}, TWO).tolist() == [0.75, 0.25]
    assert score.weights({"help": Decimal("0.2")}, TWO).tolist() == [0, 1]
    assert score.weights({"price": 1e18, "help": 1e18}, TWO).tolist() == [0.5, 0.5]
    assert score.weights({"price": 5e-324, "help": 5e-324}, TWO).tolist() == [0.5, 0.5]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"price": -1}, "the weight of price is -1: give zero or a positive number"),
        ({"price": float("nan")}, "the weight of price is nan: give zero or a positive number"),
        ({"help": float("inf")}, "the weight of help is inf: give zero or a positive number"),
        ({"help": 10**400}, f"the weight of help is {10**400}: give zero or a positive number"),
        ({"help": None}, "the weight of help is None: give zero or a positive number"),
        ({"help": "3"}, "the weight of help is 3: give zero or a positive number"),
        ({"help": True}, "the weight of help is True: give zero or a positive number"),
        ({"prize": 1, "help": 1}, "'prize' is not a criterion: did you mean 'price'?"),
        ({"zebra": 1}, "'zebra' is not a criterion: known are help, price"),
        ({}, "every weight is zero: give a positive number to at least one of price, help"),
        ({"price": 0, "help": -0.0}, "every weight is zero: give a positive number to at least one of price, help"),
        (
            {"prize": 1, "price": -1, "help": float("nan")},
            "'prize' is not a criterion: did you mean 'price'?\n"
            "the weight of price is -1: give zero or a positive number\n"
            "the weight of help is nan: give zero or a positive number",
        ),
    ],
)
def test_weights_that_make_no_sense_are_refused_all_at_once(wrong: Any, message: str) -> None:
    refused(message, score.weights, wrong, TWO)


# Ranks.


def test_ranks_share_the_better_place_and_round_at_nine_decimals() -> None:
    assert score.ranks([0.5, 0.9, 0.5, 0.1]).tolist() == [2, 1, 2, 4]
    assert score.ranks([0.1 + 0.2, 0.3, 0.3 + 4e-10]).tolist() == [1, 1, 1]
    assert score.ranks([0.3, 0.3 + 2e-9]).tolist() == [2, 1]
    assert score.ranks([[1, 0], [0, 1], [0, 0]]).tolist() == [[1, 2], [2, 1], [1, 1]]
    with pytest.raises(ValueError, match="a score is NaN"):
        score.ranks([0.1, float("nan")])


def test_topsis_where_nothing_differs() -> None:
    assert score.topsis([[3, 0], [3, 0]], [0.4, 0.6], [COST, BENEFIT]).tolist() == [0.5, 0.5]
    assert score.topsis([[3, 1], [3, 2]], [1, 0], [COST, BENEFIT]).tolist() == [0.5, 0.5]
    assert score.topsis([[3, 1], [3, 2]], [0, 1], [COST, BENEFIT]).tolist() == [0, 1]


# Many weights: exact cases.


def line(steps: int = 100_000) -> Any:
    """Weights of two criteria in even steps, so that shares are lengths of intervals to within a step."""
    first = (np.arange(steps) + 0.5) / steps
    return np.column_stack([first, 1 - first])


def test_two_options_by_two_criteria_are_lengths_of_an_interval() -> None:
    # w against 0.5 w + 0.8 (1 - w): the first wins above w = 8 / 13.
    values = np.array([[1, 0], [0.5, 0.8]])
    ranked = score.ranks(score.score(values, line()))
    found = score.acceptability(ranked)
    assert found.shares == pytest.approx(np.array([[5, 8], [8, 5]]) / 13, abs=2e-5)
    assert found.wins == pytest.approx(np.array([[6.5, 5], [8, 6.5]]) / 13, abs=2e-5)
    assert found.first.tolist() == found.shares[:, 0].tolist() and found.last.tolist() == found.shares[:, 1].tolist()
    central = score.central_weights(ranked, line())
    assert central == pytest.approx(np.array([[21, 5], [8, 18]]) / 26, abs=2e-5)


def test_three_options_by_two_criteria() -> None:
    # w, 1 - w and 0.6: the third is first between 0.4 and 0.6 and second elsewhere, never last.
    ranked = score.ranks(score.score([[1, 0], [0, 1], [0.6, 0.6]], line()))
    found = score.acceptability(ranked)
    assert found.shares == pytest.approx(np.array([[0.4, 0.1, 0.5], [0.4, 0.1, 0.5], [0.2, 0.8, 0]]), abs=2e-5)
    assert found.wins == pytest.approx(np.array([[0.5, 0.5, 0.4], [0.5, 0.5, 0.4], [0.6, 0.6, 0.5]]), abs=2e-5)
    central = score.central_weights(ranked, line())
    assert central == pytest.approx(np.array([[0.8, 0.2], [0.2, 0.8], [0.5, 0.5]]), abs=2e-5)


def test_three_options_by_three_criteria_at_random() -> None:
    # v = w1, w2, w3: a third each; E[max] = (1 + 1/2 + 1/3) / 3 = 11/18 is the central weight of the own criterion.
    drawn = score.simplex(3, 200_000, np.random.default_rng(1))
    ranked = score.ranks(score.score(np.eye(3), drawn))
    found = score.acceptability(ranked)
    assert found.shares == pytest.approx(np.full((3, 3), 1 / 3), abs=4 * np.sqrt(2 / 9 / 200_000))
    expected = np.full((3, 3), 7 / 36) + np.eye(3) * (11 / 18 - 7 / 36)
    assert score.central_weights(ranked, drawn) == pytest.approx(expected, abs=0.003)
    # w1 against (w2 + w3) / 2: the first wins above w1 = 1/3, an area of (2/3)^2, with its centre at 1/3 + 2/3 * 1/3.
    ranked = score.ranks(score.score([[1, 0, 0], [0, 0.5, 0.5]], drawn))
    assert score.acceptability(ranked).first == pytest.approx([4 / 9, 5 / 9], abs=4 * np.sqrt(20 / 81 / 200_000))
    assert score.central_weights(ranked, drawn)[0] == pytest.approx([5 / 9, 2 / 9, 2 / 9], abs=0.003)


@pytest.mark.parametrize("seed", range(5))
def test_first_shares_are_volumes_of_polytopes(seed: int) -> None:
    """The weights under which an option is first fill a polytope; its corners give its volume and its centre."""
    from scipy.spatial import ConvexHull, Delaunay, HalfspaceIntersection

    rng = np.random.default_rng(seed)
    values = rng.random((6, 4))
    drawn = score.simplex(4, 100_000, rng)
    ranked = score.ranks(score.score(values, drawn))
    found, central = score.acceptability(ranked), score.central_weights(ranked, drawn)
    for option in range(6):
        # In the first three weights x: lead · (x, 1 - sum x) >= 0, x >= 0, sum x <= 1, as A x + b <= 0.
        leads = np.delete(values[option] - values, option, axis=0)
        half = np.vstack(
            [
                np.column_stack([leads[:, 3:] - leads[:, :3], -leads[:, 3]]),
                np.column_stack([-np.eye(3), np.zeros(3)]),
                [[1, 1, 1, -1]],
            ]
        )
        inside = drawn[ranked[:, option] == 1][:, :3]
        if len(inside) < 500:
            assert found.first[option] == len(inside) / 100_000
            continue
        corners = HalfspaceIntersection(half, inside.mean(axis=0)).intersections
        volume = ConvexHull(corners).volume
        assert found.first[option] == pytest.approx(6 * volume, abs=4.5 * np.sqrt(6 * volume / 100_000))
        pieces = corners[Delaunay(corners).simplices]
        sizes = np.abs(np.linalg.det(pieces[:, 1:] - pieces[:, :1])) / 6
        centre = (pieces.mean(axis=1) * sizes[:, None]).sum(axis=0) / sizes.sum()
        assert central[option][:3] == pytest.approx(centre, abs=4.5 * 0.3 / np.sqrt(len(inside)))


def test_ties_share_their_ranks_equally() -> None:
    # By hand: all three tie; then the first two tie for rank 1; then the last two tie for rank 2; then none.
    ranked = np.array([[1, 1, 1], [1, 1, 3], [1, 2, 2], [3, 1, 2]])
    found = score.acceptability(ranked)
    third, half = Fraction(1, 3), Fraction(1, 2)
    expected = [
        [third + half + 1, third + half, third + 1],
        [third + half + 1, third + half + half, third + half],
        [third, third + half + 1, third + 1 + half],
    ]
    assert found.shares == pytest.approx(np.array(expected, dtype=float) / 4, abs=1e-15)
    assert (found.wins * 8).tolist() == [[4, 4, 5], [4, 4, 6], [3, 2, 4]]
    weights = np.array([[0.6, 0.4], [0.4, 0.6], [1, 0], [0, 1]])
    expected_first = (weights[0] / 3 + weights[1] / 2 + weights[2]) / (11 / 6)
    assert score.central_weights(ranked, weights)[0] == pytest.approx(expected_first, abs=1e-15)
    assert score.central_weights(ranked, weights)[2] == pytest.approx(weights[0], abs=1e-15)


def test_an_option_that_is_never_first_has_no_central_weights() -> None:
    central = score.central_weights(score.ranks(score.score([[1, 1], [0.5, 0.9]], line(100))), line(100))
    assert central[0] == pytest.approx([0.5, 0.5], abs=1e-12) and np.isnan(central[1]).all()


# Drawn weights.


def test_uniform_weights_have_the_moments_of_the_simplex() -> None:
    drawn = score.simplex(4, 100_000, np.random.default_rng(2))
    assert drawn.shape == (100_000, 4) and (drawn >= 0).all()
    assert drawn.sum(axis=1) == pytest.approx(np.ones(100_000), abs=1e-12)
    assert drawn.mean(axis=0) == pytest.approx(np.full(4, 0.25), abs=0.003)
    assert drawn.var(axis=0) == pytest.approx(np.full(4, 3 / 80), abs=0.001)
    # The largest of four has the mean (1 + 1/2 + 1/3 + 1/4) / 4; uniform numbers over their sum would give 0.44.
    assert drawn.max(axis=1).mean() == pytest.approx(25 / 48, abs=0.003)
    assert score.simplex(1, 3, np.random.default_rng(2)) == pytest.approx(np.ones((3, 1)), abs=1e-12)


def test_weights_around_given_ones_keep_their_mean_spread_and_zeros() -> None:
    given_ = np.array([0.3, 0, 0.6, 0.1])
    drawn = score.around(given_, 20, 100_000, np.random.default_rng(3))
    assert (drawn[:, 1] == 0).all() and (drawn >= 0).all()
    assert drawn.sum(axis=1) == pytest.approx(np.ones(100_000), abs=1e-12)
    assert drawn.mean(axis=0) == pytest.approx(given_, abs=0.002)
    assert drawn.std(axis=0) == pytest.approx(np.sqrt(given_ * (1 - given_) / 21), abs=0.002)
    assert drawn[:, 0].std() == pytest.approx(0.1, abs=0.002)
    near = score.around(given_, 1e6, 100, np.random.default_rng(3))
    assert np.abs(near - given_).max() < 0.005
    one = score.around([0, 1], 20, 2, np.random.default_rng(3))
    assert one == pytest.approx(np.array([[0, 1], [0, 1]]), abs=1e-12)


@pytest.mark.parametrize("closeness", [0, -1, float("nan"), float("inf")])
def test_a_closeness_that_makes_no_sense_is_refused(closeness: float) -> None:
    message = f"the closeness of weights is {closeness}: give a positive number, such as 20"
    refused(message, score.around, [0.5, 0.5], closeness, 10, np.random.default_rng(1))


def test_the_same_seed_gives_the_same_weights() -> None:
    for draw in (
        lambda rng: score.simplex(3, 50, rng),
        lambda rng: score.around([0.5, 0.3, 0.2], 10, 50, rng),
    ):
        once, again, other = (draw(np.random.default_rng(seed)) for seed in (7, 7, 8))
        assert (once == again).all() and (once != other).any()


# Drawn values.


def test_draws_of_one_criterion_are_scored_as_one_table_each() -> None:
    rng = np.random.default_rng(6)
    table, drawn = rng.uniform(0, 5, (4, 2)), rng.uniform(-50, 250, (4, 30))
    weights = np.array([0.3, 0.7])
    values01 = score.normalise(table, TWO, named(4))
    found = score.score_draws(values01, weights, TWO, "price", drawn, named(4))
    many = score.simplex(2, 30, rng)
    both = score.score_draws(values01, many, TWO, "price", drawn, named(4))
    assert found.shape == both.shape == (30, 4)
    for draw in range(30):
        there = np.column_stack([drawn[:, draw], table[:, 1]])
        one = score.normalise(there, TWO, named(4))
        assert found[draw] == pytest.approx(score.score(one, weights), abs=1e-15)
        assert both[draw] == pytest.approx(score.score(one, many[draw]), abs=1e-15)


def test_draws_by_hand() -> None:
    # Help is worth 0.5 and 0; the price is worth 0.75, 0 against 0.25, 1; weights 3 to 1.
    found = score.score_draws([[9, 0.5], [9, 0]], [0.75, 0.25], TWO, "price", [[50, 200], [150, 0]], ["a", "b"])
    assert found.tolist() == [[0.6875, 0.1875], [0.125, 0.75]]
    assert score.acceptability(score.ranks(found)).first.tolist() == [0.5, 0.5]


def test_draws_that_make_no_sense_are_refused() -> None:
    def drawn(name: str, draws: Any) -> Any:
        return score.score_draws([[0.5, 0.5], [1, 0]], [0.5, 0.5], TWO, name, draws, ["a", "b"])

    refused("'prise' is not a criterion: did you mean 'price'?", drawn, "prise", [[1], [2]])
    nan = "b: price is nan: give a plain number, or leave the option out"
    refused(nan, drawn, "price", [[1, 2, 3], [float("nan"), 2, float("nan")]])
    shape = "give a row for each of 2 options and a column for each draw"
    refused(f"the values have the shape (3, 1): {shape}", drawn, "price", [[1], [2], [3]])
    refused(f"the values have the shape (2,): {shape}", drawn, "price", [1, 2])
    refused(f"the values have the shape (): {shape}", drawn, "price", 1)


# The least change of weights.


def test_smallest_change_by_hand() -> None:
    # 0.7 against 0.3 (a tie at w = 0.5), 0.42 (w = 0.6: 0.6 is level with the third), and one that is worse by both.
    values = [[1, 0], [0, 1], [0.6, 0.6], [0.9, -0.1]]
    second, third, last = score.smallest_change(values, [0.7, 0.3], 0)
    assert (second.option, second.distance) == (1, pytest.approx(0.4, abs=1e-9))
    assert second.weights == pytest.approx([0.5, 0.5], abs=1e-9)
    assert (third.option, third.distance) == (2, pytest.approx(0.2, abs=1e-9))
    assert third.weights == pytest.approx([0.6, 0.4], abs=1e-9)
    assert (last.option, last.distance, last.weights) == (3, None, None)


def test_an_option_as_good_as_the_winner_is_no_change_away() -> None:
    equal, better = score.smallest_change([[0.5, 0.5], [0.5, 0.5], [1, 1]], [0.7, 0.3], 0)
    assert (equal.distance, equal.weights.tolist()) == (0, [0.7, 0.3])
    assert (better.distance, better.weights.tolist()) == (0, [0.7, 0.3])


def test_a_rival_that_is_level_by_one_criterion_ties_when_all_weight_is_there() -> None:
    (rival,) = score.smallest_change([[1, 0.5, 1], [0.2, 0.5, 0.9]], [0.5, 0.1, 0.4], 0)
    assert rival.distance == pytest.approx(1.8, abs=1e-6) and rival.weights == pytest.approx([0, 1, 0], abs=1e-6)


def nearest_by_moving(ahead: Any, weights: Any) -> float | None:
    """The same distance without a linear program: move weight from the best criteria of the winner to its worst one."""
    lead, worst, distance = float(ahead @ weights), float(ahead.min()), 0.0
    if worst > 0:
        return None
    for at in np.argsort(-ahead):
        gain = ahead[at] - worst
        if lead <= 0 or gain <= 0:
            break
        moved = min(weights[at], lead / gain)
        lead -= moved * gain
        distance += 2 * moved
    return distance


@pytest.mark.parametrize("seed", range(30))
def test_smallest_change_is_where_the_ranking_turns(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values, weights = rng.random((7, 5)), rng.dirichlet(np.ones(5))
    winner = int(score.score(values, weights).argmax())
    changes = score.smallest_change(values, weights, winner)
    assert [change.option for change in changes] == [row for row in range(7) if row != winner]
    for change in changes:
        ahead = values[winner] - values[change.option]
        wanted = nearest_by_moving(ahead, weights)
        if wanted is None:
            assert change.distance is None and change.weights is None
            continue
        assert change.distance == pytest.approx(wanted, abs=1e-8)
        assert (change.weights >= 0).all() and change.weights.sum() == pytest.approx(1, abs=1e-12)
        assert np.abs(change.weights - weights).sum() == change.distance
        for share, sign in ((0, 1), (0.999, 1), (1, 0), (1.001, -1)):
            first, other = score.score(values[[winner, change.option]], weights + share * (change.weights - weights))
            assert np.sign(np.round(first - other, 8)) == sign
        # No weights nearer than that will do.
        near = weights + rng.uniform(0, 1, (500, 1)) * change.distance / 2 * (rng.dirichlet(np.ones(5), 500) - weights)
        closer = near[np.abs(near - weights).sum(axis=1) < change.distance * 0.9999]
        assert (closer @ ahead > 0).all()


def test_a_very_small_lead_is_still_turned() -> None:
    (rival,) = score.smallest_change([[0.5 + 1e-8, 0.5], [0.5, 0.5 + 1e-3]], [1 - 1e-6, 1e-6], 0)
    wanted = nearest_by_moving(np.array([1e-8, -1e-3]), np.array([1 - 1e-6, 1e-6]))
    assert wanted is not None and rival.distance == pytest.approx(wanted, rel=1e-5)
    # A solver that takes 1e-7 for nothing must not take the lead for nothing.
    rng, leads = np.random.default_rng(0), 10 ** np.linspace(-8.9, -5, 40)
    for lead in leads:
        weights, ahead = rng.dirichlet(np.ones(4)), rng.uniform(-1, 1, 4) * 10 ** rng.uniform(-6, 0, 4)
        ahead[3] -= 0.1
        ahead[0] += (lead - ahead @ weights) / weights[0]
        (rival,) = score.smallest_change([ahead, np.zeros(4)], weights, 0)
        assert rival.distance == pytest.approx(nearest_by_moving(ahead, weights), rel=1e-6)


def test_stays_first_by_hand() -> None:
    # At the weights (0.5, 0.3, 0.2): 0.5 + 0.06 = 0.56 against 0.24 + 0.18 = 0.42.
    values = [[1, 0, 0.3], [0, 0.8, 0.9]]
    # x of criterion 1, the rest as 3 to 2: x + (1 - x) 0.12 = (1 - x) (0.48 + 0.36): 0.12 + 0.88 x = 0.84 - 0.84 x.
    # Criterion 2, rest as 5 to 2: (1 - x) (5 + 0.6) / 7 = 0.8 x + (1 - x) 1.8 / 7: 3.8 / 7 = x (0.8 + 3.8 / 7).
    # Criterion 3, rest as 5 to 3: (1 - x) 5 / 8 + 0.3 x = (1 - x) 2.4 / 8 + 0.9 x: 0.325 = 0.925 x.
    found = score.stays_first(values, [0.5, 0.3, 0.2], 0)
    expected = np.array([[0.72 / 1.72, 1], [0, 3.8 / 9.4], [0, 0.325 / 0.925]])
    assert found == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("seed", range(20))
def test_stays_first_is_where_the_ranking_turns(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values, weights = rng.random((6, 4)), rng.dirichlet(np.ones(4))
    winner = int(score.score(values, weights).argmax())

    def leads(at: int, weight: float) -> float:
        moved = weights * (1 - weight) / (1 - weights[at])
        moved[at] = weight
        scores = score.score(values, moved)
        return float(scores[winner] - np.delete(scores, winner).max())

    turns = 0
    for at, (low, high) in enumerate(score.stays_first(values, weights, winner)):
        assert 0 <= low <= weights[at] <= high <= 1
        assert leads(at, (low + high) / 2) > 0
        for end, beyond in ((low, low - 1e-6), (high, high + 1e-6)):
            assert leads(at, end) >= -1e-9
            if 0 < end < 1:
                turns += 1
                assert leads(at, end) == pytest.approx(0, abs=1e-9) and leads(at, beyond) < 0
    assert turns


def test_stays_first_at_the_edges() -> None:
    everywhere = [[0, 1], [0, 1]]
    assert score.stays_first([[1, 1], [0.5, 0.9]], [0.5, 0.5], 0).tolist() == everywhere
    assert score.stays_first([[0.5, 0.5], [0.5, 0.5]], [0.5, 0.5], 0).tolist() == everywhere
    assert score.stays_first([[0.5, 0.5]], [0.5, 0.5], 0).tolist() == everywhere
    assert score.stays_first([[0.7], [0.5]], [1.0], 0).tolist() == [[0, 1]]
    # A tie at the given weights is one end of the interval, for either.
    assert score.stays_first([[1, 0], [0, 1]], [0.5, 0.5], 0).tolist() == [[0.5, 1], [0, 0.5]]
    assert score.stays_first([[1, 0], [0, 1]], [0.5, 0.5], 1).tolist() == [[0, 0.5], [0.5, 1]]
    # A rival that is ahead by less than counts is level: it neither narrows the interval nor empties it.
    assert score.stays_first([[0.5, 0.5], [0.5 + 1e-10, 0.5]], [0.5, 0.5], 0).tolist() == everywhere
    weights = np.array([0.5 - 1e-10, 0.5 + 1e-10])
    found = score.stays_first([[1, 0], [0, 1]], weights, 0)
    assert found.tolist() == [[weights[0], 1], [0, weights[1]]]
    # All weight on one: as it goes down, the others share the rest equally, and x = (1 - x) (0.5 + 1) / 2 at 3/7. As
    # another goes up, the one gives: 1 - x = 0.5 x at 2/3, and 1 - x = x.
    found = score.stays_first([[1, 0, 0], [0, 0.5, 1]], [1, 0, 0], 0)
    assert found == pytest.approx(np.array([[3 / 7, 1], [0, 2 / 3], [0, 1 / 2]]), abs=1e-12)
    with pytest.raises(ValueError, match="option 1 is not first under these weights"):
        score.stays_first([[1, 1], [0, 0]], [0.5, 0.5], 1)


# What must always hold. Values are tenths and weights whole numbers: ties are ties, and nothing else is near one.

TENTHS = st.integers(0, 10).map(lambda number: number / 10)


@st.composite
def cases(draw: st.DrawFn, least: int = 2) -> tuple[Any, Any]:
    """A table of values from 0 to 1, and weights."""
    options, criteria = draw(st.integers(least, 6)), draw(st.integers(1, 5))
    values = draw(arrays(float, (options, criteria), elements=TENTHS))
    whole = draw(arrays(float, criteria, elements=st.integers(0, 10)))
    assume(whole.any())
    return values, whole / whole.sum()


def raw(values01: Any) -> tuple[Any, list[Criterion]]:
    """The same values in units, costs and benefits by turns."""
    criteria = [cost(f"c{i}", 500, 100) if i % 2 else benefit(f"c{i}", -3, 7) for i in range(values01.shape[1])]
    return np.column_stack(
        [one.worst + (one.best - one.worst) * values01[:, i] for i, one in enumerate(criteria)]
    ), criteria


def ranked(values: Any, criteria: list[Criterion], weights: Any) -> Any:
    return score.ranks(score.score(score.normalise(values, criteria, named(len(values))), weights))


def order(of: Any) -> list[list[int]]:
    """For each pair the sign of who is before whom."""
    return np.sign(np.subtract.outer(of, of)).tolist()


@settings(max_examples=60, deadline=None)
@given(cases(), st.integers(1, 10), st.data())
def test_a_dominated_option_never_wins_under_any_weights(case: tuple[Any, Any], less: int, data: st.DataObject) -> None:
    values, weights = case
    of = data.draw(st.integers(0, len(values) - 1))
    where = data.draw(arrays(bool, values.shape[1]))
    dominated = np.where(where, values[of], values[of] - less / 10)
    table = np.vstack([values, dominated])
    many = np.vstack([weights, score.simplex(values.shape[1], 50, np.random.default_rng(less))])
    of_all = score.ranks(score.score(table, many))
    assert (of_all[:, -1] >= of_all[:, of]).all()
    if not where.any():
        assert (of_all[:, -1] > 1).all() and score.acceptability(of_all).first[-1] == 0
        assert np.isnan(score.central_weights(of_all, many)[-1]).all()
        assert score.smallest_change(table, weights, of)[-1].distance is None
        assert score.stays_first(table[[of, -1]], weights, 0).tolist() == [[0, 1]] * values.shape[1]


@settings(max_examples=60, deadline=None)
@given(cases(3), st.data())
def test_leaving_out_an_option_never_reorders_the_others(case: tuple[Any, Any], data: st.DataObject) -> None:
    values, criteria = raw(case[0])
    gone = data.draw(st.integers(0, len(values) - 1))
    rest = np.delete(values, gone, axis=0)
    every = np.delete(ranked(values, criteria, case[1]), gone)
    assert order(every) == order(ranked(rest, criteria, case[1]))


@settings(max_examples=60, deadline=None)
@given(cases(), arrays(float, 5, elements=st.integers(-1000, 1000)))
def test_adding_any_option_never_reorders_the_others(case: tuple[Any, Any], new: Any) -> None:
    values, criteria = raw(case[0])
    more = np.vstack([values, new[: len(criteria)]])
    assert order(ranked(more, criteria, case[1])[:-1]) == order(ranked(values, criteria, case[1]))


@settings(max_examples=60, deadline=None)
@given(cases())
def test_values_come_back_from_their_units(case: tuple[Any, Any]) -> None:
    values, criteria = raw(case[0])
    found = score.normalise(values, criteria, named(len(values)))
    assert found == pytest.approx(case[0], abs=1e-12) and (found >= 0).all() and (found <= 1).all()


@settings(max_examples=60, deadline=None)
@given(cases(), st.floats(1e-9, 1e9))
def test_weights_have_no_scale(case: tuple[Any, Any], scale: float) -> None:
    values, weights = case
    criteria = raw(values)[1]
    names = [one.name for one in criteria]
    once, scaled = (score.weights(dict(zip(names, weights * by, strict=True)), criteria) for by in (1, scale))
    assert once.sum() == pytest.approx(1, abs=1e-15)
    assert scaled == pytest.approx(once, rel=1e-12, abs=1e-300)
    assert ranked(raw(values)[0], criteria, once).tolist() == ranked(raw(values)[0], criteria, scaled).tolist()


@settings(max_examples=60, deadline=None)
@given(cases(), st.data())
def test_the_order_of_rows_and_columns_does_not_matter(case: tuple[Any, Any], data: st.DataObject) -> None:
    values, weights = case
    rows = data.draw(st.permutations(range(len(values))))
    columns = data.draw(st.permutations(range(len(weights))))
    mixed, mixed_weights = values[rows][:, columns], weights[columns]
    directions = [(COST, BENEFIT)[at % 2] for at in range(len(weights))]
    assert score.score(mixed, mixed_weights) == pytest.approx(score.score(values, weights)[rows], abs=1e-12)
    found = score.topsis(mixed, mixed_weights, [directions[at] for at in columns])
    assert found == pytest.approx(score.topsis(values, weights, directions)[rows], abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(cases(), st.data())
def test_equal_options_tie(case: tuple[Any, Any], data: st.DataObject) -> None:
    values, weights = case
    twin = data.draw(st.integers(0, len(values) - 1))
    table = np.vstack([values, values[twin]])
    many = np.vstack([weights, score.simplex(len(weights), 20, np.random.default_rng(1))])
    for scores in (score.score(table, many), score.topsis(table, many, [BENEFIT] * len(weights))):
        of_all = score.ranks(scores)
        assert (of_all[:, twin] == of_all[:, -1]).all()
        found = score.acceptability(of_all)
        assert found.shares[twin] == pytest.approx(found.shares[-1], abs=1e-12)
        assert found.wins[twin, -1] == found.wins[-1, twin] == 0.5


@settings(max_examples=60, deadline=None)
@given(cases(), st.integers(1, 30))
def test_many_weights_are_scored_as_each_alone(case: tuple[Any, Any], draws: int) -> None:
    values, weights = case
    many = np.vstack([weights, score.simplex(len(weights), draws, np.random.default_rng(draws))])
    directions = [(COST, BENEFIT)[at % 2] for at in range(len(weights))]
    for method in (score.score, lambda table, by: score.topsis(table, by, directions)):
        batch, loop = method(values, many), np.array([method(values, one) for one in many])
        assert batch == pytest.approx(loop, abs=1e-12)
        assert score.ranks(batch).tolist() == [score.ranks(one).tolist() for one in batch]
        assert ((batch >= 0) & (batch <= 1 + 1e-12)).all()


@settings(max_examples=60, deadline=None)
@given(arrays(np.int64, st.tuples(st.integers(1, 8), st.integers(1, 5)), elements=st.integers(0, 3)))
def test_shares_are_shares(scores: Any) -> None:
    """Against counting in fractions, draw by draw."""
    of_all = score.ranks(scores)
    draws, options = of_all.shape
    found = score.acceptability(of_all)
    for option in range(options):
        expected = [Fraction(0)] * options
        for one in of_all.tolist():
            tied = one.count(one[option])
            for rank in range(one[option], one[option] + tied):
                expected[rank - 1] += Fraction(1, tied * draws)
        assert found.shares[option] == pytest.approx([float(share) for share in expected], abs=1e-12)
    assert found.shares.sum(axis=0) == pytest.approx(np.ones(options), abs=1e-12)
    assert found.wins + found.wins.T == pytest.approx(np.ones((options, options)), abs=1e-12)
    assert (found.shares >= 0).all()


@settings(max_examples=60, deadline=None)
@given(cases())
def test_better_values_never_lower_a_rank(case: tuple[Any, Any]) -> None:
    values, weights = case
    before = score.ranks(score.score(values, weights))[0]
    better = values.copy()
    better[0] = np.minimum(better[0] + 0.1, 1)
    assert score.ranks(score.score(better, weights))[0] <= before


@settings(max_examples=60, deadline=None)
@given(cases())
def test_the_least_change_of_one_weight_is_no_less_than_that_of_all(case: tuple[Any, Any]) -> None:
    values, weights = case
    winner = int(score.ranks(score.score(values, weights)).argmin())
    distances = [one.distance for one in score.smallest_change(values, weights, winner) if one.distance is not None]
    for at, interval in enumerate(score.stays_first(values, weights, winner)):
        for end, limit in zip(interval, (0, 1), strict=True):
            assert interval[0] <= weights[at] <= interval[1]
            if end != limit and weights[at] < 1:
                # One weight moves by so much, and the others by as much together.
                assert min(distances) <= 2 * abs(end - weights[at]) + 1e-9


def test_results_are_in_the_order_of_importance_of_the_draws() -> None:
    """Near the preset, less near, and no knowledge at all: the less is known, the less sure the winner."""
    values = [[0.9, 0.2, 0.5], [0.4, 0.9, 0.5], [0.3, 0.3, 0.9]]
    preset, rng = np.array([0.6, 0.3, 0.1]), np.random.default_rng(9)
    sets = [score.around(preset, 50, 4096, rng), score.around(preset, 5, 4096, rng), score.simplex(3, 4096, rng)]
    firsts = [score.acceptability(score.ranks(score.score(values, drawn))).first[0] for drawn in sets]
    assert all(sure > less for sure, less in pairwise(firsts))
