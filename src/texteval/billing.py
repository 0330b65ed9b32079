"""Plan × usage → an itemised invoice; many practices × many plans → an array of costs.

One function, :func:`price`, turns usage into amounts, line by line. It takes whole numbers or int64 arrays of them, one
month or many, so that a single invoice and millions of practice-months are priced by the same code.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np

from texteval.catalog import METER_WORDS, Catalog, Line
from texteval.charges import (
    METERS,
    SEATS,
    Allowance,
    FlatRate,
    Group,
    Metered,
    Minimum,
    Mix,
    MixRate,
    Package,
    PackageRate,
    PerUnit,
    PerUnitRate,
    Quantity,
    Rate,
    TiersRate,
    UnpublishedRate,
)
from texteval.errors import UserError, nearest
from texteval.money import MAX_QUANTITY, cents
from texteval.practice import MONTHS

_SEATS = frozenset(SEATS)

Usage = Mapping[str, Quantity]
"""The count of each meter in a month; a meter that is missing counts zero."""


def _quantity(charge: Metered, usage: Usage) -> Quantity:
    first, *more = charge.meter
    total = usage.get(first, 0)
    for meter in more:
        total = total + usage.get(meter, 0)
    return total


def builds_on(lines: Sequence[Line], i: int) -> list[int]:
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


def is_due(lines: Sequence[Line], i: int, month: Any) -> Any:
    """Tell in which months a line is due; a group charge is due when a line that it builds on is."""
    charge = lines[i].charge
    if not isinstance(charge, Group):
        return charge.due(month)
    due: Any = False
    for j in builds_on(lines, i):
        due = due | is_due(lines, j, month)
    return due


def price(lines: Sequence[Line], usage: Usage, month: Any = 0, before: Usage | None = None) -> list[Quantity | None]:
    """Price usage, line by line.

    Parameters
    ----------
    lines : sequence of Line
        The price list, as :meth:`Catalog.price_lines` gives it.
    usage : mapping
        Counts by meter: ints, or int64 arrays of one shape. For many months at once arrays of the shape (months,
        practices), or (practices,) where a count is the same in every month.
    month : int or numpy.ndarray
        The month of the contract, from 0: yearly and one-time charges are due in the first of their period. For many
        months an array of the shape (months, 1).
    before : mapping, optional
        Counts of all months before, for packages whose unused units carry over.

    Returns
    -------
    list
        For each line its amount in micro-dollars, in the order of ``lines``; None where nobody publishes the price,
        and for group charges that build on such a line. An amount that is the same in every month has the shape
        (practices,).
    """
    amounts: list[Quantity | None] = [0] * len(lines)
    groups: list[tuple[int, int]] = []
    for i, line in enumerate(lines):
        charge = line.charge
        if isinstance(charge, Group):
            groups.append((charge.step, i))
            continue
        due = charge.due(month)
        if due is not False:
            amounts[i] = _when(due, _amount(charge, usage, before or {}))
    for _, i in sorted(groups):
        group = lines[i].charge
        assert isinstance(group, Group)
        due = is_due(lines, i, month)
        if due is not False:
            parts = [amounts[j] for j in builds_on(lines, i)]
            amounts[i] = None if any(part is None for part in parts) else _when(due, group.amount(sum(parts)))
    return amounts


def _when(due: Any, amount: Quantity | None) -> Quantity | None:
    """Keep an amount in the months in which it is due."""
    return amount if due is True or amount is None else amount * due


def _amount(charge: Metered, usage: Usage, before: Usage) -> Quantity | None:
    if isinstance(charge, Allowance):
        return charge.then.amount(billed(charge, usage))
    quantity = _quantity(charge, usage)
    if isinstance(charge, Package) and charge.rollover:
        earlier = _quantity(charge, before)
        if np.ndim(earlier) == 2:  # months follow one another: what one has bought is where the next begins
            return np.diff(charge.amount(earlier + quantity), axis=0, prepend=charge.amount(earlier[:1]))
        return charge.amount(earlier + quantity) - charge.amount(earlier)
    if isinstance(charge, Mix):
        return charge.amount(quantity, usage.get("carriers"))
    return charge.amount(quantity)


def billed(charge: Metered, usage: Usage) -> Quantity:
    """Return how much of a meter is charged: beyond what is included, if the charge has an allowance."""
    quantity = _quantity(charge, usage)
    if isinstance(charge, Allowance):
        return charge.beyond(quantity, usage.get(charge.per, 0) if charge.per else 1)
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
    return None if None in amounts else sum(amounts)  # type: ignore[arg-type]


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
    by_line = list(zip(*_columns(lines, usage), strict=True))
    # A discount or a maximum may take from a line that nobody publishes; a fee may add to it.
    at_least = _printed(by_line)
    if any(None in months for months in by_line):
        published = [line for line in lines if not is_unpublished(line)]
        at_least = min(at_least, _printed(list(zip(*_columns(published, usage), strict=True))))
    rows = []
    for i, (line, months) in enumerate(zip(lines, by_line, strict=True)):
        charge = line.charge
        meter, quantity, unit, cadence, fixed = "", None, None, "monthly", True
        if isinstance(charge, Group):
            if all(amount == 0 for amount in months):
                continue
            fixed = _fixed(lines, i)
        else:
            meter = " and ".join(METER_WORDS[meter_id] for meter_id in charge.meter)
            cadence = f"every {charge.months} months" if charge.months else charge.cadence
            fixed = _fixed(lines, i)
            quantity = billed(charge, usage[0]) if fixed else sum(billed(charge, counts) for counts in usage)
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


def year_total(lines: Sequence[Line], usage: Sequence[Mapping[str, int]]) -> int | None:
    """Return the printed total of a year's invoice, in micro-dollars; None where a price is unknown."""
    by_line = list(zip(*_columns(lines, usage), strict=True))
    return None if any(None in months for months in by_line) else _printed(by_line)


