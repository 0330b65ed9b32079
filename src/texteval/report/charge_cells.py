"""A charge in the workbook: its words, the numbers that a person may change, and the formula that prices it.

A new charge model needs its formula here, and its words and numbers.
"""

from __future__ import annotations

from collections.abc import Iterator

from texteval.charges import (
    METER_WORDS,
    Allowance,
    Charge,
    FlatRate,
    Group,
    MixRate,
    PackageRate,
    Percent,
    PerUnitRate,
    Rate,
    TiersRate,
    UnpublishedRate,
)
from texteval.money import MAX_PRICE, MAX_QUANTITY, MICRO, exact_dollars, show
from texteval.report.sheet import cell_at, cells_between

# Columns of the sheet of prices, to which formulas point.

(
    P_TOOL, P_LINE, P_MODEL, P_METER, P_DUE, P_INCLUDED, P_SIZE, P_USD, P_FIXED, P_PERCENT, P_CHECK, P_FROM, P_DATE_IS,
    P_SOURCE, P_SEEN, P_GRADE, P_NOTE, P_PLAN, P_MICRO, P_FIXED_MICRO, P_ABOVE, P_UP_TO, P_POINTS, P_AVERAGE,
) = range(24)  # fmt: skip


def words_of(name: str) -> str:
    """Write a name of the data as words."""
    return name.replace("_", " ")


def rate_of(charge: Charge) -> Charge | Rate:
    """Return what prices a charge's units: of an allowance the rate beyond it."""
    return charge.then if isinstance(charge, Allowance) else charge


def rate_formula(rate: Charge | Rate, place: int, counted: str) -> str:
    """Write the formula for what a rate makes of a count; its numbers stand from a row of the sheet of prices on."""
    micro = cell_at(place, P_MICRO, "Prices")
    if isinstance(rate, FlatRate):
        return f"{micro}*MIN({counted},1)"
    if isinstance(rate, PerUnitRate):
        return f"{micro}*{counted}"
    if isinstance(rate, MixRate):
        return f"{cell_at(place, P_AVERAGE, 'Prices')}*{counted}"
    if isinstance(rate, PackageRate):
        return f"{micro}*ROUNDUP({counted}/{cell_at(place, P_UP_TO, 'Prices')},0)"
    if isinstance(rate, TiersRate):
        unit, flat, above, up_to = (
            cells_between(place, place + len(rate.tiers) - 1, column, "Prices")
            for column in (P_MICRO, P_FIXED_MICRO, P_ABOVE, P_UP_TO)
        )
        reached = f"({counted}>{above})"
        if rate.mode == "graduated":
            inside = f"({reached}*({counted}-{above})-({counted}>{up_to})*({counted}-{up_to}))"
            return f"SUMPRODUCT({unit}*{inside}+{flat}*{reached})"
        return f"SUMPRODUCT({reached}*({counted}<={up_to})*({unit}*{counted}+{flat}))"
    assert isinstance(rate, UnpublishedRate), f"the workbook has no formula for {rate.model}"
    return f'IF({counted}>0,"unknown",0)'


PRICE_STYLES = {P_INCLUDED: "count", P_SIZE: "count", P_USD: "unit", P_FIXED: "unit", P_PERCENT: "percent"}


def numbers_of(charge: Charge) -> Iterator[tuple[str, dict[int, float]]]:
    """Go through the rows that a charge takes: what is particular to each, and its numbers by column."""
    rate = rate_of(charge)
    first: dict[int, float] = {P_INCLUDED: charge.included} if isinstance(charge, Allowance) else {}
    if isinstance(rate, TiersRate):
        for i, tier in enumerate(rate.tiers):
            bound = {} if tier.up_to is None else {P_SIZE: tier.up_to}
            unit = {} if rate.mode == "stairstep" else {P_USD: in_dollars(tier.usd)}
            yield f"; tier {i + 1}", {**(first if i == 0 else {}), **bound, **unit, P_FIXED: in_dollars(tier.flat_usd)}
    elif isinstance(rate, MixRate):
        for i, part in enumerate(rate.parts):
            share = {P_PERCENT: part.percent, P_USD: in_dollars(part.usd)}
            yield f"; {part.carrier}", {**(first if i == 0 else {}), **share}
    elif isinstance(rate, PackageRate):
        yield "", {**first, P_SIZE: rate.size, P_USD: in_dollars(rate.usd)}
    elif isinstance(rate, Percent):
        yield "", {P_PERCENT: rate.percent / 100}
    elif isinstance(rate, UnpublishedRate):
        yield "", first
    else:
        yield "", {**first, P_USD: in_dollars(rate.usd)}  # type: ignore[union-attr]


def in_dollars(micro: int) -> float:
    """Return micro-dollars as the dollars that stand in the data."""
    found = exact_dollars(micro)
    assert found is not None
    return found


def bounds_of(charge: Charge, column: int) -> tuple[int, int]:
    """Return what texteval takes as a number: a discount does not turn into a fee, for it stands elsewhere in order."""
    if column == P_PERCENT:
        if isinstance(charge, Percent):
            return (-100, 0) if charge.percent < 0 else (0, 100)
        return 1, 100
    if column in (P_INCLUDED, P_SIZE):
        return int(column == P_SIZE), MAX_QUANTITY
    return 0, MAX_PRICE // MICRO


_MODES = {
    "graduated": "each unit at the price of its tier",
    "volume": "all units at the price of the tier reached",
    "stairstep": "one price for the tier reached",
}
_MODELS = {
    "flat": "flat fee",
    "per_unit": "price for each",
    "mix": "average over carriers",
    "unpublished": "not published",
    "minimum": "at least this, over the group",
    "maximum": "at most this, over the group",
}


def charge_words(charge: Charge) -> str:
    """Say how a line is charged."""
    rate = rate_of(charge)
    if isinstance(rate, TiersRate):
        words = _MODES[rate.mode]
    elif isinstance(rate, PackageRate):
        words = "packages; unused units carry over" if rate.rollover else "packages; a started one is billed"
    elif isinstance(rate, Percent):
        words = "discount in percent of the group" if rate.percent < 0 else "fee in percent of the group"
    else:
        words = _MODELS[rate.model]
    if isinstance(charge, Allowance):
        per = f" for each {words_of(charge.per)}" if charge.per else ""
        return f"{words}, beyond what is included{per}"
    return words


def counted_words(charge: Charge) -> str:
    """Say what a line counts."""
    if isinstance(charge, Group):
        return "the lines " + ", ".join(charge.of) if charge.of else "all lines of the plan before it"
    return " and ".join(METER_WORDS[meter] for meter in charge.meter)


def due_words(charge: Charge) -> str:
    """Say how often a line is due."""
    if isinstance(charge, Group):
        return "with its lines"
    return f"every {charge.months} months" if charge.months else charge.cadence


def estimate_words(charge: Charge) -> str:
    """Say what a source takes an unpublished price to be; it is never billed."""
    rate = rate_of(charge)
    if not isinstance(rate, UnpublishedRate) or (rate.low_usd is None and rate.high_usd is None):
        return ""
    ends = [show(end, unit=True) for end in (rate.low_usd, rate.high_usd) if end is not None]
    return f"A source estimates {' to '.join(dict.fromkeys(ends))}; that is not billed"
