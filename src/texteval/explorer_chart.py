"""The two pictures of the explorer, in their own coordinates: the spread of each bill, and cost against volume."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from texteval.breakeven import Interval
from texteval.forecast import Forecast
from texteval.money import MICRO, show
from texteval.words import about


@dataclass(frozen=True)
class Outlook:
    """What the first tools cost in simulated futures, and at other volumes of messages.

    Parameters
    ----------
    forecast : Forecast
        The simulated bills.
    costs : dict of str to numpy.ndarray
        For each plan micro-dollars a month for 0, 1, 2, … messages sent.
    intervals : tuple of Interval
        Which of them costs least, from no message to the last number drawn.
    month : int
        Messages that the practice sends a month.
    """

    forecast: Forecast
    costs: dict[str, Any]
    intervals: tuple[Interval, ...]
    month: int


@dataclass(frozen=True)
class Band:
    """A tool's bill of a year in simulated futures, in US dollars, with places on a scale of 0 to 100."""

    title: str
    mark: str
    mean: str
    low: str
    high: str
    at_low: float
    at_mean: float
    at_high: float


def bands(seen: Outlook) -> list[Band]:
    """Lay out the spread of each bill, on one scale from nothing to the highest end."""
    bills = seen.forecast.bills
    rows = []
    for option in seen.forecast.options:
        cost = bills.cost[bills.row(option.plan)]
        mean, error = bills.mean(cost.astype(float))
        low, high = nine_in_ten(cost)
        rows.append((option, mean, error, low, high))
    top = max((high for *_, high in rows), default=0) or 1
    return [
        Band(
            option.title,
            "" if option.proven else " (verify first)",
            about(mean, error),
            about(low, error),
            about(high, error),
            *(round(100 * value / top, 1) for value in (low, mean, high)),
        )
        for option, mean, error, low, high in rows
    ]


def nine_in_ten(cost: Any) -> tuple[float, float]:
    """Return between which amounts nine in ten of some costs lie."""
    low, high = np.quantile(cost, [0.05, 0.95])
    return float(low), float(high)


@dataclass(frozen=True)
class Curve:
    """A line of the chart."""

    title: str
    month: str
    points: str
    number: int


@dataclass(frozen=True)
class Chart:
    """Cost against messages a month, in the coordinates of :data:`BOX`."""

    curves: list[Curve]
    here: float
    month: int
    marks: list[tuple[float, float, str]]
    across: list[tuple[float, str]]
    up: list[tuple[float, str]]
    says: list[str]
    alt: str


@dataclass(frozen=True)
class Box:
    """The chart's width and height, and where its curves are drawn."""

    wide: int = 360
    high: int = 230
    left: int = 46
    right: int = 348
    top: int = 16
    base: int = 196


BOX = Box()


def chart(seen: Outlook, titles: Mapping[str, str]) -> Chart | None:
    """Lay out the chart; None where no plan's cost is known at every volume."""
    if not seen.costs:
        return None
    titles = {**titles, **{option.plan: option.title for option in seen.forecast.options}}
    last = len(next(iter(seen.costs.values()))) - 1
    unit = step(max(int(cost[-1]) for cost in seen.costs.values()) / MICRO)
    top = unit * 3

    def x(messages: float) -> float:
        return round(BOX.left + (BOX.right - BOX.left) * messages / last, 1)

    def y(dollars: float) -> float:
        return round(BOX.base - (BOX.base - BOX.top) * dollars / top, 1)

    order = sorted(seen.costs, key=lambda plan: int(seen.costs[plan][seen.month]))
    places = sorted({round(last * part / 120) for part in range(121)} | {one.first for one in seen.intervals})
    curves = [
        Curve(
            titles[plan],
            show(int(seen.costs[plan][seen.month])),
            " ".join(f"{x(n)},{y(seen.costs[plan][n] / MICRO)}" for n in places),
            number,
        )
        for number, plan in enumerate(order)
    ]
    turns = [one for one in seen.intervals if one.first > 0]
    marks = [(x(one.first), y(seen.costs[one.plan][one.first] / MICRO), f"{one.first:,}") for one in turns]
    says = _turns(seen, titles)
    alt = (
        f"Line chart of the running cost a month for 0 to {last:,} messages sent. {' '.join(says)} "
        + "; ".join(f"{curve.title} {curve.month}" for curve in curves)
        + f" at your {seen.month:,} messages a month."
    )
    middle = last // 2
    return Chart(
        curves,
        x(seen.month),
        seen.month,
        marks,
        [(x(n), f"{n:,}") for n in (0, middle, last)],
        [(y(unit * n), f"${unit * n:,}") for n in range(4)],
        says,
        alt,
    )


def step(most: float) -> int:
    """Return a round number of dollars, three of which hold the most."""
    unit = 1
    while True:
        for step in (unit, 2 * unit, 5 * unit):
            if 3 * step >= most:
                return step
        unit *= 10


def _turns(seen: Outlook, titles: Mapping[str, str]) -> list[str]:
    """Say which tool costs least up to which number of messages."""
    if len(seen.intervals) == 1:
        return [f"{titles[seen.intervals[0].plan]} costs least of these at every number of messages drawn."]
    says = []
    for place, one in enumerate(seen.intervals):
        if place == 0:
            says.append(f"Up to {one.last:,} messages a month {titles[one.plan]} costs least of these.")
        else:
            says.append(f"From {one.first:,} on, {titles[one.plan]}.")
    return says
