"""Simulated futures of a practice: what every plan would cost in each, and what that says of the choice.

A *draw* is one future. Its parameters (how many sessions, replies, price rises, …) come from scrambled Sobol points
[1]_, which fill the space evenly; its months then hold whole counts by chance (binomial, Poisson, and for uneven months
and clients their over-dispersed kin). All plans are priced on the same draws. The draws come in 16 independent
scrambles (*replicates*), whose spread is the error of every result: on Sobol points the usual standard error would be
tens of times too wide [2]_.

References
----------
.. [1] scipy.stats.qmc.Sobol; A. B. Owen, "On dropping the first Sobol' point", 2020.
.. [2] A. B. Owen in the review of scipy pull request 10844; P. L'Ecuyer and C. Lemieux, "Recent advances in randomized
   quasi-Monte Carlo methods", 2002.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Any
from zlib import crc32

import numpy as np

from texteval.billing import billed, bound, monthly
from texteval.catalog import Line
from texteval.charges import METER_WORDS, Allowance, Group, Mix, Unpublished, UnpublishedRate
from texteval.errors import UserError
from texteval.messages import PART, SINGLE
from texteval.money import MAX_QUANTITY
from texteval.parameters import Parameter, Parameters
from texteval.practice import MONTHS, Message, Practice, by_meter

DRAWN = (
    "session_level",
    "working_weeks",
    "session_growth",
    "season",
    "month_variation",
    "cancellations",
    "no_shows",
    "reschedules",
    "replies",
    "text_length",
    "message_growth",
    "client_spread",
    "carrier_mix",
    "turnover",
    "vacancy",
    "price_rise",
)
"""The parameters that a draw has a value of."""

CLIENT_STARTED = ("coaching", "admin_follow_up", "document_link", "billing_question")
"""Purposes for which clients write on their own, a few of them most."""

REPLICATES = 16
PART_DRAWS = 2_048
"""Draws that are lived and priced at a time: their months stay in a core's cache. The random numbers hang on it."""
DRAWS = 16_384
MOST_MONTHS = 60
MOST_DRAWS = 1_048_576


class NothingPricedError(UserError):
    """Every plan given charges what nobody publishes."""


Values = Mapping[str, Any]
"""A value of each parameter in :data:`DRAWN` for each draw: float64 arrays of the shape (draws,)."""


def quantile(parameter: Parameter, share: Any) -> Any:
    """Return the value below which a parameter lies with a probability.

    Parameters
    ----------
    parameter : Parameter
        Its range and shape. ``pert`` is the beta distribution with the shape parameters 1 + 4 (likely - low) / (high -
        low) and 1 + 4 (high - likely) / (high - low) (Malcolm et al., "Application of a technique for research and
        development program evaluation", 1959).
    share : numpy.ndarray
        Probabilities from 0 to 1.

    Returns
    -------
    numpy.ndarray
        Values between low and high, rounded to nine decimals, so that they do not hang on the last bit of a machine.
    """
    low, likely, high = parameter.low, parameter.likely, parameter.high
    width = high - low
    if not width:
        return np.full(np.shape(share), low)
    if parameter.shape == "uniform":
        unit = share
    elif parameter.shape == "triangular":
        peak = (likely - low) / width
        rising = np.sqrt(share * peak)
        unit = np.where(share <= peak, rising, 1 - np.sqrt((1 - share) * (1 - peak)))
    else:
        from scipy.special import betaincinv

        peak = (likely - low) / width
        unit = betaincinv(1 + 4 * peak, 5 - 4 * peak, share)
    return np.round(low + width * unit, 9)


def likely(parameters: Parameters, draws: int = 1) -> dict[str, Any]:
    """Return every parameter at its likely value."""
    return {name: np.full(draws, parameters[name].likely) for name in DRAWN}


