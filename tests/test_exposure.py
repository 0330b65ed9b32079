"""What a violation may cost: tiers by day, caps, the calculator, cases, a year's loss, and faults told by line."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import TODAY
from texteval import exposure
from texteval.cli import main
from texteval.errors import DataError, UserError
from texteval.exposure import Exposure
from texteval.files import data_folder
from texteval.models import first_day
from texteval.money import MICRO

STARTS = ["2019-11-05", "2020-01-17", "2021-11-15", "2022-03-17", "2023-10-06", "2024-08-08", "2026-01-28"]


HELD = exposure.load()
TABLES = HELD.file.penalties


@pytest.fixture
def held() -> Exposure:
    return HELD


# Tiers by day.


def test_the_tables_are_those_that_took_effect() -> None:
    assert [table.from_ for table in TABLES] == STARTS


@pytest.mark.parametrize("i", range(len(STARTS)), ids=STARTS)
def test_a_table_holds_from_its_first_day_until_the_day_before_the_next(held: Exposure, i: int) -> None:
    start = date.fromisoformat(STARTS[i])
    after = date.fromisoformat(STARTS[i + 1]) if i + 1 < len(STARTS) else start + timedelta(3000)
    for day in (start, start + timedelta(1), after - timedelta(1)):
        assert held.table(day) is TABLES[i]
        tiers = [(tier.tier, tier.min, tier.max, tier.yearly_cap) for tier in held.tiers(day)]
        assert tiers == [(tier.tier, tier.min, tier.max, tier.yearly_cap) for tier in TABLES[i].tiers]
    if i:
        assert held.table(start - timedelta(1)) is TABLES[i - 1]


@pytest.mark.parametrize(
    ("day", "least"),  # the least for one violation of tier 1, as published for each year
    [
        ("2019-12-31", 117),
        ("2020-01-16", 117),
        ("2020-07-01", 119),
        ("2021-11-14", 119),
        ("2021-12-31", 120),
        ("2022-06-30", 127),
        ("2023-01-01", 127),
        ("2023-12-31", 137),
        ("2024-08-07", 137),
        ("2024-12-31", 141),
        ("2025-01-15", 141),
        ("2025-07-01", 141),
        ("2025-12-31", 141),
        ("2026-01-27", 141),
        ("2026-01-28", 145),
        ("2026-11-22", 145),
    ],
)
def test_the_first_tier_of_a_day_in_each_year(held: Exposure, day: str, least: int) -> None:
    assert held.tiers(date.fromisoformat(day))[0].min == least * MICRO


@pytest.mark.parametrize("day", [date(2019, 11, 4), date(1, 1, 1)])
def test_a_day_before_the_first_table_is_refused_with_the_first_day(held: Exposure, day: date) -> None:
    asked: list[Callable[[], object]] = [
        lambda: held.tiers(day),
        lambda: held.penalty(1, 1, day),
        lambda: held.loss_range(1, day),
    ]
    for ask in asked:
        with pytest.raises(UserError, match=rf"holds no penalty tiers for {day}: the first are of 2019-11-05"):
            ask()


# The data agree with themselves.


def test_every_tier_has_its_least_below_its_most_below_its_cap() -> None:
    for tiers in [HELD.file.act.tiers, *(table.tiers for table in TABLES)]:
        assert [tier.tier for tier in tiers] == [1, 2, 3, 4]
        for tier in tiers:
            assert 0 < tier.min <= tier.max <= tier.yearly_cap
        assert len({tier.yearly_cap for tier in tiers}) == 1
        assert [tier.min for tier in tiers] == sorted({tier.min for tier in tiers})
        assert [tier.max == tier.yearly_cap for tier in tiers] == [False, False, False, True]


@pytest.mark.parametrize("i", [i for i, table in enumerate(TABLES) if i and table.multiplier], ids=str)
def test_a_table_is_the_one_before_times_its_multiplier(i: int) -> None:
    multiplier = TABLES[i].multiplier
    assert multiplier is not None
    for before, after in zip(TABLES[i - 1].tiers, TABLES[i].tiers, strict=True):
        for name in ("min", "max", "yearly_cap"):
            raised = Decimal(getattr(before, name)) / MICRO * multiplier
            assert getattr(after, name) == int(raised.quantize(Decimal(1), ROUND_HALF_UP)) * MICRO, (name, before.tier)


def test_a_multiplier_is_missing_only_where_no_source_gave_it() -> None:
    assert [table.from_ for table in TABLES if table.multiplier is None] == ["2021-11-15"]


@pytest.mark.parametrize("table", TABLES, ids=STARTS)
def test_a_cap_under_the_notice_is_that_before_inflation_raised_as_tier_4_was(held: Exposure, table: Any) -> None:
    tiers = held.tiers(table.start)
    raised = table.tiers[3].yearly_cap / MICRO / 1_500_000
    for tier, base in zip(tiers[:3], (25_000, 100_000, 250_000), strict=True):
        assert abs(tier.discretion_cap / MICRO - base * raised) <= 1
        assert tier.discretion_cap % MICRO == 0
    assert tiers[3].discretion_cap == tiers[3].yearly_cap
    for tier in tiers:
        if tier.printed:
            assert 0 < abs(tier.discretion_cap - tier.printed.usd) < 40 * MICRO


@pytest.mark.parametrize(
    ("day", "caps"),  # worked out by hand: the yearly cap of tier 4 over 60, 15 and 6
    [("2019-11-05", (29_245, 116_980, 292_450)), ("2026-01-28", (36_505, 146_020, 365_049))],
)
def test_caps_under_the_notice_worked_out_by_hand(held: Exposure, day: str, caps: tuple[int, ...]) -> None:
    tiers = held.tiers(date.fromisoformat(day))
    assert tuple(tier.discretion_cap // MICRO for tier in tiers[:3]) == caps


def test_the_notice_is_older_than_every_table_and_was_confirmed_under_the_newest() -> None:
    notice = HELD.file.notice
    assert first_day(notice.from_) < TABLES[0].start
    assert TABLES[-1].start < first_day(notice.confirmed) <= TODAY


def test_the_superseded_figures_are_what_is_said_of_them() -> None:
    table, answers, other = HELD.file.superseded
    act = {tier.tier: tier for tier in HELD.file.act.tiers}
    assert all(row.tier is not None and row.min == act[row.tier].min for row in table.rows)
    assert [row.max for row in table.rows[:3]] == [act[row.tier].max for row in table.rows[:3] if row.tier]
    assert answers.rows[1].max == table.rows[3].min  # the most here is the least there
    (cap,) = {row.yearly_cap for row in [*table.rows, *answers.rows] if row.yearly_cap}
    fits = [one for one in TABLES if round(one.tiers[3].yearly_cap / MICRO / 1e6, 1) == cap / MICRO / 1e6]
    assert [one.from_ for one in fits] == ["2022-03-17"]
    assert "2022-03-17 to 2023-10-05 (1,919,173)" in table.wrong[0]
    assert (fits[0].tiers[3].yearly_cap, TABLES[TABLES.index(fits[0]) + 1].from_) == (1_919_173 * MICRO, "2023-10-06")
    assert other.rows[0].yearly_cap == act[4].yearly_cap != cap
    now = HELD.tiers(TODAY)
    assert all(row.min is None or row.tier is None or row.min < now[row.tier - 1].min for row in table.rows)


def test_every_source_is_used_and_none_is_of_the_future() -> None:
    named = {source for _, source in exposure.sources_named(HELD.file.model_dump(exclude={"sources"}))}
    assert named == set(HELD.file.sources)
    assert all(first_day(source.seen) <= TODAY and source.url for source in HELD.file.sources.values())


# The calculator. Each expected value is worked out here from the published amounts.


@pytest.mark.parametrize(
    ("violations", "tier", "day", "provisions", "years", "discretion", "low", "high", "capped"),
    [
        # 2026, tier 1, one violation: the most for one, 73,011, is above the notice's cap of 2,190,294 / 60 = 36,504.9
        (1, 1, "2026-11-22", 1, 1, True, 145, 36_505, (False, True)),
        (1, 1, "2026-11-22", 1, 1, False, 145, 73_011, (False, False)),
        # 2026, tier 2: 3 x 1,461 = 4,383; 3 x 73,011 = 219,033, above 2,190,294 / 15 = 146,019.6
        (3, 2, "2026-11-22", 1, 1, True, 4_383, 146_020, (False, True)),
        (3, 2, "2026-11-22", 1, 1, False, 4_383, 219_033, (False, False)),
        # the last number that the cap does not touch, and the first that it does: 2 x 73,011 = 146,022 > 146,020
        (1, 2, "2026-11-22", 1, 1, True, 1_461, 73_011, (False, False)),
        (2, 2, "2026-11-22", 1, 1, True, 2_922, 146_020, (False, True)),
        # 2026, tier 3: 25 x 14,602 = 365,050, one dollar above 2,190,294 / 6 = 365,049
        (25, 3, "2026-11-22", 1, 1, True, 365_049, 365_049, (True, True)),
        (24, 3, "2026-11-22", 1, 1, True, 350_448, 365_049, (False, True)),  # 24 x 14,602
        # two provisions in three years, each with its own cap: 365,049 x 6; 10 x 14,602 x 6 = 876,120
        (10, 3, "2026-11-22", 2, 3, True, 876_120, 2_190_294, (False, True)),
        # without the notice 30 x 73,011 = 2,190,330 > 2,190,294, times 2 years
        (30, 2, "2026-11-22", 1, 2, False, 87_660, 4_380_588, (False, True)),
        # tier 4 has one cap with and without the notice; 31 x 73,011 = 2,263,341
        (31, 4, "2026-11-22", 1, 1, True, 2_190_294, 2_190_294, (True, True)),
        (31, 4, "2026-11-22", 1, 1, False, 2_190_294, 2_190_294, (True, True)),
        # 2025 by the table of 2024: 5 x 1,424 = 7,120; 5 x 71,162 = 355,810 > 2,134,831 / 15 = 142,322.1
        (5, 2, "2025-06-01", 1, 1, True, 7_120, 142_322, (False, True)),
        # 2019: 100 x 117 = 11,700; 100 x 58,490 = 5,849,000 > 1,754,698 / 60 = 29,244.97
        (100, 1, "2019-11-05", 1, 1, True, 11_700, 29_245, (False, True)),
        (100, 1, "2019-11-05", 1, 1, False, 11_700, 1_754_698, (False, True)),
    ],
)
def test_a_penalty_worked_out_by_hand(
    held: Exposure,
    violations: int,
    tier: int,
    day: str,
    provisions: int,
    years: int,
    discretion: bool,
    low: int,
    high: int,
    capped: tuple[bool, bool],
) -> None:
    found = held.penalty(
        violations, tier, date.fromisoformat(day), discretion=discretion, provisions=provisions, years=years
    )
    assert (found.low.total, found.high.total) == (low * MICRO, high * MICRO)
    assert (found.low.capped, found.high.capped) == capped


@given(
    violations=st.integers(1, 1_000_000),
    tier=st.integers(1, 4),
    day=st.dates(date(2019, 11, 5), date(2030, 1, 1)),
    provisions=st.integers(1, 50),
    years=st.integers(1, 6),
)
def test_a_penalty_keeps_within_its_caps(violations: int, tier: int, day: date, provisions: int, years: int) -> None:
    lowered, full = (
        HELD.penalty(violations, tier, day, discretion=discretion, provisions=provisions, years=years)
        for discretion in (True, False)
    )
    one = HELD.penalty(violations, tier, day)
    for found in (lowered, full):
        assert 0 < found.low.total <= found.high.total <= found.cap * provisions * years
        assert found.high.capped or found.high.total == violations * found.tier.max * provisions * years
        assert found.high.capped == (violations * found.tier.max > found.cap)
    assert lowered.cap <= full.cap
    assert lowered.high.total <= full.high.total
    assert lowered.high.total == one.high.total * provisions * years
    assert HELD.penalty(violations + 1, tier, day).low.total >= one.low.total if violations < 1_000_000 else True


def test_a_penalty_says_what_decided_each_end(held: Exposure) -> None:
    found = held.penalty(10, 3, TODAY, provisions=2, years=3)
    assert found.asked == "10 violations of each of 2 provisions in each of 3 calendar years"
    assert found.explained(found.low) == "10 × $14,602 = $146,020, × 2 provisions, × 3 years = $876,120"
    assert found.explained(found.high) == (
        "10 × $73,011 = $730,110, cut to the yearly cap under the notice, $365,049, × 2 provisions, × 3 years "
        "= $2,190,294"
    )
    plain = held.penalty(31, 1, TODAY, discretion=False)
    assert plain.explained(plain.high) == ("31 × $73,011 = $2,263,341, cut to the yearly cap of the rule, $2,190,294")
    assert held.penalty(1, 1, TODAY).asked == "1 violation of one provision in one calendar year"


@pytest.mark.parametrize("tier", [0, 5, -1])
def test_a_tier_that_does_not_exist_is_refused(held: Exposure, tier: int) -> None:
    with pytest.raises(UserError, match=rf"^there is no tier {tier}: write 1, 2, 3 or 4$"):
        held.penalty(1, tier, TODAY)


@pytest.mark.parametrize("name", ["violations", "provisions", "years"])
@pytest.mark.parametrize("many", [0, -1, 1_000_001])
def test_a_count_that_cannot_be_is_refused(held: Exposure, name: str, many: int) -> None:
    counts: dict[str, Any] = {"violations": 1, name: many}
    with pytest.raises(UserError, match=rf"^{name}: {many} cannot be: write a whole number from 1 to 1,000,000$"):
        held.penalty(tier=1, on=TODAY, **counts)


# Cases.


def test_the_median_of_the_behavioural_health_cases_is_that_of_ten(held: Exposure) -> None:
    paid = sorted(case.usd // MICRO for case in held.cases("behavioural_health"))
    assert len(paid) == 10
    found = held.settlements()
    assert found is not None
    assert found.median == (paid[4] + paid[5]) / 2 * MICRO == 35_000 * MICRO
    assert (found.count, found.low, found.high) == (10, 3_500 * MICRO, 225_000 * MICRO)
    logs = np.log(paid)
    assert (found.location, found.scale) == pytest.approx((logs.mean(), logs.std(ddof=1)), rel=1e-12)


def test_most_of_them_are_about_access_and_no_case_is_about_texting(held: Exposure) -> None:
    own = held.cases("behavioural_health")
    assert 2 * sum(case.topic == "access" for case in own) > len(own)
    assert all(("right of access" in case.issue) == (case.topic == "access") for case in held.cases())
    assert not [case for case in held.cases() if case.topic == "texting"]
    assert held.in_practice(TODAY) == (
        "In practice: 10 behavioural health providers paid $3,500 to $225,000 in the cases of 2020 to 2026 held here; "
        "the median is $35,000. 6 of these 10 were about a client's access to the record; none of all 15 cases held "
        "here was about text messages."
    )


def test_cases_are_sorted_and_none_is_of_a_later_year(held: Exposure) -> None:
    assert len(held.cases()) == len(held.cases("behavioural_health")) + len(held.cases("other")) == 15
    years = [case.year for case in held.cases(on=date(2023, 1, 1))]
    assert years == sorted(years, reverse=True)
    assert years[0] == 2023
    in_2020 = held.settlements(on=date(2020, 12, 31))
    assert in_2020 is not None
    assert (in_2020.count, in_2020.median) == (4, 17_500 * MICRO)  # 3,500 10,000 25,000 70,000
    assert held.settlements(on=date(2019, 12, 1)) is None
    assert "too few closed cases" in held.in_practice(date(2019, 12, 1))


# A year's loss.


def mean_breach(held: Exposure, on: date) -> float:
    """The mean cost of one breach in dollars, in closed form."""
    people = 319_215 / 63_571  # at most 499: a geometric with this mean goes beyond once in 1e48
    z = 1.6448536269514722
    each = 107 * math.exp((math.log(408 / 107) / z) ** 2 / 2)
    paid = np.log([case.usd / MICRO for case in held.cases("behavioural_health", on)])
    mu, sigma, cap = paid.mean(), paid.std(ddof=1), held.tiers(on)[3].yearly_cap / MICRO
    normal, k = NormalDist(), (math.log(cap) - paid.mean()) / paid.std(ddof=1)
    payment = math.exp(mu + sigma**2 / 2) * normal.cdf(k - sigma) + cap * (1 - normal.cdf(k))
    return people * each + 22 / 63_571 * payment


@pytest.mark.parametrize("clinicians", [1, 5, 50])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_mean_loss_is_frequency_times_mean_cost(held: Exposure, clinicians: int, seed: int) -> None:
    for loss, often in zip(held.loss_range(clinicians, TODAY, seed=seed), (0.002, 0.01, 0.087), strict=True):
        expected = often * clinicians * mean_breach(held, TODAY)
        assert 0 < loss.mean_error / MICRO < expected
        assert abs(loss.mean / MICRO - expected) < 4 * loss.mean_error / MICRO
        assert loss.frequency == pytest.approx(often * clinicians)
        assert loss.chance == pytest.approx(1 - math.exp(-often * clinicians))


def test_the_same_seed_gives_the_same_loss_and_another_seed_another(held: Exposure) -> None:
    first, again, other = (held.loss_range(5, TODAY, draws=20_000, seed=seed) for seed in (1, 1, 2))
    assert first == again
    assert first[2].mean != other[2].mean


def test_the_median_and_the_95_percent_point_lie_where_the_chance_of_no_breach_puts_them(held: Exposure) -> None:
    low, likely, high = held.loss_range(5, TODAY)
    # no breach in exp(-0.01) = 99 %, exp(-0.05) = 95.1 % and exp(-0.435) = 64.7 % of the years
    assert (low.median, low.p95, likely.median, likely.p95, high.median) == (0, 0, 0, 0, 0)
    assert high.p95 > high.mean > likely.mean > low.mean > 0
    many = held.loss_range(50, TODAY)[2]  # 4.35 breaches a year
    assert 0 < many.median < many.mean < many.p95


def test_the_caps_hold_inside_the_draw(held: Exposure) -> None:
    """With breaches of one person that cost a cent and are all investigated, what is left is the payment of a case."""
    breaches = held.file.risk.small_breaches.model_copy(update={"people": 63_571, "investigated": 63_571})
    cost = held.file.risk.cost_per_record.model_copy(update={"likely": 10_000, "high": 10_000})
    risk = held.file.risk.model_copy(update={"small_breaches": breaches, "cost_per_record": cost})
    cases = [case.model_copy(update={"usd": case.usd * 10_000}) for case in held.file.cases]
    huge = Exposure(held.file.model_copy(update={"risk": risk, "cases": cases}), "")
    likely = huge.loss_range(1, TODAY, draws=20_000)[1]
    # every payment is far above the cap of 2,190,294 dollars, so the mean is frequency times cap
    assert likely.mean == pytest.approx(0.01 * 2_190_294 * MICRO, abs=4 * likely.mean_error)
    # 20 x 0.087 = 1.74 breaches a year: at most 1 in 48 %, 2 in 75 %, 3 in 90 %, 4 in 97 % of the years (Poisson)
    years = huge.loss_range(20, TODAY, draws=20_000)[2]
    assert [divmod(point, 2_190_294 * MICRO) for point in (years.median, years.p95)] == [(2, 20_000), (4, 40_000)]


@pytest.mark.parametrize("clinicians", [0, -1, 501])
def test_a_practice_that_is_not_small_is_refused(held: Exposure, clinicians: int) -> None:
    with pytest.raises(UserError, match=r"is of small practices.*name one with 1 to 500$"):
        held.loss_range(clinicians, TODAY)


def test_the_highest_frequency_is_the_ceiling_that_its_note_computes(held: Exposure) -> None:
    risk = held.file.risk
    assert risk.frequency.high == round(risk.small_breaches.reports / 734_178, 3)
    assert "734,178" in risk.frequency.note
    assert risk.small_breaches.words.endswith("5.0 people each; HHS investigated 22 of them (0.035%)")
    assert risk.frequency.evidence == "assumption"


def test_the_headline_figure_and_the_incident_are_left_out_with_a_reason(held: Exposure) -> None:
    risk = held.file.risk
    assert [row.title for row in risk.rows if row.left_out] == [risk.cost_per_incident.title, risk.headline.title]
    assert risk.headline.likely == 7_420_000 * MICRO
    doubled = risk.model_copy(update={"headline": risk.headline.model_copy(update={"likely": 1, "high": 2})})
    other = Exposure(held.file.model_copy(update={"risk": doubled}), "")
    assert other.loss_range(5, TODAY, draws=1_000) == held.loss_range(5, TODAY, draws=1_000)


# Amounts and faults of the file.


@pytest.mark.parametrize(
    ("said", "micro"),
    [(0, 0), (1, MICRO), (2_190_294, 2_190_294_000_000), (Decimal("36505.50"), 36_505_500_000), (100_000_000, 10**14)],
)
def test_an_amount_is_whole_dollars_or_dollars_with_cents(said: Any, micro: int) -> None:
    assert exposure.parse_amount(said) == micro


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("50,000", "not an amount"),
        ("50000", "not an amount"),
        (True, "not an amount"),
        (0.5, "not an amount"),
        (None, "not an amount"),
        (-1, "zero or more"),
        (100_000_001, "at most 100000000"),
        (10**400, "at most 100000000"),
        (Decimal("0.005"), "too fine"),
        (Decimal("36505.501"), "too fine"),
    ],
)
def test_what_is_no_amount_is_refused(said: Any, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        exposure.parse_amount(said)


OWN = (data_folder() / "exposure.yaml").read_text(encoding="utf-8")
FIRST = "      - {tier: 1, min: 117, max: 58490, yearly_cap: 1754698}\n"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (FIRST, "", "the tiers are not 1, 2, 3 and 4: write each once, in this order"),
        (FIRST, FIRST.replace("tier: 1", "tier: 5"), "5 does not fit here: write 4 or less"),
        (FIRST, FIRST.replace("117", "58491"), "min $58,491, max $58,490 and yearly_cap $1,754,698 are out of order"),
        (FIRST, FIRST.replace("58490", "'58,490'"), "'58,490' is not an amount: write dollars as a plain number"),
        (
            FIRST,
            FIRST.replace("}", ", yearly_cup: 1}"),
            "'yearly_cup' is not a field here: did you mean 'yearly_cap'?",
        ),
        ("  - from: 2020-01-17\n", "  - from: 2019-11-05\n", "2019-11-05 is not after 2019-11-05: write the tables in"),
        ("  - from: 2020-01-17\n", "  - from: 2020\n", "'from: 2020' is not a whole day: write it like 2026-01-28"),
        ("  - from: 2020-01-17\n", "  - from: soon\n", "'soon' is not a date: write 2026-08-11"),
        ("source: natlawreview-penalties-2019\n", "source: nobody\n", "there is no source 'nobody'"),
        (
            "usd: 36505.50,",
            "usd: 36505.505,",
            "36505.505 is too fine: amounts are whole dollars, or dollars with cents",
        ),
        (
            "usd: 3500, kind: behavioural_health",
            "usd: 3500, kind: behavioral_health",
            "did you mean 'behavioural_health'?",
        ),
        ("    reports: 63571\n", "    reports: 500\n", "319,215 people in 500 reports cannot be"),
        ("    investigated: 22\n", "    investigated: 70000\n", "70,000 investigations are more than the reports"),
        ("    likely: 0.01\n", "    likely: 0.001\n", "low 0.002, likely 0.001 and high 0.087 do not fit"),
        ("    likely: 107\n", "    likely: 1070\n", "$1,070 (likely) and $408 (high) do not fit"),
        ("  confirmed: 2026-02-16\n", "", "'confirmed' is missing: add 'confirmed:'"),
    ],
)
def test_a_broken_file_is_refused_at_its_line(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert OWN.count(old) == 1
    path = tmp_path / "exposure.yaml"
    path.write_text(OWN.replace(old, new), encoding="utf-8")
    with pytest.raises(DataError) as caught:
        exposure.load(path)
    (problem,) = caught.value.problems
    assert told in str(problem)
    changed = OWN[: OWN.index(old)].count("\n") + 1
    assert changed - 6 <= problem.line <= changed + 1  # a fault of a whole tier or table stands at its first line


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "exposure.yaml"
    broken = OWN.replace("source: lexblog-2020-09}", "source: lexblog}").replace("from: 2020-01-17", "from: 2018-01-17")
    path.write_text(broken, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        exposure.load(path)
    assert [problem.path for problem in caught.value.problems] == [
        "penalties[2].from",
        *(f"cases[{i}].source" for i in (1, 2, 3)),
    ]
    assert "did you mean 'lexblog-2020-09'?" in str(caught.value)


# The command.


def run(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    with pytest.raises(SystemExit) as ended:
        main(["exposure", "--as-of", "2026-11-22", *words])
    assert ended.value.code == code
    printed = capsys.readouterr()
    assert "Traceback" not in printed.err
    return printed.err if code else printed.out


def test_the_screen_begins_calmly_and_holds_all_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    out = run(capsys, "--violations", "3", "--tier", "2", "--all")
    assert all(len(line) <= 80 for line in out.splitlines())
    flat = " ".join(out.split())
    order = [
        "In practice: 10 behavioural health providers",
        "the median is $35,000",
        "Penalty tiers since 2026-01-28",
        "$145 to $73,011 $2,190,294 $36,505",
        "Tier 2: 3 violations of one provision in one calendar year",
        "at most, with the notice $146,020",
        "at most, without it $219,033",
        "Superseded:",
        "tier 1: $100 to $50,000 for one violation",
        "Cases closed with a payment",
        "any median mean 95 % point",
        "The evidence is low",
        "It is never added to the cost of a tool",
        "$7,420,000, up to $9,770,000",
        "Sources",
        "Not legal advice.",
    ]
    places = [flat.find(words) for words in order]
    assert -1 not in places
    assert places == sorted(places)


def test_the_short_screen_keeps_what_decides_and_says_how_to_see_the_rest(capsys: pytest.CaptureFixture[str]) -> None:
    out = run(capsys)
    flat = " ".join(out.split())
    assert len(out.splitlines()) <= 80
    for words in (
        "In practice: 10 behavioural",
        "$145 to $73,011 $2,190,294 $36,505",
        "tier 1: $100 to $50,000",
        "$0 $39 $0",
    ):
        assert words in flat
    assert "11 more with --all." in flat
    assert "[1]" not in flat and "Sources" not in flat and "7,420,000" not in flat


def test_every_number_of_a_source_is_listed_once(capsys: pytest.CaptureFixture[str]) -> None:
    above, _, below = run(capsys, "--all").partition("\nSources\n")
    cited = {int(number) for number in np.unique([part.split("]")[0] for part in above.split("[")[1:]])}
    listed = [int(line[1 : line.index("]")]) for line in below.splitlines() if line.startswith("[")]
    assert listed == list(range(1, len(listed) + 1))
    assert cited == set(listed)
    urls = "".join(below.split())
    assert all(
        urls.count(source) == 1 for source in ("fedreg/2019/04/30/2019-08530.html", "hipaa-appointment-reminders/")
    )


def test_an_earlier_day_has_its_own_tiers_and_remarks(capsys: pytest.CaptureFixture[str]) -> None:
    flat = " ".join(run(capsys, "--as-of", "2025-06-01", "--all").split())
    assert "Penalty tiers since 2024-08-08" in flat
    assert "until then these amounts stayed in use" in flat
    assert "M-26-11" not in flat
    assert "Top of the World" not in flat


def test_the_data_say_the_same(capsys: pytest.CaptureFixture[str], held: Exposure) -> None:
    found = json.loads(run(capsys, "--violations", "10", "--tier", "3", "--provisions", "2", "--years", "3", "--json"))
    assert found["data_hash"].startswith(held.hash)
    assert [tier["discretion_cap_usd"] for tier in found["tiers"]] == [36505, 146020, 365049, 2190294]
    assert found["tiers"][0]["printed"] == {"usd": 36505.5, "source": "calhipaa-2026"}
    lowered, full = found["penalties"]
    assert (lowered["discretion"], lowered["low"]["usd"], lowered["high"]["usd"]) == (True, 876120, 2190294)
    assert (full["discretion"], full["low"]["usd"], full["high"]["usd"]) == (False, 876120, 10 * 73011 * 6)
    assert (lowered["high"]["capped"], full["high"]["capped"]) == (True, False)
    assert found["settlements"] == {"count": 10, "low_usd": 3500, "median_usd": 35000, "high_usd": 225000}
    assert [year["assumed"] for year in found["loss"]] == ["low", "likely", "high"]
    assert [year["breaches_per_year"] for year in found["loss"]] == [0.01, 0.05, 0.435]
    assert len(found["superseded"]) == 3
    assert set(found["sources"]) == set(held.file.sources)


def test_without_a_question_the_data_price_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(run(capsys, "--json", "--practice", "solo"))
    assert found["penalties"] == []
    assert found["loss"][1]["breaches_per_year"] == 0.01


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--tier", "5", "--violations", "1"], "there is no tier 5: write 1, 2, 3 or 4"),
        (["--tier", "1", "--violations", "0"], "violations: 0 cannot be: write a whole number from 1 to 1,000,000"),
        (["--tier", "1", "--violations", "-2"], "violations: -2 cannot be"),
        (["--tier", "1", "--violations", "1", "--years", "0"], "years: 0 cannot be"),
        (["--tier", "1"], "give both --violations and --tier, such as --violations 3 --tier 2"),
        (["--violations", "1"], "give both --violations and --tier"),
        (["--provisions", "2"], "give both --violations and --tier"),
        (["--as-of", "2019-11-04"], "the first are of 2019-11-05; name a later day"),
    ],
)
def test_a_question_that_cannot_be_is_refused_with_the_next_step(
    capsys: pytest.CaptureFixture[str], words: list[str], told: str
) -> None:
    err = run(capsys, *words, code=2)
    assert told in err
    assert err.count("\n") == 1


def test_an_amount_is_printed_with_cents_only_where_it_has_some() -> None:
    assert [exposure.usd(micro) for micro in (0, 36_505_500_000, 2_190_294_000_000)] == [
        "$0",
        "$36,505.50",
        "$2,190,294",
    ]
