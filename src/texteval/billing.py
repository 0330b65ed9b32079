"""Plan × usage → an itemised invoice; many plans → costs; and the volume at which two plans cost the same.

One function, :func:`price`, turns a month's usage into lines. It takes whole numbers or int64 arrays of them, so that
a single invoice and a table of millions of practice-months are priced by the same code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from math import lcm
from typing import Any

import numpy as np

from texteval.catalog import METER_WORDS, Catalog, Line
from texteval.charges import (
    SEATS,
    Allowance,
    FlatRate,
    Group,
    Metered,
    MixRate,
    Package,
    PerUnit,
    PerUnitRate,
    Quantity,
    TiersRate,
    Unpublished,
)
from texteval.money import MAX_QUANTITY, cents, half_up
from texteval.practice import MONTHS, Practice, sent_per_year

Usage = Mapping[str, Quantity]
"""The count of each meter in a month; a meter that is missing counts zero."""


def _quantity(charge: Metered, usage: Usage) -> Quantity:
    total: Quantity = 0
    for meter in charge.meter:
        total = total + usage.get(meter, 0)
    return total


def _inside(lines: Sequence[Line], i: int) -> list[int]:
    """List the places of the lines that a group charge builds on.

    Of its own price list, those that it names, or all; of group charges only those of earlier steps, so that a maximum
    caps what is left after the discount, and a fee is taken on what is left after all.
    """
    group = lines[i].charge
    assert isinstance(group, Group)
    return [
        j
        for j, line in enumerate(lines)
        if line.origin == lines[i].origin
        and (group.of is None or line.name in group.of)
        and (not isinstance(line.charge, Group) or line.charge.step < group.step)
    ]


def _due(lines: Sequence[Line], i: int, month: int) -> bool:
    """Tell whether a line is due in a month; a group charge is due when a line that it builds on is."""
    charge = lines[i].charge
    if isinstance(charge, Group):
        return any(_due(lines, j, month) for j in _inside(lines, i))
    return charge.due(month)


def price(lines: Sequence[Line], usage: Usage, month: int = 0, before: Usage | None = None) -> list[Quantity | None]:
    """Price a month's usage, line by line.

    Parameters
    ----------
    lines : sequence of Line
        The price list, as :meth:`Catalog.price_lines` gives it.
    usage : mapping
        Counts of the month by meter: ints, or int64 arrays of one shape.
    month : int
        The month of the contract, from 0: yearly and one-time charges are due in the first of their period.
    before : mapping, optional
        Counts of all months before, for packages whose unused units carry over.

    Returns
    -------
    list
        For each line its amount in micro-dollars, in the order of ``lines``; None where nobody publishes the price,
        and for group charges that build on such a line.
    """
    amounts: list[Quantity | None] = [0] * len(lines)
    groups: list[tuple[int, int]] = []
    for i, line in enumerate(lines):
        charge = line.charge
        if isinstance(charge, Group):
            groups.append((charge.step, i))
        elif charge.due(month):
            quantity = _quantity(charge, usage)
            if isinstance(charge, Allowance):
                seats = usage.get(charge.per, 0) if charge.per else 1
                amounts[i] = charge.amount(quantity, seats)
            elif isinstance(charge, Package) and charge.rollover:
                earlier = _quantity(charge, before or {})
                amounts[i] = charge.amount(earlier + quantity) - charge.amount(earlier)
            else:
                amounts[i] = charge.amount(quantity)
    for _, i in sorted(groups):
        group = lines[i].charge
        assert isinstance(group, Group)
        inside = _inside(lines, i)
        if any(_due(lines, j, month) for j in inside):
            parts = [amounts[j] for j in inside]
            amounts[i] = None if any(part is None for part in parts) else group.amount(sum(parts))
    return amounts


def _billed(charge: Metered, usage: Usage) -> Quantity:
    """Return how much of a meter is charged: beyond what is included, if the charge has an allowance."""
    quantity = _quantity(charge, usage)
    if isinstance(charge, Allowance):
        return max(quantity - charge.included * (usage.get(charge.per, 0) if charge.per else 1), 0)
    return quantity


def _unit_price(charge: Metered, quantity: Quantity) -> int | None:
    """Return the unit price that holds for a quantity, where there is a single one."""
    rate = charge.then if isinstance(charge, Allowance) else charge
    if isinstance(rate, FlatRate | PerUnitRate | MixRate):
        return rate.usd
    if isinstance(rate, TiersRate) and rate.mode == "volume" and all(meter in SEATS for meter in charge.meter):
        tier = next(tier for tier in rate.tiers if tier.up_to is None or quantity <= tier.up_to)
        return None if tier.flat_usd else tier.usd
    return None


@dataclass(frozen=True)
class InvoiceLine:
    """One line of a year's invoice.

    Parameters
    ----------
    name, origin, source, since, date_is : str
        What it is, the plan or schedule it belongs to, the source id, and the day from which the price holds.
    meter : str
        What is counted, in words; empty for a discount, minimum or maximum.
    quantity_year : int or None
        How much of it is charged, beyond what is included: for what happens the sum of the months, for seats the count.
    unit_usd : int or None
        The unit price in micro-dollars where there is a single one.
    cadence : str
        How often it is due.
    months : tuple
        Micro-dollars due in each month; None where the price is unknown.
    note : str or None
        The price list's note on the line.
    fixed : bool
        Whether it is due whatever the volume of messages.
    own : bool
        Whether the price is the user's own.
    """

    name: str
    origin: str
    source: str
    since: str
    date_is: str
    meter: str
    quantity_year: int | None
    unit_usd: int | None
    cadence: str
    months: tuple[int | None, ...]
    note: str | None
    fixed: bool
    own: bool = False

    @property
    def year(self) -> int | None:
        """Micro-dollars a year, exact; None where unknown."""
        return _sum(self.months)


def _sum(amounts: Sequence[int | None]) -> int | None:
    return None if any(amount is None for amount in amounts) else sum(a for a in amounts if a is not None)


@dataclass(frozen=True)
class Invoice:
    """A year's bill of one plan for one practice, itemised.

    Printed lines are rounded to cents once, and a printed total is the sum of its printed lines.

    Parameters
    ----------
    plan : str
        ``vendor/plan``.
    lines : tuple of InvoiceLine
        What is due.
    at_least : int
        The published part of the year's total, in micro-dollars: the bill without the lines that nobody publishes.
    """

    plan: str
    lines: tuple[InvoiceLine, ...]
    at_least: int

    @property
    def known(self) -> bool:
        """Whether every price is published."""
        return all(line.year is not None for line in self.lines)

    @property
    def year(self) -> int | None:
        """The year's total in micro-dollars: the sum of the printed lines; None where a price is unknown."""
        return self.at_least if self.known else None

    @property
    def month(self) -> int | None:
        """A twelfth of the year, in micro-dollars."""
        return None if self.year is None else self.year // MONTHS

    def part(self, *, fixed: bool) -> int | None:
        """Return the year's fixed part or its usage part, in micro-dollars."""
        return _sum(
            [None if line.year is None else cents(line.year) * 10_000 for line in self.lines if line.fixed is fixed]
        )

    def in_month(self, month: int) -> int | None:
        """Return what is due in a month, from 0, in micro-dollars."""
        return _sum([line.months[month] for line in self.lines])