def _columns(lines: Sequence[Line], usage: Sequence[Mapping[str, int]]) -> list[list[Quantity | None]]:
    """Price month after month; a month like an earlier one is priced once."""
    metered = [line.charge for line in lines if not isinstance(line.charge, Group)]
    if any(isinstance(charge, Package) and charge.rollover for charge in metered):
        before: dict[str, int] = {}
        columns = []
        for month, counts in enumerate(usage):
            columns.append(price(lines, counts, month, before))
            before = {meter: before.get(meter, 0) + many for meter, many in counts.items()}
        return columns
    in_advance = [charge for charge in metered if charge.cadence != "monthly"]
    meters = {meter for charge in metered for meter in charge.meter}
    meters.update(charge.per for charge in metered if isinstance(charge, Allowance) and charge.per)
    priced: dict[tuple[int, ...], list[Quantity | None]] = {}
    columns = []
    for month, counts in enumerate(usage):
        like = (*[counts.get(meter, 0) for meter in meters], *[charge.due(month) for charge in in_advance])
        if like not in priced:
            priced[like] = price(lines, counts, month)
        columns.append(priced[like])
    return columns


def _printed(by_line: Sequence[Sequence[Quantity | None]]) -> int:
    """Sum what is known of a year, each line rounded to cents once, in micro-dollars."""
    years = [_sum(months) for months in by_line]
    return sum(cents(year) * 10_000 for year in years if year is not None)


def _fixed(lines: Sequence[Line], i: int) -> bool:
    """Tell whether a line is due whatever the volume of messages; a group charge if all that it builds on is."""
    charge = lines[i].charge
    if isinstance(charge, Group):
        return all(_fixed(lines, j) for j in builds_on(lines, i))
    return _SEATS.issuperset(charge.meter)


CHUNK = 393_216
"""Practice-months priced at a time: fewer cost more in calls, more no longer stay near the core (3 MB an array)."""


@dataclass(frozen=True)
class Costs:
    """What many practices pay under many plans.

    Parameters
    ----------
    plans : tuple of str
        The plans, one for each row.
    micro_usd : numpy.ndarray
        int64, shape (plans, practices): micro-dollars over all months, of the prices that are published.
    known : numpy.ndarray
        bool, shape (plans, practices): whether every price that the practice meets is published.
    """

    plans: tuple[str, ...]
    micro_usd: Any
    known: Any


