"""What a report is made from: one question, answered by every room of the house, each part worked out once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from texteval import criteria, exposure, figures, parameters
from texteval import practice as practices
from texteval.advise import Advice, Candidate, advise
from texteval.assess import Verdict, judge
from texteval.breakeven import Crossing
from texteval.catalog import Catalog
from texteval.criteria import Criteria
from texteval.decide import Comparison, Option, break_even, break_evens, compare, cost_curves, is_flat, stamp
from texteval.errors import UserError
from texteval.evidence import Source
from texteval.exposure import Exposure
from texteval.firm import NothingToRankError, Ranking, rank
from texteval.flips import Flip, flips
from texteval.forecast import Forecast, forecast, moved_by
from texteval.landscape import Landscape, landscape
from texteval.money import half_up, show
from texteval.parameters import Parameters
from texteval.practice import MONTHS, Practice, sent_per_year
from texteval.requirements import Requirements
from texteval.simulate import DRAWS, NothingPricedError
from texteval.words import channel_words, isolated, way

CURVES = 6
"""Plans drawn in the picture of cost against volume."""

SIZES = 4
"""Presets drawn in the picture of cost by size; a practice of one's own comes first."""

FIRSTS = 5
"""Plans of each practice that are simulated."""

WEIGHTINGS = 10_000
"""Futures and sets of weights of the ranking: as many as ``decide`` takes, so that both say the same."""


@dataclass(frozen=True)
class MatrixRow:
    """A plan's verdicts: one for bare reminders on each channel, one for clinical content."""

    option: Option
    cells: dict[str, Verdict | None]


