"""Options ranked by weighted criteria, and how surely: plain functions on arrays.

The method is the *weighted sum on declared ranges*. A criterion declares its worst and its best value, so that an
option's score depends on that option alone: another one, added or left out, never reorders the rest, and a dollar
weighs the same wherever it is. :func:`topsis` is the second opinion. How much a ranking hangs on the weights is told by
drawing many of them [1]_ (:func:`acceptability`, :func:`central_weights`), and by the least change of weights that
unseats the winner [2]_ (:func:`smallest_change`, :func:`stays_first`).

Throughout, ``values`` has a row for each option and a column for each criterion, in the criterion's own unit, and
``values01`` is the same from 0 (worst) to 1 (best).

References
----------
.. [1] R. Lahdelma and P. Salminen, "SMAA-2: Stochastic multicriteria acceptability analysis for group decision making",
   Operations Research 49, 444 (2001).
.. [2] W. T. M. Wolters and B. Mareschal, "Novel types of sensitivity analysis for additive MCDM methods", European
   Journal of Operational Research 81, 281 (1995).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from texteval.errors import UserError, nearest

DECIMALS = 9
"""Scores that agree to so many decimals are equal: what is beyond hangs on the order in which a machine adds."""

LARGEST = 1e18
"""A number beyond this is not meant; a billion dollars in micro-dollars is a thousandth of it."""


class Direction(StrEnum):
    """Whether less or more of a criterion is better."""

    COST = "cost"
    BENEFIT = "benefit"


def _number(value: Any) -> float:
    """Read a plain number; what is none becomes NaN."""
    try:
        return math.nan if isinstance(value, bool | str) else float(value)
    except (TypeError, ValueError, OverflowError):
        return math.nan


@dataclass(frozen=True)
class Criterion:
    """What options are judged by.

    Parameters
    ----------
    name : str
        Its id, by which weights name it.
    title : str
        What a person calls it.
    direction : Direction
        Whether less or more is better.
    worst, best : float
        The values that score 0 and 1. They are declared, not taken from the options at hand; a value beyond them counts
        as the nearer one.
    unit : str
        The unit of its values, such as ``USD a month``.

    Raises
    ------
    UserError
        If the direction is unknown, ``worst`` or ``best`` is no plain number, both are the same, or they contradict the
        direction.
    """

    name: str
    title: str
    direction: Direction
    worst: float
    best: float
    unit: str

    def __post_init__(self) -> None:
        where = f"criterion {self.name}"
        if self.direction not in list(Direction):
            raise UserError(f"{where}: '{self.direction}' is no direction: {nearest(str(self.direction), Direction)}")
        for end, value in (("worst", self.worst), ("best", self.best)):
            if not abs(_number(value)) <= LARGEST:
                raise UserError(f"{where}: {end} is {value}: give a plain number")
        worst, best = _number(self.worst), _number(self.best)
        if worst == best:
            raise UserError(f"{where}: worst and best are both {self.best}: give two values that differ")
        if (worst > best) != (self.direction == Direction.COST):
            wanted = "lower" if self.direction == Direction.COST else "higher"
            ends = f"worst is {self.worst} and best is {self.best}"
            raise UserError(f"{where}: {ends}: the best of a {self.direction} is the {wanted}")


def _refuse(problems: Iterable[str]) -> None:
    """Raise all problems at once, if there are any."""
    lines = list(dict.fromkeys(problems))
    if lines:
        raise UserError("\n".join(lines))


def _table(values: Any, options: Sequence[str], names: Sequence[str] | str) -> Any:
    """Read a table of finite numbers with a row for each option; names say what each column holds, or all of them."""
    try:
        table = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        raise UserError("the values are no table of numbers: give a row for each option, all of one length") from None
    wanted = (len(options), *(table.shape[1:2] if isinstance(names, str) else [len(names)]))
    if table.shape != wanted or table.ndim != 2:
        columns = "draw" if isinstance(names, str) else "criterion"
        raise UserError(
            f"the values have the shape {table.shape}: give a row for each of {len(options)} options and a column for "
            f"each {columns}{'' if isinstance(names, str) else f' of {len(names)}'}"
        )
    _refuse(
        f"{options[row]}: {names if isinstance(names, str) else names[column]} is {table[row, column]}: give a plain "
        "number, or leave the option out"
        for row, column in np.argwhere(~np.isfinite(table)).tolist()
    )
    return table


def _on_range(values: Any, worst: Any, best: Any) -> Any:
    return (np.clip(values, np.minimum(worst, best), np.maximum(worst, best)) - worst) / (best - worst)


def normalise(values: Any, criteria: Sequence[Criterion], options: Sequence[str]) -> Any:
    """Put values on the declared ranges: (value - worst) / (best - worst), held between 0 and 1.

    Parameters
    ----------
    values : array_like
        Values of the shape (options, criteria), each column in its criterion's unit.
    criteria : sequence of Criterion
        The columns.
    options : sequence of str
        What the rows are called, for errors.

    Returns
    -------
    numpy.ndarray
        float64 of the same shape, 0 at the worst and 1 at the best value. Each row depends on itself alone.

    Raises
    ------
    UserError
        If the shape is wrong, or values are NaN or infinite; all such values at once.
    """
    table = _table(values, options, [one.name for one in criteria])
    worst = np.array([float(one.worst) for one in criteria])
    best = np.array([float(one.best) for one in criteria])
    return _on_range(table, worst, best)


def weights(given: Mapping[str, Any], criteria: Sequence[Criterion]) -> Any:
    """Turn the importance that a person gives to criteria into weights.

    Parameters
    ----------
    given : mapping of str to number
        Any numbers of zero or more, by the names of criteria. A criterion that is left out counts zero.
    criteria : sequence of Criterion
        The criteria.

    Returns
    -------
    numpy.ndarray
        float64 of the shape (criteria,), zero or more, with the sum 1.

    Raises
    ------
    UserError
        If a criterion is unknown, a weight is negative or no plain number, or all are zero; all faults at once.
    """
    names = [one.name for one in criteria]
    problems = [f"'{name}' is not a criterion: {nearest(str(name), names)}" for name in given if name not in names]
    problems += [
        f"the weight of {name} is {given[name]}: give zero or a positive number"
        for name in names
        if name in given and not 0 <= _number(given[name]) <= LARGEST
    ]
    _refuse(problems)
    found = np.array([_number(given.get(name, 0)) for name in names])
    if not found.any():
        raise UserError(f"every weight is zero: give a positive number to at least one of {', '.join(names)}")
    return found / found.sum()


def score(values01: Any, weights: Any) -> Any:
    """Score options by the weighted sum, for one set of weights or for many: s_i = sum over j of w_j v_ij.

    Parameters
    ----------
    values01 : array_like
        Values from 0 to 1, shape (options, criteria).
    weights : array_like
        Weights with the sum 1, shape (criteria,) or (draws, criteria).

    Returns
    -------
    numpy.ndarray
        Scores from 0 to 1, more is better, of the shape (options,) or (draws, options).
    """
    return np.asarray(weights) @ np.asarray(values01).T


def score_draws(
    values01: Any, weights: Any, criteria: Sequence[Criterion], name: str, drawn: Any, options: Sequence[str]
) -> Any:
    """Score options where one criterion is uncertain, such as the bill in simulated futures.

    Parameters
    ----------
    values01 : array_like
        Values from 0 to 1, shape (options, criteria); the column of the uncertain criterion is not used.
    weights : array_like
        One set of weights, shape (criteria,), or one for each draw, shape (draws, criteria).
    criteria : sequence of Criterion
        The columns.
    name : str
        Which criterion is uncertain.
    drawn : array_like
        Its values in its own unit, shape (options, draws); a draw is the same future for all options.
    options : sequence of str
        What the rows are called, for errors.

    Returns
    -------
    numpy.ndarray
        Scores of the shape (draws, options).

    Raises
    ------
    UserError
        If the criterion is unknown, the shape is wrong, or values are NaN or infinite.
    """
    names = [one.name for one in criteria]
    if name not in names:
        raise UserError(f"'{name}' is not a criterion: {nearest(name, names)}")
    at = names.index(name)
    uncertain = _on_range(_table(drawn, options, name), float(criteria[at].worst), float(criteria[at].best))
    weights = np.asarray(weights)
    certain = score(np.delete(values01, at, axis=1), np.delete(weights, at, axis=-1))
    return certain + weights[..., [at]] * uncertain.T


def topsis(values: Any, weights: Any, directions: Sequence[Direction]) -> Any:
    """Score options by how close they are to the best, and how far from the worst, of what is at hand (TOPSIS [1]_).

    Each column is divided by its Euclidean length, r_ij = x_ij / sqrt(sum over k of x_kj^2). With the ideal r+ (the
    best of each column) and the anti-ideal r- (the worst), the distances are
    D±_i = sqrt(sum over j of w_j^2 (r_ij - r±_j)^2), and the score is C_i = D-_i / (D+_i + D-_i).

    It checks the weighted sum by another road and is no ranking of its own: it hangs on which options are compared, so
    that one more may reorder the others.

    Parameters
    ----------
    values : array_like
        Finite values in their own units, shape (options, criteria), as :func:`normalise` accepts them.
    weights : array_like
        Weights with the sum 1, shape (criteria,) or (draws, criteria).
    directions : sequence of Direction
        The directions of the columns.

    Returns
    -------
    numpy.ndarray
        Closeness from 0 to 1, more is better, of the shape (options,) or (draws, options). Where nothing that has
        weight tells the options apart, it is 0.5 for all.

    References
    ----------
    .. [1] C.-L. Hwang and K. Yoon, Multiple Attribute Decision Making, Springer 1981.
    """
    table = np.asarray(values, dtype=float)
    length = np.sqrt((table**2).sum(axis=0))
    sign = np.where([one == Direction.COST for one in directions], -1, 1)
    table = sign * table / np.where(length > 0, length, 1)
    squared = np.asarray(weights) ** 2
    to_best = np.sqrt(squared @ ((table - table.max(axis=0)) ** 2).T)
    to_worst = np.sqrt(squared @ ((table - table.min(axis=0)) ** 2).T)
    both = to_best + to_worst
    return np.where(both > 0, to_worst / np.where(both > 0, both, 1), 0.5)


def ranks(scores: Any) -> Any:
    """Rank options by their scores, the best first; equal ones share the better rank.

    Parameters
    ----------
    scores : array_like
        Scores of the shape (options,) or (draws, options), more is better. They are rounded to nine decimals first.

    Returns
    -------
    numpy.ndarray
        int64 of the same shape: 1 for the best; where two share a rank, the next one is left out.

    Raises
    ------
    ValueError
        If a score is NaN.
    """
    from scipy.stats import rankdata

    rounded = np.round(np.asarray(scores, dtype=float), DECIMALS)
    if np.isnan(rounded).any():
        raise ValueError("a score is NaN")
    return rankdata(-rounded, method="min", axis=-1).astype(np.int64)


def simplex(criteria: int, draws: int, rng: np.random.Generator) -> Any:
    """Draw weights of which nothing is known: every set of weights is as likely as any other.

    They come from the Dirichlet(1, …, 1) distribution, which is uniform on the simplex; uniform numbers divided by
    their sum would crowd about equal weights.

    Parameters
    ----------
    criteria, draws : int
        How many of each.
    rng : numpy.random.Generator
        Where chance comes from.

    Returns
    -------
    numpy.ndarray
        Weights of the shape (draws, criteria); each row has the sum 1.
    """
    return rng.dirichlet(np.ones(criteria), draws)


def around(weights: Any, closeness: float, draws: int, rng: np.random.Generator) -> Any:
    """Draw weights about given ones, from the Dirichlet distribution with the parameters closeness × weight.

    A weight w has the mean w and the standard deviation sqrt(w (1 - w) / (closeness + 1)): at a closeness of 20 a
    weight of 30 % varies by 10 percentage points. A weight of zero stays zero.

    Parameters
    ----------
    weights : array_like
        Weights with the sum 1, shape (criteria,).
    closeness : float
        How closely the draws stay about them; more than zero.
    draws : int
        How many.
    rng : numpy.random.Generator
        Where chance comes from.

    Returns
    -------
    numpy.ndarray
        Weights of the shape (draws, criteria); each row has the sum 1.

    Raises
    ------
    UserError
        If the closeness is not a positive number.
    """
    if not 0 < closeness <= LARGEST:
        raise UserError(f"the closeness of weights is {closeness}: give a positive number, such as 20")
    weights = np.asarray(weights)
    drawn = np.zeros((draws, weights.size))
    drawn[:, weights > 0] = rng.dirichlet(closeness * weights[weights > 0], draws)
    return drawn


@dataclass(frozen=True)
class Acceptability:
    """How often each option takes each rank, and beats each other one, over many draws.

    Parameters
    ----------
    shares : numpy.ndarray
        The rank acceptability index, shape (options, ranks): the share of draws in which an option takes a rank.
        Options that tie share the ranks that they take together in equal parts, so that rows and columns sum to 1.
    wins : numpy.ndarray
        The pairwise winning index, shape (options, options): the share of draws in which the row's option is ranked
        before the column's. A tie is half a win for each, and so is an option against itself.
    """

    shares: Any
    wins: Any

    @property
    def first(self) -> Any:
        """How often each option is first."""
        return self.shares[:, 0]

    @property
    def last(self) -> Any:
        """How often each option is last."""
        return self.shares[:, -1]


def _sharing(ranked: Any) -> Any:
    """Count how many options, itself included, are on each option's rank in each draw."""
    draws, options = ranked.shape
    places = np.arange(draws)[:, None] * options + ranked - 1
    return np.bincount(places.ravel(), minlength=draws * options)[places]


