"""Verdicts and bills joined: every plan as an option for a practice, in the order in which to look at them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property
from itertools import product
from typing import Any

from texteval import __version__
from texteval.assess import Coverage, cover
from texteval.billing import Invoice, invoice
from texteval.breakeven import Crossing, Interval, cheapest, crossings, left_out, monthly_cost, most_messages, remixed
from texteval.catalog import Catalog
from texteval.errors import UserError, nearest
from texteval.money import dollars, half_up
from texteval.practice import MONTHS, Practice, received_per_year, sent_per_year
from texteval.requirements import Requirements

PROVEN = ("eligible", "with configuration")
"""Verdicts that rest on good evidence throughout."""


@dataclass(frozen=True)
class Option:
    """One plan as a practice would run it.

    Parameters
    ----------
    plan : str
        ``vendor/plan``.
    vendor, title, kind : str
        The vendor's id, what a person calls the plan, and the kind of tool.
    coverage : Coverage
        The verdicts, with the channel for each purpose.
    invoice : Invoice or None
        A year's bill; None if the plan has no price list on that day.
    old_price : bool
        Whether a price in the bill was last read longer ago than prices keep.
    """

    plan: str
    vendor: str
    title: str
    kind: str
    coverage: Coverage
    invoice: Invoice | None
    old_price: bool = False

    @property
    def verdict(self) -> str:
        """The plan's verdict for the practice."""
        return self.coverage.verdict

    @property
    def shortlisted(self) -> bool:
        """Whether it can be used, now or once its open points are settled."""
        return self.verdict != "ineligible"

    @property
    def proven(self) -> bool:
        """Whether it can be used now."""
        return self.verdict in PROVEN

    @property
    def year(self) -> int | None:
        """A year's cost in micro-dollars; None where a price is unknown."""
        return self.invoice.year if self.invoice else None

    @property
    def at_least(self) -> int | None:
        """The published part of a year's cost, in micro-dollars."""
        return self.invoice.at_least if self.invoice else None

    @property
    def own_price(self) -> bool:
        """Whether a price in the bill is the user's own."""
        return self.invoice is not None and any(line.own for line in self.invoice.lines)

    @property
    def building_block(self) -> bool:
        """Whether it is a programming interface, around which software must be written or bought."""
        return self.kind == "messaging_api"

    @cached_property
    def order(self) -> tuple[Any, ...]:
        """Sort key: proven first, finished tools before building blocks, fewer heavy open points, then cost.

        The cheaper comes first, an unknown price last, then the one with fewer open points. Of those that cannot be
        used, the one that misses least comes first.
        """
        points = self.coverage.open_points
        heavy = sum(point.heavy for point in points)
        ladder = 0 if self.proven else 1 if self.shortlisted else 2
        failed = self.coverage.failures
        if ladder == 2:  # the plan that misses least speaks for its vendor
            return ladder, sum(point.heavy for point in failed), len(failed), self.plan
        cost = (self.year is None, self.year or 0)
        return ladder, self.building_block, heavy, *cost, len(points), self.plan


@dataclass(frozen=True)
class Comparison:
    """All options of a practice on a day.

    Parameters
    ----------
    practice_id : str
        The practice's name or file.
    practice : Practice
        The practice.
    on : datetime.date
        The day of the question.
    hash : str
        The data hash: of catalogue, requirements and practice.
    options : tuple of Option
        Every plan, best first.
    """

    practice_id: str
    practice: Practice
    on: date
    hash: str
    options: tuple[Option, ...]

    @property
    def shortlist(self) -> list[Option]:
        """The options that can be used, now or once their open points are settled."""
        return [option for option in self.options if option.shortlisted]

    @property
    def proven(self) -> list[Option]:
        """The options that can be used now."""
        return [option for option in self.options if option.proven]

    @cached_property
    def best_of_each(self) -> list[Option]:
        """One option of each vendor: its best."""
        best: dict[str, Option] = {}
        for option in self.options:
            best.setdefault(option.vendor, option)
        return list(best.values())

    def option(self, plan_id: str) -> Option:
        """Return the option of a plan.

        Raises
        ------
        UserError
            If no plan of this name sends messages and is sold on that day.
        """
        for option in self.options:
            if option.plan == plan_id:
                return option
        known = nearest(plan_id, [option.plan for option in self.options])
        raise UserError(f"there is no plan '{plan_id}' that sends messages on {self.on}: {known}")