@dataclass(frozen=True)
class Future:
    """What happens in each month of each draw.

    Parameters
    ----------
    seats : dict of str to numpy.ndarray
        Counts of what the practice has, shape (months, draws), or (draws,) where they never change.
    events : dict of str to numpy.ndarray
        Counts of sessions held and of claims, shape (months, draws).
    messages : list of numpy.ndarray
        For each kind of message of the practice its counts, shape (months, draws).
    segments : list of numpy.ndarray
        For each kind of message the segments of a text, shape (draws,).
    """

    seats: dict[str, Any]
    events: dict[str, Any]
    messages: list[Any]
    segments: list[Any]

    def usage(self, practice: Practice, channels: Mapping[str, str]) -> dict[str, Any]:
        """Count every meter, with the channel that serves each purpose.

        Raises
        ------
        UserError
            If a month has more of anything than texteval prices.
        """
        usage = {**self.seats, **self.events, **by_meter(practice.messages, self.messages, channels, self.segments)}
        for meter, many in usage.items():
            if many.max() > MAX_QUANTITY:
                raise UserError(
                    f"{practice.name}: a draw has {many.max():,} {METER_WORDS[meter]} in a month; texteval prices up "
                    f"to {MAX_QUANTITY:,}: take a smaller practice or less growth"
                )
        return usage


def _whole(rng: np.random.Generator | None, many: Any, share: Any) -> Any:
    """Count how many of so many it happens to; where it happens more than once to each, whole times and the rest."""
    if rng is None:
        return _rounded(many * share)
    times = np.floor(share)
    if np.ndim(share) == 0 and times == share:
        return many * int(times)
    return many * times.astype(np.int64) + rng.binomial(many, np.broadcast_to(share - times, many.shape))


def _rounded(mean: Any) -> Any:
    """Turn expected counts into whole ones whose sum over the months stays right."""
    return np.diff(np.rint(np.cumsum(mean, axis=0)), axis=0, prepend=0).astype(np.int64)


def future(
    practice: Practice,
    values: Values,
    parameters: Parameters,
    months: int,
    first_month: int,
    rng: np.random.Generator | None,
) -> Future:
    """Live through the months of each draw.

    Parameters
    ----------
    practice : Practice
        Its own numbers hold where each parameter says so (``own_at``).
    values : mapping of str to numpy.ndarray
        A value of each parameter for each draw.
    parameters : Parameters
        The values at which the practice's own numbers hold, and the likely rates of sessions held.
    months : int
        How many months.
    first_month : int
        The calendar month in which the first falls, 1 to 12; it decides the season.
    rng : numpy.random.Generator or None
        Chance; without it every count is the expected one, rounded.

    Returns
    -------
    Future
        Whole counts.
    """
    draws = values["session_level"].shape[-1]
    month = np.arange(months)[:, None]
    growth = (1 + values["session_growth"]) ** (month / MONTHS)
    wanted = np.maximum(np.floor(practice.clinicians * growth + 0.5).astype(np.int64), 1)
    clinicians = wanted
    if practice.clinicians > 1:
        clinicians = np.maximum(wanted - _vacant(wanted, values["turnover"], values["vacancy"], rng), 1)
    present = growth * clinicians / wanted

    stated = "weeks_per_year" in practice.model_fields_set
    weeks = practice.weeks_per_year if stated else values["working_weeks"]
    season = 1 + values["season"] * np.cos(2 * np.pi * (first_month + month - 2) / MONTHS)
    expected = values["session_level"] * practice.sessions_per_week * weeks / MONTHS * season * present
    booked = _uneven(rng, expected, values["month_variation"])

    clients = practice.seats()["active_client"] * present
    eager = _gamma(rng, values["client_spread"] * np.maximum(clients, 1))
    eager = eager * (1 + values["message_growth"]) ** (month / MONTHS)
    messages = []
    for message in practice.messages:
        share = message.percent / 100 * _scale(message, values, parameters)
        if message.per == "session" and message.purpose not in CLIENT_STARTED:
            messages.append(_whole(rng, booked * message.count, share))
            continue
        times = {"week": weeks / MONTHS, "month": 1, "year": 1 / MONTHS}.get(message.per, 0) * present
        if message.per == "session":
            times = booked
        if message.purpose in CLIENT_STARTED:
            times = times * eager
        messages.append(_poisson(rng, np.broadcast_to(times * message.count * share, (months, draws))))

    held_share = (1 - values["cancellations"]) * (1 - values["no_shows"])
    held = _whole(rng, booked, held_share)
    usually = practice.sessions_per_week * (practice.weeks_per_year if stated else parameters["working_weeks"].likely)
    usually *= (1 - parameters["cancellations"].likely) * (1 - parameters["no_shows"].likely) / MONTHS
    events = {"session": held}
    if practice.claims_per_month:
        events["claim"] = (
            _whole(rng, held, practice.claims_per_month / usually)
            if usually
            else _poisson(rng, np.full((months, draws), float(practice.claims_per_month)))
        )

    fixed = {name: np.full(draws, many, np.int64) for name, many in practice.seats().items()}
    logins = clinicians + practice.staff
    moving = {"clinician": clinicians, "login": logins, "active_client": np.rint(clients).astype(np.int64)}
    seats = {**fixed, **{name: many for name, many in moving.items() if not (many == fixed[name]).all()}}
    return Future(seats, events, messages, [_segments(message, values, parameters) for message in practice.messages])