@dataclass(frozen=True)
class Report:
    """All that a report says. Each part is worked out when it is first asked for, and then kept.

    Parameters
    ----------
    catalog, requirements, parameters, criteria, exposure : Catalog, Requirements, Parameters, Criteria, Exposure
        All that is known.
    comparison : Comparison
        Every plan for the practice that asked, each taken alone.
    advice : Advice or None
        What it may run, beside what it pays for today; None where it sends no messages at all.
    practice_hash : str
        The hash of the practice's file.
    draws : int
        Simulated futures, and sets of weights.
    """

    catalog: Catalog
    requirements: Requirements
    parameters: Parameters
    criteria: Criteria
    exposure: Exposure
    comparison: Comparison
    advice: Advice | None
    practice_hash: str
    draws: int = DRAWS

    @property
    def practice(self) -> Practice:
        """The practice that asked."""
        return self.comparison.practice

    @property
    def on(self) -> date:
        """The day of the question."""
        return self.comparison.on

    @property
    def hash(self) -> str:
        """The data hash: of catalogue, requirements, practice, parameters, criteria and exposure."""
        return "-".join([self.comparison.hash, self.parameters.hash, self.criteria.hash, self.exposure.hash])

    @property
    def stamp(self) -> dict[str, str]:
        """What every format carries: the version, the day and the data hash."""
        return stamp(self.on, self.hash)

    @property
    def titles(self) -> dict[str, str]:
        """What a person calls each plan, by its id."""
        return {option.plan: option.title for option in self.comparison.options}

    # The answer.

    @property
    def candidate(self) -> Candidate | None:
        """What the advice names first, for all that the practice needs."""
        return self.advice.answers[-1].first if self.advice else None

    @property
    def first(self) -> Option | None:
        """The option to look at first."""
        return self.candidate.option if self.candidate else None

    @property
    def answer(self) -> str:
        """The answer in a few sentences."""
        candidate = self.candidate
        if self.advice is None:
            return "This practice sends no messages, so it needs no tool: write how many it sends, then ask again."
        if candidate is None:
            return f"None of the {len(self.comparison.options)} plans can be used by this practice."
        first, title = candidate.option, isolated(candidate.option.title)
        what = "building block, around which software must be written" if first.building_block else "finished tool"
        if candidate.total is not None:
            price = f"{show(candidate.total // MONTHS)} a month ({show(candidate.total)} in the first year{self._more})"
            if candidate.way == "buy":
                best = f"{title} is the cheapest {what} that is proven for this practice: {price}."
            else:
                best = f"{way(self.catalog, candidate)}: of what is proven for this practice that costs least, {price}."
        elif candidate.way == "buy" and first.at_least:
            price = f"from {show(first.at_least // MONTHS)} a month, as a price of it is not published"
            best = f"{title} is a {what} that is proven for this practice: {price}."
        else:
            price = "at a price that is not published"
            best = f"{title} is a {what} that is proven for this practice, {price}."
            if candidate.way != "buy":
                best = f"{way(self.catalog, candidate)}: that is proven for this practice, {price}."
        hand = " Some reminders must be sent or set up by hand." if first.coverage.by_hand else ""
        if first.proven:
            return f"{best} Messages go by {channel_words(first.coverage)}.{hand}{self.by_sms}"
        nearest = title if candidate.way == "buy" else f"this: {way(self.catalog, candidate)}"
        return (
            f"No tool is proven for this practice on the evidence at hand. The nearest is {nearest}, {price}; "
            f"it hinges on this: {first.coverage.open_points[0].reason}{hand}"
        )

    @property
    def _more(self) -> str:
        """Say what the first option costs beyond what is paid today."""
        more = self.candidate.more if self.candidate else None
        if more is None:
            return ""
        return f", {show(abs(more))} {'more' if more > 0 else 'less'} than today" if more else ", no more than today"

    @property
    def by_sms(self) -> str:
        """Say, where the first option does not go by SMS, what came of its SMS."""
        first = self.first
        row = next((row for row in self.matrix if first and row.option.plan == first.plan), None)
        cell = row.cells.get("SMS") if row else None
        if cell is None or first is None or "sms" in first.coverage.channels.values():
            return ""
        reason = cell.reason.replace("BAA", "agreement (BAA)", 1)
        return f" By ordinary SMS: {cell.verdict}. {reason}"

    @property
    def cheaper(self) -> list[Candidate]:
        """Finished tools with an open point that would cost less than the first: of each vendor the cheapest."""
        return self.advice.answers[-1].cheaper if self.advice else []

    # Verdicts and costs.

    @cached_property
    def matrix(self) -> tuple[MatrixRow, ...]:
        """One row for each vendor's best plan."""
        return tuple(self._row(option) for option in self.comparison.best_of_each)

    def _row(self, option: Option) -> MatrixRow:
        plan = self.catalog.plan(option.plan)
        asked = {
            "SMS": ("sms", "reminder"),
            "App or portal": ("secure_message", "reminder"),
            "Clinical content": ("secure_message", "coaching"),
            "Team chat": ("team_chat", "team"),
        }
        cells: dict[str, Verdict | None] = {}
        for heading, (channel, purpose) in asked.items():
            allowed = plan.channels.get(channel)  # type: ignore[call-overload]
            if heading == "App or portal" and allowed not in (None, "all"):
                purpose = allowed[0]
            cells[heading] = None
            if allowed == "all" or (allowed is not None and purpose in allowed):
                cells[heading] = judge(
                    self.catalog, self.requirements, option.plan, channel, purpose, self.practice, self.on
                )
        return MatrixRow(option, cells)

    @cached_property
    def sizes(self) -> tuple[Comparison, ...]:
        """The same comparison for practices of other sizes: presets, the practice itself first if it is none."""
        presets = list(practices.presets().practices)[:SIZES]
        others = [
            self.comparison
            if name == self.comparison.practice_id
            else compare(self.catalog, self.requirements, *practices.load(name), self.on)
            for name in presets
        ]
        return (*([] if self.comparison.practice_id in presets else [self.comparison]), *others)

    @cached_property
    def costs(self) -> dict[str, object]:
        """What every usable, finished tool costs at each volume: micro-dollars a month for 0, 1, 2, … messages."""
        return cost_curves(self.catalog, self.comparison, figures.cheapest(self.comparison, most=60))

    @cached_property
    def break_even(self) -> tuple[tuple[Option, Option, Crossing], ...]:
        """Where per-message plans change places with flat ones, among the best plans of all vendors."""
        by_plan = {option.plan: option for option in self.comparison.options}
        costs = cost_curves(self.catalog, self.comparison, self.comparison.best_of_each)
        return tuple((by_plan[a], by_plan[b], at) for a, b, at in break_evens(costs))

    @cached_property
    def forecasts(self) -> tuple[Forecast, ...]:
        """Simulated futures of each size of practice that has a usable plan with a known price."""
        return tuple(found for comparison in self.sizes if (found := self._simulated(comparison)))

    @cached_property
    def forecast(self) -> Forecast | None:
        """Simulated futures of the practice itself; None where no usable plan has a known price."""
        own = next((found for found in self.forecasts if found.comparison is self.comparison), None)
        return own or self._simulated(self.comparison)

    def _simulated(self, comparison: Comparison) -> Forecast | None:
        plans = [option.plan for option in figures.cheapest(comparison, FIRSTS)]
        try:
            return forecast(self.catalog, comparison, self.parameters, plans, draws=self.draws) if plans else None
        except NothingPricedError:
            return None

    @cached_property
    def landscape(self) -> Landscape | None:
        """The cheapest plan by size and messages; None where the practice sends nothing, or too much to map."""
        identity = (self.comparison.practice_id, self.practice, self.practice_hash)
        try:
            return landscape(self.catalog, self.requirements, *identity, self.on)
        except UserError:
            return None

    @cached_property
    def ranking(self) -> Ranking | None:
        """How firm the advice is by all criteria; None where nothing can be ranked."""
        if self.advice is None:
            return None
        label, given = criteria.choose(self.criteria, self.criteria.preset(self.practice))
        answer = self.advice.answers[-1]
        try:
            return rank(
                self.catalog, self.criteria, answer, self.parameters, given, label, draws=min(self.draws, WEIGHTINGS)
            )
        except NothingToRankError:
            return None

    @cached_property
    def flips(self) -> list[Flip]:
        """Each single price, fact or number that would change the first place."""
        if self.advice is None:
            return []
        return flips(self.catalog, self.requirements, self.advice, self.advice.answers[-1])

    @cached_property
    def read_besides(self) -> list[tuple[str, Source]]:
        """What was read besides the facts and prices of vendors: of what, and where."""
        rules, exposure, practice = self.requirements.file, self.exposure.file, self.practice
        found: dict[tuple[str, str], Source] = {}

        def add(of: str, sources: Mapping[str, Source], ids: Iterable[str | None]) -> None:
            found.update({(of, one): sources[one] for one in ids if one})

        add("requirements", rules.sources, (one.source for one in rules.requirements.values()))
        holding = self.requirements.holding(practice, self.on).values()
        add("what else holds", self.requirements.circumstances.sources, (one.source for one in holding))
        with suppress(UserError):
            add("penalties", exposure.sources, self.exposure.table(self.on).source)
            other = (*exposure.act.source, *exposure.notice.source, *(one.source for one in exposure.notice.disputes))
            add("penalties", exposure.sources, (*other, exposure.text_damages.source))
            add("tables in print", exposure.sources, (one.source for one in exposure.superseded))
            add("cases", exposure.sources, (one.source for one in self.exposure.cases(on=self.on)))
        add("assumptions", self.parameters.file.sources, (one.source for one in self.parameters.all.values()))
        add("the practice", practice.sources, practice.sources)
        return [(of, source) for (of, _), source in found.items()]

    # Pictures.

    @cached_property
    def cost_by_size(self) -> figures.Figure:
        """The first options' bills, by size of practice."""
        return self._stamped(figures.cost_by_size(self.sizes))

    @cached_property
    def cost_bands(self) -> figures.Figure | None:
        """The spread of the first options' costs, by size of practice."""
        return self._stamped(figures.cost_bands_by_size(self.forecasts)) if self.forecasts else None

    @cached_property
    def verdicts(self) -> figures.Figure | None:
        """The verdicts by channel."""
        rows = [
            (row.option.title, {name: cell.verdict if cell else None for name, cell in row.cells.items()})
            for row in self.matrix
        ]
        return self._stamped(figures.verdict_matrix(self.comparison, rows)) if rows else None

    @cached_property
    def cost_by_volume(self) -> figures.Figure:
        """What flat and per-message plans cost at each volume."""
        flat = [plan for plan in self.costs if is_flat(self.costs[plan])]
        metered = [plan for plan in self.costs if plan not in flat]
        drawn = [*flat[: CURVES // 2], *metered[: CURVES // 2]]
        curves = figures.cost_curves(self.comparison, {plan: self.costs[plan] for plan in drawn}, self.titles)
        return self._stamped(curves)

    @cached_property
    def pair(self) -> figures.Figure | None:
        """The pair of finished tools that changes places nearest to the practice's own volume."""
        finished = [pair for pair in self.break_even if not (pair[0].building_block or pair[1].building_block)]
        if not finished:
            return None
        month = int(half_up(sent_per_year(self.practice), MONTHS))
        a, b, _ = min(finished, key=lambda pair: abs(pair[2].first_whole - month))
        found = break_even(self.catalog, self.requirements, a.plan, b.plan, self.practice, self.on)
        return self._stamped(figures.break_even(self.comparison, found, self.titles))

    @cached_property
    def map(self) -> figures.Figure | None:
        """The cheapest plan by size and messages."""
        return self._stamped(figures.landscape(self.landscape)) if self.landscape else None

    @cached_property
    def acceptability(self) -> figures.Figure | None:
        """How often each tool is first when weights vary."""
        return self._stamped(figures.acceptability(self.comparison, self.ranking)) if self.ranking else None

    @cached_property
    def tornado(self) -> figures.Figure | None:
        """What moves the bill of the first option; None where nothing does."""
        found, first = self.forecast, self.first
        if found is None or first is None or first.plan not in found.bills.plans:
            return None
        moved = moved_by(self.catalog, found, first.plan)
        return self._stamped(figures.tornado(found, moved)) if any(one.width for one in moved.swings) else None

    @cached_property
    def prices(self) -> figures.Figure:
        """Which list prices have changed, and when."""
        return self._stamped(figures.price_history(self.catalog, self.on))

    def _stamped(self, figure: figures.Figure) -> figures.Figure:
        """Give a picture the data hash of the whole report in place of that of its part."""
        figure.source = re.sub(r"\bdata [0-9a-f]{12}(-[0-9a-f]{12})*", f"data {self.hash}", figure.source)
        return figure


def build(
    catalog: Catalog,
    requirements: Requirements,
    practice_id: str,
    practice: Practice,
    practice_hash: str,
    on: date,
    tell: Callable[[str], object] = lambda step: None,
    draws: int = DRAWS,
) -> Report:
    """Gather a report.

    Parameters
    ----------
    catalog, requirements : Catalog, Requirements
        Facts, prices and rules.
    practice_id, practice, practice_hash : str, Practice, str
        As :func:`texteval.practice.load` gives them.
    on : datetime.date
        The day of the question.
    tell : callable
        Called with a few words at each step, for a progress line.
    draws : int
        Simulated futures, and sets of weights.

    Returns
    -------
    Report
        The question answered; what takes longer is worked out when it is first asked for.

    Raises
    ------
    UserError
        If the day is before the first price list, or the practice pays for a plan that does not exist.
    """
    tell("judging and pricing every plan")
    asked = (catalog, requirements, practice_id, practice, practice_hash, on)
    advice = advise(*asked) if practice.purposes else None
    comparison = advice.answers[-1].comparison if advice else compare(*asked)
    known = (parameters.load(), criteria.load(), exposure.load())
    return Report(catalog, requirements, *known, comparison, advice, practice_hash, draws)