def acceptability(ranked: Any) -> Acceptability:
    """Count how often each option takes each rank [1]_, and is ranked before each other one [2]_.

    Parameters
    ----------
    ranked : array_like
        Ranks as :func:`ranks` gives them, shape (draws, options): of drawn weights, of drawn values, or of both.

    Returns
    -------
    Acceptability
        Shares from 0 to 1.

    References
    ----------
    .. [1] R. Lahdelma and P. Salminen, Operations Research 49, 444 (2001).
    .. [2] P. Leskinen et al., "Alternatives to incorporate uncertainty and risk attitude in multicriteria evaluation of
       forest plans", Forest Science 52, 304 (2006).
    """
    ranked = np.asarray(ranked)
    draws, options = ranked.shape
    sharing = _sharing(ranked)
    places = np.arange(options) * options + ranked - 1
    taken = np.zeros(options * options)
    for further in range(sharing.max()):
        here = sharing > further
        taken += np.bincount(places[here] + further, 1 / sharing[here], minlength=taken.size)
    wins = [(one < ranked.T).sum(axis=1) + (one == ranked.T).sum(axis=1) / 2 for one in ranked.T]
    return Acceptability(taken.reshape(options, options) / draws, np.array(wins) / draws)


def central_weights(ranked: Any, weights: Any) -> Any:
    """Find the weights that typically put each option first: the mean of those under which it is [1]_.

    Parameters
    ----------
    ranked : array_like
        Ranks under the drawn weights, shape (draws, options).
    weights : array_like
        Those weights, shape (draws, criteria).

    Returns
    -------
    numpy.ndarray
        Central weights of the shape (options, criteria); NaN for an option that is never first. A draw in which several
        are first counts for each in equal parts.

    References
    ----------
    .. [1] R. Lahdelma and P. Salminen, Operations Research 49, 444 (2001).
    """
    ranked = np.asarray(ranked)
    share = (ranked == 1) / _sharing(ranked)
    often = share.sum(axis=0)[:, None]
    return np.where(often > 0, share.T @ np.asarray(weights) / np.where(often > 0, often, 1), np.nan)


