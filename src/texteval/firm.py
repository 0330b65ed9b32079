"""How firm a ranking is: usable options scored by weighted criteria, and how often each is first when weights vary.

The method is a weighted sum on declared ranges; TOPSIS stands beside it as a check. Weights are drawn around the chosen
ones, over all possible ones, and the costs over simulated futures (stochastic multicriteria acceptability analysis).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from texteval.advise import Answer, Candidate
from texteval.catalog import Catalog
from texteval.criteria import Criteria, Values, values
from texteval.errors import UserError
from texteval.money import MICRO
from texteval.parameters import Parameters
from texteval.practice import MONTHS
from texteval.score import (
    Acceptability,
    Change,
    Criterion,
    Direction,
    acceptability,
    around,
    central_weights,
    normalise,
    ranks,
    score,
    score_draws,
    simplex,
    smallest_change,
    stays_first,
    topsis,
    weights,
)
from texteval.simulate import Bills, NothingPricedError, simulate

CLOSENESS = 30
"""How near drawn weights lie to the chosen ones (the sum of the Dirichlet): one of 20 percent lies between 9 and 33
percent nine times in ten."""


MOST_SETS = 100_000
"""Sets of weights drawn at most: a share is then known to a sixth of a percentage point."""


class NothingToRankError(UserError):
    """No finished tool that can be used has a price that is known."""


@dataclass(frozen=True)
class Ranking:
    """Usable options, scored and ranked.

    Parameters
    ----------
    answer : Answer
        What was asked.
    label : str
        What the weights are called.
    candidates : tuple of Candidate
        The options ranked, in the order of the answer: usable, finished tools with a known price.
    left_out : dict of str to str
        For every other plan, why it is not ranked.
    criteria : tuple of Criterion
        By what.
    weights : numpy.ndarray
        Shape (criteria,), with the sum 1.
    values : Values
        What each option is worth by each criterion.
    scores, ranked, contrast : numpy.ndarray
        Weighted sums from 0 to 1; their ranks; the ranks by TOPSIS.
    near, anywhere, futures : Acceptability
        With weights drawn near the chosen ones, over all weights, and with the chosen ones in simulated futures.
    central : numpy.ndarray
        For each option the weights that typically put it first, shape (options, criteria); NaN where none does.
    changes : tuple of Change
        For each rival the smallest change of weights that makes it as good as the winner.
    stays : numpy.ndarray
        For each criterion the lowest and highest weight of it alone with which the winner stays first.
    bills : Bills
        The simulated costs.
    """

    answer: Answer
    label: str
    candidates: tuple[Candidate, ...]
    left_out: dict[str, str]
    criteria: tuple[Criterion, ...]
    weights: Any
    values: Values
    scores: Any
    ranked: Any
    contrast: Any
    near: Acceptability
    anywhere: Acceptability
    futures: Acceptability
    central: Any
    changes: tuple[Change, ...]
    stays: Any
    bills: Bills

    @property
    def winner(self) -> int:
        """The row of the option that is first; of equal ones the first in the order of the answer."""
        return int(np.argmin(self.ranked))

    @property
    def easiest(self) -> Change | None:
        """The smallest change of weights that unseats the winner; None if none does."""
        possible = [change for change in self.changes if change.distance is not None]
        return min(possible, key=lambda change: change.distance or 0, default=None)


def rank(
    catalog: Catalog,
    criteria: Criteria,
    answer: Answer,
    parameters: Parameters,
    given: Mapping[str, float],
    label: str,
    *,
    draws: int = 10_000,
    seed: int = 1,
) -> Ranking:
    """Rank the usable options of an answer, and find out how firm that is.

    Parameters
    ----------
    catalog, criteria, parameters : Catalog, Criteria, Parameters
        Facts and prices, by what to rank, and from what futures are drawn.
    answer : Answer
        The options.
    given : mapping of str to float
        A weight for each criterion; one that is missing counts nothing.
    label : str
        What the weights are called, such as the name of a preset.
    draws, seed : int
        Futures and sets of weights; the same seed gives the same numbers.

    Returns
    -------
    Ranking
        Scores, ranks and shares.

    Raises
    ------
    UserError
        If a weight, the draws or the seed are faulty; :class:`NothingToRankError` if nothing can be ranked.
    """
    columns = tuple(
        Criterion(name, one.title, Direction(one.direction), one.worst, one.best, one.unit)
        for name, one in criteria.all.items()
    )
    chosen = weights(given, columns)
    left_out = {candidate.option.plan: reason for candidate in answer.candidates if (reason := _why_not(candidate))}
    candidates = [candidate for candidate in answer.candidates if candidate.option.plan not in left_out]
    nothing = NothingToRankError("there is nothing to rank: no usable tool publishes what it charges")
    if not candidates:
        raise nothing
    try:
        bills = _simulated(catalog, answer, candidates, parameters, draws, seed)
    except NothingPricedError:
        raise nothing from None
    for plan in bills.carrying_unknown:
        left_out[plan] = "its price beyond an allowance is not published"
    candidates = [candidate for candidate in candidates if candidate.option.plan in bills.plans]

    practice, on = answer.comparison.practice, answer.comparison.on
    totals = np.array([candidate.total for candidate in candidates])
    options = [candidate.option for candidate in candidates]
    found = values(catalog, criteria, options, totals, bills.spread.mean(axis=1), practice, on)
    table = normalise(found.numbers, columns, found.plans)
    scores = score(table, chosen)
    ranked = ranks(scores)
    rng = np.random.default_rng([seed, len(columns)])
    sets = min(draws, MOST_SETS)
    close, free = around(chosen, CLOSENESS, sets, rng), simplex(len(columns), sets, rng)
    freely = ranks(score(table, free))
    beside = totals - np.array([candidate.option.year for candidate in candidates])
    monthly = (bills.cost + beside[:, None]) / MONTHS / practice.logins / MICRO
    cost = next((name for name, one in criteria.all.items() if one.from_ == "cost"), None)
    drawn = score_draws(table, chosen, columns, cost, monthly, found.plans) if cost else np.tile(scores, (1, 1))
    winner = int(np.argmin(ranked))
    return Ranking(
        answer,
        label,
        tuple(candidates),
        left_out,
        columns,
        chosen,
        found,
        scores,
        ranked,
        ranks(topsis(found.numbers, chosen, [one.direction for one in columns])),
        acceptability(ranks(score(table, close))),
        acceptability(freely),
        acceptability(ranks(drawn)),
        central_weights(freely, free),
        smallest_change(table, chosen, winner),
        stays_first(table, chosen, winner),
        bills,
    )


def _why_not(candidate: Candidate) -> str | None:
    if not candidate.option.shortlisted:
        return candidate.option.coverage.reason
    if candidate.option.building_block:
        return "a building block, around which software must be made"
    return "its price is not published in full" if candidate.total is None else None


def _simulated(
    catalog: Catalog, answer: Answer, candidates: list[Candidate], parameters: Parameters, draws: int, seed: int
) -> Bills:
    """Price the ranked options in simulated futures, each with the purposes that it serves."""
    on = answer.comparison.on
    lines = {c.option.plan: catalog.price_lines(c.option.plan, on) or [] for c in candidates}
    channels = {
        c.option.plan: {p: v.channel for p, v in c.option.coverage.verdicts.items() if v.plan == c.option.plan}
        for c in candidates
    }
    return simulate(lines, channels, answer.comparison.practice, parameters, on.month, draws=draws, seed=seed)