def check_day(catalog: Catalog, on: date) -> None:
    """Refuse a day before the first price list."""
    first = catalog.first_price_day()
    if first == date.max:
        raise UserError(f"{catalog.path}: there is no price list in it: add 'prices' to a plan")
    if on < first:
        raise UserError(f"no price is known on {on}: the first price list is of {first}; choose a later day")


def compare(
    catalog: Catalog,
    requirements: Requirements,
    practice_id: str,
    practice: Practice,
    practice_hash: str,
    on: date,
    among: Collection[str] | None = None,
) -> Comparison:
    """Judge and price every plan for a practice.

    Parameters
    ----------
    catalog, requirements : Catalog, Requirements
        Facts, prices and rules.
    practice_id, practice, practice_hash : str, Practice, str
        As :func:`texteval.practice.load` gives them.
    on : datetime.date
        The day of the question.
    among : collection of str, optional
        Only these plans.

    Returns
    -------
    Comparison
        Every plan as an option, best first.

    Raises
    ------
    UserError
        If the day is before the first price list.
    """
    check_day(catalog, on)
    facing = requirements.facing(practice, on)
    options = []
    for plan_id in catalog.plan_ids():
        if not catalog.plan(plan_id).sold(on) or (among is not None and plan_id not in among):
            continue
        vendor_id = plan_id.partition("/")[0]
        coverage = cover(catalog, facing, plan_id, practice, on)
        bill = invoice(catalog, plan_id, practice.usage(coverage.channels), on)
        old = bill is not None and any(catalog.is_old_price(line.source, on) for line in bill.lines)
        kind = catalog.vendors[vendor_id].kind
        options.append(Option(plan_id, vendor_id, catalog.title(plan_id), kind, coverage, bill, old))
    options.sort(key=lambda option: option.order)
    return Comparison(practice_id, practice, on, f"{catalog.hash}-{requirements.hash}-{practice_hash}", tuple(options))


@dataclass(frozen=True)
class BreakEven:
    """Where two plans change places for a practice.

    Parameters
    ----------
    a, b : str
        The plans.
    at : tuple of Crossing
        Every crossing, from the lowest volume.
    month : int
        Messages that the practice sends a month, on average, rounded.
    cost_a, cost_b : numpy.ndarray
        Micro-dollars a month for 0, 1, 2, … messages.
    left_out : dict of str to list of str
        For each plan the lines that nobody publishes; the plan is dearer by them.
    verdicts : dict of str to str
        For each plan its verdict for the practice.
    """

    a: str
    b: str
    at: tuple[Crossing, ...]
    month: int
    cost_a: Any
    cost_b: Any
    left_out: dict[str, list[str]]
    verdicts: dict[str, str]


def break_even(catalog: Catalog, requirements: Requirements, a: str, b: str, practice: Practice, on: date) -> BreakEven:
    """Find the volumes at which two plans cost the same for a practice's seats and mix of messages.

    Raises
    ------
    UserError
        If a plan does not exist, or a price of it is unknown on that day.
    """
    month = int(half_up(sent_per_year(practice), MONTHS))
    costs, verdicts = [], {}
    for plan_id in (a, b):
        coverage = cover(catalog, requirements, plan_id, practice, on)
        verdicts[plan_id] = coverage.verdict
        practice.usage(coverage.channels)
        costs.append(_published_cost(catalog, plan_id, practice, coverage.channels, on, most_messages(practice)))
    unknown = {plan_id: left_out(catalog, plan_id, on) for plan_id in (a, b)}
    at = tuple(crossings(a, costs[0], b, costs[1]))
    return BreakEven(a, b, at, month, costs[0], costs[1], unknown, verdicts)


def _published_cost(
    catalog: Catalog, plan_id: str, practice: Practice, channels: Mapping[str, str], on: date, most: int
) -> Any:
    """Price a plan at every volume; refuse one whose price for messages is unknown."""
    cost = monthly_cost(catalog, plan_id, practice, channels, on, most=most, published_only=True)
    if cost is None:
        raise UserError(
            f"{plan_id}: what it charges for messages is unknown on {on}, so there is no break-even: "
            f"see 'texteval bill {plan_id}'"
        )
    return cost