@dataclass(frozen=True)
class Change:
    """The least change of weights with which a rival is as good as the winner.

    Parameters
    ----------
    option : int
        The rival's row.
    distance : float or None
        By how much the weights change in all, from 0 to 2: the sum of the differences over all criteria. Half of it is
        taken from some criteria and given to others. None where no weights will do, since the winner is better by
        every criterion.
    weights : numpy.ndarray or None
        The changed weights, shape (criteria,), under which the two tie.
    """

    option: int
    distance: float | None
    weights: Any


def smallest_change(values01: Any, weights: Any, winner: int) -> tuple[Change, ...]:
    """Find for each rival the least change of weights that makes it as good as the winner.

    With a_j = v_winner,j - v_rival,j and the weights w, a linear program [1]_ finds by how much each weight goes up,
    p_j >= 0, or down, 0 <= n_j <= w_j: the least sum of p_j + n_j such that the sums of p_j and of n_j are the same and
    the winner's lead, the sum of a_j (w_j + p_j - n_j), is gone. The least change over all rivals unseats the winner.
    Weight may go to a criterion that had none.

    Parameters
    ----------
    values01 : array_like
        Values from 0 to 1, shape (options, criteria).
    weights : array_like
        Weights with the sum 1, shape (criteria,).
    winner : int
        The winner's row.

    Returns
    -------
    tuple of Change
        One for each rival, in the order of the options; at a distance of 0 where it is as good already.

    References
    ----------
    .. [1] W. T. M. Wolters and B. Mareschal, European Journal of Operational Research 81, 281 (1995).
    """
    values01, weights = np.asarray(values01, dtype=float), np.asarray(weights, dtype=float)
    changes = []
    for rival, row in enumerate(values01):
        if rival != winner:
            found = _without_lead(values01[winner] - row, weights)
            distance = None if found is None else float(np.abs(found - weights).sum())
            changes.append(Change(rival, distance, found))
    return tuple(changes)