def _vacant(wanted: Any, turnover: Any, vacancy: Any, rng: np.random.Generator | None) -> Any:
    """Count the clinicians who have left and are not yet replaced."""
    monthly_share = 1 - (1 - turnover) ** (1 / MONTHS)
    left = _whole(rng, wanted, monthly_share)
    so_far = np.concatenate([np.zeros_like(left[:1]), np.cumsum(left, axis=0)])
    month = np.arange(len(left))[:, None]
    replaced = np.take_along_axis(so_far, np.maximum(month + 1 - np.rint(vacancy).astype(np.int64), 0), axis=0)
    return so_far[1:] - replaced


def _gamma(rng: np.random.Generator | None, shape: Any) -> Any:
    """Draw a factor of mean 1 and variance 1 / shape."""
    return 1 if rng is None else rng.gamma(shape) / shape


def _uneven(rng: np.random.Generator | None, expected: Any, variation: Any) -> Any:
    """Draw counts that vary more than chance: a Poisson count around a mean that varies itself."""
    uneven = np.maximum(variation, 1e-6)
    return _poisson(rng, expected * _gamma(rng, np.broadcast_to(1 / uneven**2, expected.shape)))


def _poisson(rng: np.random.Generator | None, expected: Any) -> Any:
    return _rounded(expected) if rng is None else rng.poisson(expected)


def _scale(message: Message, values: Values, parameters: Parameters) -> Any:
    """Return by how much the draw's number of such messages differs from the practice's own."""
    if message.purpose == "reschedule":
        name = "reschedules"
    elif message.direction == "in" and message.purpose in ("reminder", "confirmation"):
        name = "replies"
    else:
        return np.float64(1)
    return values[name] / parameters[name].own_at