REPLIES = tuple(Fraction(fifth, 5) for fifth in range(11))
"""Replies for each message sent, of a break-even curve: 0, 0.2, … 2."""

SEGMENTS = (1, 2, 3)
"""Segments of each text sent, of a break-even curve."""


@dataclass(frozen=True)
class Mix:
    """Where two plans change places for one mix of messages.

    Parameters
    ----------
    replies : fractions.Fraction
        Messages received for each message sent.
    segments : int
        Segments of each text sent.
    at : tuple of Crossing
        Every crossing, from the lowest volume.
    lower : str or None
        Where there is no crossing, the plan that is nowhere dearer; None if the two cost the same throughout.
    """

    replies: Fraction
    segments: int
    at: tuple[Crossing, ...]
    lower: str | None

    @property
    def turns(self) -> list[tuple[float | None, int | None, str | None, str | None]]:
        """Each crossing: where, its first whole number, the cheaper plan before and after; one row if there is none."""
        if not self.at:
            return [(None, None, self.lower, self.lower)]
        return [(float(at.per_month), at.first_whole, at.cheaper_before, at.cheaper_after) for at in self.at]


@dataclass(frozen=True)
class BreakEvenCurve:
    """Where two plans change places, over replies and segments.

    Parameters
    ----------
    found : BreakEven
        The same for the practice's own mix.
    most : int
        Up to how many messages a month was looked.
    replies : fractions.Fraction
        The practice's own replies for each message sent.
    mixes : tuple of Mix
        By segments, then replies.
    """

    found: BreakEven
    most: int
    replies: Fraction
    mixes: tuple[Mix, ...]


def break_even_curve(
    catalog: Catalog,
    requirements: Requirements,
    a: str,
    b: str,
    practice: Practice,
    on: date,
) -> BreakEvenCurve:
    """Find the volumes at which two plans cost the same, for each number of replies and of segments.

    The practice's seats and the purposes of its messages stay as they are; see :func:`texteval.breakeven.remixed`.

    Raises
    ------
    UserError
        If a plan does not exist, a price of it is unknown on that day, or the practice sends nothing.
    """
    found = break_even(catalog, requirements, a, b, practice, on)
    most = len(found.cost_a) - 1
    channels = {plan_id: cover(catalog, requirements, plan_id, practice, on).channels for plan_id in (a, b)}
    mixes = []
    for segments, replies in product(SEGMENTS, REPLIES):
        changed = remixed(practice, replies, segments)
        one, other = (_published_cost(catalog, plan_id, changed, channels[plan_id], on, most) for plan_id in (a, b))
        at = tuple(crossings(a, one, b, other))
        apart = (one - other)[one != other]
        mixes.append(Mix(replies, segments, at, None if at or not len(apart) else a if apart[0] < 0 else b))
    own = Fraction(received_per_year(practice), sent_per_year(practice))
    return BreakEvenCurve(found, most, own, tuple(mixes))


@dataclass(frozen=True)
class CheapestByVolume:
    """The cheapest usable plan by the messages that a practice sends a month.

    Parameters
    ----------
    month : int
        Messages that the practice sends a month, on average, rounded.
    most : int
        Up to how many messages a month was looked.
    usable : tuple of Interval
        Among all finished tools that can be used, now or once their open points are settled.
    proven : tuple of Interval
        Among those that can be used now.
    unpriced : tuple of str
        Usable finished tools that are left out, since a price is unknown at some volume.
    costs : dict of str to numpy.ndarray
        Micro-dollars a month for 0, 1, 2, … messages, of every plan that was compared.
    """

    month: int
    most: int
    usable: tuple[Interval, ...]
    proven: tuple[Interval, ...]
    unpriced: tuple[str, ...]
    costs: dict[str, Any]