def _without_lead(ahead: Any, weights: Any) -> Any:
    """Return the nearest weights under which the winner is no longer ahead, or None."""
    from scipy.optimize import linprog

    lead = ahead @ weights
    if np.round(lead, DECIMALS) <= 0:
        return weights.copy()
    if ahead.min() > 0:
        return None
    size = weights.size
    found = linprog(
        np.ones(2 * size),
        A_ub=[np.concatenate([ahead, -ahead]) / lead],
        b_ub=[-1.0],
        A_eq=[np.repeat([1.0, -1.0], size)],
        b_eq=[0.0],
        bounds=[(0, None)] * size + [(0, float(weight)) for weight in weights],
        method="highs",
    )
    if not found.success:
        raise ArithmeticError(f"the linear program was not solved: {found.message}")
    moved = np.maximum(weights + found.x[:size] - found.x[size:], 0)  # the solver's bounds and sums hold to 1e-7
    return moved / moved.sum()


def stays_first(values01: Any, weights: Any, winner: int) -> Any:
    """Find for each criterion, were its weight alone to change, between which weights the winner stays first.

    The other criteria share the rest in their present proportions. Where criterion k has the weight x, the winner leads
    a rival by (1 - x) b + x a_k, with a_k its lead by that criterion and b its lead by the others together: a straight
    line, gone at x = b / (b - a_k). Up to scale it is the formula of Triantaphyllou and Sánchez [1]_.

    Parameters
    ----------
    values01 : array_like
        Values from 0 to 1, shape (options, criteria).
    weights : array_like
        Weights with the sum 1, shape (criteria,). Where one criterion has all of it, the others share the rest equally.
    winner : int
        The winner's row.

    Returns
    -------
    numpy.ndarray
        The lowest and the highest weight, shape (criteria, 2), from 0 to 1. At both the winner is first still, alone or
        with others.

    Raises
    ------
    ValueError
        If the winner is not first under the given weights.

    References
    ----------
    .. [1] E. Triantaphyllou and A. Sánchez, "A sensitivity analysis approach for some deterministic multi-criteria
       decision making methods", Decision Sciences 28, 151 (1997).
    """
    values01, weights = np.asarray(values01, dtype=float), np.asarray(weights, dtype=float)
    if ranks(score(values01, weights))[winner] != 1:
        raise ValueError(f"option {winner} is not first under these weights")
    leads = values01[winner] - values01
    return np.array([_interval(leads, weights, at) for at in range(weights.size)])


def _interval(leads: Any, weights: Any, at: int) -> tuple[float, float]:
    """Return the lowest and the highest weight of one criterion with which nobody overtakes the winner."""
    others = np.arange(weights.size) != at
    rest = np.where(others, weights, 0) if weights[others].any() else others.astype(float)
    without, alone = leads @ rest / (rest.sum() or 1), leads[:, at]
    behind = -0.5 * 10.0**-DECIMALS
    rises, falls = (without < behind) & (alone > without), (alone < behind) & (alone < without)
    low = (without[rises] / (without - alone)[rises]).max(initial=0)
    high = (without[falls] / (without - alone)[falls]).min(initial=1)
    return min(low, weights[at]), max(high, weights[at])
