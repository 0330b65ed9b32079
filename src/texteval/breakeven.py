"""What a plan costs at every volume, and the volumes at which two plans change places.

A cost curve holds the cost for every whole number of messages, so that no crossing is missed: a root finder that looks
at the ends of an interval steps over pairs of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from functools import reduce
from math import lcm
from typing import Any

import numpy as np

from texteval.billing import price
from texteval.catalog import Catalog, Line
from texteval.charges import SEATS, Group, Package, PerUnit, Unpublished
from texteval.errors import UserError
from texteval.messages import PART
from texteval.money import MAX_QUANTITY, half_up
from texteval.practice import MONTHS, Message, Practice, received_per_year, sent_per_year


@dataclass(frozen=True)
class Crossing:
    """Where a plan that was cheaper becomes dearer.

    Parameters
    ----------
    per_month : fractions.Fraction
        Messages sent a month at which the two cost the same.
    first_whole : int
        The first whole number of messages a month at which the other plan is cheaper or as cheap.
    cheaper_before, cheaper_after : str
        The plans.
    """

    per_month: Fraction
    first_whole: int
    cheaper_before: str
    cheaper_after: str

    def per_week(self, weeks_per_year: int = 52) -> Fraction:
        """Return the crossing in messages a week."""
        return self.per_month * MONTHS / weeks_per_year


@dataclass(frozen=True)
class Stretch:
    """A run of volumes at which a plan costs least, alone or with others.

    Parameters
    ----------
    plan : str
        The plan.
    first, last : int
        The first and the last whole number of messages a month.
    """

    plan: str
    first: int
    last: int


@dataclass(frozen=True)
class Interval(Stretch):
    """A run of volumes at which a plan is the cheapest one, until another takes over.

    Parameters
    ----------
    tied : tuple of Stretch
        Where in it other plans cost as little.
    """

    tied: tuple[Stretch, ...] = ()


def _used_up(line: Line) -> Line:
    """Turn a package whose units carry over into a price for each unit, to the micro-dollar."""
    charge = line.charge
    if not isinstance(charge, Package) or not charge.rollover:
        return line
    unit = half_up(charge.usd, charge.size)
    return replace(line, charge=PerUnit.model_construct(model="per_unit", meter=charge.meter, usd=unit))


MOST_MESSAGES = 20_000
"""Up to how many messages a month a crossing is looked for, at least."""


def most_messages(practice: Practice) -> int:
    """Return up to how many messages a month a practice's costs are looked at: at least twice its own."""
    return max(MOST_MESSAGES, 2 * min(-(-sent_per_year(practice) // MONTHS), MAX_QUANTITY))


def _unknown_seat(line: Line) -> bool:
    """Tell whether a line is a price that nobody publishes, due whatever the volume of messages."""
    return isinstance(line.charge, Unpublished) and all(meter in SEATS for meter in line.charge.meter)


def left_out(catalog: Catalog, plan_id: str, on: date) -> list[str]:
    """Name the unpublished lines that :func:`monthly_cost` leaves out with ``published_only``."""
    return [line.name for line in catalog.price_lines(plan_id, on) or [] if _unknown_seat(line)]


def monthly_cost(
    catalog: Catalog,
    plan_id: str,
    practice: Practice,
    channels: Mapping[str, str],
    on: date,
    *,
    most: int | None = None,
    published_only: bool = False,
) -> Any:
    """Price every whole number of messages a month, from none to ``most``.

    The practice's seats and its mix stay as they are: replies and segments for each message sent. One-time charges are
    left out, yearly ones are spread over their months, and prepaid packages count as they are used up.

    Parameters
    ----------
    catalog : Catalog
        Where the prices are.
    plan_id : str
        ``vendor/plan``.
    practice : Practice
        Whose seats and mix hold.
    channels : mapping of str to str
        The channel that serves each purpose.
    on : datetime.date
        The day whose prices hold.
    most : int, optional
        The largest number; twice the practice's own, and at least 20,000, if left out.
    published_only : bool
        Leave out lines that nobody publishes and that are due whatever the volume; the plan is then dearer than it
        comes out. A price for each message that nobody publishes still makes the cost unknown.

    Returns
    -------
    numpy.ndarray or None
        int64, shape (most + 1,): micro-dollars a month; None if a price is unknown.
    """
    lines = catalog.price_lines(plan_id, on)
    if lines is None:
        return None
    lines = [_used_up(line) for line in lines if not (published_only and _unknown_seat(line))]
    year = practice.usage_year(channels)
    sent = sum(
        practice.year(m)
        for m in practice.messages
        if m.direction == "out" and m.purpose != "team" and channels.get(m.purpose)
    )
    if most is None:
        most = most_messages(practice)
    messages = np.arange(most + 1, dtype=np.int64)
    usage: dict[str, Any] = {meter: np.full(most + 1, many, np.int64) for meter, many in practice.seats().items()}
    for meter, many in year.items():
        if meter in ("session", "claim"):
            usage[meter] = np.full(most + 1, many // MONTHS, np.int64)
        elif sent:
            usage[meter] = messages * many // sent
    # What is due once falls in the first period; every charge paid in advance falls due in each period after it.
    period = lcm(*(_months(line) for line in lines))
    months = range(period, 2 * period)
    total = np.zeros(most + 1, np.int64)
    for month in months:
        for amount in price(lines, usage, month):
            if amount is None:
                return None
            total = total + amount
    return total // len(months)


def _months(line: Line) -> int:
    """Return every how many months a line is due; 1 where it is due each month, or once."""
    if isinstance(line.charge, Group):
        return 1
    return line.charge.months or (MONTHS if line.charge.cadence == "annual" else 1)


def crossings(a: str, cost_a: Any, b: str, cost_b: Any) -> list[Crossing]:
    """Find every volume at which two plans change places.

    Parameters
    ----------
    a, b : str
        The plans.
    cost_a, cost_b : numpy.ndarray
        What they cost for 0, 1, 2, … messages a month, in micro-dollars.

    Returns
    -------
    list of Crossing
        All of them, from the lowest volume; between two whole numbers the crossing is exact.
    """
    gap = cost_a - cost_b
    sign = np.sign(gap)
    last_apart = np.maximum.accumulate(np.where(sign != 0, np.arange(len(sign)), 0))
    lead = sign[last_apart]
    found = []
    for n in np.flatnonzero(lead[1:] * lead[:-1] < 0) + 1:
        last = int(last_apart[n - 1])
        low, high = int(gap[last]), int(gap[last + 1])
        where = last + Fraction(low, low - high)
        found.append(Crossing(where, last + 1, *((a, b) if low < 0 else (b, a))))
    return found


def cheapest(costs: Mapping[str, Any]) -> list[Interval]:
    """Find the cheapest plan at every volume, with the fewest changes that make it so.

    A plan takes over at the first whole number from which on it costs least, or as little as any other, until the next
    one takes over. Of two plans these are the crossings of :func:`crossings`.

    Parameters
    ----------
    costs : mapping of str to numpy.ndarray
        For each plan micro-dollars for 0, 1, 2, … messages a month, all of one length. Of plans that could take the
        same place the first one has it.

    Returns
    -------
    list of Interval
        From no message to the last number, without gap or overlap; none if there is no plan.
    """
    if not costs:
        return []
    least = reduce(np.minimum, costs.values())
    places = np.arange(len(least))
    since = {}
    for plan, cost in costs.items():
        dearer = cost > least
        if not dearer.all():
            since[plan] = np.maximum.accumulate(np.where(dearer, places + 1, 0))
    found: list[Interval] = []
    last = len(least) - 1
    while last >= 0:
        plan = min(since, key=lambda plan: since[plan][last])
        first = int(since[plan][last])
        tied = [run for other in since if other != plan for run in _runs(other, since[other], first, last)]
        found.append(Interval(plan, first, last, tuple(tied)))
        last = first - 1
    return found[::-1]


def _runs(plan: str, since: Any, first: int, last: int) -> list[Stretch]:
    """List the runs from ``first`` to ``last`` in which a plan costs least, by the start of the run at each place."""
    here = since[first : last + 1]
    least = here <= np.arange(first, last + 1)
    ends = np.flatnonzero(least & ~np.append(least[1:], False))
    return [Stretch(plan, max(int(here[end]), first), first + int(end)) for end in ends]


def remixed(practice: Practice, replies: Fraction, segments: int) -> Practice:
    """Return a practice like another one, with so many replies for each message sent, and texts of so many segments.

    The purposes of what is sent and of what is received keep their shares, and replies their length; where the other
    one gets no replies, they are as many for each purpose as its messages, of one segment. Its counts stand for a mix,
    not for a year: they are larger, so that the ratio of received to sent is exact.

    Parameters
    ----------
    practice : Practice
        The other one.
    replies : fractions.Fraction
        Messages received for each message sent.
    segments : int
        Segments of each text sent, 1 or more.

    Raises
    ------
    UserError
        If the practice sends nothing, so that it has no mix.
    """
    sent, received = sent_per_year(practice), received_per_year(practice)
    if not sent:
        raise UserError(f"{practice.name} sends no messages, so it has no mix to go by: give it messages to send")
    scale = 1_000 * replies.denominator
    text = "x" * (PART["GSM-7"] * segments)

    def counted(message: Message, many: int, **changed: Any) -> Message:
        return Message.model_construct(
            **{**message.model_dump(), "per": "year", "count": many, "percent": 100, **changed}
        )

    own = [(message, practice.year(message)) for message in practice.messages]
    answered = [(message, many) for message, many in own if message.direction == "in" and message.purpose != "team"]
    if not received:
        answered = [
            (Message(purpose=message.purpose, direction="in", text="Yes"), many)
            for message, many in own
            if message.direction == "out" and message.purpose != "team"
        ]
    messages = [
        counted(message, many * scale, **({} if message.purpose == "team" else {"text": text}))
        for message, many in own
        if message.direction == "out" or message.purpose == "team"
    ]
    total, below, of = int(sent * scale * replies), 0, received or sent
    for message, many in answered:
        messages.append(counted(message, total * (below + many) // of - total * below // of))
        below += many
    return practice.model_copy(update={"messages": messages})