def costs(
    price_lists: Mapping[str, Sequence[Line]],
    usage: Mapping[str, Any],
    months: int = MONTHS,
    *,
    printed: bool = False,
) -> Costs:
    """Price many practices under many plans, by the rules of :func:`price`.

    Practices are priced in chunks, on all cores; neither changes a result.

    Parameters
    ----------
    price_lists : mapping of str to sequence of Line
        For each plan its lines, as :meth:`Catalog.price_lines` gives them.
    usage : mapping of str to numpy.ndarray
        For each meter whole counts, shape (months, practices), or (practices,) where they are the same every month.
    months : int
        How many months, from the first of the contract.
    printed : bool
        Round each line to cents once, as an invoice prints it, in place of exact micro-dollars.

    Returns
    -------
    Costs
        Amounts over all months.

    Raises
    ------
    UserError
        If a meter does not exist, a count is not whole, is negative or above :data:`MAX_QUANTITY`, shapes differ, or
        an amount might not fit into 64 bits.
    """
    if months < 1:
        raise UserError(f"{months} months cannot be priced: give 1 or more")
    counts = {meter: _counts(meter, values, months) for meter, values in usage.items()}
    sizes = {values.shape[-1] for values in counts.values()}
    if len(sizes) > 1:
        raise UserError(f"the counts are of {sorted(sizes)} practices: give every meter one count for each practice")
    size = max(sizes, default=0)
    if not size:
        raise UserError("there is no practice to price: the counts are empty")
    most = dict.fromkeys(counts, MAX_QUANTITY)
    if any(_may_wrap(lines, most, months, printed=printed) for lines in price_lists.values()):
        most = {meter: int(values.max()) for meter, values in counts.items()}
        for plan_id, lines in price_lists.items():
            if _may_wrap(lines, most, months, printed=printed):
                raise UserError(
                    f"{plan_id}: the amounts may not fit into 64 bits: price fewer months or smaller counts"
                )
    micro_usd = np.empty((len(price_lists), size), np.int64)
    known = np.empty((len(price_lists), size), np.bool_)
    prepared = {plan_id: _split(lines) for plan_id, lines in price_lists.items()}

    def work(start: int) -> None:
        part = slice(start, start + rows)
        here = {meter: values[..., part] for meter, values in counts.items()}
        for meter, values in here.items():
            if values.view(np.uint64).max() > MAX_QUANTITY:  # below zero is far above, seen without a sign
                raise _out_of_range(meter, counts[meter])
        whole = {meter: _over(values, months) for meter, values in here.items()}
        memo: dict[str, Any] = {}
        for row, (published, unpublished) in enumerate(prepared.values()):
            micro_usd[row, part] = sum(_totals(published, here, whole, months, memo, printed=printed))
            known[row, part] = _known(unpublished, here, months)

    rows = max(CHUNK // months, 1)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for _ in pool.map(work, range(0, size, rows)):
            pass
    return Costs(tuple(price_lists), micro_usd, known)


def _counts(meter: str, values: Any, months: int) -> Any:
    """Check the counts of a meter, and return them as an int64 array."""
    if meter not in METERS:
        raise UserError(f"there is no meter '{meter}': {nearest(meter, METERS)}")
    try:
        array = np.asarray(values)
    except ValueError:
        raise UserError(
            f"'{meter}' has rows of different lengths: give ({months}, practices) or (practices,)"
        ) from None
    if array.dtype.kind not in "iu":
        raise UserError(f"'{meter}' is counted in {array.dtype}: counts are whole numbers (int64)")
    if array.ndim not in (1, 2) or (array.ndim == 2 and array.shape[0] != months):
        raise UserError(f"'{meter}' has the shape {array.shape}: give ({months}, practices) or (practices,)")
    if array.dtype != np.int64 and array.size and array.max() > MAX_QUANTITY:
        raise _out_of_range(meter, array)
    return array.astype(np.int64, copy=False)


def _out_of_range(meter: str, array: Any) -> UserError:
    return UserError(f"'{meter}' has counts from {array.min():,} to {array.max():,}: a month has 0 to {MAX_QUANTITY:,}")


def _may_wrap(lines: Sequence[Line], most: Mapping[str, int], months: int, *, printed: bool) -> bool:
    """Tell whether an amount might leave 64 bits; rounding to cents doubles it before it divides."""
    largest = bound(lines, most, months)
    return (2 * largest + 10_000 if printed else largest) >= 2**63


def bound(lines: Sequence[Line], most: Mapping[str, int], months: int) -> int:
    """Return an amount that no sum within a bill can exceed, in micro-dollars, exactly.

    Every step of a bill adds at most this much by size: each metered line at its dearest price in every month, each
    floor, and each discount, cap or fee at most as much again as all that it builds on.

    Parameters
    ----------
    lines : sequence of Line
        The price list.
    most : mapping of str to int
        The largest monthly count of each meter.
    months : int
        How many months.
    """
    total, groups = 0, 0
    for line in lines:
        charge = line.charge
        if isinstance(charge, Group):
            groups += 1
            total += charge.usd * months if isinstance(charge, Minimum) else 0
        else:
            many = sum(most.get(meter, 0) for meter in charge.meter) * months
            total += _dearest(charge.then if isinstance(charge, Allowance) else charge, many, months)
    return int(total * 2**groups)


def _dearest(rate: Rate | Metered, many: int, months: int) -> int:
    if isinstance(rate, FlatRate):
        return rate.usd * months
    if isinstance(rate, PackageRate):
        return rate.usd * (many // rate.size + months)
    if isinstance(rate, TiersRate):
        return max(tier.usd for tier in rate.tiers) * many + sum(tier.flat_usd for tier in rate.tiers) * months
    if isinstance(rate, MixRate):
        return max(part.usd for part in rate.parts) * many
    if isinstance(rate, UnpublishedRate):
        return 0
    assert isinstance(rate, PerUnitRate), f"what {rate.model} costs at most is not known here"
    return rate.usd * many


def _split(lines: Sequence[Line]) -> tuple[list[Line], list[Line]]:
    """Give the lines with a price, and those that nobody publishes.

    Among group charges, which are due with all that they build on, an unpublished line stays, at no price.
    """
    unpublished = [line for line in lines if is_unpublished(line)]
    if any(isinstance(line.charge, Group) for line in lines):
        return [_free(line) if is_unpublished(line) else line for line in lines], unpublished
    return [line for line in lines if not is_unpublished(line)], unpublished


def is_unpublished(line: Line) -> bool:
    """Tell whether nobody publishes what a line charges, at least beyond an allowance."""
    charge = line.charge
    return isinstance(charge.then if isinstance(charge, Allowance) else charge, UnpublishedRate)


def _free(line: Line) -> Line:
    charge = line.charge
    assert not isinstance(charge, Group)
    free = PerUnit(model="per_unit", usd=0, meter=charge.meter, cadence=charge.cadence, months=charge.months)
    return replace(line, charge=free)


def _known(unpublished: Sequence[Line], usage: Usage, months: int) -> Any:
    """Tell for each practice whether it meets none of the lines that nobody publishes."""
    met: Any = False
    for line in unpublished:
        charge = line.charge
        assert not isinstance(charge, Group)
        used = (billed(charge, usage) > 0) & charge.due(np.arange(months)[:, None])
        met = met | (used.any(axis=0) if np.ndim(used) == 2 else used)
    return ~np.asarray(met, np.bool_)


def monthly(lines: Sequence[Line], usage: Usage, months: int) -> list[Quantity | None]:
    """Price arrays over many months, line by line: :func:`price` for all of them at once.

    Parameters
    ----------
    lines : sequence of Line
        The price list.
    usage : mapping of str to numpy.ndarray
        Counts by meter, shape (months, practices) or (practices,), checked before.
    months : int
        How many months.

    Returns
    -------
    list
        As :func:`price` gives it.
    """
    before: dict[str, Any] = {}
    for line in lines:
        if isinstance(line.charge, Package) and line.charge.rollover:
            for meter in line.charge.meter:
                quantity = usage.get(meter, 0)
                if isinstance(quantity, np.ndarray):
                    quantity = np.broadcast_to(quantity, (months, quantity.shape[-1]))
                    before[meter] = np.cumsum(quantity, axis=0) - quantity
    return price(lines, usage, np.arange(months)[:, None], before)


def _totals(
    lines: Sequence[Line], usage: Usage, whole: Usage, months: int, memo: dict[str, Any], *, printed: bool
) -> Iterator[Quantity]:
    """Sum each line over the months; lines that several plans share are priced once."""
    grouped = {
        j for i, line in enumerate(lines) if isinstance(line.charge, Group) for j in (i, *builds_on(lines, i))
    }  # these need their months
    for amount in monthly([lines[i] for i in sorted(grouped)], usage, months):
        total = _over(amount, months)
        yield cents(total) * 10_000 if printed else total
    for i, line in enumerate(lines):
        if i in grouped:
            continue
        if line.key not in memo:
            total = _total(line, usage, whole, months, memo)
            memo[line.key] = cents(total) * 10_000 if printed else total
        yield memo[line.key]


def _total(line: Line, usage: Usage, whole: Usage, months: int, memo: dict[str, Any]) -> Quantity:
    """Sum a line over the months, in one step where the months need not be priced apart."""
    charge = line.charge
    assert not isinstance(charge, Group)
    if charge.cadence == "monthly":
        if _adds_up(charge):
            return charge.amount(_quantity(charge, whole))
        if isinstance(charge, Allowance) and _adds_up(charge.then):
            together = " + ".join(charge.meter)
            if together not in memo:
                memo[together] = _quantity(charge, usage)
            free = charge.included * (usage.get(charge.per, 0) if charge.per else 1)
            above = _over(np.maximum(memo[together], free), months) - _over(free, months)  # one pass less than beyond()
            return charge.then.amount(above)
    if isinstance(charge, Package) and charge.rollover:  # paid in advance: each period needs what was used before
        return _over(monthly([line], usage, months)[0], months)
    amount, due = _amount(charge, usage, {}), charge.due(np.arange(months))
    assert amount is not None
    if np.ndim(amount) < 2:  # the same whenever it is due
        return amount * (months if due is True else int(due.sum()))
    return (amount if due is True else amount * due[:, None]).sum(axis=0)


def _adds_up(rate: Rate | Metered) -> bool:
    """Tell whether the sum of the months can be priced at once: one unit price, or packages that carry over."""
    return isinstance(rate, PerUnitRate | MixRate) or (isinstance(rate, PackageRate) and rate.rollover)


def _over(amount: Quantity | None, months: int) -> Quantity:
    """Sum over the months."""
    assert amount is not None
    return amount.sum(axis=0) if isinstance(amount, np.ndarray) and amount.ndim == 2 else amount * months
