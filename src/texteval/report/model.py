"""What a report holds, gathered in one run, before any format is chosen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from texteval import figures
from texteval import practice as practices
from texteval.assess import Verdict, judge
from texteval.breakeven import Crossing
from texteval.catalog import Catalog
from texteval.decide import Comparison, Option, break_even, break_evens, compare, cost_curves, is_flat
from texteval.money import half_up, show
from texteval.practice import MONTHS, Practice, sent_per_year
from texteval.requirements import Requirements
from texteval.words import channel_words, isolated

CURVES = 6
"""Plans drawn in the picture of cost against volume."""

SIZES = 4
"""Presets drawn in the picture of cost by size; a practice of one's own comes first."""


@dataclass(frozen=True)
class MatrixRow:
    """A plan's verdicts: one for bare reminders on each channel, one for clinical content."""

    option: Option
    cells: dict[str, Verdict | None]


@dataclass(frozen=True)
class Report:
    """All that a report says, with its stamp.

    Parameters
    ----------
    catalog, requirements : Catalog, Requirements
        Facts, prices and rules.
    comparison : Comparison
        Of the practice that asked.
    matrix : tuple of MatrixRow
        One row for each vendor's best plan.
    cost_by_size, cost_by_volume : Figure
        The pictures.
    break_even : tuple of (Option, Option, Crossing)
        Where per-message plans change places with flat ones.
    pair : Figure or None
        The picture of one such pair.
    """

    catalog: Catalog
    requirements: Requirements
    comparison: Comparison
    matrix: tuple[MatrixRow, ...]
    cost_by_size: figures.Figure
    cost_by_volume: figures.Figure
    break_even: tuple[tuple[Option, Option, Crossing], ...]
    pair: figures.Figure | None

    @property
    def first(self) -> Option | None:
        """The option to look at first."""
        return self.comparison.shortlist[0] if self.comparison.shortlist else None

    @property
    def answer(self) -> str:
        """The answer in a few sentences."""
        first = self.first
        if first is None:
            return f"None of the {len(self.comparison.options)} plans can be used by this practice."
        title = isolated(first.title)
        what = "building block, around which software must be written" if first.building_block else "finished tool"
        if first.year is not None:
            price = f"{show(first.year // MONTHS)} a month ({show(first.year)} in the first year)"
            best = f"{title} is the cheapest {what} that is proven for this practice: {price}."
        elif first.at_least:
            price = f"from {show(first.at_least // MONTHS)} a month, as a price of it is not published"
            best = f"{title} is a {what} that is proven for this practice: {price}."
        else:
            price = "at a price that is not published"
            best = f"{title} is a {what} that is proven for this practice, {price}."
        if first.proven:
            hand = " Reminders do not all go out by themselves." if first.coverage.by_hand else ""
            return f"{best} Messages go by {channel_words(first.coverage)}.{hand}{self.by_sms}"
        return (
            f"No tool is proven for this practice on the evidence at hand. The nearest is {title}, {price}; "
            f"it hinges on this: {first.coverage.open_points[0].reason}"
        )

    @property
    def by_sms(self) -> str:
        """Say, where the first option does not go by SMS, what came of its SMS."""
        row = next((row for row in self.matrix if row.option is self.first), None)
        cell = row.cells.get("SMS") if row else None
        if cell is None or self.first is None or "sms" in self.first.coverage.channels.values():
            return ""
        return f" Its ordinary SMS is {cell.verdict}: {cell.reason}"

    @property
    def cheaper(self) -> list[Option]:
        """Finished tools with an open point that would be cheaper than the first, best first."""
        first = self.first
        if first is None or first.year is None:
            return []
        return [
            o
            for o in self.comparison.best_of_each
            if o.shortlisted and not o.building_block and o.year is not None and o.year < first.year
        ]


def build(
    catalog: Catalog,
    requirements: Requirements,
    practice_id: str,
    practice: Practice,
    practice_hash: str,
    on: date,
    tell: Callable[[str], object] = lambda step: None,
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

    Returns
    -------
    Report
        Everything, with pictures.
    """
    tell("judging and pricing every plan")
    comparison = compare(catalog, requirements, practice_id, practice, practice_hash, on)
    tell("pricing the other practice sizes")
    presets = practices.presets().practices
    others = [
        comparison if name == practice_id else compare(catalog, requirements, *practices.load(name), on)
        for name in list(presets)[:SIZES]
    ]
    if practice_id not in presets:
        others.insert(0, comparison)
    tell("verdicts by channel")
    matrix = tuple(_row(catalog, requirements, option, practice, on) for option in comparison.best_of_each)
    tell("drawing")
    usable = figures.cheapest(comparison, most=60)
    costs = cost_curves(catalog, comparison, usable)
    titles = {option.plan: option.title for option in usable}
    by_plan = {option.plan: option for option in usable}
    pairs = [(by_plan[a], by_plan[b], at) for a, b, at in break_evens(costs)]
    flat = [plan for plan in costs if is_flat(costs[plan])]
    metered = [plan for plan in costs if plan not in flat]
    drawn = [*flat[: CURVES // 2], *metered[: CURVES // 2]]
    curves = figures.cost_curves(comparison, {plan: costs[plan] for plan in drawn}, titles)
    pair = None
    if pairs:  # the pair that changes places nearest to the practice's own volume
        month = int(half_up(sent_per_year(practice), MONTHS))
        a, b, _ = min(pairs, key=lambda pair: abs(pair[2].first_whole - month))
        found = break_even(catalog, requirements, a.plan, b.plan, practice, on)
        pair = figures.break_even(comparison, found, titles)
    return Report(
        catalog,
        requirements,
        comparison,
        matrix,
        figures.cost_by_size(others),
        curves,
        tuple(pairs),
        pair,
    )


def _row(catalog: Catalog, requirements: Requirements, option: Option, practice: Practice, on: date) -> MatrixRow:
    plan = catalog.plan(option.plan)
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
        offered = allowed == "all" or (allowed is not None and purpose in allowed)
        cells[heading] = judge(catalog, requirements, option.plan, channel, purpose, practice, on) if offered else None
    return MatrixRow(option, cells)