def cheapest_by_volume(catalog: Catalog, comparison: Comparison) -> CheapestByVolume:
    """Find the cheapest usable plan for every whole number of messages a month.

    The practice's seats and its mix of messages stay as they are. One-time charges are left out, so that a plan's
    place may differ from that by its first year.
    """
    practice = comparison.practice
    finished = [option for option in comparison.shortlist if not option.building_block]
    costs = cost_curves(catalog, comparison, finished)
    proven = {option.plan: costs[option.plan] for option in finished if option.proven and option.plan in costs}
    return CheapestByVolume(
        int(half_up(sent_per_year(practice), MONTHS)),
        most_messages(practice),
        tuple(cheapest(costs)),
        tuple(cheapest(proven)),
        tuple(option.plan for option in finished if option.plan not in costs),
        costs,
    )


def cost_curves(catalog: Catalog, comparison: Comparison, options: Iterable[Option]) -> dict[str, Any]:
    """Price options at every volume of messages.

    Returns
    -------
    dict of str to numpy.ndarray
        For each plan whose prices are all known micro-dollars a month for 0, 1, 2, … messages sent.
    """
    costs = {}
    for option in options:
        if option.shortlisted and option.year is not None:
            channels = option.coverage.channels
            cost = monthly_cost(catalog, option.plan, comparison.practice, channels, comparison.on)
            if cost is not None:
                costs[option.plan] = cost
    return costs


def is_flat(cost: Any) -> bool:
    """Tell whether a plan costs the same at every volume looked at."""
    return bool(cost[0] == cost[-1])


def break_evens(costs: Mapping[str, Any]) -> list[tuple[str, str, Crossing]]:
    """Find the crossings of every per-message plan with every flat plan.

    Parameters
    ----------
    costs : mapping of str to numpy.ndarray
        As :func:`cost_curves` gives them.

    Returns
    -------
    list of (str, str, Crossing)
        The per-message plan, the flat plan, and the crossing.
    """
    flat = [plan for plan in costs if is_flat(costs[plan])]
    metered = [plan for plan in costs if plan not in flat]
    return [(a, b, crossing) for a, b in product(metered, flat) for crossing in crossings(a, costs[a], b, costs[b])]


def stamp(on: date, data_hash: str) -> dict[str, str]:
    """Return what every result carries: the version, the day and the data hash."""
    return {"texteval": __version__, "as_of": on.isoformat(), "data_hash": data_hash}


def as_json(catalog: Catalog, comparison: Comparison) -> dict[str, Any]:
    """Return a comparison as plain data, in the documented shape of ``texteval compare --json``."""
    practice, on = comparison.practice, comparison.on
    sent, received = sent_per_year(practice), received_per_year(practice)
    return {
        **stamp(on, comparison.hash),
        "practice": {
            "id": comparison.practice_id,
            "name": practice.name,
            "clinicians": practice.clinicians,
            "logins": practice.logins,
            "sessions_per_week": practice.sessions_per_week,
            "messages_sent_per_month": round(sent / MONTHS, 2),
            "messages_sent_per_year": sent,
            "messages_received_per_year": received,
        },
        "plans": [_option_json(option) for option in comparison.options],
        "break_even": [
            {
                "per_message": a,
                "flat": b,
                "messages_per_month": round(float(at.per_month), 1),
                "messages_per_week": round(float(at.per_week(practice.weeks_per_year)), 1),
                "first_whole_messages_per_month": at.first_whole,
                "cheaper_above": at.cheaper_after,
            }
            for a, b, at in break_evens(cost_curves(catalog, comparison, comparison.best_of_each))
        ],
    }


def _option_json(option: Option) -> dict[str, Any]:
    coverage, bill = option.coverage, option.invoice
    return {
        "plan": option.plan,
        "title": option.title,
        "kind": option.kind,
        "verdict": option.verdict,
        "shortlisted": option.shortlisted,
        "reason": coverage.reason,
        "channels": coverage.channels,
        "uncovered": list(coverage.uncovered),
        "open_points": [
            {
                "requirement": point.requirement,
                "heavy": point.heavy,
                "reason": point.reason,
                "question": point.question,
            }
            for point in coverage.open_points
        ],
        "steps": coverage.steps,
        "limits": coverage.limits,
        "month_usd": dollars(bill.month) if bill else None,
        "year_usd": dollars(option.year),
        "at_least_year_usd": dollars(option.at_least),
        "fixed_year_usd": dollars(bill.part(fixed=True)) if bill else None,
        "usage_year_usd": dollars(bill.part(fixed=False)) if bill else None,
        "old_price": option.old_price,
    }
