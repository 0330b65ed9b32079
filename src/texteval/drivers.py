"""What moves a bill: which assumption, by how many dollars, and how much of its spread each explains.

Here every month holds its expected counts, so that a cost depends on the parameters alone; what chance adds month by
month is told apart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from texteval.catalog import Line
from texteval.errors import UserError
from texteval.parameters import Parameter, Parameters
from texteval.practice import MONTHS, Practice
from texteval.simulate import DRAWN, Bills, Served, bill, future, likely, quantile

RERUNS = 8
BASE = 2_048
"""Points of each rerun; the cost is then asked (varying parameters + 2) times as often."""


@dataclass(frozen=True)
class Swing:
    """What one parameter does to a bill while all others stay at their likely values.

    Parameters
    ----------
    parameter : str
        Its id.
    at_low, at_high : int
        The cost at its low and at its high value, in micro-dollars over all months.
    """

    parameter: str
    at_low: int
    at_high: int

    @property
    def width(self) -> int:
        """How far the two are apart, in micro-dollars."""
        return abs(self.at_high - self.at_low)


@dataclass(frozen=True)
class Index:
    """The part of a bill's variance that a parameter explains (Sobol' indices [1]_).

    Parameters
    ----------
    parameter : str
        Its id.
    alone, in_all : float
        First-order and total-order index: by itself, and with all that it does together with others; means of eight
        runs.
    alone_spread, in_all_spread : float
        Their standard deviations over the runs. An index below its spread is not distinguishable from zero.

    References
    ----------
    .. [1] scipy.stats.sobol_indices; A. Saltelli et al., Computer Physics Communications 181, 259 (2010).
    """

    parameter: str
    alone: float
    in_all: float
    alone_spread: float
    in_all_spread: float


@dataclass(frozen=True)
class Drivers:
    """What moves the bill of a plan.

    Parameters
    ----------
    plan : str
        ``vendor/plan``.
    months : int
        Over how many months.
    likely : int
        The cost with every parameter at its likely value, in micro-dollars.
    swings : tuple of Swing
        One for each parameter that varies, the widest first.
    """

    plan: str
    months: int
    likely: int
    swings: tuple[Swing, ...]
    _cost: Callable[[Mapping[str, Any]], Any] = field(repr=False)
    _parameters: Parameters = field(repr=False)
    _bills: Bills = field(repr=False)
    _seed: int = field(repr=False)

    @cached_property
    def indices(self) -> tuple[Index, ...]:
        """What of the spread each parameter that varies explains; empty where the cost does not vary at all.

        It takes a second, and so is worked out only when it is asked for.
        """
        return _indices(self._cost, _varying(self._parameters), self._parameters, self._seed)

    @cached_property
    def chance(self) -> float:
        """The part of the variance that no parameter explains: what happens by chance, month by month."""
        row, values = self._bills.cost[self._bills.row(self.plan)], self._bills.values
        expected = np.concatenate(
            [self._cost({name: drawn[part] for name, drawn in values.items()}) for part in _parts(self._bills.draws)]
        )
        spread = row.astype(float).var()
        return float(min((row - expected).astype(float).var() / spread, 1)) if spread else 0.0


def _varying(parameters: Parameters) -> list[str]:
    return [name for name in DRAWN if parameters[name].varies]


class _Shape:
    """A parameter as :func:`scipy.stats.sobol_indices` wants a distribution."""

    def __init__(self, parameter: Parameter) -> None:
        self.parameter = parameter

    def ppf(self, share: Any) -> Any:
        return quantile(self.parameter, share)


def drivers(
    plan_id: str,
    lines: Sequence[Line],
    channels: Mapping[str, str],
    practice: Practice,
    parameters: Parameters,
    first_month: int,
    bills: Bills,
    *,
    months: int = MONTHS,
    seed: int = 1,
) -> Drivers:
    """Find what moves the bill of a plan.

    Parameters
    ----------
    plan_id, lines, channels : str, sequence of Line, mapping
        The plan, its price list, and the channel that serves each purpose.
    practice, parameters, first_month : Practice, Parameters, int
        As :func:`texteval.simulate.simulate` takes them.
    bills : Bills
        The plan's simulated bills over the same months, from which the part of chance is told.
    months, seed : int
        As there.

    Returns
    -------
    Drivers
        The swings; its indices and its part of chance are worked out when they are asked for.

    Raises
    ------
    UserError
        If no parameter varies.
    """
    varying = _varying(parameters)
    if not varying:
        raise UserError("no parameter varies: give at least one a low and a high value")

    def cost(values: Mapping[str, Any]) -> Any:
        lived = future(practice, values, parameters, months, first_month, None)
        served = Served({**lived.usage(practice, channels), "carriers": {}}, {}, months)
        return bill(lines, served, values["price_rise"], np.ones(months))[0]

    usual = likely(parameters)
    ends = [
        {**usual, name: np.array([value])}
        for name in varying
        for value in (parameters[name].low, parameters[name].high)
    ]
    together = {name: np.concatenate([one[name] for one in (usual, *ends)]) for name in usual}
    at = [int(amount) for amount in cost(together)]
    swings = [Swing(name, *at[1 + 2 * i : 3 + 2 * i]) for i, name in enumerate(varying)]
    swings.sort(key=lambda swing: (-swing.width, swing.parameter))

    return Drivers(plan_id, months, at[0], tuple(swings), cost, parameters, bills, seed)


def _parts(draws: int, size: int = 4_096) -> list[slice]:
    return [slice(start, start + size) for start in range(0, draws, size)]


def _indices(cost: Any, varying: Sequence[str], parameters: Parameters, seed: int) -> tuple[Index, ...]:
    """Estimate the indices in eight runs, each with its own scramble."""
    from scipy.stats import sobol_indices

    fixed = {name: parameters[name].likely for name in DRAWN if name not in varying}

    def function(points: Any) -> Any:
        costs = []
        for part in _parts(points.shape[1]):
            here = points[:, part]
            values = dict(zip(varying, here, strict=True))
            values.update({name: np.full(here.shape[1], value) for name, value in fixed.items()})
            costs.append(cost(values))
        return np.concatenate(costs).astype(float)

    runs = []
    shapes = [_Shape(parameters[name]) for name in varying]
    for one in np.random.SeedSequence(seed).spawn(RERUNS):
        found = sobol_indices(func=function, n=BASE, dists=shapes, rng=np.random.default_rng(one))
        runs.append((found.first_order, found.total_order))
    alone, in_all = np.array(runs).swapaxes(0, 1)
    if not np.isfinite(alone).all() or not in_all.any():
        return ()
    rows = zip(varying, alone.mean(0), in_all.mean(0), alone.std(0, ddof=1), in_all.std(0, ddof=1), strict=True)
    indices = [Index(name, *map(float, numbers)) for name, *numbers in rows]
    return tuple(sorted(indices, key=lambda index: (-index.in_all, index.parameter)))
