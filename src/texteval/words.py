"""Results in words for people: the same sentences in the terminal, the report and the notebooks."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from texteval.assess import Coverage
from texteval.catalog import Catalog
from texteval.decide import BreakEven, Option
from texteval.evidence import GRADE_WORDS, Evidence, Source
from texteval.models import first_day
from texteval.money import MICRO, show
from texteval.practice import MONTHS

if TYPE_CHECKING:
    from texteval.advise import Candidate
    from texteval.drivers import Index
    from texteval.firm import Ranking
    from texteval.forecast import Forecast
    from texteval.ownership import Ownership

CHANNEL_WORDS = {
    "sms": "SMS",
    "mms": "MMS",
    "secure_message": "secure message (app or portal)",
    "team_chat": "team chat",
}
"""What a person calls each channel."""

MARKS = {"eligible": "✓", "with configuration": "✓", "verify first": "?", "ineligible": "✗"}
"""A sign beside each verdict, so that colour is never alone."""

TONES = {"eligible": "#00634a", "with configuration": "#00634a", "verify first": "#8f4200", "ineligible": "#595959"}
"""The colour of each verdict's word; each can be read on white."""

OLD_PRICE = "* a price in this bill was read longer ago than prices keep: check it before you rely on it."
"""What the star behind a cost means."""

ORDER = (
    "Order: proven tools first, finished ones before building blocks, fewer grave open points, then the lower cost "
    "of the first year; an unknown price last."
)
"""The rule behind the order of options."""


def rule_grade(source: Source) -> str:
    """Say how good a source of a rule is; what is graded as a vendor's own page is here the text of the rule."""
    return "the text itself" if source.grade == "vendor_page" else GRADE_WORDS[source.grade]


def count(many: int, thing: str) -> str:
    """Count things: ``1 plan``, ``2 plans``."""
    return f"{many:,} {thing}{'' if many == 1 else 's'}"


def isolated(name: str) -> str:
    """Close a name off in running text, where signs in it would turn the direction of what follows."""
    turning = any(unicodedata.bidirectional(sign) in ("R", "AL", "RLE", "LRE", "RLO", "LRO") for sign in name)
    return f"\u2068{name}\u2069" if turning else name


def year_cost(option: Option) -> str:
    """Print an option's cost a year; its published part where a price is unknown."""
    return _cost(option, 1)


def month_cost(option: Option) -> str:
    """Print an option's cost a month, a twelfth of the year; its published part where a price is unknown."""
    return _cost(option, MONTHS)


def _cost(option: Option, parts: int) -> str:
    star = "*" if option.old_price else ""
    if option.year is not None:
        return f"{show(option.year // parts)}{star}"
    return f"from {show(option.at_least // parts)}{star}" if option.at_least else "unknown"


def channel_words(coverage: Coverage) -> str:
    """Name the channels that a practice's messages would use."""
    used = dict.fromkeys(coverage.channels.values())
    return " and ".join(CHANNEL_WORDS[channel] for channel in used)


def reason(option: Option) -> str:
    """Say in one line what it takes to use an option, what it hinges on, or why not."""
    coverage = option.coverage
    if not option.shortlisted:
        return coverage.reason
    block = "A building block: needs software around it. " if option.building_block else ""
    yours = " Priced with a price of your own." if option.own_price else ""
    hand = " Reminders do not all go out by themselves." if coverage.by_hand else ""
    if option.proven:
        return f"{block}By {channel_words(coverage)}; {count(len(coverage.steps), 'step')} to set up.{hand}{yours}"
    more = len(coverage.open_points) - 1
    return f"{block}{coverage.reason}" + (f" (+{more} more)" if more else "") + hand + yours


@dataclass(frozen=True)
class Said:
    """One piece of evidence, as a reader meets it.

    Parameters
    ----------
    piece : Evidence
        What is said.
    source : Source
        Who says it.
    scope : str
        The plans and channels that it speaks of; empty for all.
    age_days : int
        Days from the source's date to the day of the question.
    stale : bool
        Whether that is longer than the shelf life.
    disputed : bool
        Whether an equally good source says otherwise for a plan and channel that it speaks of.
    """

    piece: Evidence
    source: Source
    scope: str
    age_days: int
    stale: bool
    disputed: bool

    @property
    def value(self) -> str:
        """The value in words."""
        return str(self.piece.value).replace("_", " ")

    @property
    def standing(self) -> str:
        """What speaks against relying on it: ``stale``, ``disputed``, both, or nothing."""
        return ", ".join(word for word, holds in (("stale", self.stale), ("disputed", self.disputed)) if holds)

    @property
    def basis(self) -> str:
        """What it rests on, in one line."""
        marks = f", {self.standing.upper()}" if self.standing else ""
        return f"{GRADE_WORDS[self.source.grade]}, {self.source.day}{marks}"