def _segments(message: Message, values: Values, parameters: Parameters) -> Any:
    """Return the segments of a text that is longer or shorter than the practice's own."""
    own = message.segments
    units = np.maximum(
        np.rint(own.units * (values["text_length"] / parameters["text_length"].own_at)).astype(np.int64), 1
    )
    parts = np.where(units <= SINGLE[own.encoding], 1, -(-units // PART[own.encoding]))
    return np.where(units == own.units, own.segments, parts)


@dataclass(frozen=True)
class Bills:
    """What each plan costs in each draw.

    Parameters
    ----------
    plans : tuple of str
        The plans, one for each row.
    months : int
        How many months each draw has.
    seed : int
        What the draws come from.
    values : dict of str to numpy.ndarray
        The value of each parameter in each draw.
    cost, present_value : numpy.ndarray
        int64, shape (plans, draws): micro-dollars over all months; paid at the start of each month and, for the
        present value, discounted.
    spread : numpy.ndarray
        float64, shape (plans, draws): standard deviation of a draw's months, without what is paid in advance,
        in whole micro-dollars.
    carrying_unknown : tuple of str
        Plans left out, since in a draw they charge what nobody publishes.
    """

    plans: tuple[str, ...]
    months: int
    seed: int
    values: dict[str, Any]
    cost: Any
    present_value: Any
    spread: Any
    carrying_unknown: tuple[str, ...] = ()

    @property
    def draws(self) -> int:
        """How many futures."""
        return int(self.cost.shape[1])

    def row(self, plan_id: str) -> int:
        """Return a plan's row."""
        return self.plans.index(plan_id)

    def replicates(self, numbers: Any) -> Any:
        """Return the mean of each replicate, in the last axis."""
        return numbers.reshape(*numbers.shape[:-1], REPLICATES, -1).mean(axis=-1)

    def mean(self, numbers: Any) -> tuple[Any, Any]:
        """Return the mean over the draws and its standard error, from the replicates."""
        means = self.replicates(numbers)
        return means.mean(axis=-1), means.std(axis=-1, ddof=1) / np.sqrt(REPLICATES)

    def chance_cheaper(self, a: str, b: str) -> tuple[float, float]:
        """Return the probability that plan ``a`` costs less than plan ``b``, and its standard error."""
        chance, error = self.mean((self.cost[self.row(a)] < self.cost[self.row(b)]).astype(float))
        return float(chance), float(error)

    def chance_cheapest(self) -> tuple[Any, Any]:
        """Return for each plan the probability that none is cheaper, equal ones sharing it, and its standard error."""
        first = self.cost == self.cost.min(axis=0)
        return self.mean(first / first.sum(axis=0))

    def perfect_information(self) -> tuple[float, float]:
        """Return what it would be worth to know the future before choosing, in micro-dollars, and its standard error.

        The expected value of perfect information: the mean cost of the plan that is cheapest on average, less the mean
        of each draw's cheapest (H. Raiffa and R. Schlaifer, "Applied statistical decision theory", 1961). No
        measurement of the practice's own volume can be worth more.
        """
        best = self.cost.mean(axis=1).argmin()
        worth, error = self.mean((self.cost[best] - self.cost.min(axis=0)).astype(float))
        return float(worth), float(error)


def simulate(
    price_lists: Mapping[str, Sequence[Line]],
    channels: Mapping[str, Mapping[str, str]],
    practice: Practice,
    parameters: Parameters,
    first_month: int,
    *,
    months: int = MONTHS,
    draws: int = DRAWS,
    seed: int = 1,
    tell: Callable[[int, int], None] | None = None,
) -> Bills:
    """Price plans in simulated futures of a practice, all on the same draws.

    Parameters
    ----------
    price_lists : mapping of str to sequence of Line
        For each plan its lines.
    channels : mapping of str to mapping
        For each plan the channel that serves each purpose.
    practice, parameters : Practice, Parameters
        Its own numbers, and what may become of them.
    first_month : int
        The calendar month of the first month, 1 to 12.
    months : int
        1 to 60.
    draws : int
        How many futures at least; they are rounded up to 16 times a power of two.
    seed : int
        The same seed gives the same numbers.
    tell : callable, optional
        Told after each part how many of how many are done.

    Returns
    -------
    Bills
        Costs by plan and draw.

    Raises
    ------
    UserError
        If months, draws or seed are out of range, no plan is given, or a draw has more than texteval prices;
        :class:`NothingPricedError` if no plan given has a known price in every draw.
    """
    if not price_lists:
        raise UserError("there is no plan to simulate: name one whose prices are published")
    if not 1 <= months <= MOST_MONTHS:
        raise UserError(f"{months} months cannot be simulated: take 1 to {MOST_MONTHS}")
    if not 1 <= draws <= MOST_DRAWS:
        raise UserError(f"{draws:,} draws cannot be simulated: take 1 to {MOST_DRAWS:,}")
    if not 0 <= seed < 2**63:
        raise UserError(f"{seed} is no seed: take a whole number from 0 to {2**63 - 1}")
    power = max(int(np.ceil(np.log2(draws / REPLICATES))), 0)
    size = 2**power
    seeds = np.random.SeedSequence(seed).spawn(REPLICATES)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        values = _concatenate(list(pool.map(lambda one: _values(parameters, power, one), seeds)))
    parts = [
        (r, start, min(start + PART_DRAWS, size)) for r in range(REPLICATES) for start in range(0, size, PART_DRAWS)
    ]
    shape = (len(price_lists), REPLICATES * size)
    cost, present_value = np.empty(shape, np.int64), np.empty(shape, np.int64)
    spread, known = np.empty(shape), np.ones(len(price_lists), np.bool_)
    discount = np.round((1 + parameters["discount_rate"].likely) ** (-np.arange(months) / MONTHS), 12)
    parties = carrier_parts(price_lists)

    def work(part: tuple[int, int, int]) -> None:
        replicate, start, stop = part
        place = slice(replicate * size + start, replicate * size + stop)
        here = {name: numbers[place] for name, numbers in values.items()}
        rng = np.random.default_rng([seed, replicate, start])
        lived = future(practice, here, parameters, months, first_month, rng)
        weights = carrier_weights(parties, here["carrier_mix"], [seed, replicate, start])
        dearer = max(1 + here["price_rise"].max(), 1) ** ((months - 1) // MONTHS)
        served: dict[tuple[tuple[str, str], ...], Served] = {}
        for row, (plan_id, lines) in enumerate(price_lists.items()):
            way = tuple(sorted(channels[plan_id].items()))
            if way not in served:
                usage = lived.usage(practice, channels[plan_id])
                most = {meter: int(many.max()) for meter, many in usage.items()}
                served[way] = Served({**usage, "carriers": weights}, most, months)
            counted = served[way]
            if bound(lines, counted.most, months) * dearer >= 2**63:
                raise UserError(f"{plan_id}: the amounts may not fit into 64 bits: simulate fewer months")
            if _meets_unpublished(lines, counted.counts):
                known[row] = False
                continue
            cost[row, place], present_value[row, place], spread[row, place] = bill(
                lines, counted, here["price_rise"], discount
            )

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for done, _ in enumerate(pool.map(work, parts), 1):
            if tell:
                tell(done, len(parts))
    plans = np.array(list(price_lists))
    if not known.any():
        raise NothingPricedError("every plan given charges what nobody publishes: name one whose prices are known")
    unknown = tuple(map(str, plans[~known]))
    if unknown:
        cost, present_value, spread = cost[known], present_value[known], spread[known]
    return Bills(tuple(map(str, plans[known])), months, seed, values, cost, present_value, spread, unknown)


def _values(
    parameters: Parameters, power: int, seed: np.random.SeedSequence, names: Sequence[str] = DRAWN
) -> dict[str, Any]:
    """Draw the parameters of one replicate, from one scramble of Sobol points."""
    from scipy.stats import qmc

    points = qmc.Sobol(len(names), rng=np.random.default_rng(seed)).random_base2(power)
    return {name: quantile(parameters[name], points[:, i]) for i, name in enumerate(names)}


def apart(parameters: Parameters, names: Sequence[str], draws: int, seed: int) -> dict[str, Any]:
    """Draw parameters that no bill depends on, independent of all that :func:`simulate` draws with the same seed.

    Parameters
    ----------
    parameters : Parameters
        Their ranges.
    names : sequence of str
        Which.
    draws : int
        How many futures :attr:`Bills.draws` has; the replicates are in the same places.
    seed : int
        As for :func:`simulate`.

    Returns
    -------
    dict of str to numpy.ndarray
        A value of each parameter for each draw. The points of a replicate are shuffled: two scrambles of the same
        Sobol points in their own order would go together.
    """
    size = draws // REPLICATES
    replicates = []
    for one in np.random.SeedSequence(seed).spawn(2 * REPLICATES)[REPLICATES:]:
        scramble, shuffle = one.spawn(2)
        order = np.random.default_rng(shuffle).permutation(size)
        drawn = _values(parameters, size.bit_length() - 1, scramble, names)
        replicates.append({name: numbers[order] for name, numbers in drawn.items()})
    return _concatenate(replicates)


def _concatenate(replicates: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {name: np.concatenate([one[name] for one in replicates]) for name in replicates[0]}


def carrier_parts(price_lists: Mapping[str, Sequence[Line]]) -> set[tuple[str, int]]:
    """List the carriers of all prices that depend on them, each with its percent."""
    return {
        (part.carrier, part.percent)
        for lines in price_lists.values()
        for line in lines
        if isinstance(line.charge, Mix)
        for part in line.charge.parts
    }


def carrier_weights(parties: set[tuple[str, int]], firmness: Any, seed: Sequence[int]) -> dict[tuple[str, int], Any]:
    """Draw by how much each carrier's part differs from the price list's: the gammas behind a Dirichlet.

    Each carrier has chance of its own, so that a plan's numbers do not hang on the carriers of other plans.
    """
    return {
        (name, percent): _gamma(np.random.default_rng([*seed, crc32(name.encode())]), firmness * percent / 100)
        for name, percent in parties
    }


def _meets_unpublished(lines: Sequence[Line], usage: Mapping[str, Any]) -> bool:
    """Tell whether any draw is charged what nobody publishes."""
    return any(
        bool(np.any(billed(line.charge, usage)))
        for line in lines
        if isinstance(line.charge, Unpublished)
        or (isinstance(line.charge, Allowance) and isinstance(line.charge.then, UnpublishedRate))
    )


@dataclass(frozen=True)
class Served:
    """The counts of one way to serve a practice: by meter, the largest of each, and over how many months."""

    counts: Mapping[str, Any]
    most: Mapping[str, int]
    months: int


def bill(lines: Sequence[Line], usage: Served, price_rise: Any, discount: Any) -> tuple[Any, Any, Any]:
    """Price a plan: its cost over all months, its present value, and the spread of its months."""
    total, regular = _by_month(lines, usage)
    # No powers and no matrix product: their last bit hangs on the processor, and with it what is rounded.
    cost, worth, rise, months = 0, 0, 1.0, usage.months
    for start in range(0, months, MONTHS):
        years = slice(start, min(start + MONTHS, months))
        if np.ndim(total) < 2:
            paid, now = total * (years.stop - start), total * discount[years].sum()
        else:
            paid, now = total[years].sum(axis=0), (total[years] * discount[years, None]).sum(axis=0)
        cost = cost + (np.rint(paid * rise).astype(np.int64) if start else paid)
        worth = worth + now * rise
        rise = rise * (1 + price_rise)
    return cost, np.rint(worth).astype(np.int64), _deviation(regular)


def _by_month(lines: Sequence[Line], usage: Served) -> tuple[Any, Any]:
    """Price the months: all that is due, and without what is paid in advance."""
    regular: list[Any] = []
    advance: list[Any] = []
    for line, amount in zip(lines, monthly(lines, usage.counts, usage.months), strict=True):
        monthly_line = isinstance(line.charge, Group) or line.charge.cadence == "monthly"
        (regular if monthly_line else advance).append(amount)
    regular.sort(key=np.ndim)
    usual = reduce(add, regular) if regular else np.zeros_like(usage.counts["account"])
    return (usual + sum(advance) if advance else usual), usual


def _deviation(amounts: Any) -> Any:
    """Return the standard deviation over the months; none where they are all alike."""
    if np.ndim(amounts) < 2:
        return 0
    apart = (amounts - amounts[0]).astype(float)
    mean = apart.mean(axis=0)
    return np.rint(np.sqrt(np.maximum(np.einsum("ij,ij->j", apart, apart) / len(apart) - mean**2, 0)))