def invoice(
    catalog: Catalog,
    plan_id: str,
    usage: Sequence[Mapping[str, int]],
    on: date,
    customer_since: date | None = None,
) -> Invoice | None:
    """Write a year's invoice.

    Parameters
    ----------
    catalog : Catalog
        Where the prices are.
    plan_id : str
        ``vendor/plan``.
    usage : sequence of mapping
        Twelve months of counts by meter, as :meth:`Practice.usage` gives them.
    on : datetime.date
        The day whose prices hold.
    customer_since : datetime.date, optional
        When the practice became a customer.

    Returns
    -------
    Invoice or None
        None if the plan has no price list on that day.
    """
    lines = catalog.price_lines(plan_id, on, customer_since)
    if lines is None:
        return None
    columns = _columns(lines, usage)
    published = [line for line in lines if not isinstance(line.charge, Unpublished)]
    # A discount or a maximum may take from a line that nobody publishes; a fee may add to it.
    at_least = _printed(columns)
    if len(published) < len(lines):
        at_least = min(at_least, _printed(_columns(published, usage)))
    rows = []
    for i, line in enumerate(lines):
        charge = line.charge
        months = tuple(column[i] for column in columns)
        meter, quantity, unit, cadence, fixed = "", None, None, "monthly", True
        if isinstance(charge, Group):
            if all(amount == 0 for amount in months):
                continue
            fixed = _fixed(lines, i)
        else:
            meter = " and ".join(METER_WORDS[meter_id] for meter_id in charge.meter)
            cadence = f"every {charge.months} months" if charge.months else charge.cadence
            fixed = _fixed(lines, i)
            counts_due = [_billed(charge, counts) for month, counts in enumerate(usage) if charge.due(month)]
            quantity = counts_due[0] if fixed else sum(counts_due)
            if not quantity:
                continue
            unit = _unit_price(charge, quantity)
        rows.append(
            InvoiceLine(
                line.name,
                line.origin,
                line.source,
                line.since,
                line.date_is,
                meter,
                quantity,
                unit,
                cadence,
                months,
                charge.note,
                fixed,
                line.own,
            )
        )
    return Invoice(plan_id, tuple(rows), at_least)


def _columns(lines: Sequence[Line], usage: Sequence[Mapping[str, int]]) -> list[list[Quantity | None]]:
    """Price month after month."""
    before: dict[str, int] = {}
    columns = []
    for month, counts in enumerate(usage):
        columns.append(price(lines, counts, month, before))
        before = {meter: before.get(meter, 0) + many for meter, many in counts.items()}
    return columns


def _printed(columns: Sequence[Sequence[Quantity | None]]) -> int:
    """Sum what is known of a year, each line rounded to cents once, in micro-dollars."""
    years = (_sum(months) for months in zip(*columns, strict=True))
    return sum(cents(year) * 10_000 for year in years if year is not None)


def _fixed(lines: Sequence[Line], i: int) -> bool:
    """Tell whether a line is due whatever the volume of messages; a group charge if all that it builds on is."""
    charge = lines[i].charge
    if isinstance(charge, Group):
        return all(_fixed(lines, j) for j in _inside(lines, i))
    return all(meter in SEATS for meter in charge.meter)


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


def _used_up(line: Line) -> Line:
    """Turn a package whose units carry over into a price for each unit, to the micro-dollar."""
    charge = line.charge
    if not isinstance(charge, Package) or not charge.rollover:
        return line
    unit = half_up(charge.usd, charge.size)
    return replace(line, charge=PerUnit.model_construct(model="per_unit", meter=charge.meter, usd=unit))


MOST_MESSAGES = 20_000
"""Up to how many messages a month a crossing is looked for, at least."""


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
        most = max(MOST_MESSAGES, 2 * min(-(-sent_per_year(practice) // MONTHS), MAX_QUANTITY))
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