def evidence(catalog: Catalog, vendor_id: str, attribute: str, on: date) -> Iterator[Said]:
    """Go through every piece of evidence for an attribute of a vendor that was known on a day, the best first."""
    vendor = catalog.vendors[vendor_id]
    shelf = catalog.attributes.shelf_life_days[catalog.attributes.attributes[attribute].shelf]
    fought: set[int] = set()
    for name, plan in vendor.plans.items():
        for channel in plan.channels:
            fact = catalog.fact(f"{vendor_id}/{name}", attribute, channel, on)
            if fact.disputed:
                fought.update(id(piece) for piece in (fact.used, *fact.disputed))
    every = catalog.fact(vendor_id, attribute, None, on)
    for piece in (every.used, *every.disputed, *every.others):
        if piece is None:
            continue
        source = catalog.sources[piece.source]
        age = (on - first_day(source.seen)).days
        scope = [*(piece.plans or ()), *(CHANNEL_WORDS[channel] for channel in piece.channels or ())]
        yield Said(piece, source, ", ".join(scope), age, age > shelf, id(piece) in fought)


def break_even_sentences(found: BreakEven, titles: dict[str, str], weeks_per_year: int) -> list[str]:
    """Say where two plans change places, and no more than the published prices bear out.

    Parameters
    ----------
    found : BreakEven
        The two plans' costs and crossings.
    titles : dict of str to str
        What a person calls each plan.
    weeks_per_year : int
        The practice's working weeks.
    """
    a, b = found.a, found.b
    open_ended = [plan for plan in (a, b) if found.left_out[plan]]
    most = f"{len(found.cost_a) - 1:,}"
    if len(open_ended) == 2:
        return ["Neither price list is published in full: which one is cheaper cannot be said."]
    if open_ended:
        (part,) = open_ended
        whole = b if part == a else a
        gap = found.cost_a - found.cost_b if part == a else found.cost_b - found.cost_a
        if (gap >= 0).all():
            return [f"{titles[whole]} is the cheaper one up to {most} messages a month: even what {titles[part]} "
                    "publishes is nowhere less."]  # fmt: skip
        if not found.at:
            return [f"Which one is cheaper cannot be said: it hinges on what {titles[part]} does not publish."]
        says = []
        for at in found.at:
            here = f"{at.first_whole:,} messages a month on"
            if at.cheaper_after == whole:
                says.append(f"From {here} {titles[whole]} is cheaper: even what {titles[part]} publishes is more.")
            else:
                says.append(f"From {here} it hinges on what {titles[part]} does not publish.")
        if found.at[0].cheaper_before == part:
            says.insert(0, f"Below that, it hinges on what {titles[part]} does not publish.")
            says[0], says[1] = says[1], says[0]
        return says
    if not found.at:
        if (found.cost_a == found.cost_b).all():
            return ["The two cost the same at every volume."]
        cheaper = titles[a if (found.cost_a - found.cost_b).sum() < 0 else b]
        return [f"{cheaper} is nowhere dearer, at every volume up to {most} messages a month."]
    return [
        f"{'Up to' if i == 0 else 'Then, up to'} {at.first_whole - 1:,} messages a month {titles[at.cheaper_before]} "
        f"is cheaper; from {at.first_whole:,} on, {titles[at.cheaper_after]}. They are equal at "
        f"{float(at.per_month):,.1f} a month, {float(at.per_week(weeks_per_year)):,.1f} a week."
        for i, at in enumerate(found.at)
    ]


def about(micro: float, error: float = 0.0) -> str:
    """Print a simulated amount with the digits that it supports: cents only where it does not vary."""
    if error < 5_000:
        return show(round(micro))
    whole = round(micro / MICRO)
    return f"{'-' if whole < 0 else ''}${abs(whole):,}"


def percent(share: float) -> str:
    """Print a probability: no more sure than simulation can be."""
    if 0 < share < 0.01:
        return "under 1%"
    if 0.99 < share < 1:
        return "over 99%"
    return f"{share:.0%}"


def forecast_sentences(found: Forecast) -> list[str]:
    """Say which of the simulated plans is the cheapest, how surely, and what knowing more would be worth.

    Parameters
    ----------
    found : Forecast
        The simulation.
    """
    bills, best = found.bills, found.cheapest
    row = bills.row(best.plan)
    mean, error = bills.mean(bills.cost[row].astype(float))
    low, high = np.quantile(bills.cost[row], [0.05, 0.95])
    over = f"over {count(bills.months, 'month')}"
    says = [
        f"{best.title} is the cheapest on average: {about(mean, error)} {over}"
        + (f", in nine of ten futures between {about(low, error)} and {about(high, error)}." if high > low else ".")
    ]
    if len(found.options) > 1:
        chances, _ = bills.chance_cheapest()
        says.append(f"It is the cheapest in {percent(float(chances[row]))} of the futures.")
    if len(found.options) == 2:
        other = found.options[1 - row]
        less = bills.cost[1 - row] - bills.cost[row]
        low, high = np.quantile(less, [0.05, 0.95])
        says.append(
            f"{other.title} costs {about(less.mean(), error)} more on average, in nine of ten futures between "
            f"{about(low, error)} and {about(high, error)} more."
        )
    if not best.proven:
        says.append(f"{best.title} may not be used{' yet' if best.shortlisted else ''}. {reason(best)}")
        proven = next((found.options[i] for i in bills.cost.mean(axis=1).argsort() if found.options[i].proven), None)
        if proven:
            mean, error = bills.mean(bills.cost[bills.row(proven.plan)].astype(float))
            says.append(f"The cheapest that can be used now is {proven.title}: {about(mean, error)} on average.")
    if len(found.options) > 1:
        worth, _ = bills.perfect_information()
        if worth < MICRO:
            says.append("The choice by cost does not hinge on your volumes: measuring them would save nothing.")
        else:
            says.append(
                f"Knowing the future before choosing would save {about(worth, MICRO)} {over} on average: to measure "
                "your own volumes can be worth no more than that."
            )
    if bills.carrying_unknown:
        names = ", ".join(bills.carrying_unknown)
        says.append(f"Left out, since beyond an allowance nobody publishes the price: {names}.")
    return says


def way(catalog: Catalog, candidate: Candidate, asked: str = "") -> str:
    """Say what to do with what is paid for today; a plan that is asked about is called ``it``."""
    title = "it" if candidate.option.plan == asked else isolated(candidate.option.title)
    kept = "it" if candidate.kept == asked else isolated(catalog.title(candidate.kept)) if candidate.kept else ""
    return {
        "buy": f"Take {title}",
        "stay": f"Stay with {title}",
        "switch": f"Move to {title}",
        "add": f"Keep {kept} and add {title}",
    }[candidate.way]


def gap(candidate: Candidate, first: Candidate | None) -> int | None:
    """Return what an option costs more in the first year than the one that is advised, in micro-dollars.

    With what is kept beside each of them; below zero if less, None where a price is not published.
    """
    if first is None or first.total is None or candidate.total is None:
        return None
    return candidate.total - first.total


def firm_sentence(ranking: Ranking) -> str:
    """Say which tool comes first by all criteria, how firm that is, and how little would unseat it.

    Parameters
    ----------
    ranking : Ranking
        The ranking.
    """
    winner = ranking.winner
    option = ranking.candidates[winner].option
    mark = "" if option.proven else " (verify first)"
    near, anywhere, futures = (
        percent(float(shares.first[winner])) for shares in (ranking.near, ranking.anywhere, ranking.futures)
    )
    sentence = (
        f"Ranked by all criteria (weights: {ranking.label}) {option.title}{mark} comes first: in {near} of weights "
        f"near these, {anywhere} of all weights, {futures} of simulated futures."
    )
    if ranking.easiest is not None and ranking.easiest.distance is not None:
        rival = ranking.candidates[ranking.easiest.option].option.title
        sentence += f" To move {percent(ranking.easiest.distance / 2)} of the weight would bring {rival} level."
    first = ranking.answer.first
    if first is not None and option.plan != first.option.plan:
        sentence += " The advice above goes by proof, then cost; weighing more than these is yours."
    return sentence


def explained(index: Index | None) -> str:
    """Print the part of a spread that an assumption explains, or that it cannot be told from none."""
    if index is None or index.in_all <= max(index.in_all_spread, 0.0005):
        return "nothing that can be told"
    return percent(min(index.in_all, 1))


def ownership_sentences(found: Ownership) -> list[str]:
    """Say what a plan costs over the years, what that leaves out, and what it hinges on.

    Parameters
    ----------
    found : Ownership
        The plan's parts.
    """
    paid, worth, over = found.total.paid, found.total.worth, f"over {count(found.years, 'year')}"
    spread = paid.high - paid.low
    says = [
        f"In total {about(paid.mean, spread)} {over}, {about(paid.mean / found.years, spread)} a year; "
        f"{about(worth.mean, spread)} at present value, at {found.discount_rate * 100:.3g}% interest a year."
    ]
    if paid.error >= MICRO:
        says.append(f"The simulation's own error is about {about(paid.error, MICRO)}.")
    off = [part.title.lower() for part in found.parts if not part.on]
    if off:
        says.append(f"Not in the total: {', '.join(off)}.")
    if any(part.unsure and part.on for part in found.parts):
        says.append("What bears a question mark is in it, though nobody says whether it is due.")
    if found.contrary:
        trial = found.reminders[-1].amount
        assert trial is not None
        saved = trial.paid
        less = "nothing that can be told" if abs(saved.mean) <= 2 * saved.error else about(-saved.mean, MICRO)
        says.append(
            f"By the one randomised trial in psychotherapy reminders save {less}; the total is then "
            f"{about(found.contrary.paid.mean, MICRO)}."
        )
    return says
